"""Limits of a second, a minute and a day, shared and remembered."""

import datetime as dt
import threading

import pytest

from pipelines.providers.limits import Limit, limits_of, quota
from pipelines.sources.errors import QuotaSpentError
from pipelines.sources.pacing import Pace
from tests.guards import NOON, Clock
from warehouse.ops import Ops
from warehouse.settings import Settings

SECOND, MINUTE, DAY = 1, 60, 86_400


@pytest.fixture
def pace(tmp_path):
    """Return what makes a pace as a process of its own would, over one shared state."""

    def made(clock, *limits, source="one"):
        providers = Ops.open(f"sqlite:///{tmp_path / 'ops.sqlite'}").providers()
        return Pace(source, limits, providers=providers, clock=clock, sleep=clock.sleep)

    return made


def spent(pace, at_most=1000):
    for number in range(at_most):
        try:
            pace()
        except QuotaSpentError:
            return number
    return at_most


def test_what_has_room_does_not_wait(pace):
    clock = Clock()
    assert spent(pace(clock, Limit(5, MINUTE)), 5) == 5
    assert clock.waits == []


def test_a_minute_rolls(pace):
    clock = Clock()
    mine = pace(clock, Limit(2, MINUTE))
    mine()
    clock.pass_by(40)
    mine()
    mine()
    assert clock.waits == [pytest.approx(20, abs=0.01)]
    assert clock.now == NOON + dt.timedelta(seconds=60, milliseconds=1)


def test_every_limit_holds(pace):
    clock = Clock()
    mine = pace(clock, Limit(2, SECOND), Limit(3, MINUTE))
    for _ in range(4):
        mine()
    assert [round(seconds) for seconds in clock.waits] == [1, 59]


def test_a_day_that_is_spent_is_said_at_once(pace):
    clock = Clock()
    mine = pace(clock, Limit(5, MINUTE), Limit(7, DAY))
    assert spent(mine) == 7
    assert len(clock.waits) == 1
    with pytest.raises(QuotaSpentError, match="7 a day, until 00:00 UTC") as caught:
        mine()
    assert not caught.value.transient


def test_a_day_begins_at_midnight_in_utc(pace):
    clock = Clock(dt.datetime(2024, 3, 12, 23, 59, 59, tzinfo=dt.UTC))
    mine = pace(clock, Limit(3, DAY))
    assert spent(mine) == 3
    clock.pass_by(1)
    assert spent(mine) == 3


def test_a_restart_keeps_the_days_quota(pace):
    assert spent(pace(Clock(), Limit(25, DAY)), 20) == 20
    later = Clock(NOON + dt.timedelta(hours=11))
    assert spent(pace(later, Limit(25, DAY))) == 5


def test_a_clock_that_was_wrong_shuts_nobody_out(pace):
    ahead, clock = Clock(NOON + dt.timedelta(days=9999)), Clock()
    for limits in ([Limit(1, MINUTE)], [Limit(1, DAY)]):
        pace(ahead, *limits)()
        assert spent(pace(clock, *limits), 1) == 1
        assert clock.waits == []
        clock.pass_by(86_400)


def test_a_clock_that_ran_a_day_ahead_gives_no_quota_back(pace):
    limits = [Limit(2, SECOND), Limit(10, DAY)]
    assert spent(pace(Clock(), *limits)) == 10
    assert spent(pace(Clock(NOON + dt.timedelta(days=1)), *limits), 3) == 3
    assert spent(pace(Clock(NOON + dt.timedelta(minutes=1)), *limits)) == 0


def test_providers_do_not_share_a_limit(pace):
    assert spent(pace(Clock(), Limit(3, DAY))) == 3
    assert spent(pace(Clock(), Limit(3, DAY), source="two")) == 3


def test_threads_never_take_more_than_there_is(pace):
    done = []
    threads = [threading.Thread(target=lambda: done.append(spent(pace(Clock(), Limit(20, DAY))))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(done) == 20


def test_what_no_limit_counts_any_more_is_forgotten(pace, tmp_path):
    clock = Clock()
    mine = pace(clock, Limit(2, SECOND))
    for _ in range(9):
        mine()
    providers = Ops.open(f"sqlite:///{tmp_path / 'ops.sqlite'}").providers()
    assert providers.requests_since("one", NOON) <= 3


def test_limits_come_from_the_settings(tmp_path):
    settings = Settings(_env_file=None, home=tmp_path, yahoo_limits="3/second, 100/minute")
    limits = limits_of(settings)
    assert limits["yahoo"] == (Limit(3, SECOND), Limit(100, MINUTE))
    assert limits["alphavantage"] == (Limit(1, SECOND), Limit(25, DAY))
    assert limits["ecb"] == ()
    assert [quota(limits[name]) for name in ("alphavantage", "yahoo", "ecb")] == [25, None, None]


@pytest.mark.parametrize("wrong", ["0/second", "5", "5/hour", "-1/day", "5/minute,x"])
def test_a_limit_that_makes_no_sense_is_refused(tmp_path, wrong):
    with pytest.raises(ValueError, match="is not such as"):
        Settings(_env_file=None, home=tmp_path, yahoo_limits=wrong)
