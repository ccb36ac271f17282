"""How many requests a provider takes in a second, a minute and a day.

Belongs here: reading them from the settings, and the days they count by. Does not: keeping to them (`pacing`).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from warehouse.settings import Settings

SECONDS = {"second": 1, "minute": 60, "day": 86_400}


@dataclass(frozen=True)
class Limit:
    """So many requests in so many seconds; a day is the calendar's, in UTC, anything shorter rolls."""

    requests: int
    seconds: int

    @property
    def daily(self) -> bool:
        """Return whether it is a quota of a day."""
        return self.seconds == SECONDS["day"]


def limits_of(settings: Settings) -> Mapping[str, tuple[Limit, ...]]:
    """Return the limits of each provider that may have some, by name."""
    stated = {"alphavantage": settings.alphavantage_limits, "ecb": settings.ecb_limits, "yahoo": settings.yahoo_limits}
    return {name: tuple(_limit(text) for text in texts if text != "none") for name, texts in stated.items()}


def quota(limits: tuple[Limit, ...]) -> int | None:
    """Return how many requests a day has; None where days are not limited."""
    return min((limit.requests for limit in limits if limit.daily), default=None)


def midnight(now: dt.datetime) -> dt.datetime:
    """Return when the day of a moment began, in UTC: the day that quotas count by."""
    return now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _limit(text: str) -> Limit:
    requests, _, per = text.partition("/")
    return Limit(int(requests), SECONDS[per])
