"""Income as the document shows it (CALCULATIONS 8).

Belongs here: what was received, what is expected and what is to come, by month and symbol, with yields. Does not: which
dividends are due (`dividends`), the effect of income on cash (`booking`).
"""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pipelines.portfolio import models
from pipelines.portfolio.booking.books import Income, Split
from pipelines.portfolio.dividends import Declared, Due, Steps, due, entitlements, periodicity, rivals, unconfirmed
from pipelines.portfolio.exact import Amount, money, plus, rate_number, ratio_of, total
from pipelines.portfolio.exact import minus as less
from pipelines.portfolio.frames import LedgerFrames
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.holdings import Position
from pipelines.portfolio.models import Rows
from pipelines.portfolio.projection import Coming, coming
from pipelines.portfolio.transactions import Kind

_YEAR = dt.timedelta(days=365)


def _net(row: Income) -> Amount:
    return less(row.gross, plus(row.fee, row.tax))


class Outlook(NamedTuple):
    """What is due but not confirmed, and what is to come."""

    expected: Sequence[Due] = ()
    coming: Sequence[Coming] = ()


def outlook(
    income: Sequence[Income],
    steps: Steps,
    positions: Sequence[Position],
    splits: Sequence[Split],
    *,
    ledger: LedgerFrames,
    declared: Mapping[str, Sequence[Declared]],
    fx: FxBook,
    base: str,
    as_of: dt.date,
    since: dt.date | None,
    account: str | None,
) -> Outlook:
    """Return the dividends that are due and those of the next twelve months (CALCULATIONS 8).

    What confirms an expectation may be booked in another account, and confirms no other: so all accounts are looked at,
    with what may be confirmed by the same payments, and of what is left that of the period and the account.

    Args:
        income: Of the whole ledger, also before the period, by date.
        steps: Units from a day on, of the whole ledger.
        positions: What the view holds.
        splits: Of everything.
        ledger: For what was decided.
        declared: Dividends by symbol.
        fx: Rates.
        base: The view's currency.
        as_of: Valuation date.
        since: Ex-dates from the day after; None for all.
        account: The one account that is looked at; None for all.
    """
    decided = set(ledger.decisions.select("account", "symbol", "ex_date").rows())
    own = {symbol for name, symbol in steps if account in {None, name}}
    held = {key: changes for key, changes in steps.items() if key[1] in own}
    known = entitlements(rivals(declared, since), held, until=as_of)
    undecided = [row for row in known if (row.account, row.declared.symbol, row.declared.ex_date) not in decided]
    expected = [
        due(row, fx, base, row.declared.ex_date)
        for row in unconfirmed(undecided, income, fx)
        if account in {None, row.account} and (since is None or row.declared.ex_date > since)
    ]
    by_symbol: dict[str, list[Split]] = defaultdict(list)
    for split in sorted(splits, key=lambda split: split.date):
        by_symbol[split.symbol].append(split)
    units = [(position.key, position.units) for position in positions if position.is_open]
    return Outlook(expected, coming(declared, units, by_symbol, fx=fx, base=base, as_of=as_of))


def income_section(
    rows: Sequence[Income],
    earlier: Sequence[Income],
    positions: Sequence[Position],
    outlook: Outlook,
    as_of: dt.date,
) -> models.Income:
    """Return the income section: received, expected and projected, by month, by symbol with yields, and totals.

    Args:
        rows: What was received in the period.
        earlier: What was received before it, by date; what a symbol pays a year does not begin with a period.
        positions: What is held.
        outlook: What is due and to come.
        as_of: Valuation date.
    """
    return models.Income(
        received=_received(rows),
        earlier=_received(earlier),
        expected=_expected(outlook.expected),
        projected=_projected(outlook.coming),
        by_month=_by_month(rows),
        by_symbol=_by_symbol(rows, earlier, positions, outlook, as_of),
        totals=models.IncomeTotals(
            gross_base=money(total(row.gross for row in rows)),
            fee_base=money(total(row.fee for row in rows)),
            tax_base=money(total(row.tax for row in rows)),
            net_base=money(total(_net(row) for row in rows)),
            expected_base=money(total(row.gross for row in outlook.expected)),
            projected_base=money(total(row.due.gross for row in outlook.coming)),
        ),
    )


def _expected(rows: Sequence[Due]) -> Rows[models.IncomeExpected]:
    return Rows(models.IncomeExpected, {**_due_columns(rows), "state": ["expected"] * len(rows)})


def _projected(rows: Sequence[Coming]) -> Rows[models.IncomeProjected]:
    basis = ["declared" if row.is_declared else "projected" for row in rows]
    return Rows(models.IncomeProjected, {**_due_columns([row.due for row in rows]), "basis": basis})


