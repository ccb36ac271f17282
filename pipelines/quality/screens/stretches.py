"""Rows at a level that an error put them on, between the step there and the step back.

Belongs here: which side of a step is wrong; the findings `hundredfold`, `split_not_undone`, `untold_split` and
`jump`. Does not: what made a step (`breaks`).

Each error moves a series by a factor; the product of those before a row says how far the row is off. Which level is
right is not in the steps: what is stored already is believed, else what most rows of the last year say. But a split
restates what is before it, so for splits the rows after the last of them are right; and a provider that has changed
units for good has changed to the right ones.
"""

import polars as pl

from pipelines.quality.screens.breaks import JUMP, JUMP_DOWN, SPLIT, TRADED_JUMP, UNIT, UNTOLD
from pipelines.quality.screens.levels import SERIES
from pipelines.quality.screens.shape import figure, found, text
from warehouse.schema import market

REFERENCE_ROWS = 250
"""A year of sessions says which level is right, where nothing is stored."""
SETTLED_ROWS = 8
"""Units that have not changed again for so many rows are the right ones."""
OFF = 0.1
"""Off by less than this in logarithms is not off: a false jump leads back to about where it began."""

_CAUSES = ("split", "unit", "level")
_UNDONE = "were undone twice or not at all"
_RULES = {UNIT: "hundredfold", SPLIT: "split_not_undone", UNTOLD: "untold_split"}


def screen_stretches(levels: pl.DataFrame, breaks: pl.DataFrame) -> pl.DataFrame:
    """Return fetched rows that are off their series' level, and, as remarks, jumps that were traded.

    Args:
        levels: Of `levels.levels`.
        breaks: Of `breaks.breaks`.
    """
    return pl.concat([_held(_off(levels, breaks)), _remarked(breaks)])


def _off(levels: pl.DataFrame, breaks: pl.DataFrame) -> pl.DataFrame:
    """Return the fetched rows that are off, each with the step that put it there or, before the first one, ends it."""
    errors = breaks.filter(pl.col("kind") != TRADED_JUMP)
    said = errors.select(
        "row", "kind", "size", "ratio", "ex_date", "simple", "turnover", stepped=pl.col("step"), since="date"
    )
    touched = levels.with_columns(row=pl.int_range(pl.len())).join(
        errors.select(SERIES).unique(), on=SERIES, maintain_order="left"
    )
    rows = touched.join(said, on="row", how="left", maintain_order="left")
    of_level = ~pl.col("kind").is_in([SPLIT, UNIT])
    offsets = rows.with_columns(
        split_off=_summed(pl.col("kind") == SPLIT),
        unit_off=_summed(pl.col("kind") == UNIT),
        level_off=_summed(of_level),
        last_split=pl.col("ex_date").max().over(SERIES),
    )
    explained = pl.col("kind", "ratio", "ex_date", "simple", "turnover", "stepped", "since")
    return (
        offsets.join(_right(offsets), on=SERIES, maintain_order="left")
        .with_columns(off=pl.sum_horizontal(pl.col(f"{one}_off") - pl.col(f"right_{one}") for one in _CAUSES))
        .with_columns(explained.forward_fill().backward_fill().over(SERIES))
        .filter(pl.col("fetched"), pl.col("off").abs() > OFF)
    )


def _summed(errors: pl.Expr) -> pl.Expr:
    return pl.when(errors).then("size").fill_null(0.0).cum_sum().over(SERIES)


def _right(offsets: pl.DataFrame) -> pl.DataFrame:
    """Return for each series at which offsets it is right."""
    stored, restated = ~pl.col("fetched"), pl.col("date") >= pl.col("last_split")
    splits, units, level = (pl.col(f"{one}_off") for one in _CAUSES)
    settled = pl.len() - (pl.col("kind") == UNIT).arg_true().last() >= SETTLED_ROWS
    return offsets.group_by(SERIES).agg(
        right_split=pl.coalesce(
            _commonest(splits.filter(restated)), _commonest(splits.filter(stored)), _commonest(splits)
        ),
        right_unit=pl.coalesce(
            _commonest(units.filter(stored)), pl.when(settled).then(units.last()), _commonest(units)
        ),
        right_level=pl.coalesce(_commonest(level.filter(stored)), _commonest(level)),
    )


def _commonest(offsets: pl.Expr) -> pl.Expr:
    """Return the offset that most of the last rows have, near ones counting as one; null where there are no rows."""
    last = offsets.tail(REFERENCE_ROWS)
    return last.filter(last.round(1) == last.round(1).mode().max()).last()


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
        .otherwise(pl.format("{} at {} the usual turnover", step, _times(pl.col("turnover"))))
    )
    about = pl.format(
        "close {} is {} its level of about {}", text(pl.col("close")), _times(pl.col("off").exp()), figure(expected)
    )
    return found(
        off,
        market.PRICE_HISTORY,
        pl.col("kind").replace_strict(_RULES, default="jump"),
        column="close",
        value=pl.col("close"),
        expected=expected.round_sig_figs(6),
        reason=pl.format("{}: {}", about, why),
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
            "close {} is {} that of {} on {}, at {} the usual turnover: a jump that was traded",
            text(pl.col("close")),
            _times(pl.col("step").exp()),
            text(pl.col("before_close")),
            pl.col("before_date"),
            _times(pl.col("turnover")),
        ),
        held=False,
    )


def _times(factor: pl.Expr) -> pl.Expr:
    return pl.format("{} times", pl.coalesce(figure(factor), pl.lit("unknown")))
