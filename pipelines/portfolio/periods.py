"""Named periods of the daily series (CALCULATIONS 5).

Belongs here: what happened in a period, from the series. Does not: when it starts (`named_periods`), the series itself.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from pipelines.portfolio.booking.books import Income
from pipelines.portfolio.exact import ONE_MONEY, Amount, minus, money, total
from pipelines.portfolio.models import Drawdown, MonthlyReturn, PerformancePeriod
from pipelines.portfolio.named_periods import ONE_DAY, Period, named_periods
from pipelines.portfolio.returns import xirr
from pipelines.portfolio.risk import drawdown_table
from pipelines.portfolio.series import Day, Series

_LONGEST_DAY = dt.timedelta(days=7)


def is_a_day(dates: Sequence[dt.date], as_of: dt.date) -> bool:
    """Return whether the last two days of a series make the change of a day.

    They do over weekends and holidays, but not where prices are more than a week apart or old.
    """
    return len(dates) > 1 and dates[-1] - dates[-2] <= _LONGEST_DAY and as_of - dates[-1] <= _LONGEST_DAY


def periods(series: Series, income: Sequence[Income], as_of: dt.date, *, opened: bool) -> list[PerformancePeriod]:
    """Return what happened in every period; all is None where the series does not reach back to its start."""
    days = series.days
    if not days:
        return []
    dates = [day.date for day in days]
    chain, priced = _chain_of(days, series.returns), _chain_of(days, series.price_returns)
    paid = _Paid([row.transaction.date for row in income], [row.gross for row in income])
    result = []
    for period in named_periods(as_of, dates):
        if opened and period.end <= dates[0] < as_of:
            continue  # a year that the view only opens in
        stretch = _stretch_of(period, series, dates, as_of, opened=opened)
        result.append(_unknown(period) if stretch is None else _happened(period.name, stretch, chain, priced, paid))
    return result


class _Chain(NamedTuple):
    """What 1.00 has become by each day, past breaks and losses of all, and how many there were (`returns.chained`).

    None on a day without a value, for the chain waits for the next one.
    """

    grown: Sequence[float | None]
    breaks: Sequence[int]
    losses: Sequence[int]

    def change(self, low: int, high: int) -> float | None:
        """Return the return from the close of a day (-1: from the beginning) to that of another; None if unknown."""
        before, broken, lost = (1.0, 0, 0) if low < 0 else (self.grown[low], self.breaks[low], self.losses[low])
        after = self.grown[high]
        if before is None or after is None or self.breaks[high] != broken:
            return None
        return after / before - 1 if self.losses[high] == lost else -1.0


def _chain_of(days: Sequence[Day], returns: pl.DataFrame) -> _Chain:
    pairs = zip(days, returns["chain"].to_list(), strict=True)
    grown = [None if day.value is None else grown for day, grown in pairs]
    return _Chain(grown, returns["breaks"].to_list(), returns["losses"].to_list())


def _stretch_of(
    period: Period, series: Series, dates: Sequence[dt.date], as_of: dt.date, *, opened: bool
) -> "Stretch | None":
    """Return the days of a period; None where the series does not tell what happened in it."""
    if period.name == ONE_DAY and not is_a_day(dates, as_of):
        return None
    clipped = period.start < dates[0]
    if clipped and not period.is_calendar:
        return None
    low = (0 if opened else -1) if clipped else bisect_right(dates, period.start) - 1
    return Stretch(series, low, bisect_right(dates, period.end) - 1, max(period.start, dates[0]), period.end)


def _unknown(period: Period) -> PerformancePeriod:
    return PerformancePeriod(
        period=period.name,
        start=period.start,
        end=period.end,
        twr=None,
        price_return=None,
        xirr=None,
        gain=None,
        flow=None,
        income=None,
    )


def _happened(
    name: str,
    stretch: "Stretch",
    chain: _Chain,
    priced: _Chain,
    paid: "_Paid",
) -> PerformancePeriod:
    days, low, high = stretch.series.days, stretch.low, stretch.high
    opening = 0 if low < 0 else days[low].value
    flow = total(minus(day.flow_in, day.flow_out) for day in stretch.moved())
    first = days[low].date if low >= 0 else dt.date.min
    earned = paid.gross[bisect_right(paid.days, first) : bisect_right(paid.days, stretch.end)]
    return PerformancePeriod(
        period=name,
        start=stretch.start,
        end=stretch.end,
        twr=chain.change(low, high),
        price_return=priced.change(low, high),
        xirr=money_weighted(stretch),
        gain=money(minus(minus(days[high].value, opening), flow)),
        flow=money(flow),
        income=money(total(earned)),
    )


class _Paid(NamedTuple):
    """Income by day, in order."""

    days: Sequence[dt.date]
    gross: Sequence[Amount]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days ``low + 1`` to ``high`` of a series, opened with the value of day ``low`` (with nothing if -1).

    ``start`` and ``end`` are the dates that the opening and the final value count on: those of the period, which need
    not have a price.
    """

    series: Series
    low: int
    high: int
    start: dt.date
    end: dt.date

    @classmethod
    def whole(cls, series: Series, *, opened: bool, end: dt.date) -> "Stretch":
        """Return the stretch of all days up to the valuation date."""
        days = series.days
        return cls(series, 0 if opened else -1, len(days) - 1, days[0].date if days else end, end)

    def moved(self) -> list[Day]:
        """Return its days with a flow."""
        places = self.series.moved
        return [self.series.days[at] for at in places[bisect_right(places, self.low) : bisect_right(places, self.high)]]


