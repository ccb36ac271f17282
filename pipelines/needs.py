"""What has to be fetched, and from when, so that every portfolio can be valued.

Belongs here: symbols, currencies and windows that follow from the ledgers and from what is stored already. Does not:
fetching (`pipelines.sources`), writing (`pipelines.ingest`).
"""

import datetime as dt
from collections.abc import Collection, Mapping

import polars as pl

from warehouse.schema import market
from warehouse.schema.model import Table

OVERLAP_DAYS = 7
"""Days fetched again before the last stored one: corrections come late, and a week holds a session anywhere."""

WATCHED_FROM = "5y"
"""History that a watched symbol comes with."""

GAP_REACH_DAYS = 92
"""How far back a session that is missing between stored ones is asked for again: a quarter."""

EVENTS_REACH_DAYS = 85
"""How far before the last stored day dividends and splits are asked for again: they are told and corrected late. The
prices on both sides of each are among those that are read to judge a week (`warehouse.surroundings.DAYS_BEFORE`)."""

REVISED_DAYS = 14
"""So long a close or rate that was told anew is asked for again with each night: a provider takes a false one back
within some days, when the last week may no longer hold its day."""

LONGEST_BREAK_DAYS = 10
"""More days between two prices are a gap where no calendar says when the exchange was open."""

FIRST_DAY = dt.date(1900, 1, 1)
"""No transaction is older."""


