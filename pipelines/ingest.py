"""What was fetched, as rows of the market's tables.

Belongs here: stamping rows with when they are known, the master's current price, and the one write of prices and
master. Does not: fetching (`pipelines.sources`), deciding what to fetch (`pipelines.needs`) and what of it is believed
(`pipelines.screening`).
"""

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl

from pipelines.corrections import without_restating
from pipelines.ingest_quotes import at_closes, quoted_days
from pipelines.quality.screens import Fetched
from warehouse.schema import market
from warehouse.schema.model import Table
from warehouse.schema.types import TIMESTAMP
from warehouse.surroundings import spans_beside

if TYPE_CHECKING:
    from warehouse.build import Candidate, HistoryChange

BULK_AGE = dt.timedelta(days=7)
"""A row fetched later than this after its own date comes from a bulk load: it counts as known at its date."""

_DAY_OF = {
    market.PRICE_HISTORY.name: "date",
    market.DIVIDEND_HISTORY.name: "ex_date",
    market.SPLIT_HISTORY.name: "ex_date",
    market.FX_HISTORY.name: "date",
}
_QUOTE = ("last_price", "last_price_at", "previous_close", "price_source")
_PROFILE = tuple(name for name in market.SYMBOLS.names if name not in {"symbol", "updated_at", *_QUOTE})


def history_rows(
    table: Table, fetched: pl.DataFrame, *, priced: pl.DataFrame | None = None, now: dt.datetime
) -> pl.DataFrame:
    """Return fetched rows as rows of an immutable history, stamped with when they are known.

    Args:
        table: One of `warehouse.schema.market.HISTORIES`.
        fetched: Its value columns and ``source``; no columns at all where nothing was fetched.
        priced: ``symbol``, unique, ``first_stored`` and ``last_stored``: prices that were stored before. A dividend or
            a split between these was told late, and is known only now; None where that cannot be.
        now: When they were fetched.
    """
    if not fetched.width:
        return table.empty()
    day = pl.col(_DAY_OF[table.name])
    bulk = day.cast(TIMESTAMP) < now - BULK_AGE
    rows = fetched.select(name for name in table.names if name in fetched.columns)
    if priced is not None:
        late = day.is_between("first_stored", "last_stored").fill_null(value=False)
        rows, bulk = rows.join(priced, on="symbol", how="left", maintain_order="left"), bulk & ~late
    return table.conform(
        rows.with_columns(
            fetched_at=pl.lit(now, dtype=TIMESTAMP),
            known_from=pl.when(bulk).then(day.cast(TIMESTAMP)).otherwise(pl.lit(now, dtype=TIMESTAMP)),
            bulk_loaded=bulk,
        ).drop("first_stored", "last_stored", strict=False)
    )


def master_rows(
    fetched: pl.DataFrame,
    prices: pl.DataFrame,
    stored: pl.DataFrame,
    sessions: pl.DataFrame,
    *,
    closes: pl.DataFrame | None = None,
    now: dt.datetime,
) -> pl.DataFrame:
    """Return the master's rows of every symbol that was fetched.

    What is fetched beats what is stored, but null never does. The current price is the latest of quote, close and what
    is stored; of a day that a person has stated, theirs is the only one, in the master as in the history. So is the
    close of a session, once it is stored.

    Args:
        fetched: ``symbol``, unique, and any columns of `symbols`.
        prices: Closes as `counting_prices` has them: ``symbol, date, close, currency, source``.
        stored: All of `symbols`.
        sessions: `trading_sessions`, for the time of a close.
        closes: Rows of `price_history` that are stored of the days of quotes; None for none.
        now: When they were fetched.
    """
    named = pl.concat([fetched.select("symbol"), prices.select("symbol")]).unique()
    profiles = _profiles(fetched, prices, stored)
    of_days = prices if closes is None else pl.concat([closes, prices], how="diagonal_relaxed")
    of_days = of_days.unique(["symbol", "date"], keep="last", maintain_order=True)
    quoted, before = (at_closes(frame, profiles, of_days, sessions) for frame in (fetched, stored))
    rows = (
        named.join(profiles, on="symbol", how="left")
        .join(
            _current_prices(quoted, before, prices, _last_closes(prices, profiles, sessions, now)),
            on="symbol",
            how="left",
        )
        .filter(pl.col("currency").is_not_null())
        .with_columns(
            pl.col("price_unit").fill_null(pl.col("currency")),
            pl.col("status").fill_null("active"),
            updated_at=pl.lit(now, dtype=TIMESTAMP),
        )
        .sort("symbol")
    )
    return market.SYMBOLS.conform(rows)


def record_instruments(
    candidate: "Candidate",
    believed: Fetched,
    symbols: pl.DataFrame,
    *,
    taken_back: pl.DataFrame | None = None,
    undone: pl.DataFrame | None = None,
    now: dt.datetime,
) -> "dict[str, HistoryChange]":
    """Write what is believed of a fetch: prices and master in one transaction, dividends, splits.

    Args:
        candidate: The run's candidate.
        believed: Rows as fetched, with ``source``, each key once of providers and once of a person.
        symbols: Profiles and quotes, as rows of `symbols`.
        taken_back: ``symbol, ex_date`` of stored splits that are believed no more; None for none.
        undone: Every split that the prices were made as traded by, believed or not; None for those that are believed.
        now: When they are recorded.

    Returns:
        What changed in each history.
    """
    stored, sessions = candidate.read(market.SYMBOLS), candidate.read(market.TRADING_SESSIONS)
    told = history_rows(market.PRICE_HISTORY, believed.prices, now=now)
    rows = without_restating(candidate, told, believed.splits if undone is None else undone)
    own = candidate.read(market.PRICE_HISTORY, where={"source": [market.OWN_FILES]})
    before = stored.join(symbols, on="symbol", how="semi")
    closes = candidate.read(market.PRICE_HISTORY, where={"date": quoted_days(symbols, before)})
    counting = counting_prices(rows, own, symbols, stored)
    master = master_rows(symbols, counting, stored, sessions, closes=closes, now=now)
    others = ((market.DIVIDEND_HISTORY, believed.dividends), (market.SPLIT_HISTORY, believed.splits))
    events = {table: _events(candidate, table, frame, now) for table, frame in others}
    if taken_back is not None:
        candidate.take_back(market.SPLIT_HISTORY, taken_back, now=now)
    return {market.PRICE_HISTORY.name: candidate.record_prices(rows, master, now=now)} | {
        table.name: candidate.record_history(table, rows, now=now) for table, rows in events.items()
    }


