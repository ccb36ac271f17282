"""Days as numbers, for arrays of them.

Belongs here: from dates to day numbers and back. Does not: which days matter (`daily`, `periods`).
"""

import datetime as dt

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
_EPOCH = dt.date(1970, 1, 1)
_EPOCH_ORDINAL = _EPOCH.toordinal()


def day_number(day: dt.date) -> int:
    """Return days since 1970-01-01.

    >>> day_number(dt.date(1970, 1, 2))
    1
    """
    return day.toordinal() - _EPOCH_ORDINAL


def day_of(number: int) -> dt.date:
    """Return the date of a day number."""
    return _EPOCH + dt.timedelta(days=int(number))


def dates_of(numbers: Ints) -> pl.Series:
    """Return the dates of many day numbers."""
    return pl.Series(numbers.astype(np.int32)).cast(pl.Date)
