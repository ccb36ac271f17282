"""Exchange rates that leap.

Belongs here: rates off their neighbours: upside down, 100 times too high, away for some days. Does not: rates that are
not above zero or lie ahead (`rows`), two sources of one rate (`providers`).
"""

import math

import polars as pl

from pipelines.quality.screens.breaks import HUNDRED
from pipelines.quality.screens.shape import Fetched, Known, figure, found, text
from warehouse.schema import market

LEAP = math.log(1.10)
"""In 27 years of the ECB's rates of 41 currencies, a day moved further only when a currency was devalued."""
FALSE_LEAP = math.log(1.15)
"""From here up a leap that is taken back, or has not stayed yet, is an error: smaller ones have been real."""
STEPS_OF_NOISE = 8.0
LARGE_LEAP, VAST_LEAP = math.log(1.5), math.log(3)
CONFIRMED_ROWS, LARGE_ROWS, VAST_ROWS = 3, 10, 60
"""A leap is believed when the rate has stayed for so many rows, the more the larger it is: of the ECB's own two were
large, none vast. What is true sooner (new money for old) a person releases, and it enters at once."""
STOOD_DAYS = 30
"""A currency that is told in full, but not for so long, while others of its source are, is at its end: its last leap,
unless large, has no days left to stay, and has stood uncorrected since."""
BACK_ROWS = 10
"""Within so many rows, or as many as a leap must have stayed for, what comes back had never gone."""
BACK_WITHIN = 0.05
"""How near in logarithms the return comes to where the rate was."""
UNIT_WITHIN = math.log(1.2)
"""How near in logarithms a leap is to a factor of 100, or of the rate turned upside down."""

_USUAL_ROWS, _LEAST_USUAL_ROWS = 60, 5
_LEAST_NOISE = 0.003
SERIES = ["currency", "series"]
"""What makes a series: fetched rates of two sources are two, each continued by what is stored of the currency."""


