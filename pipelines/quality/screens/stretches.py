"""Rows at a level that an error put them on, between the step there and the step back.

Belongs here: which side of a step is wrong; the findings `hundredfold`, `split_not_undone`, `untold_split` and
`jump`. Does not: what made a step (`breaks`).

Each error moves a series by a factor; the product of those before a row says how far the row is off. Which level is
right is not in the steps: what is stored already is believed, else what most rows of the last year say. But a split
restates what is before it, so for splits the rows after the last of them are right; and which unit is right, `units`
says, or that nothing does: then all rows wait.
"""

import polars as pl

from pipelines.quality.finding import FINDINGS
from pipelines.quality.screens.breaks import JUMP, JUMP_DOWN, SPLIT, TRADED_JUMP, UNIT, UNTOLD
from pipelines.quality.screens.levels import SERIES
from pipelines.quality.screens.shape import Fetched, Known, figure, found, text
from pipelines.quality.screens.units import commonest, right_units
from warehouse.schema import market

OFF = 0.1
"""Off by less than this in logarithms is not off: a false jump leads back to about where it began."""

_UNDONE = "were undone twice or not at all"
NOT_UNDONE, UNTOLD_SPLIT = "split_not_undone", "untold_split"
_RULES = {UNIT: "hundredfold", SPLIT: NOT_UNDONE, UNTOLD: UNTOLD_SPLIT}


def screen_stretches(fetched: Fetched, known: Known, levels: pl.DataFrame, breaks: pl.DataFrame) -> pl.DataFrame:
    """Return fetched rows that are off their series' level, and, as remarks, jumps that were traded.

    Args:
        fetched: The fetch, conformed.
        known: What is stored, conformed.
        levels: Of `levels.levels`.
        breaks: Of `breaks.breaks`.
    """
    if breaks.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    offsets = _offsets(levels, breaks)
    right = _right(offsets).join(right_units(offsets, fetched, known), on=SERIES)
    return pl.concat([_held(_off(offsets, right)), _remarked(breaks)])


def _offsets(levels: pl.DataFrame, breaks: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of series with false steps, with how far each is off by what, and the step before it."""
    errors = breaks.filter(pl.col("kind") != TRADED_JUMP)
    said = errors.select(
        "row", "kind", "size", "ratio", "ex_date", "simple", "turnover", stepped=pl.col("step"), since="date"
    )
    touched = levels.with_columns(row=pl.int_range(pl.len())).join(
        errors.select(SERIES).unique(), on=SERIES, maintain_order="left"
    )
    rows = touched.join(said, on="row", how="left", maintain_order="left")
    of_level = ~pl.col("kind").is_in([SPLIT, UNIT])
    return rows.with_columns(
        split_off=_summed(pl.col("kind") == SPLIT),
        unit_off=_summed(pl.col("kind") == UNIT),
        level_off=_summed(of_level),
        last_split=pl.col("ex_date").max().over(SERIES),
    )


def _off(offsets: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """Return the fetched rows that are off, each with the step that put it there or, before the first one, ends it.

    Where nothing says which unit is right, ``off`` is null, and all rows of the series are returned.
    """
    explained = pl.col("kind", "ratio", "ex_date", "simple", "turnover", "stepped", "since")
    off = pl.col("split_off") - pl.col("right_split") + pl.col("level_off") - pl.col("right_level")
    return (
        offsets.join(right, on=SERIES, maintain_order="left")
        .with_columns(off=off + pl.col("unit_off") - pl.col("right_unit"))
        .with_columns(explained.forward_fill().backward_fill().over(SERIES))
        .filter(pl.col("fetched"), (pl.col("off").abs() > OFF).fill_null(value=True))
    )


def _summed(errors: pl.Expr) -> pl.Expr:
    return pl.when(errors).then("size").fill_null(0.0).cum_sum().over(SERIES)


def _right(offsets: pl.DataFrame) -> pl.DataFrame:
    """Return for each series at which offsets it is right, but for its unit."""
    stored, restated = ~pl.col("fetched"), pl.col("date") >= pl.col("last_split")
    splits, level = pl.col("split_off"), pl.col("level_off")
    return offsets.group_by(SERIES).agg(
        right_split=pl.coalesce(
            commonest(splits.filter(restated)), commonest(splits.filter(stored)), commonest(splits)
        ),
        right_level=pl.coalesce(commonest(level.filter(stored)), commonest(level)),
    )


def _held(off: pl.DataFrame) -> pl.DataFrame:
    expected = pl.col("close") / pl.col("off").exp()
    step = pl.format("a step by {} on {}", figure(pl.col("stepped").exp()), pl.col("since"))
    why = (
        pl.when(pl.col("kind") == SPLIT)
        .then(
            pl.format(
                "{}, as if the split of {} on {} {}", step, figure(pl.col("ratio")), pl.col("ex_date"), pl.lit(_UNDONE)
            )
        )
        .when(pl.col("kind") == UNIT)
        .then(pl.format("{}, as between pence and pounds", step))
        .when(pl.col("kind") == UNTOLD)
        .then(pl.format("{}, as of a split by {} that nobody tells", step, text(pl.col("simple"))))
        .otherwise(pl.format("{} {}", step, _traded()))
    )
    about = pl.format(
        "close {} is {} its level of about {}", text(pl.col("close")), _times(pl.col("off").exp()), figure(expected)
    )
    undecided = pl.format(
        "close {}: the series has {}, as between pence and pounds, or of a split by 100 that nobody tells, and nothing"
        " says which side is right: put one price of yours into the inbox, or release a side",
        text(pl.col("close")),
        step,
    )
    return found(
        off,
        market.PRICE_HISTORY,
        pl.when(pl.col("off").is_null())
        .then(pl.lit(_RULES[UNIT]))
        .otherwise(pl.col("kind").replace_strict(_RULES, default="jump")),
        column="close",
        value=pl.col("close"),
        expected=expected.round_sig_figs(6),
        reason=pl.when(pl.col("off").is_null()).then(undecided).otherwise(pl.format("{}: {}", about, why)),
    )


def _remarked(breaks: pl.DataFrame) -> pl.DataFrame:
    jumped = (pl.col("step") >= JUMP) | (pl.col("step") <= -JUMP_DOWN)
    return found(
        breaks.filter(pl.col("fetched"), pl.col("kind") == TRADED_JUMP, jumped),
        market.PRICE_HISTORY,
        "jump",
        column="close",
        value=pl.col("close"),
        reason=pl.format(
            "close {} is {} that of {} on {}, {}",
            text(pl.col("close")),
            _times(pl.col("step").exp()),
            text(pl.col("before_close")),
            pl.col("before_date"),
            pl.coalesce(
                pl.format("the price before, {} days earlier", "rest"),
                pl.format("{}: a jump that was traded", _traded()),
            ),
        ),
        held=False,
    )


def _times(factor: pl.Expr) -> pl.Expr:
    return pl.format("{} times", figure(factor))


def _traded() -> pl.Expr:
    known = pl.format("at {} the usual turnover", _times(pl.col("turnover")))
    return pl.coalesce(known, pl.lit("at a turnover that is not known"))
