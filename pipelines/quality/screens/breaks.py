"""Steps of a series that the market did not make, each with what made it.

Belongs here: telling a pence-for-pounds step, a split undone wrongly and a split nobody told from a real crash or a
real rise. Does not: which side of a step is wrong (`stretches`), single rows.

A real jump is traded: the day's turnover is a multiple of the usual one, or the series was restless before. An error is
not: the turnover stays what it was, and the price steps by a number that people choose (100, 2, 1.5), or comes
back in a few days to where it was.
"""

import math

import polars as pl

from pipelines.quality.screens.levels import SERIES

HUNDRED = math.log(100.0)
"""Pence and pounds, cents and dollars."""
HUNDRED_WITHIN = math.log(1.6)
"""A day's own move on top of a step of 100: more than this and it is not a change of unit."""

JUMP = math.log(1.4)
"""From here up a rise is a jump. A fall of 40 % is larger; the return from a false rise of 40 % is this."""
JUMP_DOWN = -math.log(0.6)
"""From here up a fall is a jump."""
STEPS_OF_NOISE = 8.0
"""A step of up to eight times what is usual is believed, and of eight times more for each time the usual turnover: of
all jumps over 40 % in five years of 470 large stocks none was larger."""
WITHIN_THE_DAY = 0.5
"""A bar whose own range covers this part of the step was traded through: an error moves a bar as a whole."""

SPLIT_WITHIN = 0.05
"""How far in logarithms a step may be from a split's ratio, at least: the market moves on that day, too."""
SPLIT_WITHIN_PART = (0.15, 0.2)
"""But at least and at most these parts of the split's own step."""
PARTNER_WITHIN_PART = 0.5
"""A step that takes a split's step back a few days later may be off by this part of it."""
NEAR_SPLIT_DAYS = 90
"""A provider that restates late or in part leaves its step this near the ex-date; farther away, an ordinary ratio such
as 2 must not be traded, and a small one such as 5 for 4 is the market's."""
FAR_SPLIT = math.log(1.9)
LARGE_SPLIT = math.log(10.0)
"""No market moves by such a ratio, at whatever distance and turnover."""
UNTRADED = 2.5
"""Turnover in money, in times of the usual one, below which nobody traded on a fall by half."""

SIMPLE_WITHIN = 0.035
"""How far in logarithms open or close may be from a simple ratio for a split that nobody told."""
SIMPLE_RATIOS = (1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)

LONGEST_REST_DAYS = 10
"""More days between two prices are no step of a day: no holidays are longer. What is usual grows with their root."""

BACK_ROWS = 10
"""A false level is left again within two weeks, or is one that stays."""
BACK_WITHIN = 0.15
"""How near in logarithms the return comes to where the price was."""

LEAST_MOVE = 0.001
"""In currency: ten of the smallest ticks. Below that 0.0003 after 0.0001 is one trade, not a jump."""
_LEAST_STEP = 0.1
"""Smaller steps are nobody's concern here: 8 for 7 is a rare split."""

_SAID = {"ex_date": pl.Date, "ratio": pl.Float64, "simple": pl.Float64, "kind": pl.String, "size": pl.Float64}

UNIT, SPLIT, UNTOLD, UNTRADED_JUMP, TRADED_JUMP = "unit", "split", "untold_split", "untraded_jump", "traded_jump"


