"""Exchange rates at a date (CALCULATIONS 3).

Belongs here: which rate converts one currency into another on a day. Does not: converting frames of values.
"""

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pipelines.portfolio.days import Ints, day_number, day_of
from pipelines.portfolio.exact import ONE, ONE_UNIT, Ratio, integers
from pipelines.portfolio.models import Status

STALE_AFTER_DAYS = 7
HUB = "EUR"


@dataclass(slots=True, frozen=True)
class Rate:
    """A rate, its day and its status; ``ratio`` is None where it is missing, ``date`` where none is needed."""

    ratio: Ratio | None
    date: dt.date | None
    status: Status


SAME = Rate(ONE, None, Status.CLOSE)
MISSING = Rate(None, None, Status.MISSING)


@dataclass(slots=True)
class _Series:
    dates: list[dt.date] = field(default_factory=list)
    rates: list[int] = field(default_factory=list)

    def at(self, day: dt.date) -> tuple[int, dt.date] | None:
        index = bisect_right(self.dates, day) - 1
        return None if index < 0 else (self.rates[index], self.dates[index])

    def covers(self, days: Ints) -> bool:
        """Return whether there is a rate on or before each of the days."""
        return len(self.dates) > 0 and (not len(days) or int(days.min()) >= day_number(self.dates[0]))

    def on(self, days: Ints) -> list[int]:
        """Return the last rate on or before each of days that are covered."""
        known = np.array([day_number(day) for day in self.dates], dtype=np.int64)
        return [self.rates[index - 1] for index in np.searchsorted(known, days, side="right").tolist()]


class FxBook:
    """Rates between any two currencies on any day.

    Args:
        frame: ``FX_SCHEMA`` rows, in any order: one ``from_currency`` is ``rate`` ``to_currency``.
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        self._series: dict[tuple[str, str], _Series] = defaultdict(_Series)
        self._cache: dict[tuple[str, str, dt.date], Rate] = {}
        self._neighbours: dict[str, set[str]] = defaultdict(set)
        for (source, target), rows in frame.partition_by("from_currency", "to_currency", as_dict=True).items():
            ordered = rows.sort("date")
            self._series[str(source), str(target)] = _Series(
                ordered["date"].to_list(), [rate or 0 for rate in integers(ordered["rate"])]
            )
            self._neighbours[str(source)].add(str(target))
            self._neighbours[str(target)].add(str(source))

    def rate(self, source: str, target: str, day: dt.date) -> Rate:
        """Return what one ``source`` is worth in ``target`` on a day.

        The given pair, its inverse, the cross through the euro, a cross through any common currency: the first of them
        that has a rate on or before the day. A cross is as old as the older of its legs.
        """
        if source == target:
            return SAME
        key = (source, target, day)
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = self._find(source, target, day)
        return found

    def ratios(self, source: str, target: str, days: Ints) -> list[Ratio | None]:
        """Return what one ``source`` is worth in ``target`` on each of many days, in the order of the days."""
        if source == target:
            return [ONE] * len(days)
        given, inverted = self._series.get((source, target)), self._series.get((target, source))
        if given is not None and given.covers(days):
            return [Ratio(rate, ONE_UNIT) for rate in given.on(days)]
        if given is None and inverted is not None and inverted.covers(days):
            return [Ratio(ONE_UNIT, rate) for rate in inverted.on(days)]
        return [self.rate(source, target, day_of(day)).ratio for day in days.tolist()]

    def _find(self, source: str, target: str, day: dt.date) -> Rate:
        pair = self._pair(source, target, day)
        if pair is None:
            common = self._neighbours[source] & self._neighbours[target]
            for hub in sorted(common, key=lambda currency: (currency != HUB, currency)):
                pair = self._cross(source, hub, target, day)
                if pair is not None:
                    break
        if pair is None:
            return MISSING
        ratio, date = pair
        status = Status.STALE if (day - date).days > STALE_AFTER_DAYS else Status.CLOSE
        return Rate(ratio, date, status)

    def _pair(self, source: str, target: str, day: dt.date) -> tuple[Ratio, dt.date] | None:
        given = self._series.get((source, target))
        if given is not None and (found := given.at(day)) is not None:
            return Ratio(found[0], ONE_UNIT), found[1]
        inverse = self._series.get((target, source))
        if inverse is not None and (found := inverse.at(day)) is not None:
            return Ratio(ONE_UNIT, found[0]), found[1]
        return None

    def _cross(self, source: str, hub: str, target: str, day: dt.date) -> tuple[Ratio, dt.date] | None:
        first, second = self._pair(source, hub, day), self._pair(hub, target, day)
        if first is None or second is None:
            return None
        ratio = Ratio(first[0].num * second[0].num, first[0].den * second[0].den)
        return ratio, min(first[1], second[1])


def times(first: Ratio | None, second: Ratio | None) -> Ratio | None:
    """Return the product, None where either is not known."""
    if first is None or second is None:
        return None
    return Ratio(first.num * second.num, first.den * second.den)


def inverse(ratio: Ratio | None) -> Ratio | None:
    """Return the reciprocal, None where it is not known."""
    return None if ratio is None else Ratio(ratio.den, ratio.num)
