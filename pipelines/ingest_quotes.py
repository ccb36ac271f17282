"""Current prices beside the closes of their sessions: once a session's close is stored, that is its price.

Belongs here: which session a quote is of, and its close in the place of another price. Does not: which of several
quotes is the current one (`ingest`), what a provider may be believed (`quality.quotes`).

A stand-in's quote may be of a moment after the true close, or be told after it. Whatever it says, a session ends at one
price, and that is the one in the history.
"""

import datetime as dt

import polars as pl

from warehouse.schema.types import TIMESTAMP

_LONGEST_SESSION = "1d"
"""A quote counts as of the session that opened before it no longer than this ago."""
_DAYS_APART = dt.timedelta(days=1)
"""A session in Sydney or Auckland opens on the day before, in UTC."""


def quoted_days(*masters: pl.DataFrame) -> list[dt.date]:
    """Return the days that the sessions of current prices may be of."""
    at = [frame["last_price_at"].cast(TIMESTAMP).dt.date() for frame in masters if "last_price_at" in frame.columns]
    days = {day for moments in at for day in moments.drop_nulls().unique()}
    return sorted({day + step * _DAYS_APART for day in days for step in (-1, 0, 1)})


def at_closes(
    symbols: pl.DataFrame, exchanges: pl.DataFrame, closes: pl.DataFrame, sessions: pl.DataFrame
) -> pl.DataFrame:
    """Return current prices, those of sessions whose close is known at it.

    Args:
        symbols: ``symbol``, unique, with its quote and, where its provider said so, ``session``.
        exchanges: ``symbol``, unique, and ``exchange``.
        closes: ``symbol, date``, unique, ``close`` and ``source``: rows of `price_history`.
        sessions: `trading_sessions`.

    Returns:
        The same rows and columns.
    """
    if closes.is_empty() or not {"last_price", "last_price_at"} <= set(symbols.columns):
        return symbols
    quoted = symbols.filter(pl.col("last_price").is_not_null(), pl.col("last_price_at").is_not_null())
    ended = (
        _of_sessions(quoted, exchanges, sessions)
        .join(closes.select("symbol", "date", "close", "source"), on=["symbol", "date"])
        .join(sessions.select("exchange", "date", "closes_at"), on=["exchange", "date"], how="left")
    )
    beside = symbols.join(ended.drop("date", "exchange"), on="symbol", how="left", maintain_order="left")
    other = (pl.col("close") != pl.col("last_price")).fill_null(value=False)
    said = {
        "last_price": pl.col("close"),
        "last_price_at": pl.min_horizontal("last_price_at", "closes_at"),
        "price_source": pl.col("source"),
    }
    return beside.with_columns(
        pl.when(other).then(value).otherwise(name).alias(name)
        for name, value in said.items()
        if name in symbols.columns
    ).select(symbols.columns)


def _of_sessions(quoted: pl.DataFrame, exchanges: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """Return ``symbol``, ``exchange`` and ``date``, the session of each quote.

    The calendar of the exchange says which it is; where that has none, the provider; else it is the day in UTC.
    """
    told = pl.col("session") if "session" in quoted.columns else pl.lit(None, dtype=pl.Date)
    at = pl.col("last_price_at").cast(TIMESTAMP)
    opened = sessions.select("exchange", opened="date", at="opens_at").drop_nulls().sort("at")
    placed = quoted.select("symbol", at=at, told=told).join(
        exchanges.select("symbol", "exchange"), on="symbol", how="left"
    )
    days = placed.sort("at").join_asof(
        opened, on="at", by="exchange", tolerance=_LONGEST_SESSION, check_sortedness=False
    )
    return days.select("symbol", "exchange", date=pl.coalesce("opened", "told", pl.col("at").dt.date()))
