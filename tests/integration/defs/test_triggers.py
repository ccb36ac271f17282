"""What starts a run besides the time: a new ledger version, a file in the inbox; and what ends a dead one."""

import datetime as dt
import os
import time

import dagster as dg
import pytest

from pipelines import definitions
from pipelines.defs import sensors
from pipelines.defs.resources import Folio
from pipelines.defs.sources.prices import price_requests
from tests.integration.defs.conftest import BOUGHT_ON, buy
from warehouse.ops import alive

NOON = dt.datetime(2022, 12, 28, 17, tzinfo=dt.UTC)


@pytest.fixture
def folio(settings):
    return Folio(settings_document=settings.model_dump_json())


def sense(sensor, folio, cursor=None):
    with dg.DagsterInstance.ephemeral() as instance:
        return sensor(dg.build_sensor_context(instance=instance, resources={"folio": folio}, cursor=cursor))


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


def test_a_symbol_that_is_watched_from_now_on_is_fetched(folio, ledger):
    own = ledger.for_user("me").watchlist()
    own.watch("AAPL")
    assert not sense(sensors.ledger_changed, folio).run_requests
    own.watch("MSFT")
    result = sense(sensors.ledger_changed, folio)
    assert [request.job_name for request in result.run_requests] == ["refresh"]
    assert isinstance(sense(sensors.ledger_changed, folio, result.cursor), dg.SkipReason)
    assert ("MSFT", dt.date) in {(request.symbol, type(request.start)) for request in price_requests(folio)}


def put(inbox, minutes_ago=1):
    file = inbox / "prices.csv"
    file.write_text("symbol,date,close,currency\nAAPL,2022-12-28,100,USD\n")
    at = time.time() - 60 * minutes_ago
    os.utime(file, (at, at))


def test_a_file_in_the_inbox_starts_one_run(settings):
    folio = Folio(settings_document=settings.model_copy(update={"price_sources": ("inbox",)}).model_dump_json())
    assert isinstance(sense(sensors.inbox_file, folio), dg.SkipReason)
    settings.inbox_dir.mkdir()
    put(settings.inbox_dir)
    result = sense(sensors.inbox_file, folio)
    assert len(result.run_requests) == 1
    assert isinstance(sense(sensors.inbox_file, folio, result.cursor), dg.SkipReason)


def test_a_file_that_is_being_written_is_waited_for(settings):
    folio = Folio(settings_document=settings.model_copy(update={"price_sources": ("inbox",)}).model_dump_json())
    settings.inbox_dir.mkdir()
    put(settings.inbox_dir, minutes_ago=0)
    assert "being written" in sense(sensors.inbox_file, folio).skip_message
    put(settings.inbox_dir)
    assert len(sense(sensors.inbox_file, folio).run_requests) == 1


def test_a_refresh_that_waits_sees_to_new_files_and_transactions_too(settings, ledger):
    folio = Folio(settings_document=settings.model_copy(update={"price_sources": ("inbox",)}).model_dump_json())
    settings.inbox_dir.mkdir()
    put(settings.inbox_dir)
    buy(ledger, ledger.for_user("me").portfolio("Main").portfolio_id, "MSFT", BOUGHT_ON)
    with dg.DagsterInstance.ephemeral() as instance:
        job = definitions.defs().resolve_job_def("refresh")
        instance.create_run_for_job(job, status=dg.DagsterRunStatus.NOT_STARTED)
        for sensor in (sensors.inbox_file, sensors.ledger_changed):
            said = sensor(dg.build_sensor_context(instance=instance, resources={"folio": folio}))
            assert not said.run_requests
            assert "waits" in said.skip_reason.skip_message
            assert said.cursor


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as one:
        yield one