def needed_symbols(mirror: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return every symbol that a portfolio needs, with the day of its first transaction.

    Args:
        mirror: ``portfolios`` and ``transactions``, as declared in `warehouse.schema.ledger`.

    Returns:
        ``symbol``, unique and sorted, ``first_day``; benchmarks start with their portfolio's first transaction.
    """
    transactions = mirror["transactions"]
    first = transactions.group_by("portfolio_id").agg(first_day=pl.col("date").min())
    benchmarks = mirror["portfolios"].join(first, on="portfolio_id").select(symbol="benchmark", first_day="first_day")
    traded = [transactions.select(symbol=name, first_day="date") for name in ("symbol", "to_symbol")]
    return (
        pl.concat([*traded, benchmarks]).drop_nulls("symbol").group_by("symbol").agg(pl.col("first_day").min())
    ).sort("symbol")


def followed_symbols(mirror: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return every symbol that is fetched: those that a portfolio needs, and those that somebody watches.

    Args:
        mirror: ``portfolios``, ``transactions`` and ``watchlist``, as declared in `warehouse.schema.ledger`.

    Returns:
        ``symbol``, unique and sorted, ``first_day``; watched ones start `WATCHED_FROM` before they were put on a list.
    """
    since = pl.col("added_on").dt.offset_by(f"-{WATCHED_FROM}")
    watched = mirror["watchlist"].select("symbol", first_day=since)
    return pl.concat([needed_symbols(mirror), watched]).group_by("symbol").agg(pl.col("first_day").min()).sort("symbol")


def only(symbols: Collection[str]) -> pl.DataFrame:
    """Return the named symbols as needed from the first day on, held or not.

    Whoever names one may be about to import transactions of it that no ledger has yet, from whatever year, and their
    splits must be known by then.
    """
    asked = pl.DataFrame({"symbol": sorted(set(symbols))}, schema={"symbol": pl.String})
    return asked.with_columns(first_day=pl.lit(FIRST_DAY))


def needed_currencies(mirror: Mapping[str, pl.DataFrame], instruments: Collection[str] = ()) -> list[str]:
    """Return every currency that a portfolio needs but the euro, sorted; ``instruments`` are those of its symbols."""
    stated = [
        mirror["portfolios"]["base_currency"],
        mirror["accounts"]["currency"],
        mirror["transactions"]["currency"],
        mirror["transactions"]["to_currency"],
        mirror["manual_prices"]["currency"],
    ]
    return sorted({*instruments, *(code for series in stated for code in series.drop_nulls())} - {"EUR"})


def needed_rates(mirror: Mapping[str, pl.DataFrame], instruments: Collection[str] = ()) -> pl.DataFrame:
    """Return ``currency``, every one that a portfolio needs, and ``first_day``, the ledgers' first transaction's."""
    first_day = mirror["transactions"]["date"].min()
    if not isinstance(first_day, dt.date):
        return pl.DataFrame(schema={"currency": pl.String, "first_day": pl.Date})
    return pl.DataFrame({"currency": needed_currencies(mirror, instruments)}, schema={"currency": pl.String}).select(
        "currency", first_day=pl.lit(first_day)
    )


def of_nights(open_rows: pl.DataFrame, needed: pl.DataFrame, *, by: str) -> pl.DataFrame:
    """Return the rows of quarantine of days that nights ask for.

    Those of earlier days a backfill has brought, and the next one asks for them: a provider that is sick of old years
    is not to break every night.

    Args:
        open_rows: Rows of `quarantine` that nothing has resolved yet.
        needed: ``by``, unique, and ``first_day``.
        by: The column of names.
    """
    begins = needed.select(pl.col(by).alias("about"), begins=pl.col("first_day") - dt.timedelta(days=OVERLAP_DAYS))
    asked = open_rows.join(begins, on="about", maintain_order="left")
    return asked.filter(pl.col("date").is_null() | (pl.col("date") >= pl.col("begins"))).drop("begins")


def held_since(open_rows: pl.DataFrame, tables: Collection[Table], *, by: str) -> pl.DataFrame:
    """Return ``by``, unique, and ``since``: the earliest day of what is held back of each name.

    Of a dividend, `OVERLAP_DAYS` before its ex-date: it is judged by the close before it, too.

    Args:
        open_rows: Rows of `quarantine` that nothing has resolved yet.
        tables: The tables whose rows count.
        by: The column of names.
    """
    mine = open_rows.filter(pl.col("table_name").is_in([table.name for table in tables]))
    paid = pl.col("table_name") == market.DIVIDEND_HISTORY.name
    day = pl.when(paid).then(pl.col("date") - dt.timedelta(days=OVERLAP_DAYS)).otherwise("date")
    return mine.group_by(pl.col("about").alias(by)).agg(since=day.min())


def gaps_since(
    days: pl.DataFrame, stored: pl.DataFrame, sessions: pl.DataFrame, master: pl.DataFrame, *, today: dt.date
) -> pl.DataFrame:
    """Return ``symbol``, unique, and ``since``: the first session of the last `GAP_REACH_DAYS` that has no price.

    Of what lies between the first and the last stored day: a provider may have left it out and have it by now.

    Args:
        days: ``symbol`` and ``date``, every price since `GAP_REACH_DAYS` ago.
        stored: ``symbol``, unique, ``first_stored`` and ``last_stored``.
        sessions: `trading_sessions`.
        master: The master `symbols`. Where it names no exchange with a calendar, `LONGEST_BREAK_DAYS` decide.
        today: The clock's day.
    """
    reach = today - dt.timedelta(days=GAP_REACH_DAYS)
    exchanges = master.select("symbol", "exchange")
    begin = pl.max_horizontal("first_stored", pl.lit(reach))
    spans = stored.join(exchanges, on="symbol", how="left").select("symbol", "exchange", "last_stored", begin=begin)
    known = sessions.filter(pl.col("date") >= reach).select("exchange", "date")
    within = pl.col("date").is_between("begin", "last_stored")
    missing = spans.join(known, on="exchange").filter(within).join(days, on=["symbol", "date"], how="anti")
    # Where a gap reaches over the first day that is looked at, that day stands for the price before it.
    loose = spans.filter(pl.col("begin") <= pl.col("last_stored")).join(known, on="exchange", how="anti")
    prices = pl.concat([loose.select("symbol", date="begin"), days.join(loose, on="symbol", how="semi")])
    following = pl.col("date").shift(-1).over("symbol", order_by="date")
    breaks = prices.filter(following - pl.col("date") > dt.timedelta(days=LONGEST_BREAK_DAYS))
    after = breaks.select("symbol", pl.col("date") + dt.timedelta(days=1))
    return earliest(missing.select("symbol", since="date"), after.rename({"date": "since"}), by="symbol")


def earliest(*days: pl.DataFrame, by: str) -> pl.DataFrame:
    """Return ``by``, unique, and the earliest ``since`` that any of the frames has of it."""
    return pl.concat(days).group_by(by).agg(pl.col("since").min())


def windows(
    needed: pl.DataFrame, stored: pl.DataFrame, again: pl.DataFrame, *, by: str, today: dt.date
) -> list[tuple[str, dt.date, dt.date]]:
    """Return what to fetch: name, first and last day.

    What is stored from about the needed day on is fetched again only for its last `OVERLAP_DAYS`; what is not, from
    `OVERLAP_DAYS` before the needed day, so that the first day has a price even after holidays. What is held back,
    missing or told anew of late is fetched again from its earliest day on: it may come mended, with the split that
    explains it, at all, or as it was before.

    Args:
        needed: ``by`` String, unique, and ``first_day`` Date.
        stored: ``by``, unique, ``first_stored`` and ``last_stored``.
        again: ``by``, unique, and ``since``.
        by: The column of names.
        today: The clock's day, always the last one.
    """
    overlap = dt.timedelta(days=OVERLAP_DAYS)
    covered = pl.col("first_stored") <= pl.col("first_day") + overlap
    start = pl.when(covered).then(pl.col("last_stored")).otherwise(pl.col("first_day")) - overlap
    rows = needed.join(stored, on=by, how="left").join(again, on=by, how="left").sort(by)
    starts = rows.select(by, pl.min_horizontal(start, "since"))
    return [(name, first, today) for name, first in starts.iter_rows() if first <= today]


def events_since(needed: pl.DataFrame, stored: pl.DataFrame) -> dict[str, dt.date]:
    """Return from when on dividends and splits are asked for, by symbol: of what is stored, long before its last day.

    Never before the prices of the needed day begin. Where nothing is stored, they come with the prices.

    Args:
        needed: ``symbol``, unique, and ``first_day``.
        stored: ``symbol``, unique, ``first_stored`` and ``last_stored``.
    """
    reach, overlap = dt.timedelta(days=EVENTS_REACH_DAYS), dt.timedelta(days=OVERLAP_DAYS)
    since = pl.max_horizontal(pl.col("first_day") - overlap, pl.col("last_stored") - reach)
    return dict(needed.join(stored, on="symbol").select("symbol", since).iter_rows())
