"""Closes as they count after a split whose day has no price yet.

Belongs here: restating the last close before a split for the days from the split on. Does not: units (`booking`), the
prices of other days, which are as traded.

A seventh of a cent has no last decimal: millions of units would be worth another sum than before the split. So a
restated close is kept as the close that was traded and the shares of then that one of now is; only what is shown of it
is rounded.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from pipelines.portfolio.booking.books import Split
from pipelines.portfolio.days import Ints, day_number
from pipelines.portfolio.exact import ONE, Ratio, scaled


class Carried(Struct, frozen=True, gc=False):
    """A close (integer of 1e-8) as traded, and how many shares of then one of now is."""

    close: int
    share: Ratio

    @property
    def exact(self) -> Ratio:
        """Return what one share of now is at that close, in 1e-8."""
        return Ratio(self.close * self.share.num, self.share.den)

    def across(self, split: Split) -> "Carried":
        """Return the same close as it counts after one more split."""
        share = Fraction(self.share.num, self.share.den) * Fraction(split.old, split.new)
        return Carried(self.close, Ratio(share.numerator, share.denominator))


class Closes(NamedTuple):
    """Closes (integers of 1e-8) in runs, one a symbol: from which day each counts, and on which it was traded.

    ``carried`` has those that count after a split, by place; their closes are rounded.
    """

    dates: Ints
    closes: Ints
    traded: Ints
    span: dict[str, tuple[int, int]]
    carried: Mapping[int, Carried] = MappingProxyType({})


class _Restated(NamedTuple):
    place: int
    date: int
    carried: Carried
    traded: int


def across_splits(closes: Closes, splits: Iterable[Split]) -> Closes:
    """Add a row on the day of each split that has no price: the close before it, of the shares there are from then on.

    Units held that day are those after the split; as traded, the close before it is that of other shares.
    """
    added = [row for symbol, rows in _by_symbol(splits).items() for row in _restated(closes, symbol, rows)]
    if not added:
        return closes
    added.sort(key=lambda row: row.place)
    places = [row.place for row in added]
    before = np.array(places)
    # A row that comes after the end of one run and before the start of the next belongs to the former.
    moved = {
        symbol: (start + int(np.sum(before <= start)), end + int(np.sum(before <= end)))
        for symbol, (start, end) in closes.span.items()
    }
    return Closes(
        np.insert(closes.dates, places, [row.date for row in added]),
        np.insert(closes.closes, places, [scaled(row.carried.close, row.carried.share) for row in added]),
        np.insert(closes.traded, places, [row.traded for row in added]),
        moved,
        {row.place + earlier: row.carried for earlier, row in enumerate(added)},
    )


def _by_symbol(splits: Iterable[Split]) -> Mapping[str, list[Split]]:
    found: dict[str, list[Split]] = {}
    for split in sorted(splits, key=lambda split: split.date):
        found.setdefault(split.symbol, []).append(split)
    return found


def _restated(closes: Closes, symbol: str, splits: list[Split]) -> list[_Restated]:
    start, end = closes.span.get(symbol, (0, 0))
    rows: list[_Restated] = []
    for split in splits:
        day = day_number(split.date)
        place = start + int(np.searchsorted(closes.dates[start:end], day))
        if place == start or (place < end and closes.dates[place] == day):
            continue
        last = rows[-1] if rows and rows[-1].place == place else None
        carried = last.carried if last else Carried(int(closes.closes[place - 1]), ONE)
        traded = last.traded if last else int(closes.traded[place - 1])
        rows.append(_Restated(place, day, carried.across(split), traded))
    return rows
