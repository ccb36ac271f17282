"""Whether a symbol still trades, and under which name: what providers and people say of it.

Belongs here: its status, what it is asked by, and how often. Does not: asking (`pipelines.sources`), keeping what
people state (`warehouse.ledger`), writing the master (`pipelines.ingest`).
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping

import polars as pl

from pipelines.sources.errors import NoPricesError, UnknownSymbolError
from pipelines.sources.registry import FILES
from pipelines.sources.rounds import Failure
from warehouse.ops.providers import Turn
from warehouse.schema.market import STATUSES

DELISTED_AFTER = dt.timedelta(days=30)
"""For how long a symbol that is not known any more may be without a price before it counts as delisted."""

QUIET_AFTER = dt.timedelta(days=30)
"""For how long a symbol is asked for each night although nothing new is told of it: most suspensions are shorter."""

DELISTED_THOUGH_TOLD_AFTER = dt.timedelta(days=548)
"""For how long nothing new may be told of a symbol that is still known. Its old prices are told of a suspended share as
well as of one that is gone; eighteen months are what Hong Kong, the most patient of the large exchanges, lets a
suspension last before it takes the share off its list."""

RARELY = dt.timedelta(days=7)
"""How often what is delisted or quiet is asked for: most of it never comes back, and each question costs a request."""

ACTIVE, DELISTED, RENAMED = STATUSES


def vanished(failures: Iterable[Failure]) -> list[str]:
    """Return the symbols that every provider which was asked calls unknown; what files lack says nothing."""
    return [failure.symbol for failure in failures if _all_say(failure, (UnknownSymbolError,))]


def silent(failures: Iterable[Failure]) -> list[str]:
    """Return the symbols of which every provider which was asked has no price, whether it knows them or not."""
    return [failure.symbol for failure in failures if _all_say(failure, (UnknownSymbolError, NoPricesError))]


def _all_say(failure: Failure, kinds: tuple[type[Exception], ...]) -> bool:
    providers = [error for error in failure.errors if error.source not in FILES]
    return bool(providers) and all(isinstance(error, kinds) for error in providers)


def lost(unknown_to: Mapping[str, Collection[str]], last_told_by: pl.DataFrame) -> list[str]:
    """Return the symbols that the very provider of their last prices calls unknown; who never had them says nothing.

    Args:
        unknown_to: Who calls a symbol unknown that somebody else has answered, by symbol.
        last_told_by: ``symbol`` and ``source`` of its last stored price of a provider.
    """
    tellers = dict(last_told_by.select("symbol", "source").iter_rows())
    return [symbol for symbol, sources in unknown_to.items() if tellers.get(symbol) in sources]


def last_prices(stored: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Return ``symbol``, unique, and ``last_stored``: the day of its last price, stored or told just now.

    Args:
        stored: ``symbol`` and ``last_stored``.
        told: ``symbol`` and ``date`` of prices as fetched.
    """
    days = [stored.select("symbol", "last_stored"), told.select("symbol", last_stored="date")]
    return pl.concat(days).group_by("symbol").agg(pl.col("last_stored").max())


def with_statuses(
    fetched: pl.DataFrame,
    *,
    gone: Collection[str],
    priced: pl.DataFrame,
    stored: pl.DataFrame,
    renames: pl.DataFrame,
    today: dt.date,
    unpriced: Collection[str] = (),
) -> pl.DataFrame:
    """Return profiles and quotes with ``status``, null where it stays as it is.

    Args:
        fetched: Profiles and quotes, ``symbol`` unique.
        gone: Symbols that nobody knows any more, or not who has told their last prices (`vanished`, `lost`).
        priced: ``symbol``, unique, and ``last_stored``, the day of its last price, as `last_prices` has it.
        stored: The master `symbols`.
        renames: ``symbol`` and the ``provider_symbol`` that people state.
        today: The clock's day.
        unpriced: Symbols that were asked for and have no price with anybody (`silent`).
    """
    answered = fetched.select("symbol")
    told = {*answered["symbol"], *unpriced}
    last = pl.col("last_stored")
    since = priced.filter(
        (pl.col("symbol").is_in(list(gone)) & (last <= today - DELISTED_AFTER))
        | (pl.col("symbol").is_in(list(told)) & (last <= today - DELISTED_THOUGH_TOLD_AFTER))
    )
    delisted = stored.join(since, on="symbol", how="semi").select("symbol", said=pl.lit(DELISTED))
    trading = answered.join(delisted, on="symbol", how="anti")
    renamed = pl.col("provider_symbol") != pl.col("symbol")
    stated = (
        renames.join(trading, on="symbol", how="semi")
        .with_columns(said=pl.when(renamed).then(pl.lit(RENAMED)).otherwise(pl.lit(ACTIVE)))
        .select("symbol", "said")
    )
    back = stored.filter(pl.col("status") == DELISTED).join(trading, on="symbol", how="semi")
    again = back.join(stated, on="symbol", how="anti").select("symbol", said=pl.lit(ACTIVE))
    said = pl.concat([delisted, stated, again]).rename({"said": "status"})
    return fetched.join(said, on="symbol", how="full", coalesce=True).sort("symbol")


