"""Whether a symbol still trades, and under which name: what providers and people say of it.

Belongs here: its status, and what it is asked by. Does not: asking (`pipelines.sources`), keeping what people state
(`warehouse.ledger`), writing the master (`pipelines.ingest`).
"""

import datetime as dt
from collections.abc import Collection, Iterable

import polars as pl

from pipelines.sources.errors import UnknownSymbolError
from pipelines.sources.registry import FILES
from pipelines.sources.rounds import Failure
from warehouse.schema.market import STATUSES

DELISTED_AFTER = dt.timedelta(days=30)
"""For how long a symbol that nobody knows any more may be without a price before it counts as delisted."""

ACTIVE, DELISTED, RENAMED = STATUSES
_MONDAY = 0


def vanished(failures: Iterable[Failure]) -> list[str]:
    """Return the symbols that every provider which was asked calls unknown; what files lack says nothing."""
    found = []
    for failure in failures:
        providers = [error for error in failure.errors if error.source not in FILES]
        if providers and all(isinstance(error, UnknownSymbolError) for error in providers):
            found.append(failure.symbol)
    return found


def with_statuses(
    fetched: pl.DataFrame,
    *,
    gone: Collection[str],
    priced: pl.DataFrame,
    stored: pl.DataFrame,
    renames: pl.DataFrame,
    today: dt.date,
) -> pl.DataFrame:
    """Return profiles and quotes with ``status``, null where it stays as it is.

    Args:
        fetched: Profiles and quotes, ``symbol`` unique.
        gone: Symbols that nobody knows any more.
        priced: ``symbol`` and ``last_stored``, the day of its last price.
        stored: The master `symbols`.
        renames: ``symbol`` and the ``provider_symbol`` that people state.
        today: The clock's day.
    """
    since = priced.filter(pl.col("symbol").is_in(list(gone)), pl.col("last_stored") <= today - DELISTED_AFTER)
    delisted = stored.join(since, on="symbol", how="semi").select("symbol", said=pl.lit(DELISTED))
    answered = fetched.select("symbol")
    renamed = pl.col("provider_symbol") != pl.col("symbol")
    stated = (
        renames.join(answered, on="symbol", how="semi")
        .with_columns(said=pl.when(renamed).then(pl.lit(RENAMED)).otherwise(pl.lit(ACTIVE)))
        .select("symbol", "said")
    )
    back = stored.filter(pl.col("status") == DELISTED).join(answered, on="symbol", how="semi")
    again = back.join(stated, on="symbol", how="anti").select("symbol", said=pl.lit(ACTIVE))
    said = pl.concat([delisted, stated, again]).rename({"said": "status"})
    return fetched.join(said, on="symbol", how="full", coalesce=True).sort("symbol")


def tickers(stored: pl.DataFrame, renames: pl.DataFrame) -> dict[str, str | None]:
    """Return what providers are asked by, where that is not the symbol itself: as people state it, else as stored."""
    return dict(stored.select("symbol", "provider_symbol").iter_rows()) | dict(renames.iter_rows())


def asked_today(needed: pl.DataFrame, stored: pl.DataFrame, *, today: dt.date) -> pl.DataFrame:
    """Return what is needed; delisted symbols on Mondays only: most never come back, and each costs a request."""
    if today.weekday() == _MONDAY:
        return needed
    return needed.join(stored.filter(pl.col("status") == DELISTED), on="symbol", how="anti")
