"""The pieces of a backfill: the years of each symbol, in batches that stay as they are while symbols come and go.

Belongs here: which pieces are wanted and which of them are missing. Does not: asking for them (`pipelines.sources`),
keeping them until they are published (`pipelines.backlog`).
"""

import datetime as dt
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from pipelines.sources.base import PriceRequest

FIRST_YEAR = 1970
BATCHES = tuple(f"{number:02}" for number in range(16))
MARGIN = dt.timedelta(days=10)
"""A year is stored where its first and last ten days are: ten days hold a session anywhere."""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """The first and last day that is stored of a symbol; what lies between is stored too."""

    first: dt.date
    last: dt.date

    def years(self, today: dt.date) -> set[int]:
        """Return the years that are stored whole, this one up to today."""
        return {
            year
            for year in range(self.first.year, self.last.year + 1)
            if self.first <= dt.date(year, 1, 1) + MARGIN and self.last >= min(dt.date(year, 12, 31), today) - MARGIN
        }


def batch_of(symbol: str) -> str:
    """Return the batch that a symbol belongs to, whatever other symbols there are."""
    return BATCHES[zlib.crc32(symbol.encode()) % len(BATCHES)]


def missing_years(
    wanted: Collection[int], stored: Stored | None, known: Collection[int], *, today: dt.date
) -> list[int]:
    """Return the years to ask for, in order: those wanted that are not there, and those between them and what is.

    Without the years between, what is stored would have a hole that nobody sees: a history is asked for from its last
    day on where it begins early enough.

    Args:
        wanted: Years.
        stored: What is published of the symbol.
        known: Years that have been asked for before, whether there was anything or not.
        today: The clock's day; no later year is asked for.
    """
    have = {*known, *(stored.years(today) if stored else ())}
    need = {year for year in wanted if year <= today.year} - have
    if not need:
        return []
    there = {*known, *((stored.first.year, stored.last.year) if stored else ())} or need
    first, last = min(*need, max(there)), max(*need, min(there))
    return [year for year in range(first, last + 1) if year not in have]


def request_for(symbol: str, ticker: str | None, years: Collection[int], *, today: dt.date) -> PriceRequest:
    """Return the one question that answers all of a symbol's years: providers take as long for one as for all."""
    return PriceRequest(
        symbol=symbol,
        provider_symbol=ticker,
        start=dt.date(min(years), 1, 1),
        end=min(dt.date(max(years), 12, 31), today),
    )


def by_batch(symbols: Iterable[str]) -> dict[str, list[str]]:
    """Return the symbols of each batch that has some, both in order."""
    found: dict[str, list[str]] = {}
    for symbol in sorted(set(symbols)):
        found.setdefault(batch_of(symbol), []).append(symbol)
    return dict(sorted(found.items()))
