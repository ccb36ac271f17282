"""What starts a run: the clock while exchanges are open, a new ledger version, a file in the inbox."""

import datetime as dt

import dagster as dg
import polars as pl
import pytest

from pipelines.defs import schedules, sensors
from pipelines.defs.resources import Folio
from tests.integration.defs.conftest import BOUGHT_ON, buy
from warehouse.ops import alive
from warehouse.schema.market import TRADING_SESSIONS

OPENS = dt.datetime(2022, 12, 28, 14, 30, tzinfo=dt.UTC)
CLOSES = dt.datetime(2022, 12, 28, 21, tzinfo=dt.UTC)
SESSION = TRADING_SESSIONS.conform(
    pl.DataFrame({"exchange": ["XNYS"], "date": [OPENS.date()], "opens_at": [OPENS], "closes_at": [CLOSES]})
)


@pytest.fixture
def folio(settings):
    return Folio(settings_document=settings.model_dump_json())


@pytest.fixture
def living(settings):
    """Return the deployment on a clock that runs."""
    return Folio(settings_document=settings.model_copy(update={"clock": None}).model_dump_json())


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        pytest.param(OPENS - dt.timedelta(minutes=1), False, id="before the open"),
        pytest.param(OPENS, True, id="at the open"),
        pytest.param(CLOSES + dt.timedelta(minutes=14), True, id="once more after the close"),
        pytest.param(CLOSES + dt.timedelta(minutes=15), False, id="not a second time"),
    ],
)
def test_quotes_are_worth_asking_for_while_an_exchange_is_open(moment, expected):
    assert schedules.is_open(SESSION, moment) is expected


def test_the_end_of_day_is_due_once():
    ticks = [CLOSES + dt.timedelta(minutes=minutes) for minutes in (5, 35, 65)]
    due = [schedules.just_closed(SESSION, tick, every=dt.timedelta(minutes=30)) for tick in ticks]
    assert due == [[], ["XNYS"], []]


def tick(schedule, folio, moment):
    context = dg.build_schedule_context(scheduled_execution_time=moment, resources={"folio": folio})
    return schedule(context)


def test_a_schedule_asks_while_new_york_is_open_and_rests_at_night(living):
    assert isinstance(tick(schedules.quotes_while_open, living, OPENS), dg.RunRequest)
    assert isinstance(tick(schedules.quotes_while_open, living, CLOSES + dt.timedelta(hours=5)), dg.SkipReason)


def test_a_clock_that_stands_still_is_never_asked_for_news(folio):
    for schedule in (schedules.quotes_while_open, schedules.end_of_day, schedules.rates_after_fixing):
        assert tick(schedule, folio, OPENS).skip_message == schedules.DEMO


def sense(sensor, folio, cursor=None):
    return sensor(dg.build_sensor_context(resources={"folio": folio}, cursor=cursor))


def test_what_is_published_already_is_not_computed_again(folio):
    assert not sense(sensors.ledger_changed, folio).run_requests


@pytest.mark.parametrize(
    ("symbol", "job"),
    [
        pytest.param("AAPL", "recompute", id="a known symbol needs no provider"),
        pytest.param("MSFT", "refresh", id="a new one does"),
    ],
)
def test_a_new_ledger_version_starts_one_run(folio, ledger, symbol, job):
    buy(ledger, ledger.for_user("me").portfolio("Main").portfolio_id, symbol, BOUGHT_ON)
    result = sense(sensors.ledger_changed, folio)
    assert [request.job_name for request in result.run_requests] == [job]
    assert isinstance(sense(sensors.ledger_changed, folio, result.cursor), dg.SkipReason)


def test_a_file_in_the_inbox_starts_one_run(settings):
    folio = Folio(settings_document=settings.model_copy(update={"price_sources": ("inbox",)}).model_dump_json())
    assert isinstance(sense(sensors.inbox_file, folio), dg.SkipReason)
    settings.inbox_dir.mkdir()
    (settings.inbox_dir / "prices.csv").write_text("symbol,date,close,currency\nAAPL,2022-12-28,100,USD\n")
    result = sense(sensors.inbox_file, folio)
    assert len(result.run_requests) == 1
    assert isinstance(sense(sensors.inbox_file, folio, result.cursor), dg.SkipReason)


def test_an_inbox_that_is_no_source_starts_nothing(folio, settings):
    settings.inbox_dir.mkdir()
    (settings.inbox_dir / "prices.csv").write_text("")
    assert "not among the sources" in sense(sensors.inbox_file, folio).skip_message


def test_a_killed_run_is_ended_in_dagster_too_so_that_its_queue_goes_on(folio):
    with dg.DagsterInstance.ephemeral() as instance:
        dead, living = (
            instance.create_run_for_job(_nothing, status=dg.DagsterRunStatus.STARTED).run_id for _ in range(2)
        )
        for run_id in (dead, living):
            folio.ops().record_run_started(run_id, "refresh", OPENS)
        with alive(folio.settings.running_dir, living):
            context = dg.build_sensor_context(instance=instance, resources={"folio": folio})
            assert dead in sensors.killed_runs(context).skip_message
        assert instance.get_run_by_id(dead).status is dg.DagsterRunStatus.FAILURE
        assert instance.get_run_by_id(living).status is dg.DagsterRunStatus.STARTED


def test_a_run_that_died_before_it_could_say_that_it_lives_is_ended_after_a_while(folio, monkeypatch):
    with dg.DagsterInstance.ephemeral() as instance:
        dead = instance.create_run_for_job(_nothing, status=dg.DagsterRunStatus.STARTED).run_id
        context = dg.build_sensor_context(instance=instance, resources={"folio": folio})
        assert sensors.killed_runs(context).skip_message == "no run was killed"
        later = Folio.now(folio) + dt.timedelta(minutes=6)
        monkeypatch.setattr(Folio, "now", lambda _: later)
        assert dead in sensors.killed_runs(context).skip_message
        assert instance.get_run_by_id(dead).status is dg.DagsterRunStatus.FAILURE
    assert dead in folio.ops().killed([dead])


@dg.job
def _nothing():
    pass