def breaks(levels: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Return the steps of each series that need an explanation, with the one that fits.

    Steps from one stored row to the next need none: who stored them believed them.

    Args:
        levels: Of `levels.levels`.
        splits: Those that are believed, of `told_splits.told_splits`.

    Returns:
        Rows of ``levels`` with their number in it, ``row``, and ``kind``; ``size``, the logarithm by which the row's
        level is off from there on if the step is an error; ``ratio`` and ``ex_date`` of the split, ``simple`` ratio;
        ``rest``, the days since the price before where they are more than `LONGEST_REST_DAYS`, else null.
    """
    steps = _candidates(levels)
    if steps.is_empty():
        return steps.drop("opened", "longer").with_columns(
            pl.lit(None, is_a).alias(name) for name, is_a in _SAID.items()
        )
    judged = _with_simple(_with_split(_with_unit(steps), splits))
    return _returned(_explained(judged)).drop_nulls("kind")


def _candidates(levels: pl.DataFrame) -> pl.DataFrame:
    large = (pl.col("step").abs() > _LEAST_STEP) & (pl.col("step").abs() > 3 * pl.col("noise"))
    distance = (pl.col("step").exp() - 1).abs() * pl.col("level").shift(1).over(SERIES) * pl.col("factor")
    # Of units on a rise, of money on a fall: a false price must not make its own turnover.
    traded = pl.col("surge") * pl.min_horizontal(1.0, pl.col("step").exp())
    turnover = pl.when(pl.col("volume") == 0).then(0.0).otherwise(traded)
    opened = (pl.col("open") / pl.col("close")).log()
    through = (pl.col("high") / pl.col("low")).log() >= WITHIN_THE_DAY * pl.col("step").abs()
    believable = STEPS_OF_NOISE * pl.col("noise") * pl.max_horizontal(1.0, pl.col("turnover").fill_null(1.0))
    days = (pl.col("date") - pl.col("before_date")).dt.total_days()
    # In times of the usual distance: a fund's step of a month is what its noise is made of.
    longer = pl.when(days > LONGEST_REST_DAYS).then((days / days.median().over(SERIES)).clip(lower_bound=1.0).sqrt())
    rare = pl.col("stale") & (pl.col("turnover") > 0)
    return (
        levels.with_columns(row=pl.int_range(pl.len()))
        .with_columns(distance=distance, longer=longer, rest=pl.when(days > LONGEST_REST_DAYS).then(days))
        .filter(large, pl.col("fetched") | pl.col("before_fetched"))
        .with_columns(turnover=turnover, opened=pl.when(pl.col("open") > 0).then(pl.col("step") + opened))
        .with_columns(
            believed=(pl.col("step").abs() <= believable * pl.col("longer").fill_null(1.0))
            | through.fill_null(value=False)
            | rare
        )
    )


def _with_unit(steps: pl.DataFrame) -> pl.DataFrame:
    times = (pl.col("step") / HUNDRED).round()
    off = (pl.col("step") - times * HUNDRED).abs()
    unit = (times != 0) & (off <= HUNDRED_WITHIN) & (pl.col("distance") >= LEAST_MOVE)
    return steps.with_columns(unit=pl.when(unit).then(times * HUNDRED), unit_off=off)


def _with_split(steps: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Return the steps with the split of the symbol, if any, by whose ratio they move, up or down."""
    size = pl.col("ratio").log()
    signed = pl.col("step").sign() * size.abs()
    near = (pl.col("date") - pl.col("ex_date")).dt.total_days().abs() <= NEAR_SPLIT_DAYS
    untraded = pl.col("turnover").fill_null(0.0) < UNTRADED
    least, most = (part * size.abs() for part in SPLIT_WITHIN_PART)
    within = pl.max_horizontal(SPLIT_WITHIN, 3 * pl.col("noise"), least).clip(upper_bound=most)
    matched = (
        steps.select("row", "symbol", "date", "step", "opened", "noise", "turnover")
        .join(splits.select("symbol", "ex_date", "ratio"), on="symbol")
        .with_columns(split=signed, split_off=_off(signed))
        .filter(
            pl.col("split_off") <= within,
            near | (size.abs() >= LARGE_SPLIT) | (untraded & (size.abs() >= FAR_SPLIT)),
        )
        .with_columns(away=(pl.col("date") - pl.col("ex_date")).dt.total_days().abs())
        .sort("row", "away", "split_off")
        .unique("row", keep="first", maintain_order=True)
    )
    matched = matched.select("row", "ex_date", "ratio", "split", "split_off")
    return _with_partners(steps.join(matched, on="row", how="left", maintain_order="left"))


def _off(size: pl.Expr) -> pl.Expr:
    """Return how far close or open are from a step of a size: the open has less of the day's own move in it."""
    return pl.min_horizontal((pl.col("step") - size).abs(), (pl.col("opened") - size).abs())


def _with_partners(steps: pl.DataFrame) -> pl.DataFrame:
    """Return the steps; one that takes a split's step back within days is of that split, if a restless day blurs it."""
    for rows in (1, -1):
        of_other = {name: pl.col(name).shift(rows).over(SERIES) for name in ("split", "ratio", "ex_date", "row")}
        blurred = (
            pl.col("split").is_null()
            & ((pl.col("row") - of_other["row"]).cast(pl.Int64).abs() <= BACK_ROWS)
            & (_off(-of_other["split"]) <= PARTNER_WITHIN_PART * of_other["split"].abs())
        ).fill_null(value=False)
        steps = steps.with_columns(
            split=pl.when(blurred).then(-of_other["split"]).otherwise("split"),
            split_off=pl.when(blurred).then(_off(-of_other["split"])).otherwise("split_off"),
            ratio=pl.when(blurred).then(of_other["ratio"]).otherwise("ratio"),
            ex_date=pl.when(blurred).then(of_other["ex_date"]).otherwise("ex_date"),
        )
    return steps


def _with_simple(steps: pl.DataFrame) -> pl.DataFrame:
    """Return the steps with the simple ratio by which open or close moved, if any."""
    sizes = [math.log(ratio) for ratio in SIMPLE_RATIOS]
    off = [
        pl.min_horizontal((pl.col("step").abs() - size).abs(), (pl.col("opened").abs() - size).abs()) for size in sizes
    ]
    fits = [pl.when(one <= SIMPLE_WITHIN).then(pl.lit(ratio)) for one, ratio in zip(off, SIMPLE_RATIOS, strict=True)]
    return steps.with_columns(simple=pl.coalesce(fits))


def _explained(steps: pl.DataFrame) -> pl.DataFrame:
    step, large_enough = pl.col("step"), pl.col("distance") >= LEAST_MOVE
    split = pl.col("split").is_not_null() & (pl.col("unit").is_null() | (pl.col("split_off") <= pl.col("unit_off")))
    jump = large_enough & (step.abs() >= JUMP)
    untraded = ~pl.col("believed")
    kind = (
        pl.when(split)
        .then(pl.lit(SPLIT))
        .when(pl.col("unit").is_not_null())
        .then(pl.lit(UNIT))
        .when(jump & untraded & pl.col("simple").is_not_null())
        .then(pl.lit(UNTOLD))
        .when(jump & untraded)
        .then(pl.lit(UNTRADED_JUMP))
        .when(jump)
        .then(pl.lit(TRADED_JUMP))
    )
    size = pl.when(kind == SPLIT).then("split").when(kind == UNIT).then("unit").otherwise("step")
    return steps.with_columns(kind=kind, size=size).drop("unit", "unit_off", "split", "split_off", "opened", "longer")


def _returned(steps: pl.DataFrame) -> pl.DataFrame:
    """Return the steps; one that takes an earlier one back is of its kind.

    What comes back from a level that nobody traded was never there, however much is traded on the way back; and a rise
    that was traded may be lost again quietly. What was traded in a long time without prices, nobody has seen.
    """
    jumps = pl.col("kind").is_in([UNTOLD, UNTRADED_JUMP, TRADED_JUMP])
    soon = (pl.col("row") - pl.col("row").shift(1).over(SERIES)) <= BACK_ROWS
    back = (pl.col("step") + pl.col("step").shift(1).over(SERIES)).abs() <= BACK_WITHIN
    before = pl.col("kind").shift(1).over(SERIES)
    seen = (before == TRADED_JUMP) & pl.col("rest").shift(1).over(SERIES).is_null()
    returned = (jumps & soon & back & before.is_in([UNTOLD, UNTRADED_JUMP, TRADED_JUMP])).fill_null(value=False)
    traded = pl.when("returned").then(seen).otherwise(pl.col("kind") == TRADED_JUMP)
    spike = pl.when(traded).then(pl.lit(TRADED_JUMP)).otherwise(pl.lit(UNTRADED_JUMP))
    of_spike = pl.col("returned") | pl.col("returned").shift(-1, fill_value=False).over(SERIES)
    shallow = (pl.col("kind") == UNTRADED_JUMP) & (pl.col("step") < 0) & (pl.col("step") > -JUMP_DOWN)
    return (
        steps.filter(pl.col("kind").is_not_null())
        .with_columns(returned=returned)
        .with_columns(
            kind=pl.when(of_spike).then(spike).otherwise("kind"),
            size=pl.when("returned").then(-pl.col("size").shift(1).over(SERIES)).otherwise("size"),
        )
        .filter(of_spike | ~shallow)
        .drop("returned")
    )
