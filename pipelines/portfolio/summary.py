"""The portfolio in one row, how complete it is, and what became of its opening value (CALCULATIONS 2, 3, 5).

Belongs here: totals. Does not: the figures of one holding (`holdings`), series (`series`).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.portfolio.booking.books import Books, Tally
from pipelines.portfolio.exact import ONE_MONEY, Amount, known_money, minus, money, plus, ratio_of, total
from pipelines.portfolio.holdings import CashBalance, Disposal, Position, known, position_effects
from pipelines.portfolio.models import Attribution, Completeness, Status, Summary
from pipelines.portfolio.opening import Opening
from pipelines.portfolio.periods import Stretch, is_a_day, money_weighted
from pipelines.portfolio.returns import annualized, modified_dietz
from pipelines.portfolio.returns.time_weighted import DAYS_A_YEAR
from pipelines.portfolio.series import Day, Series


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the whole view, base currency, integers of 1e-8; None where a part is not known."""

    value: Amount
    known_value: int
    cash: Amount
    cost: Amount
    unrealized: Amount
    realized: Amount
    unrealized_before_charges: Amount
    realized_before_charges: Amount
    carried: Amount
    unrealized_fx: Amount
    realized_fx: Amount
    cash_fx_gain: Amount
    net_flow: Amount
    opening: Amount
    gain: Amount
    whole: Tally


def totals(
    books: Books,
    positions: Sequence[Position],
    disposals: Sequence[Disposal],
    cash: Sequence[CashBalance],
    opening: Opening | None,
) -> Totals:
    """Add up what is held, what was realised and what flowed."""
    held = [position for position in positions if position.is_open]
    cash_value = total(item.value for item in cash)
    value = plus(total(position.value_base for position in held), cash_value)
    start = opening.value if opening else 0
    net_flow = total(flow.amount for flow in books.flows)
    open_before = [position_effects(position, before_charges=True) for position in held]
    return Totals(
        value=value,
        known_value=known([p.value_base for p in held]) + known([item.value for item in cash]),
        cash=cash_value,
        cost=total(position.costs.base for position in held),
        unrealized=total(position.unrealized_base for position in held),
        realized=total(item.after.gain for item in disposals),
        unrealized_before_charges=total(part.gain for part in open_before),
        realized_before_charges=total(item.before.gain for item in disposals),
        carried=total(row.carried_gain for row in books.passages) if books.is_one_account else 0,
        unrealized_fx=total(part.fx for part in open_before),
        realized_fx=total(item.before.fx for item in disposals),
        cash_fx_gain=minus(cash_value, total(books.cash_accounted.values())),
        net_flow=net_flow,
        opening=start,
        gain=minus(minus(value, start), net_flow),
        whole=books.whole(),
    )


def summarise(sums: Totals, series: Series | None, *, as_of: dt.date, opening: Opening | None) -> Summary:
    """Return the summary; returns are None where the series is left out or a value in it is not known."""
    whole = sums.whole
    days = series.days if series else []
    start = days[0].date if days else as_of
    twr = _last_growth(series.returns if series else None)
    rate = _xirr(series, opening, as_of)
    complete, has_day = sums.value is not None, is_a_day([day.date for day in days], as_of)
    return Summary(
        value=known_money(sums.known_value) if complete or sums.known_value else None,
        cash=money(sums.cash),
        cost=money(sums.cost),
        net_invested=money(plus(sums.opening, sums.net_flow)),
        purchases=money(whole.purchases),
        proceeds=money(whole.proceeds),
        unrealized_gain=money(sums.unrealized),
        realized_gain=money(sums.realized),
        income=money(whole.income),
        fees=money(whole.fees),
        taxes=money(whole.taxes),
        cash_fx_gain=money(sums.cash_fx_gain),
        total_gain=money(sums.gain),
        gain_on_purchases=ratio_of(sums.gain, whole.purchases),
        simple_return=_simple_return(sums, series, as_of) if complete else None,
        twr=twr if complete else None,
        twr_annualized=annualized(twr, start=start, end=as_of) if complete else None,
        twr_before_tax=_last_growth(series.returns_before_tax if series else None) if complete else None,
        price_return=_last_growth(series.price_returns if series else None) if complete else None,
        xirr=rate,
        xirr_before_tax=_xirr(series, opening, as_of, before_tax=True),
        money_weighted=None if rate is None else (1 + rate) ** ((as_of - start).days / DAYS_A_YEAR) - 1,
        day_change=money(_day_change(days)) if has_day else None,
        day_return=series.returns["day_return"].to_list()[-1] if series and has_day else None,
    )


