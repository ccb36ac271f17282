"""Days of the portfolio, taken apart: values, flows, and the factors that returns are chained of.

Belongs here: one day, and the parts that stretches of days have in common. Does not: which days a period has
(`periods`), returns of the whole view (`performance`).
"""

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from pipelines.portfolio.explain.entries import entry_row, flow_of
from pipelines.portfolio.explain.tree import Explanation, Operation, ended, made, summed, with_rest
from pipelines.portfolio.models import CompleteView, PerformanceDay, plain


class Days(NamedTuple):
    """Days ``low + 1`` to ``high`` of the series, opened with the value of day ``low`` (with nothing if -1).

    ``start`` and ``end`` are the dates that the opening and the final value count on.
    """

    view: CompleteView
    all: Sequence[PerformanceDay]
    low: int
    high: int
    start: dt.date
    end: dt.date

    @classmethod
    def whole(cls, view: CompleteView) -> "Days":
        """Return all days of a view with its history."""
        days = view.performance.daily if view.performance else []
        start = days[0].date if days else view.as_of
        return cls(view, list(days), opened(view), len(days) - 1, start, view.as_of)

    def between(self, low: int, high: int) -> "Days":
        """Return some of the days, which count from the close of the first to that of the last."""
        days = self.all
        return self._replace(low=low, high=high, start=days[max(low, 0)].date, end=days[high].date)

    @property
    def moved(self) -> list[PerformanceDay]:
        """Return the days with a flow."""
        return [day for day in self.all[self.low + 1 : self.high + 1] if day.flow_in != 0 or day.flow_out != 0]


def opened(view: CompleteView) -> int:
    """Return the place of the day that opens the view; -1 where it begins with nothing."""
    return -1 if view.since is None else 0


def day_source(day: dt.date) -> str:
    """Return how a day of the series is named as a source."""
    return f"valuation_daily {day}"


def dated(name: str, day: dt.date, value: Decimal | None, view: CompleteView) -> Explanation:
    """Return an amount of a day."""
    data = {"date": day.isoformat()}
    return ended(f"{name} of {day}", value, unit=view.base_currency, source=day_source(day), data=data)


def net_flow(day: PerformanceDay) -> Decimal | None:
    """Return what flowed in, less what flowed out."""
    return None if day.flow_in is None or day.flow_out is None else day.flow_in - day.flow_out


def factors(of: Days) -> list[Explanation]:
    """Return the return of every day that has one."""
    days = of.all
    return [
        factor(days[index], opening_of(days, index), days[index].day_return)
        for index in range(of.low + 1, of.high + 1)
        if days[index].day_return is not None
    ]


def opening_of(days: Sequence[PerformanceDay], index: int) -> Decimal | None:
    """Return the value that a day opens with."""
    return days[index - 1].value if index else Decimal(0)


def capital_of(days: Sequence[PerformanceDay], index: int, flow_in: Decimal | None) -> Decimal | None:
    """Return what a day's return is made on: the value before and what flows in, both moved by rates since.

    Between a day of the chain and the one before, there may be days that the chain passes by (CALCULATIONS 4).
    """
    first = index
    while first > 0 and not days[first - 1].chained:
        first -= 1
    opening = opening_of(days, first)
    if opening is None or flow_in is None:
        return None
    capital = opening + flow_in
    for before, after in pairwise(days[first - 1 : index] if first < index else ()):
        if before.value and after.value and before.value > 0 and after.value > 0:
            capital *= after.value / before.value
    return capital


def factor(day: PerformanceDay, opening: Decimal | None, value: float | None) -> Explanation:
    """Return the return of a day with what it was made of."""
    data = {"opening": opening, "flow_in": day.flow_in, "flow_out": day.flow_out, "closing": day.value}
    known = {name: plain(amount) for name, amount in data.items() if amount is not None}
    return ended(f"return of {day.date}", value, source=day_source(day.date), data=known)


def gain_parts(of: Days) -> list[Explanation]:
    """Return closing value, opening value and flows, which a gain is the sum of."""
    days = of.all
    rows = [dated("closing value", days[of.high].date, days[of.high].value, of.view)]
    if of.low >= 0:
        rows.append(dated("opening value", days[of.low].date, days[of.low].value, of.view).minus())
    return [*rows, *(part.minus() for part in flow_parts(of))]


def flow_parts(of: Days) -> list[Explanation]:
    """Return what flowed in, less what flowed out, by day."""
    return [dated("flow", day.date, net_flow(day), of.view) for day in of.moved]


def rate_flows(of: Days) -> list[Explanation]:
    """Return the flows of a money-weighted return: paid in negative, taken out and the final value positive."""
    days, view = of.all, of.view
    rows = [] if of.low < 0 else [dated("opening value", of.start, _negative(days[of.low].value), view)]
    rows += [dated("flow", day.date, _negative(net_flow(day)), view) for day in of.moved]
    return [*rows, dated("final value", of.end, days[of.high].value, view)]


