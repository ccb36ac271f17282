"""Prices beside the calendar of their exchange.

Belongs here: prices of days without a session, sessions without a price, symbols gone quiet. Does not: days to come
(`rows`), what a calendar is.

A symbol whose exchange has no known sessions is not held against any; a day before or after all known sessions neither.
"""

import datetime as dt

import polars as pl

from pipelines.quality.screens.levels import SERIES
from pipelines.quality.screens.shape import Known, found, text
from warehouse.schema import market

STALE_SESSIONS = 5
"""A week of sessions without a price is a halt, a delisting or a provider that has lost the symbol."""
STALE_DAYS = 14
"""The same where no calendar is known: the longest holidays are shorter."""
SATURDAY = 6
GONE_QUIET = "gone_quiet"


def screen_calendar(levels: pl.DataFrame, known: Known, *, today: dt.date) -> pl.DataFrame:
    """Return prices of days without a session; as remarks, sessions without a price and symbols gone quiet.

    Args:
        levels: Of `levels.levels`.
        known: What is stored, conformed.
        today: The clock's day.
    """
    numbered = known.sessions.sort("exchange", "date").select(
        "exchange", "date", session=pl.int_range(pl.len()).over("exchange")
    )
    spans = numbered.group_by("exchange").agg(
        begins=pl.col("date").min(),
        ends=pl.col("date").max(),
        newest=pl.col("session").filter(pl.col("date") < today).max(),
    )
    placed = (
        levels.join(
            known.symbols.select("symbol", "exchange", "status"), on="symbol", how="left", maintain_order="left"
        )
        .join(spans, on="exchange", how="left", maintain_order="left")
        .join(numbered, on=["exchange", "date"], how="left", maintain_order="left")
    )
    return pl.concat([_without_session(placed), _gaps(placed, numbered), _quiet(placed, today)])


def _without_session(placed: pl.DataFrame) -> pl.DataFrame:
    """Return prices of days without a session; one that was traded on a weekday is a remark: calendars err, too."""
    traded = (pl.col("volume").fill_null(0) > 0) & (pl.col("close") != pl.col("before_close")).fill_null(value=True)
    within = pl.col("date").is_between(pl.col("begins"), pl.col("ends"))
    return found(
        placed.filter("fetched", pl.col("session").is_null(), within),
        market.PRICE_HISTORY,
        "no_session",
        column="date",
        value=pl.col("date"),
        reason=pl.format(
            "close {}, volume {}, on {}, when {} had no session; the close before was {}",
            text(pl.col("close")),
            pl.coalesce(text(pl.col("volume")), pl.lit("unknown")),
            pl.col("date").dt.to_string("%A"),
            pl.col("exchange"),
            pl.coalesce(text(pl.col("before_close")), pl.lit("unknown")),
        ),
        held=~traded | (pl.col("date").dt.weekday() >= SATURDAY),
    )


def _gaps(placed: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    missing = (pl.col("session") - pl.col("session").shift(1) - 1).over(SERIES)
    gaps = (
        placed.filter(pl.col("session").is_not_null())
        .with_columns(missing=missing)
        .filter("fetched", pl.col("missing") > 0)
        .with_columns(session=pl.col("session") - pl.col("missing"), until="date")
        .drop("date")
        .join(numbered, on=["exchange", "session"], maintain_order="left")
    )
    return found(
        gaps,
        market.PRICE_HISTORY,
        "sessions_missing",
        column="close",
        value=pl.lit(None, dtype=pl.String),
        reason=pl.format("{} sessions without a price before {}", pl.col("missing"), pl.col("until")),
        held=False,
    )


def _quiet(placed: pl.DataFrame, today: dt.date) -> pl.DataFrame:
    """Return the last price of symbols of which more sessions have passed without a price than one would expect.

    What a person states comes when they state it: their file alone does not make a symbol quiet.
    """
    provided = placed.filter(pl.col("series") != market.OWN_FILES)
    last = provided.group_by("symbol", maintain_order=True).agg(pl.all().sort_by("date").last())
    passed = pl.col("newest") - pl.col("session")
    days = (pl.lit(today) - pl.col("date")).dt.total_days()
    quiet = pl.when(passed.is_not_null()).then(passed > STALE_SESSIONS).otherwise(days > STALE_DAYS)
    return found(
        last.filter(quiet, pl.col("status").fill_null("active") != "delisted"),
        market.PRICE_HISTORY,
        GONE_QUIET,
        column="date",
        value=pl.col("date"),
        reason=pl.format("no price since {}, {} days ago", pl.col("date"), days),
        held=False,
    )
