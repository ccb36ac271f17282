"""Returns, taken apart.

Belongs here: the daily factors of a time-weighted return, the flows of a money-weighted one, the parts of a day's and a
period's gain. Does not: sums of money over holdings (`totals`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from pipelines.portfolio.explain.tree import Explanation, Operation, plain_value
from pipelines.portfolio.models import CompleteView, Performance, PerformanceDay, PerformancePeriod, plain
from pipelines.portfolio.named_periods import named_periods
from pipelines.portfolio.returns.time_weighted import DAYS_A_YEAR

Maker = Callable[[CompleteView, Performance], Explanation]


_WITHOUT_INCOME = "the days of the time-weighted return, with income counted as money paid in"


def _day_source(day: PerformanceDay) -> str:
    return f"valuation_daily {day.date}"


def _factors(days: Sequence[PerformanceDay], low: int, high: int) -> list[Explanation]:
    return [
        _factor(days[index], _opening(days, index), days[index].day_return)
        for index in range(low + 1, high + 1)
        if days[index].day_return is not None
    ]


def _opening(days: Sequence[PerformanceDay], index: int) -> Decimal | None:
    return days[index - 1].value if index else Decimal(0)


def _factor(day: PerformanceDay, opening: Decimal | None, value: float | None) -> Explanation:
    data = {"opening": opening, "flow_in": day.flow_in, "flow_out": day.flow_out, "closing": day.value}
    return Explanation(
        figure=f"return of {day.date}",
        value=value,
        source=_day_source(day),
        data={name: plain(amount) for name, amount in data.items() if amount is not None},
    )


def _price_factors(view: CompleteView, days: Sequence[PerformanceDay], low: int, high: int) -> list[Explanation]:
    """Return the daily factors with income counted as money paid in; none where a value or an income is not known."""
    paid: dict[dt.date, list[Decimal | None]] = defaultdict(list)
    for row in view.income.received:
        paid[row.date].append(row.net_base)
    if any(day.value is None for day in days[max(low, 0) : high + 1]) or any(None in rows for rows in paid.values()):
        return []
    rows = []
    for index in range(low + 1, high + 1):
        day, opening = _with_income_paid_in(days[index], paid.get(days[index].date, ())), _opening(days, index)
        if not paid.get(day.date):
            value = day.day_return
        else:
            capital = (opening or Decimal(0)) + (day.flow_in or 0)
            value = float(((day.value or 0) + (day.flow_out or 0)) / capital) - 1 if capital > 0 else None
        if value is not None:
            rows.append(_factor(day, opening, value))
    return rows


def _with_income_paid_in(day: PerformanceDay, paid: Sequence[Decimal | None]) -> PerformanceDay:
    flow_in, flow_out = day.flow_in, day.flow_out
    for amount in paid:
        if amount is None or flow_in is None or flow_out is None:
            return day
        flow_in, flow_out = flow_in + max(Decimal(0), amount - flow_out), max(Decimal(0), flow_out - amount)
    return day.model_copy(update={"flow_in": flow_in, "flow_out": flow_out})


def _flows(
    view: CompleteView, days: Sequence[PerformanceDay], low: int, high: int, *, start: dt.date, end: dt.date
) -> list[Explanation]:
    rows = [_dated("opening value", start, days[low].value, view, sign=-1)] if low >= 0 else []
    for day in days[low + 1 : high + 1]:
        if day.flow_in != 0 or day.flow_out != 0:
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
    days = performance.daily
    known = view.summary.price_return is not None
    return Explanation(
        figure="summary.price_return",
        value=view.summary.price_return,
        note=_WITHOUT_INCOME,
        operation=Operation.CHAIN,
        parts=_price_factors(view, days, _opened(view), len(days) - 1) if known else [],
        data={"twr": view.summary.twr},
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
    return [*rows, *(part.minus() for part in _flow_parts(view, days, low, high))]


def _flow_parts(view: CompleteView, days: Sequence[PerformanceDay], low: int, high: int) -> list[Explanation]:
    return [
        _dated(
            "flow", day.date, None if day.flow_in is None or day.flow_out is None else day.flow_in - day.flow_out, view
        )
        for day in days[low + 1 : high + 1]
        if day.flow_in != 0 or day.flow_out != 0
    ]


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
    made = _OF_PERIOD.get(field)
    if made is None:
        return Explanation(figure=name, value=plain_value(value))
    operation, parts = made
    return Explanation(
        figure=name,
        value=value,
        unit=view.base_currency if operation is Operation.SUM else None,
        operation=operation,
        note=_WITHOUT_INCOME if field == "price_return" else None,
        parts=parts(_Days(view, days, low, high, period.start, period.end)),
    )


class _Days(NamedTuple):
    """The days of a period; as `periods.Stretch`, of the document."""

    view: CompleteView
    days: Sequence[PerformanceDay]
    low: int
    high: int
    start: dt.date
    end: dt.date


def _income_parts(of: _Days) -> list[Explanation]:
    first = of.days[of.low].date if of.low >= 0 else dt.date.min
    return [
        Explanation(
            figure=f"{row.type} of {row.date}",
            value=row.gross_base,
            unit=of.view.base_currency,
            source=f"transactions {row.transaction_id}",
            data={"symbol": row.symbol, "gross_local": None if row.gross_local is None else plain(row.gross_local)},
        )
        for row in of.view.income.received
        if first < row.date <= of.end
    ]


def _at(days: Sequence[PerformanceDay], day: dt.date) -> int:
    return max((index for index, row in enumerate(days) if row.date <= day), default=-1)


_OF_PERIOD: dict[str, tuple[Operation, Callable[[_Days], list[Explanation]]]] = {
    "twr": (Operation.CHAIN, lambda of: _factors(of.days, of.low, of.high)),
    "price_return": (Operation.CHAIN, lambda of: _price_factors(of.view, of.days, of.low, of.high)),
    "xirr": (Operation.XIRR, lambda of: _flows(of.view, of.days, of.low, of.high, start=of.start, end=of.end)),
    "gain": (Operation.SUM, lambda of: _gain_parts(of.view, of.days, of.low, of.high)),
    "flow": (Operation.SUM, lambda of: _flow_parts(of.view, of.days, of.low, of.high)),
    "income": (Operation.SUM, _income_parts),
}
