"""A series of returns as numbers: what in it is known, what belongs together, what is only rounding.

Belongs here: what every measure of returns and of risk does to its input first. Does not: any measure.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

PERIODS_A_YEAR = 252
# Returns are fractions: what a sum of them leaves below this is the rounding of doubles, not a spread.
_ROUNDING = 1e-15


def numbers(returns: pl.Series) -> FloatArray:
    """Return the values in their order; what is not known (null, NaN, infinite) is NaN."""
    values = returns.cast(pl.Float64).to_numpy().astype(np.float64)
    values[~np.isfinite(values)] = np.nan
    return values


def table(**columns: pl.Series | FloatArray) -> pl.DataFrame:
    """Return columns as a frame, null where a float is NaN; without the threads that Polars starts for arrays."""
    return pl.DataFrame([pl.Series(name, values, nan_to_null=True) for name, values in columns.items()])


def known(returns: pl.Series) -> FloatArray:
    """Return the values that are known, in their order."""
    values = numbers(returns)
    return values[~np.isnan(values)]


def paired(returns: pl.Series, other: pl.Series | float) -> tuple[FloatArray, FloatArray]:
    """Return the values of the rows where both are known.

    Args:
        returns: ``(n,)``.
        other: ``(n,)`` of the same periods, or one value for all of them.

    Raises:
        ValueError: The two series differ in length.
    """
    left = numbers(returns)
    right = numbers(other) if isinstance(other, pl.Series) else np.full(left.size, other, dtype=np.float64)
    if left.size != right.size:
        raise ValueError(f"{left.size} returns stand against {right.size}: give one row a period to both.")
    both = np.isfinite(left) & np.isfinite(right)
    return left[both], right[both]


def excess(returns: pl.Series, target: pl.Series | float) -> FloatArray:
    """Return what each known return is above its target."""
    values, targets = paired(returns, target)
    return values - targets


def trading_days(priced: Sequence[bool]) -> list[range]:
    """Return which days make one observation: one with a price, with those without that lead up to it.

    What moves on a day without a price (a fee of a Saturday) belongs to the trading day after it, or to the last where
    none comes after it. Nothing without any trading day.

    >>> trading_days([False, True, True, False, True, False])
    [range(0, 2), range(2, 3), range(3, 6)]
    """
    ends = [at + 1 for at, is_priced in enumerate(priced) if is_priced]
    if not ends:
        return []
    return [range(start, end) for start, end in pairwise([0, *ends[:-1], len(priced)])]


def compounded(returns: Sequence[float | None]) -> float | None:
    """Return the known returns one after the other as one, None where none is known."""
    values = [value for value in returns if value is not None]
    return math.prod(1 + value for value in values) - 1 if len(values) > 1 else next(iter(values), None)


def deviation(values: FloatArray) -> float | None:
    """Return the sample standard deviation (ddof 1), exactly 0 for equal values; None for less than two."""
    if values.size < 2:  # noqa: PLR2004 - one value does not spread
        return None
    spread = float(np.std(values, ddof=1))
    return 0.0 if is_rounding(spread, values) else spread


def is_rounding(figure: float, values: FloatArray) -> bool:
    """Return whether a figure made of these values is no more than their rounding."""
    return abs(figure) <= _ROUNDING * max(1.0, float(np.max(np.abs(values), initial=0.0)))


def finite(figure: float) -> float | None:
    """Return the figure as a plain float; None for what is not a number or has no end."""
    return float(figure) if math.isfinite(figure) else None


def per_year(periods_per_year: float) -> float:
    """Return the number of periods in a year.

    Raises:
        ValueError: It is not above zero.
    """
    if not periods_per_year > 0:
        raise ValueError(f"A year has more than {periods_per_year} periods.")
    return periods_per_year
