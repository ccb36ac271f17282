"""Returns against those of a benchmark.

Belongs here: measures of two series of the same periods. Does not: what the same flows would be worth in the benchmark
(`benchmark`).
"""

import math
from typing import NamedTuple

import numpy as np
import polars as pl

from pipelines.portfolio.observations import (
    PERIODS_A_YEAR,
    FloatArray,
    deviation,
    excess,
    finite,
    is_rounding,
    numbers,
    paired,
    per_year,
)
from pipelines.portfolio.returns import annual_return
from pipelines.portfolio.risk.dispersion import mean_to_deviation


class AlphaBeta(NamedTuple):
    """The line of returns over those of a benchmark: what is left at none of it, a year, and its slope."""

    alpha: float | None
    beta: float | None


def alpha_beta(
    returns: pl.Series,
    benchmark: pl.Series,
    *,
    risk_free: float | pl.Series = 0.0,
    periods_per_year: float = PERIODS_A_YEAR,
) -> AlphaBeta:
    """Return intercept and slope of returns over the benchmark's of the same period, by least squares (Jensen 1968).

    Args:
        returns: ``(n,)`` simple returns, fractions.
        benchmark: ``(n,)`` of the same periods; a period counts where both are known.
        risk_free: Rate of one period, or ``(n,)`` of them, that both have to beat.
        periods_per_year: Periods in a year.

    Returns:
        ``alpha``, a fraction a year, compounded: ``(1 + intercept) ** periods_per_year - 1``; ``beta``, a number. None
        for less than two common periods and for a benchmark that never differs; alpha alone where it loses everything.

    Raises:
        ValueError: Series of different lengths; ``periods_per_year`` not above zero.
    """
    periods = per_year(periods_per_year)
    left, right = paired(_less(returns, risk_free), _less(benchmark, risk_free))
    if not deviation(right):
        return AlphaBeta(None, None)
    apart = right - np.mean(right)
    beta = float(np.dot(apart, left - np.mean(left)) / np.dot(apart, apart))
    intercept = float(np.mean(left) - beta * np.mean(right))
    with np.errstate(over="ignore"):
        alpha = finite(float(np.power(1 + intercept, periods)) - 1) if intercept >= -1 else None
    return AlphaBeta(alpha, finite(beta))


def up_alpha_beta(
    returns: pl.Series,
    benchmark: pl.Series,
    *,
    risk_free: float | pl.Series = 0.0,
    periods_per_year: float = PERIODS_A_YEAR,
) -> AlphaBeta:
    """Return `alpha_beta` of the periods in which the benchmark rose."""
    kept, against = _where(returns, benchmark, rose=True)
    return alpha_beta(kept, against, risk_free=_of(risk_free, benchmark, rose=True), periods_per_year=periods_per_year)


def down_alpha_beta(
    returns: pl.Series,
    benchmark: pl.Series,
    *,
    risk_free: float | pl.Series = 0.0,
    periods_per_year: float = PERIODS_A_YEAR,
) -> AlphaBeta:
    """Return `alpha_beta` of the periods in which the benchmark fell."""
    kept, against = _where(returns, benchmark, rose=False)
    return alpha_beta(kept, against, risk_free=_of(risk_free, benchmark, rose=False), periods_per_year=periods_per_year)


def capture_ratio(
    returns: pl.Series, benchmark: pl.Series, *, periods_per_year: float = PERIODS_A_YEAR
) -> float | None:
    """Return the annual return to the benchmark's.

    Each series compounds what is known of it over all of its periods, as `annual_return` does: a return that is not
    known on one side does not take the other side's away.

    Args:
        returns: ``(n,)`` simple returns, fractions.
        benchmark: ``(n,)`` of the same periods.
        periods_per_year: Periods in a year.

    Returns:
        A number; None where either has no annual return or the benchmark's is zero.

    Raises:
        ValueError: Series of different lengths; ``periods_per_year`` not above zero.
    """
    _same_length(returns, benchmark)
    own, other = annual_return(returns, periods_per_year), annual_return(benchmark, periods_per_year)
    if own is None or other is None or is_rounding(other, np.empty(0)):
        return None
    return finite(own / other)


