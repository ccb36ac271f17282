"""Prices that were fetched again, as they are stored where a split's restating has only cost them digits.

Belongs here: which rows a split has touched, and what is stored of them. Does not: how many digits a split costs
(`pipelines.sources.precision`), writing.
"""

import polars as pl

from pipelines.sources.precision import keep_stored
from warehouse.build import Candidate
from warehouse.schema import market
from warehouse.surroundings import around

_KEY = list(market.PRICE_HISTORY.key)


def without_restating(candidate: Candidate, prices: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Return fetched prices with what is stored in place of every value that a split's rounding explains.

    A person's own rows, and days since the last split of their symbol, stay as they are.

    Args:
        candidate: The run's candidate.
        prices: Rows of `price_history`.
        told: Rows of `split_history` of the same fetch, that are believed.
    """
    names = told["symbol"].unique().to_list() if told.width else []
    stored = candidate.read(market.SPLIT_HISTORY, where={"symbol": [*prices["symbol"].unique(), *names]})
    columns = ("symbol", "ex_date", "ratio_new", "ratio_old")
    both = [stored.select(columns), *([told.select(columns)] if told.width else [])]
    splits = pl.concat(both).unique(["symbol", "ex_date"], keep="last")
    touched = prices.filter(pl.col("source") != market.OWN_FILES).join(
        splits.group_by("symbol").agg(last=pl.col("ex_date").max()), on="symbol"
    )
    touched = touched.filter(pl.col("date") < pl.col("last")).drop("last")
    if touched.is_empty():
        return prices
    spans = touched.group_by("symbol").agg(first_day=pl.col("date").min())
    before = around(candidate, market.PRICE_HISTORY, spans, by="symbol")
    again = touched.join(before, on=_KEY, how="semi")
    kept = keep_stored(again, before, splits.join(again, on="symbol", how="semi"))
    # A person's rows come last, and count.
    rest = prices.join(kept.select(*_KEY, "source"), on=[*_KEY, "source"], how="anti", maintain_order="left")
    return pl.concat([kept, rest])
