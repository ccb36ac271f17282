"""When named periods start and end (CALCULATIONS 5).

Belongs here: the calendar. Does not: what happened in a period (`periods`).
"""

import calendar
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_MONTHS = {"1M": 1, "3M": 3, "6M": 6, "1Y": 12, "3Y": 36, "5Y": 60}
ONE_DAY = "1D"
SINCE_INCEPTION = "ITD"


def months_before(day: dt.date, months: int) -> dt.date:
    """Return the same day so many months earlier, or the last day of that month.

    >>> months_before(dt.date(2024, 3, 31), 1)
    datetime.date(2024, 2, 29)
    """
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


TO_DATE = ("MTD", "QTD", "YTD", *_MONTHS)
"""The periods of more than a week that end on the valuation date and begin by the calendar or so many months before."""


def opened_on(name: str, as_of: dt.date) -> dt.date:
    """Return the day at whose close one of `TO_DATE` opens.

    >>> opened_on("YTD", dt.date(2024, 5, 3))
    datetime.date(2023, 12, 31)
    """
    return next(period.start for period in named_periods(as_of, [as_of]) if period.name == name)


class Period(NamedTuple):
    """A named period, from the close of ``start`` to the close of ``end``."""

    name: str
    start: dt.date
    end: dt.date

    @property
    def is_calendar(self) -> bool:
        """Return whether the calendar begins it, so that one that began before the view begins with the view."""
        return self.name != ONE_DAY and self.name not in _MONTHS


def named_periods(as_of: dt.date, dates: Sequence[dt.date]) -> list[Period]:
    """Return every period that a series on these days is asked for, since inception last.

    Args:
        as_of: Day the periods end on; calendar years end on their last day.
        dates: Days of the series, at least one.
    """
    first, eve = dates[0], dt.timedelta(days=1)
    monday = as_of - dt.timedelta(days=as_of.weekday())
    quarter = dt.date(as_of.year, 3 * ((as_of.month - 1) // 3) + 1, 1)
    return [
        Period(ONE_DAY, dates[-2] if len(dates) > 1 else first, as_of),
        Period("WTD", monday - eve, as_of),
        Period("MTD", as_of.replace(day=1) - eve, as_of),
        Period("QTD", quarter - eve, as_of),
        Period("YTD", dt.date(as_of.year, 1, 1) - eve, as_of),
        *(Period(name, months_before(as_of, months), as_of) for name, months in _MONTHS.items()),
        *(
            Period(str(year), dt.date(year - 1, 12, 31), min(dt.date(year, 12, 31), as_of))
            for year in range(first.year, as_of.year + 1)
        ),
        Period(SINCE_INCEPTION, first - eve, as_of),
    ]


def boundaries(first: dt.date, as_of: dt.date) -> Iterator[dt.date]:
    """Yield the days from ``first`` on at whose close a period or a month begins or ends."""
    for period in named_periods(as_of, [first]):
        yield from (day for day in (period.start, period.end) if day >= first)
    month = first.replace(day=1)
    while month <= as_of:
        following = (month + dt.timedelta(days=31)).replace(day=1)
        yield min(following - dt.timedelta(days=1), as_of)
        month = following
