"""Whether a value that is told anew of a stored day fits the days beside it better or worse than the stored one.

Belongs here: that comparison, for closes and for rates. Does not: which values are told anew (`retold`,
`retold_rates`), whose word counts (`pipelines.quality.told_again`).
"""

import math

import polars as pl

MENDS = 0.5
"""A correction mends a value if its steps to the days beside it are less than this part of the stored one's."""
WORSE = math.log(1.05)
"""By how much longer its steps may be for it to be as likely as the stored one, in logarithms."""


def unless_mended(far: pl.DataFrame, *series: pl.DataFrame, about: str, value: str) -> pl.DataFrame:
    """Return the days that are told anew by far, but for those that the days beside them say are mended by it.

    Args:
        far: ``about``, ``date``, ``value`` and ``stored``.
        series: ``about``, ``date`` and ``value`` of the days beside them; of a day in several frames the first counts.
        about: The column of names.
        value: The column that is told.
    """
    mends = _steps(value) < MENDS * _steps("stored")
    return _beside(far, *series, about=about, value=value).filter(mends.fill_null(value=False).not_())


def unless_contradicted(told: pl.DataFrame, *series: pl.DataFrame, about: str, value: str) -> pl.DataFrame:
    """Return the days that are told anew, but for those that fit the days beside them worse than what is stored.

    Args are those of `unless_mended`.
    """
    worse = _steps(value) > _steps("stored") + WORSE
    return _beside(told, *series, about=about, value=value).filter(worse.fill_null(value=False).not_())


def _beside(far: pl.DataFrame, *series: pl.DataFrame, about: str, value: str) -> pl.DataFrame:
    """Return rows with the values of the days ``before`` and ``after`` each."""
    day = [about, "date"]
    of_names = pl.col(about).is_in(far[about].unique().to_list())
    told = [
        frame.filter(of_names, pl.col(value) > 0).select(*day, beside=pl.col(value).cast(pl.Float64))
        for frame in series
    ]
    days = pl.concat(told).unique(day, keep="first", maintain_order=True).sort(day)
    beside = days.select(
        *day, before=pl.col("beside").shift(1).over(about), after=pl.col("beside").shift(-1).over(about)
    )
    return far.join(beside, on=day, how="left", maintain_order="left")


def _steps(value: str) -> pl.Expr:
    """Return how long the way is from the day before over this one to that after; null where one of them is not."""
    here = pl.col(value).cast(pl.Float64)
    return (here / pl.col("before")).log().abs() + (pl.col("after") / here).log().abs()
