"""Stored splits whose provider now tells another ratio, which is what the price made of them.

Belongs here: believing such a correction. Does not: a ratio that prices do not decide about, which waits for a person
(`screens.splits`), closes that were read with a false one (`late_splits`).
"""

from dataclasses import replace

import polars as pl

from pipelines.quality.screens import Fetched, Known
from pipelines.quality.screens.told_splits import CONFIRMED, CONTRADICTED, SILENT, told_splits
from warehouse.schema import market

_KEY = ["symbol", "ex_date", "source"]


def with_corrections(known: Known, fetched: Fetched) -> Known:
    """Return what is known with the ratios that the same provider has corrected, as prices say, too.

    The close before a split as it is stored and the one since must be a step of the new ratio, and none of the stored.

    Args:
        known: What is stored.
        fetched: What providers tell.
    """
    told = fetched.splits.select(*_KEY, new="ratio_new", old="ratio_old").filter(pl.col("old") > 0, pl.col("new") > 0)
    both = known.splits.filter(pl.col("source") != market.OWN_FILES).join(told, on=_KEY)
    others = both.filter(pl.col("ratio_new") * pl.col("old") != pl.col("ratio_old") * pl.col("new"))
    if others.is_empty():
        return known
    corrected = others.with_columns(ratio_new="new", ratio_old="old").drop("new", "old")
    rest = known.splits.join(others, on=_KEY, how="anti")
    conformed, with_new = fetched.conformed(), pl.concat([rest, corrected])
    said_of_stored = told_splits(conformed, known.conformed())
    said_of_new = told_splits(conformed, replace(known, splits=with_new).conformed())
    # Closes that were read with the stored ratio say nothing against it, but neither do they say that it is right.
    doubted = said_of_stored.filter(pl.col("prices").is_in([SILENT, CONTRADICTED]))
    right = said_of_new.filter(pl.col("prices") == CONFIRMED).join(doubted, on=_KEY, how="semi")
    believed = corrected.join(right, on=_KEY, how="semi")
    return replace(known, splits=pl.concat([known.splits.join(believed, on=_KEY, how="anti"), believed]))
