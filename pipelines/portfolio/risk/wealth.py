"""The path that returns make of a starting wealth of 1: how far it fell, how long, how steadily it grew.

Belongs here: measures that depend on the order of the returns. Does not: the drawdowns that a view shows
(`periods`).
"""

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from pipelines.portfolio.observations import PERIODS_A_YEAR, FloatArray, deviation, finite, known, numbers
from pipelines.portfolio.returns import annual_return

# A loss that is made good comes back to its peak but for rounding.
_MADE_GOOD = 1e-12


def max_drawdown(returns: pl.Series) -> float | None:
    """Return the deepest fall from a peak, from a starting wealth of 1 on.

    Args:
        returns: ``(n,)`` simple returns, fractions, in order.

    Returns:
        A fraction, negative, 0 where wealth never fell, not below -1 unless a return is; None where no return is known.
    """
    values = known(returns)
    return finite(float(np.min(_below_peak(_wealth(values))))) if values.size else None


def calmar_ratio(returns: pl.Series, periods_per_year: float = PERIODS_A_YEAR) -> float | None:
    """Return the annual return to the size of the deepest fall (Young 1991, over all of the series).

    Args:
        returns: ``(n,)`` simple returns, fractions, in order.
        periods_per_year: Periods in a year.

    Returns:
        A number; None where wealth never fell or there is no annual return.

    Raises:
        ValueError: ``periods_per_year`` is not above zero.
    """
    rate, fall = annual_return(returns, periods_per_year), max_drawdown(returns)
    return finite(rate / -fall) if rate is not None and fall else None


def stability(returns: pl.Series) -> float | None:
    """Return how straight the logarithm of wealth rises or falls: R² of its line over the periods.

    Args:
        returns: ``(n,)`` simple returns, fractions, in order.

    Returns:
        0 to 1; None for less than two returns, for a wealth that never moves, and where everything was lost.
    """
    values = known(returns)
    if values.size < 2 or np.any(values <= -1):  # noqa: PLR2004 - a line needs two points
        return None
    path = np.cumsum(np.log1p(values))
    if not deviation(path):
        return None
    return min(1.0, float(np.corrcoef(np.arange(path.size), path)[0, 1]) ** 2)


def drawdown_table(
    returns: pl.Series, dates: pl.Series | Sequence[dt.date], *, start: dt.date | None = None
) -> pl.DataFrame:
    """Return every fall from a peak with its dates, the deepest first.

    Args:
        returns: ``(n,)`` simple returns, fractions, by date; rows without a known one are left out.
        dates: ``(n,)`` days at whose close the returns are complete, rising.
        start: Day on which wealth is 1, the peak of a fall that begins with the first return; else the first date.

    Returns:
        A row a fall, by ``depth``: ``peak``, ``trough``, ``recovery`` Date (the last day at the peak, the lowest, the
        first at the peak again or above, null while there is none); ``depth`` Float64, a fraction, negative;
        ``decline_days``, ``recovery_days`` Int64, calendar days from peak to trough and from there to the recovery.

    Raises:
        ValueError: There are not as many dates as returns, or they do not rise.
    """
    days = pl.Series(dates, dtype=pl.Date) if not isinstance(dates, pl.Series) else dates.cast(pl.Date)
    if len(days) != len(returns) or days.null_count() or not days.is_sorted():
        raise ValueError(f"{len(returns)} returns need as many dates, each known and in order.")
    values = numbers(returns)
    dated = [start or days[0], *days.filter(pl.Series(np.isfinite(values), dtype=pl.Boolean))] if len(days) else []
    falls = [
        {"peak": dated[peak], "trough": dated[trough], "recovery": dated[back] if back else None, "depth": depth}
        for peak, trough, back, depth in _falls(_wealth(known(returns)))
    ]
    schema = {"peak": pl.Date, "trough": pl.Date, "recovery": pl.Date, "depth": pl.Float64}
    return (
        pl.DataFrame(falls, schema=schema)
        .with_columns(
            decline_days=(pl.col("trough") - pl.col("peak")).dt.total_days(),
            recovery_days=(pl.col("recovery") - pl.col("trough")).dt.total_days(),
        )
        .sort("depth", "peak")
    )


def _wealth(values: FloatArray) -> FloatArray:
    with np.errstate(over="ignore", invalid="ignore"):
        return np.concatenate(([1.0], np.cumprod(1 + values)))


def _below_peak(wealth: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore"):
        below: FloatArray = wealth / np.maximum.accumulate(wealth) - 1
    return below


def _falls(wealth: FloatArray) -> Iterator[tuple[int, int, int | None, float]]:
    """Positions of peak, trough and recovery (None where it lasts), and depth, of every run below the peak."""
    below = _below_peak(wealth)
    turns = np.flatnonzero(np.diff(np.concatenate(([False], below < -_MADE_GOOD, [False]))))
    for first, back in turns.reshape(-1, 2):
        trough = int(first + np.argmin(below[first:back]))
        yield int(first) - 1, trough, int(back) if back < wealth.size else None, float(below[trough])