class Sensed:
    """A sensor as the daemon has it: it keeps the cursor, and starts what is asked for under keys that are new."""

    def __init__(self, sensor, folio, instance):
        self._sensor, self._folio, self.instance = sensor, folio, instance
        self._cursor = None
        self.keys = []

    def tick(self):
        """Return the runs that a tick starts."""
        context = dg.build_sensor_context(instance=self.instance, resources={"folio": self._folio}, cursor=self._cursor)
        said = self._sensor(context)
        self._cursor = getattr(said, "cursor", None) or self._cursor
        asked = [request for request in getattr(said, "run_requests", None) or [] if request.run_key not in self.keys]
        self.keys += [request.run_key for request in asked]
        return [self.instance.create_run_for_job(_nothing, tags=dict(request.tags)).run_id for request in asked]

    def ends(self, run_id, status):
        """Have a run end, on record and in Dagster."""
        ops = self._folio.ops()
        ops.record_run_started(run_id, "refresh", NOON)
        if status == "killed":
            ops.record_run_killed(run_id, NOON)
        else:
            ops.record_run_ended(run_id, status, None, NOON)
        self.instance.report_run_canceled(self.instance.get_run_by_id(run_id))


@pytest.fixture(params=["inbox_file", "ledger_changed"])
def sensed(request, settings, ledger, instance):
    """Return each of the sensors with something new to notice."""
    settings = settings.model_copy(update={"price_sources": ("inbox",)})
    settings.inbox_dir.mkdir()
    put(settings.inbox_dir)
    buy(ledger, ledger.for_user("me").portfolio("Main").portfolio_id, "MSFT", BOUGHT_ON)
    folio = Folio(settings_document=settings.model_dump_json())
    return Sensed(getattr(sensors, request.param), folio, instance)


def test_what_a_killed_run_was_for_is_asked_for_again_and_what_failed_is_not(sensed):
    (first,) = sensed.tick()
    assert sensed.tick() == []
    sensed.ends(first, "killed")
    (second,) = sensed.tick()
    assert sensed.tick() == []
    sensed.ends(second, "failed")
    assert sensed.tick() == []
    assert [key.removeprefix(sensed.keys[0]) for key in sensed.keys] == ["", "-after-1-killed"]


def test_what_was_left_to_a_run_that_waited_is_asked_for_once_that_is_killed(sensed):
    job = definitions.defs().resolve_job_def("refresh")
    waiting = sensed.instance.create_run_for_job(job, status=dg.DagsterRunStatus.NOT_STARTED).run_id
    assert sensed.tick() == sensed.tick() == []
    sensed.ends(waiting, "killed")
    assert len(sensed.tick()) == 1


def test_what_has_killed_five_runs_is_given_up(sensed):
    for _ in range(5):
        (run_id,) = sensed.tick()
        sensed.ends(run_id, "killed")
    assert sensed.tick() == []


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
            folio.ops().record_run_started(run_id, "refresh", NOON)
        with alive(folio.settings.running_dir, living):
            context = dg.build_sensor_context(instance=instance, resources={"folio": folio})
            assert dead in sensors.killed_runs(context).skip_message
        assert instance.get_run_by_id(dead).status is dg.DagsterRunStatus.FAILURE
        assert instance.get_run_by_id(living).status is dg.DagsterRunStatus.STARTED


def test_a_run_that_was_killed_after_its_end_was_recorded_is_ended_in_dagster_too(folio):
    """It was published, say: what its process did not come to is to tell Dagster."""
    with dg.DagsterInstance.ephemeral() as instance:
        dead, living, done = (
            instance.create_run_for_job(_nothing, status=status).run_id
            for status in [dg.DagsterRunStatus.STARTED] * 2 + [dg.DagsterRunStatus.SUCCESS]
        )
        for run_id in (dead, living, done):
            folio.ops().record_run_started(run_id, "refresh", NOON)
            folio.ops().record_run_ended(run_id, "published", "published", NOON)
        with alive(folio.settings.running_dir, living):
            context = dg.build_sensor_context(instance=instance, resources={"folio": folio})
            assert sensors.killed_runs(context).skip_message.count(dead) == 1
            assert sensors.killed_runs(context).skip_message == "no run was killed"
        assert [instance.get_run_by_id(run_id).status.name for run_id in (dead, living, done)] == [
            "FAILURE",
            "STARTED",
            "SUCCESS",
        ]
    assert set(folio.ops().runs()["status"]) == {"published"}


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