def tickers(stored: pl.DataFrame, renames: pl.DataFrame) -> dict[str, str | None]:
    """Return what providers are asked by, where that is not the symbol itself: as people state it, else as stored."""
    return dict(stored.select("symbol", "provider_symbol").iter_rows()) | dict(renames.iter_rows())


def last_asked(turns: Iterable[Mapping[str, Turn]]) -> pl.DataFrame:
    """Return ``symbol``, unique, and ``asked_on``: the day on which a provider last said something of it.

    Args:
        turns: Of each provider, by symbol. What failed and may succeed later has said nothing.
    """
    days = [
        (symbol, turn.asked_at.date()) for told in turns for symbol, turn in told.items() if not turn.failures_in_a_row
    ]
    rows = pl.DataFrame(days, schema={"symbol": pl.String, "asked_on": pl.Date}, orient="row")
    return rows.group_by("symbol").agg(pl.col("asked_on").max())


def quiet(priced: pl.DataFrame, asked: pl.DataFrame, stored: pl.DataFrame, *, today: dt.date) -> pl.DataFrame:
    """Return ``symbol`` and ``last_stored`` of what has had no new price for `QUIET_AFTER`, although it was asked for.

    Where nothing was asked for as long, as while a computer is off, it is not the symbols that are quiet; and where all
    symbols of an exchange are, of several, it is the exchange, which will open again for all of them.

    Args:
        priced: ``symbol``, unique, and ``last_stored``, the day of its last price of a provider, believed or not.
        asked: As `last_asked` has it.
        stored: The master `symbols`.
        today: The clock's day.
    """
    last = priced.join(stored.select("symbol", "exchange", "status"), on="symbol", how="left").with_columns(
        trades=pl.col("last_stored") > today - QUIET_AFTER
    )
    listed = last.filter(pl.col("status") != DELISTED, pl.col("exchange").is_not_null())
    exchanges = listed.group_by("exchange").agg(closed=(pl.len() > 1) & ~pl.col("trades").any())
    return (
        last.join(asked, on="symbol")
        .join(exchanges, on="exchange", how="left")
        .filter(
            ~pl.col("trades"),
            pl.col("asked_on") >= pl.col("last_stored") + QUIET_AFTER,
            ~pl.col("closed").fill_null(value=False),
        )
        .select("symbol", "last_stored")
        .sort("symbol")
    )


def left_out(quiet_ones: pl.DataFrame, asked: pl.DataFrame, stored: pl.DataFrame, *, today: dt.date) -> pl.DataFrame:
    """Return ``symbol`` of what is not asked for today: delisted and quiet ones that were asked for since `RARELY`.

    Args:
        quiet_ones: ``symbol`` of what is quiet.
        asked: As `last_asked` has it.
        stored: The master `symbols`.
        today: The clock's day.
    """
    delisted = stored.filter(pl.col("status") == DELISTED).select("symbol")
    rare = pl.concat([delisted, quiet_ones.select("symbol")]).unique()
    return rare.join(asked.filter(pl.col("asked_on") > today - RARELY), on="symbol", how="semi").sort("symbol")
