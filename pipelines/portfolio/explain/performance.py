"""Returns, taken apart.

Belongs here: the daily factors of a time-weighted return, the flows of a money-weighted one, the parts of a day's and a
period's gain. Does not: sums of money over holdings (`totals`).
"""

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal

from pipelines.portfolio.explain.tree import Explanation, Operation, plain_value
from pipelines.portfolio.models import CompleteView, Performance, PerformanceDay, PerformancePeriod, plain
from pipelines.portfolio.periods import named_periods
from pipelines.portfolio.returns.time_weighted import DAYS_A_YEAR

Maker = Callable[[CompleteView, Performance], Explanation]


def _day_source(day: PerformanceDay) -> str:
    return f"valuation_daily {day.date}"


def _factors(days: Sequence[PerformanceDay], low: int, high: int) -> list[Explanation]:
    rows = []
    for index in range(low + 1, high + 1):
        day = days[index]
        if day.day_return is None:
            continue
        before = days[index - 1].value if index else Decimal(0)
        data = {"opening": before, "flow_in": day.flow_in, "flow_out": day.flow_out, "closing": day.value}
        rows.append(
            Explanation(
                figure=f"return of {day.date}",
                value=day.day_return,
                source=_day_source(day),
                data={name: plain(value) for name, value in data.items() if value is not None},
            )
        )
    return rows


def _flows(
    view: CompleteView, days: Sequence[PerformanceDay], low: int, high: int, *, start: dt.date, end: dt.date
) -> list[Explanation]:
    rows = [_dated("opening value", start, days[low].value, view, sign=-1)] if low >= 0 else []
    for day in days[low + 1 : high + 1]:
        if day.flow_in or day.flow_out:
            moved = None if day.flow_in is None or day.flow_out is None else day.flow_out - day.flow_in
            rows.append(_dated("flow", day.date, moved, view))
    return [*rows, _dated("final value", end, days[high].value, view)]


def _dated(name: str, day: dt.date, value: Decimal | None, view: CompleteView, *, sign: int = 1) -> Explanation:
    amount = None if value is None else sign * value
    data = {"date": day.isoformat()}
    return Explanation(
        figure=f"{name} of {day}", value=amount, unit=view.base_currency, source=f"valuation_daily {day}", data=data
    )


def _opened(view: CompleteView) -> int:
    return -1 if view.since is None else 0


def _twr(view: CompleteView, performance: Performance) -> Explanation:
    days = performance.daily
    parts = _factors(days, _opened(view), len(days) - 1)
    return Explanation(figure="summary.twr", value=view.summary.twr, operation=Operation.CHAIN, parts=parts)


def _twr_annualized(view: CompleteView, performance: Performance) -> Explanation:
    years = (view.as_of - performance.daily[0].date).days / DAYS_A_YEAR if performance.daily else None
    note = f"(1 + twr) to the power of 1 / {years:.6f} years, less 1" if years else None
    source = _twr(view, performance)
    return Explanation(
        figure="summary.twr_annualized",
        value=view.summary.twr_annualized,
        note=note,
        data={"twr": source.value, "years": years},
    )


def _xirr(view: CompleteView, performance: Performance) -> Explanation:
    days = performance.daily
    parts = _flows(view, days, _opened(view), len(days) - 1, start=days[0].date, end=view.as_of) if days else []
    return Explanation(figure="summary.xirr", value=view.summary.xirr, operation=Operation.XIRR, parts=parts)


def _price_return(view: CompleteView, performance: Performance) -> Explanation:
    del performance
    earned = sum((row.net_base or Decimal(0) for row in view.income.received), start=Decimal(0))
    return Explanation(
        figure="summary.price_return",
        value=view.summary.price_return,
        note="the days of summary.twr, with this income counted as money paid in",
        data={"twr": view.summary.twr, "income": plain(earned)},
    )


def _money_weighted(view: CompleteView, performance: Performance) -> Explanation:
    days = (view.as_of - performance.daily[0].date).days if performance.daily else None
    return Explanation(
        figure="summary.money_weighted",
        value=view.summary.money_weighted,
        note=f"(1 + xirr) to the power of {days} / 365, less 1",
        data={"xirr": view.summary.xirr, "days": days},
    )


def _day_change(view: CompleteView, performance: Performance) -> Explanation:
    days = performance.daily
    known = view.summary.day_change is not None
    parts = _gain_parts(view, days, len(days) - 2, len(days) - 1) if known else []
    return Explanation(
        figure="summary.day_change",
        value=view.summary.day_change,
        unit=view.base_currency,
        operation=Operation.SUM,
        parts=parts,
    )


def _gain_parts(view: CompleteView, days: Sequence[PerformanceDay], low: int, high: int) -> list[Explanation]:
    closing = _dated("closing value", days[high].date, days[high].value, view)
    rows = [closing]
    if low >= 0:
        rows.append(_dated("opening value", days[low].date, days[low].value, view).minus())
    for day in days[low + 1 : high + 1]:
        if day.flow_in or day.flow_out:
            moved = None if day.flow_in is None or day.flow_out is None else day.flow_in - day.flow_out
            rows.append(_dated("flow", day.date, moved, view).minus())
    return rows


def _day_return(view: CompleteView, performance: Performance) -> Explanation:
    days = performance.daily
    parts = [] if view.summary.day_return is None else _factors(days, len(days) - 2, len(days) - 1)
    return Explanation(
        figure="summary.day_return", value=view.summary.day_return, operation=Operation.CHAIN, parts=parts
    )


RETURNS: dict[str, Maker] = {
    "twr": _twr,
    "twr_annualized": _twr_annualized,
    "xirr": _xirr,
    "price_return": _price_return,
    "money_weighted": _money_weighted,
    "day_change": _day_change,
    "day_return": _day_return,
}


def explain_period(view: CompleteView, performance: Performance, period: PerformancePeriod, field: str) -> Explanation:
    """Return a figure of a named period taken apart into its days."""
    days, name = performance.daily, f"performance.periods.{period.period}.{field}"
    value = getattr(period, field)
    if value is None:
        return Explanation(figure=name, value=None)
    asked = next(row for row in named_periods(view.as_of, [row.date for row in days]) if row.name == period.period)
    low = _opened(view) if asked.start < days[0].date else _at(days, period.start)
    high = _at(days, period.end)
    if field == "twr":
        return Explanation(figure=name, value=value, operation=Operation.CHAIN, parts=_factors(days, low, high))
    if field == "xirr":
        flows = _flows(view, days, low, high, start=period.start, end=period.end)
        return Explanation(figure=name, value=value, operation=Operation.XIRR, parts=flows)
    if field == "gain":
        parts = _gain_parts(view, days, low, high)
        return Explanation(figure=name, value=value, unit=view.base_currency, operation=Operation.SUM, parts=parts)
    return Explanation(figure=name, value=plain_value(value))


def _at(days: Sequence[PerformanceDay], day: dt.date) -> int:
    return max((index for index, row in enumerate(days) if row.date <= day), default=-1)
