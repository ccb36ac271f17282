"""What a series of simple returns compounds to: in all, by the year, by calendar period (CALCULATIONS 5, 6).

Belongs here: compounding of returns that are given. Does not: how a day's return comes about (`time_weighted`). What is
given is annualised, however short: it is the views that do not annualise under a year.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from pipelines.portfolio.observations import PERIODS_A_YEAR, finite, known, numbers, per_year

_EVERY = {"weekly": "1w", "monthly": "1mo", "quarterly": "1q", "yearly": "1y"}


def cumulative_return(returns: pl.Series) -> float | None:
    """Return what the returns compound to: the product of ``1 + r``, less 1.

    Args:
        returns: ``(n,)`` simple returns, fractions; what is not known (null, NaN) is left out.

    Returns:
        A fraction; None where no return is known or the product has no finite value.
    """
    values = known(returns)
    if not values.size:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        return finite(float(np.prod(1 + values)) - 1)


def cumulative_returns(returns: pl.Series) -> pl.Series:
    """Return what the returns compound to by each row; a row whose return is not known stands as the one before.

    Args:
        returns: ``(n,)`` simple returns, fractions.

    Returns:
        ``(n,)`` Float64 of the same name: fractions, 0 until the first return that is known; null once there is no
        finite value.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        compounded = np.cumprod(1 + np.nan_to_num(numbers(returns))) - 1
    series = pl.Series(returns.name, compounded, dtype=pl.Float64)
    return series.set(~series.is_finite(), None)


def annual_return(returns: pl.Series, periods_per_year: float = PERIODS_A_YEAR) -> float | None:
    """Return the yearly rate that compounds to the same: ``(1 + total) ** (periods_per_year / n) - 1``.

    A row without a return is a period that passed all the same (the next return spans it), so it counts in ``n``; so it
    does in empyrical.

    Args:
        returns: ``(n,)`` simple returns, fractions, one row a period.
        periods_per_year: Periods in a year: 252 trading days, 52 weeks, 12 months.

    Returns:
        A fraction; None where no return is known, where more than everything was lost, where it has no finite value.

    Raises:
        ValueError: ``periods_per_year`` is not above zero.
    """
    years = len(returns) / per_year(periods_per_year)
    total = cumulative_return(returns)
    if total is None or total < -1:
        return None
    with np.errstate(over="ignore"):
        return finite(float(np.power(1 + total, 1 / years)) - 1)


def cagr(returns: pl.Series, periods_per_year: float = PERIODS_A_YEAR) -> float | None:
    """Return the compound annual growth rate: `annual_return` under the name that others give it."""
    return annual_return(returns, periods_per_year)


def aggregate_returns(
    returns: pl.Series, dates: pl.Series | Sequence[dt.date], convert_to: str = "monthly"
) -> pl.DataFrame:
    """Compound the returns of each calendar week, month, quarter or year.

    Weeks are those of ISO 8601, Monday to Sunday, whole also over New Year.

    Args:
        returns: ``(n,)`` simple returns, fractions; what is not known is left out.
        dates: ``(n,)`` days of the returns, in any order.
        convert_to: ``weekly``, ``monthly``, ``quarterly`` or ``yearly``.

    Returns:
        A row a period with a date in it, by ``period`` Date, its first day; ``return`` Float64, null where none of its
        returns is known.

    Raises:
        ValueError: ``convert_to`` is none of these, or a return has no date.
    """
    if convert_to not in _EVERY:
        raise ValueError(f"Returns are converted to {', '.join(_EVERY)}, not to {convert_to!r}.")
    days = pl.Series(dates, dtype=pl.Date) if not isinstance(dates, pl.Series) else dates.cast(pl.Date)
    if len(days) != len(returns) or days.null_count():
        raise ValueError(f"{len(returns)} returns need as many dates, not {len(days) - days.null_count()}.")
    values = pl.Series(numbers(returns), dtype=pl.Float64).fill_nan(None)
    compounded = (1 + pl.col("return")).product() - 1
    return (
        pl.DataFrame({"period": days.dt.truncate(_EVERY[convert_to]), "return": values})
        .group_by("period")
        .agg(pl.when(pl.col("return").count() > 0, compounded.is_finite()).then(compounded).alias("return"))
        .sort("period")
    )