def _due_columns(rows: Sequence[Due]) -> dict[str, Sequence[Any]]:
    declared = [row.declared for row in rows]
    return {
        "symbol": [row.symbol for row in declared],
        "account": [row.account for row in rows],
        "ex_date": [row.ex_date for row in declared],
        "pay_date": [row.pay_date for row in declared],
        "quantity": [row.units for row in rows],
        "amount_per_share": [row.amount for row in declared],
        "currency": [row.currency for row in declared],
        "gross_local": [row.gross_local for row in rows],
        "gross_base": [row.gross for row in rows],
        "fx_rate": [rate_number(row.rate) for row in rows],
    }


def _received(rows: Sequence[Income]) -> Rows[models.IncomeReceived]:
    items = [row.transaction for row in rows]
    return Rows(
        models.IncomeReceived,
        {
            "transaction_id": [item.transaction_id for item in items],
            "date": [item.date for item in items],
            "account": [item.account for item in items],
            "symbol": [item.symbol for item in items],
            "type": [item.kind.value for item in items],
            "currency": [item.currency for item in items],
            "gross_local": [row.gross_local for row in rows],
            "gross_base": [row.gross for row in rows],
            "fee_base": [row.fee for row in rows],
            "tax_base": [row.tax for row in rows],
            "net_base": [_net(row) for row in rows],
            "cost_base": [row.cost for row in rows],
        },
    )


def _by_month(rows: Sequence[Income]) -> list[models.IncomeMonth]:
    months: dict[tuple[int, int], list[Income]] = defaultdict(list)
    for row in rows:
        months[row.transaction.date.year, row.transaction.date.month].append(row)
    return [
        models.IncomeMonth(
            month=f"{year:04}-{month:02}",
            gross_base=money(total(row.gross for row in group)),
            tax_base=money(total(row.tax for row in group)),
            net_base=money(total(_net(row) for row in group)),
        )
        for (year, month), group in sorted(months.items())
    ]


def _by_symbol(
    rows: Sequence[Income],
    earlier: Sequence[Income],
    positions: Sequence[Position],
    outlook: Outlook,
    as_of: dt.date,
) -> list[models.IncomeSymbol]:
    paid, before = _dividends(rows), _dividends(earlier)
    held: dict[str, list[Position]] = defaultdict(list)
    for position in positions:
        if position.is_open:
            held[position.key[1]].append(position)
    ahead: dict[str, list[Coming]] = defaultdict(list)
    for row_ahead in outlook.coming:
        ahead[row_ahead.due.declared.symbol].append(row_ahead)
    return [
        _symbol(
            symbol,
            paid.get(symbol, []),
            before.get(symbol, []),
            held.get(symbol, []),
            ahead.get(symbol, []),
            as_of,
        )
        for symbol in sorted(paid.keys() | ahead.keys() | (before.keys() & held.keys()))
    ]


def _dividends(rows: Sequence[Income]) -> dict[str, list[Income]]:
    """Return the dividends of each symbol."""
    found: dict[str, list[Income]] = defaultdict(list)
    for row in rows:
        if row.transaction.symbol is not None and row.transaction.kind is Kind.DIVIDEND:
            found[row.transaction.symbol].append(row)
    return found


def _symbol(
    symbol: str,
    paid: Sequence[Income],
    before: Sequence[Income],
    held: Sequence[Position],
    ahead: Sequence[Coming],
    as_of: dt.date,
) -> models.IncomeSymbol:
    rows = [*before, *paid]
    trailing = total(row.gross for row in rows if row.transaction.date > as_of - _YEAR)
    value = total(position.value_base for position in held)
    days = {row.transaction.date for row in rows}
    return models.IncomeSymbol(
        symbol=symbol,
        gross_base=money(total(row.gross for row in paid)),
        events=len(days),
        periodicity=periodicity(days),
        yield_on_cost=ratio_of(trailing, total(position.costs.base for position in held)),
        trailing_yield=ratio_of(trailing, value),
        forward_yield=ratio_of(total(row.due.gross for row in ahead), value) if ahead else None,
        average_annual_yield=_average_annual_yield(rows),
    )


def _average_annual_yield(rows: Sequence[Income]) -> float | None:
    """Return the mean, over the years with payments, of each year's payments on the cost they were paid on."""
    years: dict[int, list[float | None]] = defaultdict(list)
    for row in rows:
        years[row.transaction.date.year].append(ratio_of(row.gross, row.cost))
    yields = [None if None in parts else math.fsum(part or 0 for part in parts) for parts in years.values()]
    known = [part for part in yields if part is not None]
    return math.fsum(known) / len(known) if known and len(known) == len(yields) else None
