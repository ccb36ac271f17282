"""Splits that the prices around them contradict.

Belongs here: a split without its step, with a step of another ratio, told twice, or told anew with another ratio. Does
not: prices that are not in the units of a split, and splits that nobody tells (`stretches`).
"""

import polars as pl

from pipelines.quality.screens.breaks import SPLIT, TRADED_JUMP, UNTOLD
from pipelines.quality.screens.shape import Fetched, Known, figure, found, text
from warehouse.schema import market

SAME_RATIO = 0.001
"""Ratios that differ by less are one ratio, written with fewer digits."""
TWICE_WITHIN_DAYS = 14
"""No company splits twice by one ratio in two weeks; a provider that moves an ex-date may tell both."""


def contradicted(breaks: pl.DataFrame) -> pl.DataFrame:
    """Return the breaks; a split whose step came twice where prices are stored is one of another ratio.

    The prices before it are stored, so they are right, and the step on the ex-date is more than the split explains.
    """
    at_once = (pl.col("before_date") < pl.col("ex_date")) & (pl.col("ex_date") <= pl.col("date"))
    twice = (
        (pl.col("kind") == SPLIT) & ~pl.col("before_fetched") & at_once & (pl.col("size") * pl.col("ratio").log() < 0)
    )
    simple = pl.max_horizontal("ratio", 1 / pl.col("ratio"))
    return breaks.with_columns(
        kind=pl.when(twice).then(pl.lit(UNTOLD)).otherwise("kind"),
        simple=pl.when(twice).then(simple).otherwise("simple"),
    )


def screen_splits(fetched: Fetched, known: Known, breaks: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Return fetched splits that are not to be believed.

    Args:
        fetched: The fetch, conformed.
        known: What is stored, conformed.
        breaks: Of `breaks.breaks`, `contradicted`.
        splits: Of `levels.splits_of`.
    """
    return pl.concat([_unlike_prices(breaks, splits), _twice(splits), _unlike_stored(fetched, known)])


def _unlike_prices(breaks: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    steps = breaks.filter(pl.col("kind") != TRADED_JUMP).rename({"ex_date": "matched", "ratio": "matched_ratio"})
    on_ex_date = (
        splits.filter("fetched")
        .drop("fetched")
        .join(steps, on="symbol")
        .filter(pl.col("before_date") < pl.col("ex_date"), pl.col("ex_date") <= pl.col("date"))
        .filter((pl.col("kind") != SPLIT) | ~pl.col("before_fetched"))
        .unique(["symbol", "ex_date"], keep="first", maintain_order=True)
        .with_columns(traded=pl.col("before_close") / pl.col("close"))
    )
    return found(
        on_ex_date,
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