def up_capture(returns: pl.Series, benchmark: pl.Series, *, periods_per_year: float = PERIODS_A_YEAR) -> float | None:
    """Return `capture_ratio` of the periods in which the benchmark rose; None where it never did."""
    return capture_ratio(*_where(returns, benchmark, rose=True), periods_per_year=periods_per_year)


def down_capture(returns: pl.Series, benchmark: pl.Series, *, periods_per_year: float = PERIODS_A_YEAR) -> float | None:
    """Return `capture_ratio` of the periods in which the benchmark fell; None where it never did."""
    return capture_ratio(*_where(returns, benchmark, rose=False), periods_per_year=periods_per_year)


def tracking_error(
    returns: pl.Series, benchmark: pl.Series, *, periods_per_year: float = PERIODS_A_YEAR
) -> float | None:
    """Return the sample deviation (ddof 1) of what returns are above the benchmark's, annualised.

    Args:
        returns: ``(n,)`` simple returns, fractions.
        benchmark: ``(n,)`` of the same periods; a period counts where both are known.
        periods_per_year: Periods in a year.

    Returns:
        A fraction, 0 where the distance never changes; None for less than two common periods.

    Raises:
        ValueError: Series of different lengths; ``periods_per_year`` not above zero.
    """
    scale = math.sqrt(per_year(periods_per_year))
    spread = deviation(excess(returns, benchmark))
    return None if spread is None else finite(spread * scale)


def information_ratio(
    returns: pl.Series, benchmark: pl.Series, *, periods_per_year: float = PERIODS_A_YEAR
) -> float | None:
    """Return mean to deviation of what returns are above the benchmark's, annualised (Goodwin 1998).

    With ``periods_per_year=1`` it is that of one period, as empyrical's ``excess_sharpe``, ffn and quantstats have it.

    Args:
        returns: ``(n,)`` simple returns, fractions.
        benchmark: ``(n,)`` of the same periods; a period counts where both are known.
        periods_per_year: Periods in a year.

    Returns:
        A number; None for less than two common periods and where the distance never changes.

    Raises:
        ValueError: Series of different lengths; ``periods_per_year`` not above zero.
    """
    return mean_to_deviation(excess(returns, benchmark), periods_per_year)


def correlation(returns: pl.Series, benchmark: pl.Series) -> float | None:
    """Return Pearson's correlation of two series over the periods in which both are known.

    Args:
        returns: ``(n,)`` simple returns, fractions.
        benchmark: ``(n,)`` of the same periods.

    Returns:
        -1 to 1; None for less than two common periods and where either never differs.

    Raises:
        ValueError: Series of different lengths.
    """
    left, right = paired(returns, benchmark)
    if not deviation(left) or not deviation(right):
        return None
    return finite(float(np.clip(np.corrcoef(left, right)[0, 1], -1.0, 1.0)))


def _same_length(returns: pl.Series, benchmark: pl.Series) -> None:
    if len(returns) != len(benchmark):
        raise ValueError(f"{len(returns)} returns stand against {len(benchmark)}: give one row a period to both.")


def _less(returns: pl.Series, risk_free: float | pl.Series) -> pl.Series:
    if isinstance(risk_free, pl.Series):
        _same_length(returns, risk_free)
        return pl.Series(numbers(returns) - numbers(risk_free))
    return pl.Series(numbers(returns) - risk_free)


def _moved(benchmark: pl.Series, *, rose: bool) -> pl.Series:
    # NumPy's comparison: to Polars NaN is above every number.
    values: FloatArray = numbers(benchmark)
    return pl.Series(values > 0 if rose else values < 0, dtype=pl.Boolean)


def _where(returns: pl.Series, benchmark: pl.Series, *, rose: bool) -> tuple[pl.Series, pl.Series]:
    _same_length(returns, benchmark)
    moved = _moved(benchmark, rose=rose)
    return returns.filter(moved), benchmark.filter(moved)


def _of(risk_free: float | pl.Series, benchmark: pl.Series, *, rose: bool) -> float | pl.Series:
    if not isinstance(risk_free, pl.Series):
        return risk_free
    return _where(risk_free, benchmark, rose=rose)[0]
