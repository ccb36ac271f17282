"""A guard whose clock stands still but while something waits.

Belongs here: that clock, and the guard with it. Does not: what is asked.
"""

import datetime as dt

from pipelines.providers.circuit import Breaker
from pipelines.sources.resilience import Guard, Patience
from warehouse.ops import Ops

NOON = dt.datetime(2024, 3, 12, 12, tzinfo=dt.UTC)


class Clock:
    """A clock that only waiting moves; ``waits`` is what was waited, in seconds."""

    def __init__(self, now: dt.datetime = NOON) -> None:
        self.now = now
        self.waits: list[float] = []

    def __call__(self) -> dt.datetime:
        return self.now

    def stopwatch(self) -> float:
        return self.now.timestamp()

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.pass_by(seconds)

    def pass_by(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


def guard_at(folder, clock: Clock, *, give_up_after: int = 5, limits=None, stopwatch=None, **patience) -> Guard:
    """Return a guard over the shared state in a folder, as a process of its own would have it."""
    return Guard(
        providers=Ops.open(f"sqlite:///{folder / 'ops.sqlite'}").providers(),
        clock=clock,
        patience=Patience(sleep=clock.sleep, stopwatch=stopwatch or (lambda: 0.0), **patience),
        breaker=Breaker(give_up_after=give_up_after),
        limits=limits or {},
    )
