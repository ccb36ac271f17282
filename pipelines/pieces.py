"""The pieces of a backfill: the years of each symbol, in batches that stay as they are while symbols come and go.

Belongs here: which pieces are wanted and which of them are missing. Does not: asking for them (`pipelines.sources`),
keeping them until they are published (`pipelines.backlog`).
"""

import datetime as dt
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import polars as pl

from pipelines.sources.base import PriceRequest

FIRST_YEAR = 1970
BATCHES = tuple(f"{number:02}" for number in range(16))
MARGIN = dt.timedelta(days=10)
"""A year is stored where its first and last ten days are: ten days hold a session anywhere."""

FEW_SESSIONS = 5
"""So many may be missing of a year that counts as stored: no provider has every one."""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """The first and last day that is stored of a symbol, and the years between of which sessions are missing."""

    first: dt.date
    last: dt.date
    holes: frozenset[int] = frozenset()

    def years(self, today: dt.date) -> set[int]:
        """Return the years that are stored whole, this one up to today."""
        return {
            year
            for year in range(self.first.year, self.last.year + 1)
            if self.first <= dt.date(year, 1, 1) + MARGIN and self.last >= min(dt.date(year, 12, 31), today) - MARGIN
        } - self.holes


def stored_of(
    spans: pl.DataFrame, counts: pl.DataFrame, sessions: pl.DataFrame, master: pl.DataFrame
) -> dict[str, Stored]:
    """Return what is stored of each symbol.

    Args:
        spans: ``symbol``, unique, ``first_stored`` and ``last_stored``.
        counts: ``symbol``, ``year`` and ``days``: how many sessions are stored.
        sessions: `trading_sessions`; where an exchange has none, no hole is seen.
        master: The master `symbols`, which names the exchanges.
    """
    holes: dict[str, set[int]] = {}
    for symbol, year in _holes(spans, counts, sessions, master).iter_rows():
        holes.setdefault(symbol, set()).add(year)
    return {
        symbol: Stored(first=first, last=last, holes=frozenset(holes.get(symbol, ())))
        for symbol, first, last in spans.select("symbol", "first_stored", "last_stored").iter_rows()
    }


def _holes(spans: pl.DataFrame, counts: pl.DataFrame, sessions: pl.DataFrame, master: pl.DataFrame) -> pl.DataFrame:
    """Return ``symbol`` and ``year`` of which more than `FEW_SESSIONS` are missing between its first and last day."""
    year = pl.int_ranges(pl.col("first_stored").dt.year(), pl.col("last_stored").dt.year() + 1, dtype=pl.Int32)
    pieces = (
        spans.join(master.select("symbol", "exchange"), on="symbol")
        .with_columns(year=year)
        .explode("year")
        .join(counts, on=["symbol", "year"], how="left")
        .with_columns(
            before=pl.max_horizontal("first_stored", pl.date("year", 1, 1)) - dt.timedelta(days=1),
            last=pl.min_horizontal("last_stored", pl.date("year", 12, 31)),
        )
    )
    numbered = sessions.sort("date").select("exchange", "date", number=pl.int_range(1, pl.len() + 1).over("exchange"))
    for day in ("before", "last"):
        until = numbered.rename({"date": day, "number": f"until_{day}"})
        pieces = pieces.sort(day).join_asof(until, on=day, by="exchange", check_sortedness=False)
    expected = pl.col("until_last") - pl.col("until_before").fill_null(0)
    holed = pieces.filter(expected - pl.col("days").fill_null(0) > FEW_SESSIONS)
    return holed.select("symbol", "year")


def answered_years(
    years: Collection[int], priced: Collection[int], first_traded: dt.date | None, *, today: dt.date
) -> tuple[list[int], list[int]]:
    """Return which of a symbol's years were answered, and which were not: those that nobody can say are empty.

    A year in which nothing need have been traded yet, as it is about to begin, is neither.

    Args:
        years: Those asked for.
        priced: Those of which a price came.
        first_traded: From when on the symbol was traded at all; None where nobody said.
        today: The clock's day.
    """
    answered, unanswered = [], []
    for year in years:
        end = min(dt.date(year, 12, 31), today)
        if year in priced or (first_traded is not None and first_traded > end - MARGIN):
            answered.append(year)
        elif end - dt.date(year, 1, 1) > MARGIN:
            unanswered.append(year)
    return answered, unanswered


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
        known: Years that have been asked for before and answered, be it that nothing was traded yet.
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