def _negative(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else -amount


def dietz(figure: str, value: float | None, of: Days) -> Explanation:
    """Return a gain over the average capital: each flow by the part of the days it was in (Modified Dietz)."""
    gain = _known_sum("gain", gain_parts(of), of.view)
    opening = gain_parts(of._replace(high=of.low))[:1] if of.low >= 0 else []
    weighed = [_weighed(day, of) for day in of.moved]
    parts = [*opening, *weighed]
    capital = summed("average capital", sum(float(part.value or 0) for part in parts), parts, of.view.base_currency)
    return made(Operation.QUOTIENT, figure, value, [gain, capital])


def _known_sum(name: str, parts: list[Explanation], view: CompleteView) -> Explanation:
    value = sum((part.sign * part.value for part in parts if isinstance(part.value, Decimal)), start=Decimal(0))
    return summed(name, value, parts, view.base_currency)


def _weighed(day: PerformanceDay, of: Days) -> Explanation:
    length = (of.end - of.start).days
    weight = min(1.0, (of.end - day.date).days / length) if length else 1.0
    flow = dated("flow", day.date, net_flow(day), of.view)
    parts = [flow, ended("part of the days that it was in", weight)]
    return made(Operation.PRODUCT, f"flow of {day.date} by its days", float(flow.value or 0) * weight, parts)


# One day


def explain_day(view: CompleteView, index: int, field: str, figure: str) -> Explanation:
    """Return a figure of a day taken apart.

    Args:
        view: The view, with its history.
        index: Place of the day in the series.
        field: Which figure.
        figure: Its name.
    """
    return _OF_DAY[field](Days.whole(view), index, figure)


def _value(of: Days, index: int, figure: str) -> Explanation:
    day = of.all[index]
    note = f"ask for summary.value as of {day.date} for its holdings"
    return ended(figure, day.value, unit=of.view.base_currency, source=day_source(day.date), note=note)


def _flow(field: str, other: str, sign: int) -> Callable[[Days, int, str], Explanation]:
    """Return what explains inflow or outflow: transactions, netted where an account keeps no cash, and the other."""

    def maker(of: Days, index: int, figure: str) -> Explanation:
        day, view = of.all[index], of.view
        value, unit = getattr(day, field), view.base_currency
        if view.journal is None or value is None:
            return ended(figure, value, unit=unit, source=day_source(day.date))
        if not value:
            return ended(figure, value, unit=unit, source=day_source(day.date), note="nothing flowed that way")
        rows = [
            entry_row(entry, flow, unit)
            for entry in view.journal
            if entry.date == day.date and (flow := flow_of(entry))
        ]
        signed = rows if sign > 0 else [row.minus() for row in rows]
        opposite = getattr(day, other)
        if opposite:
            signed.append(ended(other, opposite, unit=unit))
        return with_rest(figure, value, signed, unit, "of other accounts")

    return maker


def _day_return(of: Days, index: int, figure: str) -> Explanation:
    day = of.all[index]
    if day.day_return is None:
        return ended(figure, None, source=day_source(day.date), note="the day opens with nothing, or is not known")
    last = max((at for at in range(index) if of.all[at].value is not None), default=-1)
    if index - last > 1 and index:
        span = of.between(last, index)
        return dietz(figure, day.day_return, span if last >= 0 else span._replace(low=max(last, opened(of.view))))
    unit = of.view.base_currency
    closing = [ended("value", day.value, unit=unit), ended("flow_out", day.flow_out, unit=unit)]
    opening = [
        ended("value of the day before", opening_of(of.all, index), unit=unit),
        ended("flow_in", day.flow_in, unit=unit),
    ]
    sums = [_known_sum("closing", closing, of.view), _known_sum("opening", opening, of.view)]
    capital, stated = capital_of(of.all, index, day.flow_in), sums[1].value
    moved = capital - stated if capital is not None and isinstance(stated, Decimal) else None
    if moved:
        opening.append(ended("what rates have moved since the last day with a price", moved, unit=unit))
        sums[1] = _known_sum("opening", opening, of.view)
    return made(Operation.CHANGE, figure, day.day_return, sums)


def _growth(of: Days, index: int, figure: str) -> Explanation:
    growth = of.all[index].growth
    if growth is None:
        return ended(figure, None, note="the chain broke on a day that opened below nothing or was not known")
    chain = made(Operation.CHAIN, "chain of the days", growth - 1, factors(of._replace(high=index)))
    return summed(figure, growth, [ended("what was put in", 1.0), chain], None)


def _covered(of: Days, index: int, figure: str) -> Explanation:
    day = of.all[index]
    note = f"what of the value has a price of the day itself: ask for holdings as of {day.date}"
    return ended(figure, day.covered, source=day_source(day.date), note=note)


_OF_DAY: dict[str, Callable[[Days, int, str], Explanation]] = {
    "value": _value,
    "flow_in": _flow("flow_in", "flow_out", 1),
    "flow_out": _flow("flow_out", "flow_in", -1),
    "day_return": _day_return,
    "growth": _growth,
    "covered": _covered,
}
