"""Periods, months and falls, taken apart into their days.

Belongs here: which days a stretch of the table has, and what is made of them. Does not: a day (`days`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal

from pipelines.portfolio.explain.days import (
    Days,
    capital_of,
    factor,
    factors,
    flow_parts,
    gain_parts,
    opened,
    opening_of,
    rate_flows,
)
from pipelines.portfolio.explain.income import received_rows
from pipelines.portfolio.explain.tree import Explanation, Operation, ended, made
from pipelines.portfolio.models import CompleteView, Drawdown, MonthlyReturn, PerformanceDay, PerformancePeriod
from pipelines.portfolio.named_periods import named_periods

WITHOUT_INCOME = "the days of the time-weighted return, with income counted as money paid in"
_NOT_KNOWN = "the series does not tell what happened in it"


def explain_period(view: CompleteView, period: PerformancePeriod, field: str) -> Explanation:
    """Return a figure of a named period taken apart into its days."""
    figure, value = f"performance.periods.{period.period}.{field}", getattr(period, field)
    if value is None:
        return ended(figure, None, note=_NOT_KNOWN)
    whole = Days.whole(view)
    asked = next(row for row in named_periods(view.as_of, [row.date for row in whole.all]) if row.name == period.period)
    low = opened(view) if asked.start < whole.all[0].date else _at(whole.all, period.start)
    high = _at(whole.all, period.end)
    operation, parts = _OF_PERIOD[field]
    return made(
        operation,
        figure,
        value,
        parts(whole._replace(low=low, high=high, start=period.start, end=period.end)),
        unit=view.base_currency if operation is Operation.SUM else None,
        note=WITHOUT_INCOME if field == "price_return" else None,
    )


def _at(days: Sequence[PerformanceDay], day: dt.date) -> int:
    return max((index for index, row in enumerate(days) if row.date <= day), default=-1)


def price_factors(of: Days) -> list[Explanation]:
    """Return the daily factors with income counted as money paid in; none where a value or an income is not known."""
    paid: dict[dt.date, list[Decimal | None]] = defaultdict(list)
    days = of.all
    for row in of.view.income.received:
        paid[row.date].append(row.net_base)
    unknown = any(day.value is None for day in days[max(of.low, 0) : of.high + 1])
    if unknown or any(None in rows for rows in paid.values()):
        return []
    rows = []
    for index in range(of.low + 1, of.high + 1):
        day, opening = _with_income_paid_in(days[index], paid.get(days[index].date, ())), opening_of(days, index)
        if not paid.get(day.date):
            value = day.day_return
        else:
            capital = capital_of(days, index, day.flow_in) or Decimal(0)
            value = float(((day.value or 0) + (day.flow_out or 0)) / capital) - 1 if capital > 0 else None
        if value is not None:
            rows.append(factor(day, opening, value))
    return rows


def _with_income_paid_in(day: PerformanceDay, paid: Sequence[Decimal | None]) -> PerformanceDay:
    flow_in, flow_out = day.flow_in, day.flow_out
    for amount in paid:
        if amount is None or flow_in is None or flow_out is None:
            return day
        flow_in, flow_out = flow_in + max(Decimal(0), amount - flow_out), max(Decimal(0), flow_out - amount)
    return day.model_copy(update={"flow_in": flow_in, "flow_out": flow_out})


def _income_parts(of: Days) -> list[Explanation]:
    first = of.all[of.low].date if of.low >= 0 else dt.date.min
    return received_rows(of.view, "gross_base", lambda row: first < row.date <= of.end)


_OF_PERIOD: dict[str, tuple[Operation, Callable[[Days], list[Explanation]]]] = {
    "twr": (Operation.CHAIN, factors),
    "price_return": (Operation.CHAIN, price_factors),
    "xirr": (Operation.XIRR, rate_flows),
    "gain": (Operation.SUM, gain_parts),
    "flow": (Operation.SUM, flow_parts),
    "income": (Operation.SUM, _income_parts),
}


def explain_month(view: CompleteView, month: MonthlyReturn, figure: str) -> Explanation:
    """Return the return of a calendar month as the chain of its days."""
    if month.twr is None:
        return ended(figure, None, note=_NOT_KNOWN)
    whole = Days.whole(view)
    at = [index for index, day in enumerate(whole.all) if (day.date.year, day.date.month) == (month.year, month.month)]
    parts = factors(whole._replace(low=max(at[0] - 1, opened(view)), high=at[-1]))
    return made(Operation.CHAIN, figure, month.twr, parts, note=None if parts else "no day of it has a return")


def explain_drawdown(view: CompleteView, fall: Drawdown, figure: str) -> Explanation:
    """Return the depth of a fall as the chain of the days from its peak to its trough."""
    whole = Days.whole(view)
    first = whole.all[0]
    # The day that wealth starts on may itself be the first of the fall, or the peak at its close.
    with_first = fall.peak == first.date and (first.day_return or 0) < 0
    low = -1 if with_first else _at(whole.all, fall.peak)
    parts = factors(whole._replace(low=low, high=_at(whole.all, fall.trough)))
    return made(Operation.CHAIN, figure, fall.depth, parts)
