"""When the sessions end of which Alpha Vantage tells prices: it says the day of a price, and never the time.

Belongs here: the end of a day's session by the calendar of its exchange, half days as well; the usual one where no
calendar says. Does not: calendars (`pipelines.sessions`), when Alpha Vantage's prices are final (`alphavantage_codes`).
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pipelines.hours import LENDERS
from pipelines.sessions import AHEAD_DAYS, sessions


def end_of_session(calendar: str, day: date) -> datetime | None:
    """Return when the session of a day ends on an exchange, in UTC; None where there is none, or nobody knows."""
    return _ends(LENDERS.get(calendar, calendar), day.year).get(day)


def usual_end(day: date, closes: time, zone: str) -> datetime:
    """Return a time of a day by the clock of an exchange, in UTC."""
    return datetime.combine(day, closes, ZoneInfo(zone)).astimezone(UTC)


@lru_cache(maxsize=64)
def _ends(calendar: str, year: int) -> Mapping[date, datetime]:
    """Return the ends of a year's sessions; a calendar takes a moment to build, and its library two seconds to load."""
    last = date(year, 12, 31) - timedelta(days=AHEAD_DAYS)
    found, _ = sessions([calendar], first_day=date(year, 1, 1), today=last)
    return {day: end.astimezone(UTC) for day, end in found.select("date", "closes_at").iter_rows()}
