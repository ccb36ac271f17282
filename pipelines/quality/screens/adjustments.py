"""Dividends beside the provider's own adjusted close.

Belongs here: what the step of the adjusted close says a dividend was. Does not: anything of providers that tell no
adjusted close; the adjusted close itself is never stored.
"""

import math

import polars as pl

from pipelines.quality.screens.levels import SERIES
from pipelines.quality.screens.payouts import EX_WITHIN_DAYS
from pipelines.quality.screens.shape import ADJ_CLOSE, Fetched, figure, found, percent, text
from warehouse.schema import market

OTHER = math.log(1.6)
"""How far in logarithms the adjustment may be off the dividend: it is made at another exchange rate at times, but what
is missing, done twice, or 100 times too small is farther off."""
DIFFERENT = 0.05
"""Part of the dividend from which the difference is worth a remark."""
LEAST_PART = 2e-5
"""Part of the price below which an adjustment cannot be told from rounding."""
UNTOLD_PART = 0.005
"""Part of the price from which an adjustment without a dividend is worth a remark."""

_SERIES = ["symbol", "source"]


def screen_adjustments(fetched: Fetched, levels: pl.DataFrame) -> pl.DataFrame:
    """Return dividends of which the adjusted close says something else; as remarks, adjustments for no dividend.

    Args:
        fetched: The fetch, conformed.
        levels: Of `levels.levels`.
    """
    steps = _adjusted(levels)
    told = (
        fetched.in_price_currency(fetched.dividends)
        .filter(pl.col("amount") > 0)
        .group_by(*_SERIES, "ex_date", maintain_order=True)
        .agg(pl.col("amount").cast(pl.Float64).sum())
    )
    beside = told.join_asof(
        steps,
        left_on="ex_date",
        right_on="date",
        by=_SERIES,
        strategy="forward",
        tolerance=f"{EX_WITHIN_DAYS}d",
        check_sortedness=False,
    )
    days = [fetched.dividends.select(*_SERIES, date="ex_date"), beside.select(*_SERIES, "date")]
    return pl.concat([_contradicted(beside), _untold(steps, pl.concat(days))])


def _adjusted(levels: pl.DataFrame) -> pl.DataFrame:
    """Return for each day which part of the price its adjusted close says was distributed, null where it has none."""
    sound = pl.col(ADJ_CLOSE).is_finite() & (pl.col(ADJ_CLOSE) > 0)
    kept = pl.when(sound).then(pl.col(ADJ_CLOSE) / pl.col("level"))
    distributed = 1 - (kept.shift(1) / kept).over(SERIES)
    # Also days without one: a dividend that is told late falls on its own day, not on the first one that has.
    return levels.select(*SERIES, "date", "before_close", distributed=distributed).rename({"series": "source"})


def _contradicted(beside: pl.DataFrame) -> pl.DataFrame:
    part = pl.col("amount") / pl.col("before_close")
    off = (pl.col("distributed").clip(lower_bound=LEAST_PART) / part).log()
    different = (pl.col("distributed") - part).abs() > DIFFERENT * part + LEAST_PART
    return found(
        beside.filter(different),
        market.DIVIDEND_HISTORY,
        "dividend_unlike_adjustment",
        column="amount",
        value=pl.col("amount").round_sig_figs(8),
        expected=(pl.col("distributed") * pl.col("before_close")).round_sig_figs(4),
        reason=pl.format(
            "{} is {} of the close of {} before, but the provider's adjusted close takes {} off for it",
            text(pl.col("amount").round_sig_figs(8)),
            percent(part),
            figure(pl.col("before_close")),
            percent(pl.col("distributed").round(6)),
        ),
        held=off.abs() > OTHER,
    )


def _untold(steps: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Return the last of each symbol's adjustments for no dividend."""
    nobody = steps.filter(pl.col("distributed") > UNTOLD_PART).join(told, on=[*_SERIES, "date"], how="anti")
    return found(
        nobody.group_by("symbol", maintain_order=True).agg(pl.all().last(), days=pl.len()).rename({"date": "ex_date"}),
        market.DIVIDEND_HISTORY,
        "dividend_untold",
        column="amount",
        value=pl.lit(None, dtype=pl.String),
        expected=(pl.col("distributed") * pl.col("before_close")).round_sig_figs(4),
        reason=pl.format(
            "the provider's adjusted close takes {} off the close of {} before, and no dividend is told; {} such days",
            percent(pl.col("distributed")),
            figure(pl.col("before_close")),
            pl.col("days"),
        ),
        held=False,
    )