def money_weighted(stretch: Stretch, *, before_tax: bool = False) -> float | None:
    """Return the XIRR of a stretch; the value that it opens with is the first flow."""
    flows = dated_flows(stretch, before_tax=before_tax)
    if flows is None:
        return None
    return xirr([day for day, _ in flows], [amount for _, amount in flows]).rate


def dated_flows(stretch: Stretch, *, before_tax: bool = False) -> list[tuple[dt.date, float]] | None:
    """Return the flows of an investor: paid in negative, taken out and the end value positive; None if unknown."""
    days, low = stretch.series.days, stretch.low
    if not days:
        return None
    flows: list[tuple[dt.date, Amount]] = []
    if low >= 0:
        flows.append((stretch.start, minus(0, days[low].value_before_tax if before_tax else days[low].value)))
    for day in stretch.moved():
        if before_tax:
            flows.append((day.date, minus(day.flow_out_before_tax, day.flow_in_before_tax)))
        else:
            flows.append((day.date, minus(day.flow_out, day.flow_in)))
    last = days[stretch.high]
    flows.append((stretch.end, last.value_before_tax if before_tax else last.value))
    if any(amount is None for _, amount in flows):
        return None
    return [(date, amount / ONE_MONEY) for date, amount in flows if amount]


def monthly_returns(series: Series, *, opened: bool) -> list[MonthlyReturn]:
    """Return the time-weighted return of every calendar month of the series, but for one that it only opens in."""
    chain, first = _chain_of(series.days, series.returns), 1 if opened else 0
    last = {(day.date.year, day.date.month): at for at, day in enumerate(series.days[first:], start=first)}
    before = [first - 1, *last.values()]
    return [
        MonthlyReturn(year=year, month=month, twr=chain.change(low, high))
        for (year, month), low, high in zip(last, before, last.values(), strict=False)
    ]


def drawdowns(series: Series, *, deepest: int = 5) -> list[Drawdown]:
    """Return the deepest falls from a peak of the growth, with the dates of peak, trough and recovery."""
    if not series.days:
        return []
    falls = drawdown_table(series.returns["day_return"], series.returns["date"], start=series.days[0].date)
    rows = falls.head(deepest).select("peak", "trough", "recovery", "depth").iter_rows(named=True)
    return [Drawdown(**row) for row in rows]