def _events(candidate: "Candidate", table: Table, told: pl.DataFrame, now: dt.datetime) -> pl.DataFrame:
    if not told.width:
        return table.empty()
    old = told.filter(pl.col("ex_date").cast(TIMESTAMP) < now - BULK_AGE)
    priced = spans_beside(candidate, table, old) if old.height else None
    return history_rows(table, told, priced=priced, now=now)


def record_rates(candidate: "Candidate", believed: Fetched, *, now: dt.datetime) -> "HistoryChange":
    """Write what is believed of fetched rates.

    Args:
        candidate: The run's candidate.
        believed: Rows as fetched, with ``source``.
        now: When they are recorded.
    """
    rows = history_rows(market.FX_HISTORY, believed.rates, now=now)
    return candidate.record_history(market.FX_HISTORY, rows, now=now)


def _profiles(fetched: pl.DataFrame, prices: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    schema = {name: market.SYMBOLS.polars_schema[name] for name in ("symbol", *_PROFILE)}
    said = [fetched, stored, prices.select("symbol", "currency").unique("symbol")]
    layers = [frame.select(name for name in schema if name in frame.columns) for frame in said]
    first_known = [pl.col(name).drop_nulls().first() for name in _PROFILE]
    empty = pl.DataFrame(schema=schema)
    return pl.concat([*layers, empty], how="diagonal_relaxed").group_by("symbol", maintain_order=True).agg(first_known)


def counting_prices(told: pl.DataFrame, own: pl.DataFrame, fetched: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Return the one close of each day that a fetch is about: a person's, now or before, else the provider's.

    Args:
        told: Rows of `price_history` as fetched, a person's after all others.
        own: Those that a person stated before, of any symbol and day.
        fetched: Profiles and quotes.
        stored: The master `symbols`.

    Returns:
        Rows of `price_history`, unique by symbol and date; of what was stated before only what is as new as the fetch.
    """
    quoted = [_quoted(fetched), _quoted(stored.join(fetched, on="symbol", how="semi"))]
    first = pl.concat([told.select("symbol", "date"), *quoted]).group_by("symbol").agg(first=pl.col("date").min())
    recent = own.join(first, on="symbol").filter(pl.col("date") >= pl.col("first")).drop("first")
    mine = pl.col("source") == market.OWN_FILES
    ordered = pl.concat([told.filter(~mine), recent, told.filter(mine)])
    return ordered.unique(market.PRICE_HISTORY.key, keep="last", maintain_order=True)


def _quoted(symbols: pl.DataFrame) -> pl.DataFrame:
    """Return ``symbol`` and ``date`` of each quote: its day in UTC."""
    if "last_price_at" not in symbols.columns:
        return pl.DataFrame(schema={"symbol": pl.String, "date": pl.Date})
    return symbols.select("symbol", date=pl.col("last_price_at").cast(TIMESTAMP).dt.date()).drop_nulls()


def _current_prices(
    fetched: pl.DataFrame, stored: pl.DataFrame, prices: pl.DataFrame, closes: pl.DataFrame
) -> pl.DataFrame:
    columns = ("symbol", *_QUOTE)
    empty = market.SYMBOLS.empty().select(columns)
    own = prices.filter(pl.col("source") == market.OWN_FILES).select("symbol", "date")
    quotes = (_without(frame, own) for frame in (stored, fetched))
    before, live = (frame.select(name for name in columns if name in frame.columns) for frame in quotes)
    return (
        pl.concat([empty, before, closes.select(columns), live], how="diagonal_relaxed")
        .filter(pl.col("last_price").is_not_null())
        .with_columns(pl.col("last_price", "previous_close").cast(market.SYMBOLS.polars_schema["last_price"]))
        .sort("last_price_at", maintain_order=True, nulls_last=False)
        .group_by("symbol", maintain_order=True)
        .last()
    )


def _without(symbols: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Return the symbols but for those whose quote is of one of these days."""
    of_days = _quoted(symbols).join(days, on=["symbol", "date"], how="semi")
    return symbols.join(of_days, on="symbol", how="anti", maintain_order="left")


def _last_closes(prices: pl.DataFrame, symbols: pl.DataFrame, sessions: pl.DataFrame, now: dt.datetime) -> pl.DataFrame:
    """Return the last close of each symbol, timed by its session, else by the start of its day; never ahead of now."""
    closes = sessions.select("exchange", "date", "closes_at")
    return (
        prices.sort("symbol", "date")
        .group_by("symbol", maintain_order=True)
        .agg(
            last_price=pl.col("close").last(),
            previous_close=pl.col("close").get(-2, null_on_oob=True),
            date=pl.col("date").last(),
            price_source=pl.col("source").last(),
        )
        .join(symbols.select("symbol", "exchange"), on="symbol", how="left")
        .join(closes, on=["exchange", "date"], how="left")
        .with_columns(last_price_at=pl.col("closes_at").fill_null(pl.col("date").cast(TIMESTAMP)).clip(upper_bound=now))
    )
