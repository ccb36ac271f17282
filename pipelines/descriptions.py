"""What is behind each instrument: country, sector and industry.

Belongs here: which instruments a run asks about, and what it makes of the answers. Does not: asking
(`pipelines.sources`), writing the master (`pipelines.ingest`).

Prices come with a name and a currency, but Yahoo tells these apart and takes a request for each instrument. They hardly
ever change, so that each is asked for once and again after a quarter, a few with each run.
"""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from pipelines.sources.errors import UnknownSymbolError
from pipelines.sources.fetch_descriptions import DescriptionsResult
from warehouse.schema.types import TIMESTAMP

A_RUN = 100
"""So many are asked for by one run: a first run of thousands is not to take twice as long for them."""
AGAIN_AFTER = dt.timedelta(days=90)

_TOLD = ("country", "sector", "industry")
_OF = "Equity"
"""Funds, currencies and the like have none of these."""


def undescribed(fetched: pl.DataFrame, stored: pl.DataFrame, *, now: dt.datetime) -> dict[str, list[str]]:
    """Return the symbols to ask about, by the provider that has just answered for their prices.

    Args:
        fetched: Profiles and quotes, ``symbol`` unique.
        stored: The master `symbols`.
        now: When they were fetched.
    """
    asked = stored.select("symbol", "described_at")
    waiting = (
        fetched.filter(pl.col("asset_class") == _OF, pl.all_horizontal(pl.col(_TOLD).is_null()))
        .join(asked, on="symbol", how="left")
        .filter(pl.col("described_at").is_null() | (pl.col("described_at") < now - AGAIN_AFTER))
        .drop_nulls("price_source")
        .sort("described_at", "symbol", nulls_last=False)
        .head(A_RUN)
    )
    found: dict[str, list[str]] = {}
    for symbol, source in waiting.select("symbol", "price_source").iter_rows():
        found.setdefault(source, []).append(symbol)
    return found


def described(fetched: pl.DataFrame, results: Sequence[DescriptionsResult], *, now: dt.datetime) -> pl.DataFrame:
    """Return profiles with what was told of them, and when that was, also of those that the provider cannot describe.

    Args:
        fetched: Profiles and quotes, ``symbol`` unique.
        results: What was answered.
        now: When.
    """
    told = pl.concat([result.descriptions for result in results])
    unknown = [
        failure.symbol
        for result in results
        for failure in result.failures
        if failure.errors and all(isinstance(error, UnknownSymbolError) for error in failure.errors)
    ]
    asked = pl.concat([told, pl.DataFrame({"symbol": unknown}, schema={"symbol": pl.String})], how="diagonal")
    stamped = asked.with_columns(described_at=pl.lit(now, dtype=TIMESTAMP))
    joined = fetched.drop("described_at", strict=False).join(
        stamped, on="symbol", how="left", suffix="_told", maintain_order="left"
    )
    merged = joined.with_columns(pl.coalesce(name, f"{name}_told").alias(name) for name in _TOLD)
    return merged.drop(f"{name}_told" for name in _TOLD)
