"""The pieces of a backfill: the years of each symbol, in batches that stay as they are while symbols come and go.

Belongs here: which pieces are wanted and which of them are missing. Does not: asking for them (`pipelines.sources`),
keeping them until they are published (`pipelines.backlog`).
"""

import datetime as dt
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import polars as pl

from pipelines.needs import LONGEST_BREAK_DAYS
from pipelines.sources.base import PriceRequest

FIRST_YEAR = 1970
BATCHES = tuple(f"{number:02}" for number in range(16))
MARGIN = dt.timedelta(days=10)
"""A year is stored where its first and last ten days are: ten days hold a session anywhere."""

FEW_SESSIONS = 5
"""So many may be missing of a year that counts as stored: no provider has every one."""

USUAL_DISTANCES, FEWEST_DISTANCES = 3, 3
"""What is priced once a week or a month lacks something where so many times that is missing; so many days between two
prices say what is usual."""

Gap = tuple[dt.date, dt.date]
"""The days on both sides of what is missing."""


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
    years: Collection[int],
    priced: Collection[dt.date],
    first_traded: dt.date | None,
    *,
    sessions: Sequence[dt.date] = (),
    until: dt.date,
) -> tuple[list[int], dict[int, Gap | None]]:
    """Return which of a symbol's years came whole, and which did not: the first gap of each, None where nothing came.

    A year is whole that is priced from its beginning, or the first day of trade, to its end without a gap, and one in
    which nothing was traded yet. Nothing need have been traded in one that is about to begin: that is neither.

    Args:
        years: Those asked for.
        priced: Days of which a price came or is stored.
        first_traded: From when on the symbol was traded at all; None where nobody said.
        sessions: Of its exchange, in order; none where nobody knows them.
        until: Until when there may be prices: today, or the last stored day of what every night asks for.
    """
    days = sorted(set(priced))
    # Of what is priced before, the first day of trade is said of another listing.
    first = dt.date.min if first_traded is None or (days and days[0] < first_traded) else first_traded
    answered: list[int] = []
    incomplete: dict[int, Gap | None] = {}
    for year in years:
        begin, end = dt.date(year, 1, 1), min(dt.date(year, 12, 31), until)
        within = days[bisect_left(days, max(begin, first)) : bisect_right(days, end)]
        longest = _longest(within if len(within) > FEWEST_DISTANCES else days)
        gap = _first_gap([max(begin, first), *within, end], longest, sessions) if within else None
        if gap is not None:
            incomplete[year] = gap
        elif within or first > end - MARGIN or end < begin:
            answered.append(year)
        elif end - begin > MARGIN:
            incomplete[year] = None
    return answered, incomplete


def _longest(days: Sequence[dt.date]) -> float:
    """Return how many days may be between two prices, where they are as far apart as usual."""
    usual = [(later - earlier).days for earlier, later in pairwise(days)]
    return max(LONGEST_BREAK_DAYS, USUAL_DISTANCES * median(usual) if len(usual) >= FEWEST_DISTANCES else 0)


def _first_gap(days: Sequence[dt.date], longest: float, sessions: Sequence[dt.date]) -> Gap | None:
    """Return the first two successive days that are too far apart."""
    for earlier, later in pairwise(days):
        if (later - earlier).days > longest and not _closed(earlier, later, sessions):
            return earlier, later
    return None


def _closed(first: dt.date, last: dt.date, sessions: Sequence[dt.date]) -> bool:
    """Return whether a calendar that reaches over both days has no session between them."""
    if not sessions or first < sessions[0] or sessions[-1] < last:
        return False
    return sessions[bisect_right(sessions, first)] >= last


def batch_of(symbol: str) -> str:
    """Return the batch that a symbol belongs to, whatever other symbols there are."""
    return BATCHES[zlib.crc32(symbol.encode()) % len(BATCHES)]


def missing_years(
    wanted: Collection[int],
    stored: Stored | None,
    known: Collection[int],
    *,
    today: dt.date,
    doubted: Collection[int] = (),
) -> list[int]:
    """Return the years to ask for, in order: those wanted that are not there, and those between them and what is.

    Without the years between, what is stored would have a hole that nobody sees: a history is asked for from its last
    day on where it begins early enough.

    Args:
        wanted: Years.
        stored: What is published of the symbol.
        known: Years that have been asked for before and came whole, be it that nothing was traded yet.
        today: The clock's day; no later year is asked for.
        doubted: Years of which a row is held back: they are not there, whatever was answered.
    """
    have = {*known, *(stored.years(today) if stored else ())} - {*doubted}
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