def screen_rates(fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return fetched rates at a level that no market has brought them to; a devaluation that has stayed is a remark."""
    steps = rate_steps(fetched, known)
    leaps = steps.filter(pl.col("leaps"))
    away = _away(leaps)
    level = steps.join(away.select("row", "error"), on="row", how="left", maintain_order="left").with_columns(
        off=pl.col("error").fill_null(0.0).cum_sum().over(SERIES), since=pl.when(pl.col("error") != 0).then("date")
    )
    stored = ~pl.col("fetched")
    right = level.group_by(SERIES).agg(
        right=pl.coalesce(pl.col("off").filter(stored).last(), pl.col("off").mode().min()),
    )
    wrong = level.join(right, on=SERIES, maintain_order="left").with_columns(off=pl.col("off") - pl.col("right"))
    wrong = wrong.filter("fetched", pl.col("off").abs() > LEAP / 2)
    return pl.concat([_held(wrong), _remarked(away.filter("fetched", pl.col("error") == 0.0))])


def rate_steps(fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return fetched rates amid those that are stored.

    Returns:
        By ``currency``, ``series`` and ``date``: ``row``, ``per_eur`` and the same in Float64, ``rate``; ``fetched``
        (False also where a fetched rate is what is stored), ``stored`` (what is stored of a fetched day), ``step`` (the
        logarithm of the rate less that of the row before), ``before`` and ``before_date`` of that row, ``after`` (rows
        from here to the last, without those that contradict what is stored of their day), ``noise`` (a usual step),
        ``told`` (whether either row is fetched and what is stored before and here does not leap just so), ``leaps``,
        ``ended`` (whether the source has gone on without the currency).
    """
    return _steps(_rows(fetched, known))


def _rows(fetched: Fetched, known: Known) -> pl.DataFrame:
    columns = ("currency", "date", "per_eur")
    stored = known.rates.filter(pl.col("per_eur") > 0).select(*columns)
    new = (
        fetched.rates.filter(pl.col("per_eur") > 0)
        .unique(["currency", "source", "date"], keep="last", maintain_order=True)
        .select(*columns, series="source")
        .join(stored.rename({"per_eur": "stored"}), on=["currency", "date"], how="left")
        .with_columns(fetched=(pl.col("per_eur") != pl.col("stored")).fill_null(value=True))
    )
    old = stored.join(new.select(SERIES).unique(), on="currency").join(new, on=[*SERIES, "date"], how="anti")
    nothing = pl.lit(None, new.schema["stored"]).alias("stored")
    both = pl.concat([new, old.with_columns(nothing, fetched=pl.lit(value=False)).select(new.columns)])
    return both.with_columns(rate=pl.col("per_eur").cast(pl.Float64)).sort(*SERIES, "date").with_row_index("row")


def _steps(rows: pl.DataFrame) -> pl.DataFrame:
    step = (pl.col("rate") / pl.col("rate").shift(1)).log().over(SERIES)
    usual = (
        pl.col("step").abs().clip(upper_bound=LEAP).rolling_mean(_USUAL_ROWS, min_samples=_LEAST_USUAL_ROWS).shift(1)
    )
    noise = usual.fill_null(strategy="backward").over(SERIES).fill_null(_LEAST_NOISE).clip(lower_bound=_LEAST_NOISE)
    of_stored = pl.when(~pl.col("fetched")).then("rate")
    # Between two levels that are stored, or released, both are right.
    settled = ((of_stored / of_stored.forward_fill().shift(1)).log().abs() > LEAP).over(SERIES).fill_null(value=False)
    # A day that is told off what is stored of it does not say that a rate has stayed.
    contradicts = ((pl.col("rate") / pl.col("stored").cast(pl.Float64)).log().abs() > LEAP / 2).fill_null(value=False)
    silent_days = (pl.col("date").max().over("series") - pl.col("date").max().over(SERIES)).dt.total_days()
    steps = rows.with_columns(
        step=step,
        before=pl.col("rate").shift(1).over(SERIES),
        before_date=pl.col("date").shift(1).over(SERIES),
        after=pl.when(contradicts).then(0).otherwise(1).cum_sum(reverse=True).over(SERIES),
        told=(pl.col("fetched") | pl.col("fetched").shift(1).over(SERIES)) & ~settled,
        ended=(silent_days > STOOD_DAYS) & (pl.col("fetched").sum().over(SERIES) >= VAST_ROWS),
    )
    far = (pl.col("step").abs() > LEAP) & (pl.col("step").abs() > STEPS_OF_NOISE * pl.col("noise"))
    return steps.with_columns(noise=noise).with_columns(leaps=far & pl.col("told"))


def _away(leaps: pl.DataFrame) -> pl.DataFrame:
    """Return the leaps with ``error``, by how much the rate is off from there on: 0 for one that is believed."""
    step, row = pl.col("step"), pl.col("row")
    size = step.abs()
    large = pl.when(size >= LARGE_LEAP).then(LARGE_ROWS).otherwise(CONFIRMED_ROWS)
    stays = pl.when(size >= VAST_LEAP).then(VAST_ROWS).otherwise(large)
    back_rows = pl.max_horizontal(stays, BACK_ROWS)
    ends = ((step + step.shift(1)).abs() <= BACK_WITHIN) & (row - row.shift(1) <= back_rows)
    begins = ((step + step.shift(-1)).abs() <= BACK_WITHIN) & (row.shift(-1) - row <= back_rows)
    hundred = (size - HUNDRED).abs() <= UNIT_WITHIN
    turned = (step + 2 * pl.col("before").log()).abs() <= UNIT_WITHIN
    stood = pl.col("ended") & (size < LARGE_LEAP)
    unsure = (size >= FALSE_LEAP) & (begins | ends | ((pl.col("after") < stays) & ~stood))
    error = unsure | hundred | turned
    sized = pl.when(ends.fill_null(value=False)).then(-step.shift(1)).otherwise(step)
    return leaps.with_columns(error=pl.when(error.fill_null(value=False)).then(sized).otherwise(0.0).over(SERIES))


def _held(wrong: pl.DataFrame) -> pl.DataFrame:
    expected = pl.col("rate") / pl.col("off").exp()
    return found(
        wrong,
        market.FX_HISTORY,
        "rate_leaps",
        column="per_eur",
        value=pl.col("per_eur"),
        expected=expected.round_sig_figs(6),
        reason=pl.format(
            "{} for one euro is {} times its level of about {}",
            text(pl.col("per_eur")),
            figure(pl.col("off").exp()),
            figure(expected),
        ),
    )


def _remarked(believed: pl.DataFrame) -> pl.DataFrame:
    return found(
        believed,
        market.FX_HISTORY,
        "rate_leaps",
        column="per_eur",
        value=pl.col("per_eur"),
        reason=pl.format(
            "{} for one euro after {} on {}: it has stayed there",
            text(pl.col("per_eur")),
            figure(pl.col("before")),
            pl.col("before_date"),
        ),
        held=False,
    )
