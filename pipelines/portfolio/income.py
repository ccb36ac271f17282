"""Income received (CALCULATIONS 8).

Belongs here: dividends and interest of the ledger, by month and symbol, with yields. Does not: their effect on cash.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from pipelines.portfolio import models
from pipelines.portfolio.booking.books import Income
from pipelines.portfolio.exact import Amount, money, plus, ratio_of, total
from pipelines.portfolio.exact import minus as less
from pipelines.portfolio.holdings import Position
from pipelines.portfolio.transactions import Kind

_YEAR = dt.timedelta(days=365)


def _net(row: Income) -> Amount:
    return less(row.gross, plus(row.fee, row.tax))


def income_section(rows: Sequence[Income], positions: Sequence[Position], as_of: dt.date) -> models.Income:
    """Return the income section: what was received, by month, by symbol with yields, and totals."""
    return models.Income(
        received=[_received(row) for row in rows],
        by_month=_by_month(rows),
        by_symbol=_by_symbol(rows, positions, as_of),
        totals=models.IncomeTotals(
            gross_base=money(total(row.gross for row in rows)),
            fee_base=money(total(row.fee for row in rows)),
            tax_base=money(total(row.tax for row in rows)),
            net_base=money(total(_net(row) for row in rows)),
        ),
    )


def _received(row: Income) -> models.IncomeReceived:
    item = row.transaction
    return models.IncomeReceived.built(
        transaction_id=item.transaction_id,
        date=item.date,
        account=item.account,
        symbol=item.symbol,
        type=item.kind,
        currency=item.currency,
        gross_local=money(row.gross_local),
        gross_base=money(row.gross),
        fee_base=money(row.fee),
        tax_base=money(row.tax),
        net_base=money(_net(row)),
    )


def _by_month(rows: Sequence[Income]) -> list[models.IncomeMonth]:
    months: dict[str, list[Income]] = defaultdict(list)
    for row in rows:
        months[f"{row.transaction.date:%Y-%m}"].append(row)
    return [
        models.IncomeMonth(
            month=month,
            gross_base=money(total(row.gross for row in group)),
            tax_base=money(total(row.tax for row in group)),
            net_base=money(total(_net(row) for row in group)),
        )
        for month, group in sorted(months.items())
    ]


def _by_symbol(rows: Sequence[Income], positions: Sequence[Position], as_of: dt.date) -> list[models.IncomeSymbol]:
    groups: dict[str, list[Income]] = defaultdict(list)
    for row in rows:
        if row.transaction.symbol is not None and row.transaction.kind is Kind.DIVIDEND:
            groups[row.transaction.symbol].append(row)
    held: dict[str, list[Position]] = defaultdict(list)
    for position in positions:
        if position.is_open:
            held[position.key[1]].append(position)
    return [_symbol(symbol, group, held[symbol], as_of) for symbol, group in sorted(groups.items())]


def _symbol(symbol: str, rows: Sequence[Income], held: Sequence[Position], as_of: dt.date) -> models.IncomeSymbol:
    trailing = total(row.gross for row in rows if row.transaction.date > as_of - _YEAR)
    return models.IncomeSymbol(
        symbol=symbol,
        gross_base=money(total(row.gross for row in rows)),
        events=len({row.transaction.date for row in rows}),
        periodicity=None,
        yield_on_cost=ratio_of(trailing, total(position.costs.base for position in held)),
        trailing_yield=ratio_of(trailing, total(position.value_base for position in held)),
        forward_yield=None,
        average_annual_yield=None,
    )
