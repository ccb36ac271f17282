"""The worst returns.

Belongs here: measures of the lower tail as it was, with no distribution assumed. Does not: how returns spread
(`dispersion`).
"""

import numpy as np
import polars as pl

from pipelines.portfolio.observations import known

CUTOFF = 0.05


def value_at_risk(returns: pl.Series, cutoff: float = CUTOFF) -> float | None:
    """Return the percentile of the returns that so small a part of them lies below, interpolated, with its sign.

    Args:
        returns: ``(n,)`` simple returns, fractions, in any order.
        cutoff: The part, 0 to 1: 0.05 for 95 % value at risk.

    Returns:
        A return of one period (negative is a loss), not annualised; None where no return is known.

    Raises:
        ValueError: ``cutoff`` is not within 0 to 1.
    """
    if not 0 <= cutoff <= 1:
        raise ValueError(f"A cutoff is a part of the returns, 0 to 1, not {cutoff}.")
    values = known(returns)
    return float(np.quantile(values, cutoff)) if values.size else None


def conditional_value_at_risk(returns: pl.Series, cutoff: float = CUTOFF) -> float | None:
    """Return the mean of the returns at or below the value at risk, its expected shortfall.

    Args:
        returns: ``(n,)`` simple returns, fractions, in any order.
        cutoff: As for `value_at_risk`.

    Returns:
        A return of one period, never above the value at risk; None where no return is known.

    Raises:
        ValueError: ``cutoff`` is not within 0 to 1.
    """
    limit = value_at_risk(returns, cutoff)
    if limit is None:
        return None
    values = known(returns)
    # A percentile that falls on a return is interpolated to just below it at times.
    tail = values[values <= limit + 1e-12 * float(np.ptp(values))]
    return min(limit, float(np.mean(tail)))