def _xirr(series: Series | None, opening: Opening | None, as_of: dt.date, *, before_tax: bool = False) -> float | None:
    """Return the money-weighted return of the whole view, which ends on the valuation date whenever that is."""
    if series is None:
        return None
    return money_weighted(Stretch.whole(series, opened=opening is not None, end=as_of), before_tax=before_tax)


def _last_growth(returns: pl.DataFrame | None) -> float | None:
    growth = [] if returns is None else returns["growth"].to_list()
    return growth[-1] - 1 if growth and growth[-1] is not None else None


def _day_change(days: Sequence[Day]) -> Amount:
    before, last = days[-2], days[-1]
    return minus(minus(last.value, before.value), minus(last.flow_in, last.flow_out))


def _simple_return(sums: Totals, series: Series | None, as_of: dt.date) -> float | None:
    if series is None or not series.days or sums.value is None or sums.opening is None:
        return None
    moved = [series.days[at] for at in series.moved]
    flows = [(day.date, minus(day.flow_in, day.flow_out)) for day in moved]
    if any(amount is None for _, amount in flows):
        return None
    return modified_dietz(
        sums.opening / ONE_MONEY,
        sums.value / ONE_MONEY,
        start=series.days[0].date,
        end=as_of,
        flows=[(day, (amount or 0) / ONE_MONEY) for day, amount in flows if amount],
    )


def attribution(sums: Totals) -> Attribution:
    """Return the parts that lead from the opening value to the final one."""
    return Attribution(
        initial_value=money(sums.opening),
        unrealized=money(sums.unrealized_before_charges),
        realized=money(sums.realized_before_charges),
        unrealized_fx_effect=money(sums.unrealized_fx),
        realized_fx_effect=money(sums.realized_fx),
        income=money(sums.whole.income),
        cash_fx_gain=money(sums.cash_fx_gain),
        fees=money(sums.whole.fees),
        taxes=money(sums.whole.taxes),
        transfers=money(sums.net_flow),
        carried_gain=money(sums.carried),
        final_value=money(sums.value),
    )


def completeness(
    positions: Sequence[Position], cash: Sequence[CashBalance], sums: Totals, ignored: int
) -> Completeness:
    """State what of the value is stale or missing."""
    held = [position for position in positions if position.is_open]
    missing = [p for p in held if p.value_base is None]
    stale = [p for p in held if p.value_base is not None and Status.STALE in {p.quote.status, p.fx.status}]
    stale_cash = [item for item in cash if item.value and item.fx.status is Status.STALE]
    old_rates = {p.currency for p in held if p.fx.status is Status.STALE} | {item.currency for item in stale_cash}
    stale_value = sum(abs(p.value_base or 0) for p in stale) + sum(abs(item.value or 0) for item in stale_cash)
    unknown_cash = [item.currency for item in cash if item.value is None]
    return Completeness(
        holdings=len(held),
        priced=len(held) - len(missing),
        stale=len(stale),
        missing=len(missing),
        stale_value=known_money(stale_value),
        stale_weight=stale_value / sums.known_value if sums.known_value > 0 else None,
        missing_symbols=sorted({p.key[1] for p in held if p.quote.status is Status.MISSING}),
        stale_symbols=sorted({p.key[1] for p in held if p.quote.status is Status.STALE}),
        missing_fx=sorted({p.currency for p in held if p.fx.status is Status.MISSING} | set(unknown_cash)),
        stale_fx=sorted(old_rates),
        missing_cost=known_money(sum(p.costs.base or 0 for p in missing)),
        ignored_future_rows=ignored,
        is_complete=not missing and not unknown_cash,
    )
