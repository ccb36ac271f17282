"""Prices beside the calendar of their exchange.

Belongs here: prices of days without a session, sessions without a price, symbols gone quiet. Does not: days to come
(`rows`), what a calendar is.

A symbol whose exchange has no known sessions is not held against any; a day before or after all known sessions neither.
"""

import datetime as dt

import polars as pl

from pipelines.quality.screens.shape import Fetched, Known, found, text
from warehouse.schema import market

STALE_SESSIONS = 5
"""A week of sessions without a price is a halt, a delisting or a provider that has lost the symbol."""
STALE_DAYS = 14
"""The same where no calendar is known: the longest holidays are shorter."""
SATURDAY = 6


def screen_calendar(fetched: Fetched, known: Known, *, today: dt.date) -> pl.DataFrame:
    """Return prices of days without a session; as remarks, sessions without a price and symbols gone quiet."""
    numbered = known.sessions.sort("exchange", "date").with_columns(
        session=pl.int_range(pl.len()).over("exchange"), until=pl.col("date").max().over("exchange")
    )
    told = _told(fetched, known)
    placed = told.join(known.symbols.select("symbol", "exchange", "status"), on="symbol", how="left").sort("date")
    # The last session up to each day: its own, or the one before.
    beside = placed.join_asof(
        numbered.select("exchange", "session", "until", held_on="date").sort("held_on"),
        left_on="date",
        right_on="held_on",
        by="exchange",
        check_sortedness=False,
    ).sort("symbol", "date")
    return pl.concat([_without_session(beside), _gaps(beside, numbered), _quiet(beside, numbered, today)])


def _told(fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return one row for each day of which a price of a fetched symbol is told or stored."""
    columns = ("symbol", "date", "close", "volume")
    new = fetched.prices.select(*columns, fetched=pl.lit(value=True))
    old = known.prices.join(new.select("symbol").unique(), on="symbol", how="semi")
    both = pl.concat([new, old.select(*columns, fetched=pl.lit(value=False))])
    before = pl.col("close").shift(1).over("symbol")
    return both.unique(["symbol", "date"], keep="first").sort("symbol", "date").with_columns(before=before)


def _without_session(beside: pl.DataFrame) -> pl.DataFrame:
    """Return prices of days without a session; one that was traded on a weekday is a remark: calendars err, too."""
    traded = (pl.col("volume").fill_null(0) > 0) & (pl.col("close") != pl.col("before")).fill_null(value=True)
    off = beside.filter(
        "fetched",
        pl.col("session").is_not_null(),
        pl.col("date") != pl.col("held_on"),
        pl.col("date") <= pl.col("until"),
    )
    return found(
        off,
        market.PRICE_HISTORY,
        "no_session",
        column="date",
        value=pl.col("date"),
        reason=pl.format(
            "close {}, volume {}, on {}, when {} had no session; the last one before was {}",
            text(pl.col("close")),
            pl.coalesce(pl.col("volume").cast(pl.String), pl.lit("unknown")),
            pl.col("date").dt.to_string("%A"),
            pl.col("exchange"),
            pl.col("held_on"),
        ),
        held=~traded | (pl.col("date").dt.weekday() >= SATURDAY),
    )


def _gaps(beside: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    missing = (pl.col("session") - pl.col("session").shift(1) - 1).over("symbol")
    first = numbered.select("exchange", first_missing="session", missing_from="date")
    gaps = (
        beside.filter(pl.col("date") == pl.col("held_on"))
        .with_columns(missing=missing)
        .filter("fetched", pl.col("missing") > 0)
        .with_columns(first_missing=pl.col("session") - pl.col("missing"))
        .join(first, on=["exchange", "first_missing"], maintain_order="left")
    )
    return found(
        gaps.with_columns(until=pl.col("date"), date=pl.col("missing_from")),
        market.PRICE_HISTORY,
        "sessions_missing",
        column="close",
        value=pl.lit(None, dtype=pl.String),
        reason=pl.format("{} sessions without a price before {}", pl.col("missing"), pl.col("until")),
        held=False,
    )


def _quiet(beside: pl.DataFrame, numbered: pl.DataFrame, today: dt.date) -> pl.DataFrame:
    """Return the last price of symbols of which more sessions have passed without a price than one would expect."""
    last_session = numbered.filter(pl.col("date") < today).group_by("exchange").agg(newest=pl.col("session").max())
    last = beside.group_by("symbol", maintain_order=True).last().join(last_session, on="exchange", how="left")
    passed = pl.col("newest") - pl.col("session")
    days = (pl.lit(today) - pl.col("date")).dt.total_days()
    quiet = pl.when(passed.is_not_null()).then(passed > STALE_SESSIONS).otherwise(days > STALE_DAYS)
    return found(
        last.filter(quiet, pl.col("status").fill_null("active") == "active"),
        market.PRICE_HISTORY,
        "gone_quiet",
        column="date",
        value=pl.col("date"),
        reason=pl.format("no price since {}, {} days ago", pl.col("date"), days),
        held=False,
    )
