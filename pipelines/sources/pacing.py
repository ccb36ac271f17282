"""Keeping a provider's requests within its limits, together with every other process.

Belongs here: pyrate-limiter's windows over the requests that `warehouse.ops` keeps; waiting for room. Does not: the
limits (`limits`), what to do about a spent quota (`fetch` asks the next provider).
"""

import datetime as dt
from collections.abc import Callable, Sequence

from pyrate_limiter import Decision, Duration, FixedWindow, Rate, SlidingWindowLog

from pipelines.providers.limits import Limit
from pipelines.sources.errors import QuotaSpentError
from warehouse.ops.providers import Providers, Requests

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)
_CLOCKS_APART = dt.timedelta(minutes=1)
"""What is counted later than this from now was counted by a clock that was wrong."""
_DAYS_KEPT = dt.timedelta(days=2)
"""For how much longer than it counts the quota of a day is kept: a clock that runs ahead for a while forgets none."""


class _Windows(SlidingWindowLog):
    """Seconds and minutes that roll, days that begin at midnight in UTC."""

    _of_day = FixedWindow()

    def window_start(self, rate: Rate, now: int) -> int:
        return self._of_day.window_start(rate, now) if _daily(rate) else super().window_start(rate, now)

    def blocking_offset(self, rate: Rate, weight: int) -> int | None:
        return self._of_day.blocking_offset(rate, weight) if _daily(rate) else super().blocking_offset(rate, weight)

    def retry_after(self, rate: Rate, now: int, blocking_timestamp: int | None) -> int:
        if _daily(rate):
            return self._of_day.retry_after(rate, now, blocking_timestamp)
        return super().retry_after(rate, now, blocking_timestamp)


class Pace:
    """The pace of one provider's requests: call it before each.

    Args:
        source: The provider.
        limits: At least one.
        providers: Where requests are counted.
        clock: What says the time.
        sleep: What waits, in seconds.
    """

    def __init__(
        self,
        source: str,
        limits: Sequence[Limit],
        *,
        providers: Providers,
        clock: Callable[[], dt.datetime],
        sleep: Callable[[float], None],
    ) -> None:
        self._source = source
        # The longest first: where the day is spent, no second is waited for.
        in_order = sorted(limits, key=lambda limit: -limit.seconds)
        self._rates = [Rate(limit.requests, limit.seconds * int(Duration.SECOND)) for limit in in_order]
        self._windows = _Windows()
        self._providers = providers
        self._clock = clock
        self._sleep = sleep
        self.waited_seconds = 0.0
        """How long it has waited in all: no fault of the provider's."""

    def __call__(self) -> None:
        """Wait until there is room for a request, and count it.

        Raises:
            QuotaSpentError: If there is none before the next day.
        """
        while not (decision := self._decide(_milliseconds(self._clock()))).allowed:
            if decision.failing_rate is not None and _daily(decision.failing_rate):
                raise QuotaSpentError(self._source, None, f"{decision.failing_rate.limit} a day, until 00:00 UTC")
            seconds = (decision.retry_after_ms or 1) / 1000
            self._sleep(seconds)
            self.waited_seconds += seconds

    def _decide(self, now: int) -> Decision:
        with self._providers.requests(self._source) as requests:
            requests.forget_later(_moment(now) + _CLOCKS_APART)
            counts = [requests.count(_moment(self._windows.window_start(rate, now))) for rate in self._rates]
            decision = self._windows.decide(self._rates, counts, 1, now, lambda offset: _newest(requests, offset))
            if decision.allowed:
                longer = _DAYS_KEPT if any(map(_daily, self._rates)) else dt.timedelta()
                requests.forget(_moment(self._windows.leak_bound(self._rates, now)) - longer)
                requests.add(_moment(now))
        return decision


def _daily(rate: Rate) -> bool:
    return bool(rate.interval == int(Duration.DAY))


def _newest(requests: Requests, offset: int) -> int | None:
    found = requests.newest(offset)
    return None if found is None else _milliseconds(found)


def _milliseconds(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def _moment(milliseconds: int) -> dt.datetime:
    return _EPOCH + milliseconds * _MILLISECOND
