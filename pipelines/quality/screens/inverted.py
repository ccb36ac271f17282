"""Exchange rates upside down where they are so near to one that they do not leap.

Belongs here: a rate that is the reciprocal of what it follows, or of what is stored of its day. Does not: leaps,
also of what is upside down far from one (`rates`).

Which side of one is right is not in a rate. What is stored says it, first of the same day, else of the day before: a
rate that has turned stands where its reciprocal was. Within a tenth of a percent of one the two are the same for every
purpose; a first fetch that is upside down as a whole cannot be known from itself.
"""

import polars as pl

from pipelines.quality.screens.rates import SERIES, rate_steps
from pipelines.quality.screens.shape import Fetched, Known, figure, found, text
from warehouse.schema import market

FAR = 5.0
"""A step of more times what is usual is large; the ECB's euro in dollars has made one in a thousand days."""
NEAR = 3.0
"""A large step that ends within so many times what is usual of the reciprocal has turned the rate."""
SAME_DAY = 0.0005
"""How far in logarithms a rate may be off the reciprocal of what is stored of its day: four digits are told."""
APART = 0.002
"""How far it must be off what is stored itself: nearer to it, it is a correction."""
USUAL_DAYS = 3
"""Over a weekend rates move as in a day; over longer gaps, with the root of their days."""


def screen_inverted(fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return fetched rates that are the reciprocal of what they should be, or of what most of a first fetch is."""
    steps = _sided(rate_steps(fetched, known))
    wrong = steps.filter("fetched", pl.col("inverted"))
    return found(
        wrong,
        market.FX_HISTORY,
        "rate_inverted",
        column="per_eur",
        value=pl.col("per_eur"),
        expected=(1 / pl.col("rate")).round_sig_figs(6),
        reason=pl.format(
            "{} for one euro is 1 over {}, {}: upside down",
            text(pl.col("per_eur")),
            figure(1 / pl.col("rate")),
            pl.coalesce(
                pl.format("stored as {}", text(pl.col("stored"))),
                pl.format("after {} on {}", figure(pl.col("right_before")), pl.col("before_date")),
                pl.lit("unlike the rest"),
            ),
        ),
    )


def _sided(steps: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with ``inverted`` and ``right_before``, the rate before on its right side."""
    size, gap = pl.col("rate").log(), (pl.col("date") - pl.col("before_date")).dt.total_days()
    usual = pl.col("noise") * (gap / USUAL_DAYS).clip(lower_bound=1).sqrt()
    turned = (pl.col("step").abs() > FAR * usual) & ((size + pl.col("before").log()).abs() <= NEAR * usual)
    of_day = pl.col("stored").cast(pl.Float64).log()
    anchor = (
        pl.when(~pl.col("fetched"))
        .then(0)
        .when(of_day.is_not_null())
        .then(((size + of_day).abs() <= SAME_DAY) & ((size - of_day).abs() > APART))
    )
    sides = steps.with_columns(
        side=turned.fill_null(value=False).cast(pl.Int64).cum_sum().over(SERIES), anchor=anchor.cast(pl.Int64)
    ).with_columns(shift=(pl.col("anchor") - pl.col("side")) % 2)
    known_shift = pl.col("shift").forward_fill().backward_fill().over(SERIES)
    commonest = (pl.col("side") % 2).mode().min().over(SERIES)
    return sides.with_columns(inverted=(pl.col("side") + pl.coalesce(known_shift, commonest)) % 2 == 1).with_columns(
        right_before=pl.when(pl.col("inverted").shift(1).over(SERIES)).then(1 / pl.col("before")).otherwise("before")
    )
