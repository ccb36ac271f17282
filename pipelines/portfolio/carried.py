"""Closes as they count after a split whose day has no price yet.

Belongs here: restating the last close before a split for the days from the split on. Does not: units (`booking`), the
prices of other days, which are as traded.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from pipelines.portfolio.booking.books import Split
from pipelines.portfolio.days import Ints, day_number
from pipelines.portfolio.exact import Ratio, scaled


class Closes(NamedTuple):
    """Closes (integers of 1e-8) in runs, one a symbol: from which day each counts, and on which it was traded."""

    dates: Ints
    closes: Ints
    traded: Ints
    span: dict[str, tuple[int, int]]


class _Restated(NamedTuple):
    place: int
    date: int
    close: int
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
        np.insert(closes.closes, places, [row.close for row in added]),
        np.insert(closes.traded, places, [row.traded for row in added]),
        moved,
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
        close = last.close if last else int(closes.closes[place - 1])
        traded = last.traded if last else int(closes.traded[place - 1])
        rows.append(_Restated(place, day, scaled(close, Ratio(split.old, split.new)), traded))
    return rows
