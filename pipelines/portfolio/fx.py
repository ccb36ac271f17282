"""Exchange rates at a date (CALCULATIONS 3).

Belongs here: which rate converts one currency into another on a day. Does not: converting frames of values.
"""

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from functools import cached_property

import numpy as np
import polars as pl
from msgspec import Struct

from pipelines.portfolio.days import Ints, day_number, day_of
from pipelines.portfolio.errors import FrameError
from pipelines.portfolio.exact import ONE, ONE_UNIT, Ratio
from pipelines.portfolio.models import Status
from pipelines.portfolio.products import Ratios

STALE_AFTER_DAYS = 7
HUB = "EUR"


class Rate(Struct, frozen=True, gc=False):
    """A rate, its day and its status; ``ratio`` is None where it is missing, ``date`` where none is needed."""

    ratio: Ratio | None
    date: dt.date | None
    status: Status


SAME = Rate(ONE, None, Status.CLOSE)
MISSING = Rate(None, None, Status.MISSING)


class _Series:
    """The rates of one pair; sorted when they are first asked for."""

    def __init__(self, rows: pl.DataFrame) -> None:
        self._rows = rows

    @cached_property
    def _sorted(self) -> tuple[Ints, Ints]:
        """Return day numbers and rates (1e-10).

        Raises:
            FrameError: If a rate is not above zero.
        """
        days, rates = (self._rows[name].to_physical().cast(pl.Int64).to_numpy() for name in ("date", "rate"))
        for place in np.flatnonzero(rates <= 0)[:1].tolist():
            raise FrameError(frame="fx", column="rate", found=self._rows["rate"][place], expected="more than zero")
        if np.all(days[1:] >= days[:-1]):
            return days, rates
        order = np.argsort(days, kind="stable")
        return days[order], rates[order]

    @property
    def days(self) -> Ints:
        """Return the days with a rate, sorted."""
        return self._sorted[0]

    @cached_property
    def _listed(self) -> tuple[list[int], list[int]]:
        days, rates = self._sorted
        return days.tolist(), rates.tolist()

    def at(self, day: dt.date) -> tuple[int, dt.date] | None:
        """Return the last rate on or before a day, and its day."""
        days, rates = self._listed
        index = bisect_right(days, day_number(day)) - 1
        return None if index < 0 else (rates[index], day_of(days[index]))

    def on(self, days: Ints) -> Ints | None:
        """Return the last rate on or before each of many days; None unless all of them have one."""
        known, rates = self._sorted
        if len(days) and (not len(known) or days.min() < known[0]):
            return None
        found: Ints = rates[np.searchsorted(known, days, side="right") - 1]
        return found


class FxBook:
    """Rates between any two currencies on any day.

    Args:
        frame: ``FX_SCHEMA`` rows, in any order: one ``from_currency`` is ``rate`` ``to_currency``.
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        self._series: dict[tuple[str, str], _Series] = {}
        self._cache: dict[tuple[str, str, dt.date], Rate] = {}
        self._neighbours: dict[str, set[str]] = defaultdict(set)
        for (source, target), rows in frame.partition_by("from_currency", "to_currency", as_dict=True).items():
            self._series[str(source), str(target)] = _Series(rows)
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

    def ratios(self, source: str, target: str, days: Ints) -> Ratios:
        """Return what one ``source`` is worth in ``target`` on each of many days, in the order of the days."""
        if source == target:
            return Ratios.ones(len(days))
        found = self._pair_on(source, target, days) or self._cross_on(source, target, days)
        return found or Ratios.of([self.rate(source, target, day_of(day)).ratio for day in days.tolist()])

    def days_of(self, source: str, target: str) -> Ints:
        """Return the days, sorted, on which what one ``source`` is worth in ``target`` may have changed."""
        pairs = [(source, target), (target, source)]
        pairs += [pair for hub in self._hubs(source, target)[:1] for pair in _both(source, hub) + _both(hub, target)]
        known = [self._series[pair].days for pair in pairs if pair in self._series]
        days: Ints = np.unique(np.concatenate(known)) if known else np.zeros(0, dtype=np.int64)
        return days

    def _pair_on(self, source: str, target: str, days: Ints) -> Ratios | None:
        """Return the rates of the given pair, or of its inverse where it has none; None unless every day has one."""
        given, inverted = self._series.get((source, target)), self._series.get((target, source))
        rates = given.on(days) if given else inverted.on(days) if inverted else None
        if rates is None:
            return None
        one = np.full(len(days), ONE_UNIT, dtype=np.int64)
        return Ratios(rates, one, {}) if given else Ratios(one, rates, {})

    def _cross_on(self, source: str, target: str, days: Ints) -> Ratios | None:
        """Return the rates through the currency that quotes both, or that both quote: their unit cancels out."""
        hub = next(iter(self._hubs(source, target)), None)
        if hub is None or (source, target) in self._series or (target, source) in self._series:
            return None
        first, second = self._pair_on(source, hub, days), self._pair_on(hub, target, days)
        if first is None or second is None:
            return None
        if (hub, target) in self._series and (source, hub) not in self._series:
            return Ratios(second.num, first.den, {})
        if (source, hub) in self._series and (hub, target) not in self._series:
            return Ratios(first.num, second.den, {})
        return None

    def _hubs(self, source: str, target: str) -> list[str]:
        """Return the currencies that have a rate with both, the euro first."""
        common = self._neighbours[source] & self._neighbours[target]
        return sorted(common, key=lambda currency: (currency != HUB, currency))

    def _find(self, source: str, target: str, day: dt.date) -> Rate:
        pair = self._pair(source, target, day)
        if pair is None:
            for hub in self._hubs(source, target):
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


def _both(first: str, second: str) -> list[tuple[str, str]]:
    return [(first, second), (second, first)]


def times(first: Ratio | None, second: Ratio | None) -> Ratio | None:
    """Return the product, None where either is not known."""
    if first is None or second is None:
        return None
    return Ratio(first.num * second.num, first.den * second.den)


def inverse(ratio: Ratio | None) -> Ratio | None:
    """Return the reciprocal, None where it is not known."""
    return None if ratio is None else Ratio(ratio.den, ratio.num)
