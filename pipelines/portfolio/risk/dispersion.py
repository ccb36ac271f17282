"""How far returns spread, and what was earned for it.

Belongs here: measures of returns in any order. Does not: measures of the path they make (`wealth`), of their worst days
(`tail`), against a benchmark (`relative`).
"""

import math

import numpy as np
import polars as pl

from pipelines.portfolio.observations import (
    PERIODS_A_YEAR,
    FloatArray,
    deviation,
    excess,
    finite,
    is_rounding,
    known,
    per_year,
)


def rate_per_period(annual_rate: float, periods_per_year: float = PERIODS_A_YEAR) -> float | None:
    """Return the rate of one period that compounds to an annual one; None for a rate of -1 or less.

    >>> round(rate_per_period(0.21, 2), 12)
    0.1
    """
    periods = per_year(periods_per_year)
    return finite((1 + annual_rate) ** (1 / periods) - 1) if annual_rate > -1 else None


def annual_volatility(returns: pl.Series, periods_per_year: float = PERIODS_A_YEAR) -> float | None:
    """Return the sample standard deviation (ddof 1) times the square root of the periods in a year.

    Args:
        returns: ``(n,)`` simple returns, fractions.
        periods_per_year: Periods in a year.

    Returns:
        A fraction, 0 for equal returns; None for less than two.

    Raises:
        ValueError: ``periods_per_year`` is not above zero.
    """
    scale = math.sqrt(per_year(periods_per_year))
    spread = deviation(known(returns))
    return None if spread is None else finite(spread * scale)


def rolling_volatility(returns: pl.Series, window: int, periods_per_year: float = PERIODS_A_YEAR) -> pl.Series:
    """Return `annual_volatility` of the returns up to each of them, as many as the window has.

    Args:
        returns: ``(n,)`` simple returns, fractions, all of them known.
        window: How many returns, two or more.
        periods_per_year: Periods in a year.

    Returns:
        ``(n,)`` fractions, null until the window is full.

    Raises:
        ValueError: ``window`` is below two; ``periods_per_year`` not above zero.
    """
    if window < 2:  # noqa: PLR2004 - one return does not spread
        raise ValueError(f"A window has two returns or more, not {window}.")
    return returns.cast(pl.Float64).rolling_std(window) * math.sqrt(per_year(periods_per_year))


def sharpe_ratio(
    returns: pl.Series, risk_free: float | pl.Series = 0.0, *, periods_per_year: float = PERIODS_A_YEAR
) -> float | None:
    """Return mean excess over deviation of the excess, annualised (Sharpe 1994).

    Args:
        returns: ``(n,)`` simple returns, fractions.
        risk_free: Rate of one period, or ``(n,)`` of them.
        periods_per_year: Periods in a year.

    Returns:
        A number; None for less than two returns and for an excess that never differs.

    Raises:
        ValueError: Series of different lengths; ``periods_per_year`` not above zero.
    """
    return mean_to_deviation(excess(returns, risk_free), periods_per_year)


def mean_to_deviation(values: FloatArray, periods_per_year: float) -> float | None:
    """Return the annualised ratio of mean to sample deviation; None where nothing spreads."""
    scale = math.sqrt(per_year(periods_per_year))
    spread = deviation(values)
    return finite(float(np.mean(values)) / spread * scale) if spread else None


def downside_risk(
    returns: pl.Series, required_return: float | pl.Series = 0.0, *, periods_per_year: float = PERIODS_A_YEAR
) -> float | None:
    """Return the root mean square of what returns fall short of a target, over all periods, annualised.

    The target is given, no mean is estimated: so one return is enough, and the divisor is ``n``.

    Args:
        returns: ``(n,)`` simple returns, fractions.
        required_return: Target of one period, or ``(n,)`` of them.
        periods_per_year: Periods in a year.

    Returns:
        A fraction, 0 where no return falls short; None where none is known.

    Raises:
        ValueError: Series of different lengths; ``periods_per_year`` not above zero.
    """
    scale = math.sqrt(per_year(periods_per_year))
    values = excess(returns, required_return)
    return finite(_shortfall(values) * scale) if values.size else None


def sortino_ratio(
    returns: pl.Series, required_return: float | pl.Series = 0.0, *, periods_per_year: float = PERIODS_A_YEAR
) -> float | None:
    """Return mean excess over the target to the downside deviation from it, annualised (Sortino, Price 1994).

    Args:
        returns: ``(n,)`` simple returns, fractions.
        required_return: Target of one period, or ``(n,)`` of them.
        periods_per_year: Periods in a year.

    Returns:
        A number; None for less than two returns and where none falls short.

    Raises:
        ValueError: Series of different lengths; ``periods_per_year`` not above zero.
    """
    scale = math.sqrt(per_year(periods_per_year))
    values = excess(returns, required_return)
    if values.size < 2:  # noqa: PLR2004 - as for every ratio to a dispersion
        return None
    shortfall = _shortfall(values)
    return finite(float(np.mean(values)) / shortfall * scale) if shortfall else None


def _shortfall(values: FloatArray) -> float:
    shortfall = float(np.sqrt(np.mean(np.square(np.minimum(values, 0.0)))))
    return 0.0 if is_rounding(shortfall, values) else shortfall


def omega_ratio(
    returns: pl.Series,
    risk_free: float | pl.Series = 0.0,
    *,
    required_return: float = 0.0,
    periods_per_year: float = PERIODS_A_YEAR,
) -> float | None:
    """Return what returns exceed a threshold by to what they fall short of it by (Keating, Shadwick 2002).

    Args:
        returns: ``(n,)`` simple returns, fractions.
        risk_free: Rate of one period, or ``(n,)`` of them, that is added to the threshold.
        required_return: Threshold, an annual rate here, as empyrical and quantstats have it.
        periods_per_year: Periods in a year, by which the annual rate becomes one of a period.

    Returns:
        A number from 0 on; None for less than two returns, where none falls short, for an annual rate of -1 or less.

    Raises:
        ValueError: Series of different lengths; ``periods_per_year`` not above zero.
    """
    threshold = rate_per_period(required_return, periods_per_year)
    values = excess(returns, risk_free)
    if threshold is None or values.size < 2:  # noqa: PLR2004 - as for every measure of how returns spread
        return None
    values = values - threshold
    shortfall = -float(np.sum(np.minimum(values, 0.0)))
    if is_rounding(shortfall / values.size, values):
        return None
    return finite(float(np.sum(np.maximum(values, 0.0))) / shortfall)
