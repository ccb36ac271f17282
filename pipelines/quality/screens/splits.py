"""Splits that the prices around them contradict.

Belongs here: a split without its step, with a step of another ratio, told twice, or told anew with another ratio. Does
not: prices that are not in the units of a split, and splits that nobody tells (`stretches`).
"""

import math
from typing import Any

import polars as pl

from pipelines.quality.screens.shape import Fetched, Known, figure, found, text
from warehouse.schema import market

STEP_WITHIN_DAYS = 10
"""Between the close before a split and the one since: the longest holidays are shorter."""
OFF = math.log(1.4)
"""How far in logarithms the step may be off the ratio: a company in need of a reverse split falls on the day, too."""
OFF_PART = 0.7
"""But not by this part of the split itself: then there was none."""
SMALLEST = math.log(1.15)
"""A smaller split cannot be told from a day's move."""
SAME_RATIO = 0.001
"""Ratios that differ by less are one ratio, written with fewer digits."""
TWICE_WITHIN_DAYS = 14
"""No company splits twice by one ratio in two weeks; a provider that moves an ex-date may tell both."""


def unlike_prices(fetched: Fetched, known: Known, splits: pl.DataFrame) -> pl.DataFrame:
    """Return fetched splits of which the step from the last stored close to the first one since says something else.

    What is stored is as traded, so this needs nothing undone.

    Returns:
        Of ``splits`` the rows that are contradicted, with ``before_close``, ``before_date``, ``close``, ``date``.
    """
    stored = known.prices.filter(pl.col("close") > 0).sort("symbol", "date")
    closes = fetched.prices.filter(pl.col("close") > 0).sort("symbol", "date")
    within: dict[str, Any] = {"by": "symbol", "tolerance": f"{STEP_WITHIN_DAYS}d", "check_sortedness": False}
    before = stored.select("symbol", before_date="date", before_close=pl.col("close").cast(pl.Float64))
    since = closes.select("symbol", "date", close=pl.col("close").cast(pl.Float64))
    told = (
        splits.filter("fetched", pl.col("ratio").log().abs() > SMALLEST)
        .sort("symbol", "ex_date")
        .join_asof(before, left_on="ex_date", right_on="before_date", allow_exact_matches=False, **within)
        .join_asof(since, left_on="ex_date", right_on="date", strategy="forward", **within)
        .with_columns(traded=pl.col("before_close") / pl.col("close"))
    )
    size = pl.col("ratio").log()
    off = (pl.col("traded").log() - size).abs()
    return told.filter(off > pl.min_horizontal(pl.lit(OFF), OFF_PART * size.abs()))


def screen_splits(fetched: Fetched, known: Known, splits: pl.DataFrame, contradicted: pl.DataFrame) -> pl.DataFrame:
    """Return fetched splits that are not to be believed.

    Args:
        fetched: The fetch, conformed.
        known: What is stored, conformed.
        splits: Of `levels.splits_of`.
        contradicted: Of `unlike_prices`.
    """
    return pl.concat([_unlike_prices(contradicted), _twice(splits), _unlike_stored(fetched, known)])


def _unlike_prices(contradicted: pl.DataFrame) -> pl.DataFrame:
    return found(
        contradicted,
        market.SPLIT_HISTORY,
        "split_unlike_prices",
        column="ratio_new",
        value=figure(pl.col("ratio")),
        expected=figure(pl.col("traded")),
        reason=pl.format(
            "{} new for one, but the close went from {} on {} to {} on {}: by {}",
            figure(pl.col("ratio")),
            text(pl.col("before_close")),
            pl.col("before_date"),
            text(pl.col("close")),
            pl.col("date"),
            figure(pl.col("traded")),
        ),
    )


def _twice(splits: pl.DataFrame) -> pl.DataFrame:
    before = pl.col("ex_date").shift(1).over("symbol")
    same = (pl.col("ratio") / pl.col("ratio").shift(1).over("symbol")).log().abs() < SAME_RATIO
    near = (pl.col("ex_date") - before).dt.total_days() <= TWICE_WITHIN_DAYS
    return found(
        splits.with_columns(before=before).filter("fetched", same, near),
        market.SPLIT_HISTORY,
        "split_twice",
        column="ex_date",
        value=pl.col("ex_date"),
        expected=pl.col("before"),
        reason=pl.format("{} new for one, as already on {}", figure(pl.col("ratio")), pl.col("before")),
    )


def _unlike_stored(fetched: Fetched, known: Known) -> pl.DataFrame:
    ratio = pl.col("ratio_new").cast(pl.Float64) / pl.col("ratio_old").cast(pl.Float64)
    stored = known.splits.filter(pl.col("ratio_old") > 0).select("symbol", "ex_date", stored=ratio)
    both = fetched.splits.filter(pl.col("ratio_old") > 0, pl.col("ratio_new") > 0).join(
        stored, on=["symbol", "ex_date"]
    )
    return found(
        both.with_columns(ratio=ratio).filter((pl.col("ratio") / pl.col("stored")).log().abs() > SAME_RATIO),
        market.SPLIT_HISTORY,
        "split_unlike_stored",
        column="ratio_new",
        value=figure(pl.col("ratio")),
        expected=figure(pl.col("stored")),
        reason=pl.format(
            "{} new for one, but {} is stored of this day", figure(pl.col("ratio")), figure(pl.col("stored"))
        ),
    )
