"""Dagster's own scheduler at exact moments: one run where one is due, and one after any time in which nothing ran.

Runs are queued and never started, so what is counted is what was asked for. The clock of the schedules, of the sensors
and of the deployment is the test's.
"""

import datetime as dt
import logging

import dagster as dg
import pytest
import yaml
from dagster._core.instance_for_test import instance_for_test
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.test_utils import create_test_daemon_workspace_context, freeze_time
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster._daemon.sensor import execute_sensor_iteration
from dagster._scheduler.scheduler import launch_scheduled_runs

from pipelines.cli.home import DAGSTER_YAML
from pipelines.defs.resources import Folio
from tests.integration.defs import located
from warehouse.ops import Ops

WEDNESDAY = dt.datetime(2023, 1, 4, tzinfo=dt.UTC)


def at(days: int, hours: int, minutes: int = 0) -> dt.datetime:
    """Return a moment so many days after Wednesday the 4th of January 2023."""
    return WEDNESDAY + dt.timedelta(days=days, hours=hours, minutes=minutes)


class Daemon:
    """What Dagster's daemon does at a moment: ticks of every schedule and sensor."""

    def __init__(self, workspace, settings, patch):
        self._workspace, self._settings, self._patch = workspace, settings, patch
        self._log = logging.getLogger("daemon")
        self._iterations = {}

    @property
    def instance(self):
        return self._workspace.instance

    def tick(self, now, *, sensors=True):
        """Return what was asked for at a moment: job and run key."""
        before = {run.run_id for run in self.instance.get_runs()}
        with freeze_time(now):
            self._patch.setattr(Folio, "now", lambda _: now)
            list(launch_scheduled_runs(self._workspace, self._log, now, self._iterations))
            if sensors:
                list(execute_sensor_iteration(self._workspace, self._log, None, None))
        new = (run for run in self.instance.get_runs() if run.run_id not in before)
        return sorted((run.job_name, run.tags["dagster/run_key"]) for run in new)

    def start_anew(self):
        """Forget what a process remembers."""
        self._iterations.clear()

    def finish_all(self, now):
        """Have every queued run published at a moment."""
        ops = Ops.open(self._settings.ops_url)
        for run in self.instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])):
            ops.record_run_started(run.run_id, run.job_name, now)
            ops.record_run_ended(run.run_id, "published", "published", now)
            self.instance.report_run_canceled(run)


@pytest.fixture
def daemon(settings, monkeypatch):
    """Return the daemon of a deployment whose one run was on Wednesday at noon."""
    monkeypatch.setenv("FOLIO_HOME", str(settings.home))
    ops = Ops.open(settings.ops_url)
    for run_id in ops.runs()["run_id"]:
        ops.record_run_started(run_id, "refresh", at(0, 12))
        ops.record_run_ended(run_id, "published", "published", at(0, 12))
    origin = InProcessCodeLocationOrigin(LoadableTargetOrigin(module_name=located.__name__), location_name="folioduck")
    with (
        instance_for_test(overrides=yaml.safe_load(DAGSTER_YAML)) as instance,
        create_test_daemon_workspace_context(InProcessWorkspaceLoadTarget(origin), instance) as workspace,
    ):
        daemon = Daemon(workspace, settings, monkeypatch)
        assert daemon.tick(at(0, 12, 1)) == []
        yield daemon


DAY = {
    "the fixing": (at(0, 15, 15), ["fx", "quotes"]),
    "too early for the prices of the close": (at(0, 21, 20), []),
    "half an hour after it": (at(0, 21, 35), ["refresh"]),
    "night": (at(1, 2), ["dividends"]),
}


def test_what_a_day_asks_for(daemon):
    asked = {name: [job for job, _ in daemon.tick(moment, sensors=False)] for name, (moment, _) in DAY.items()}
    assert asked == {name: jobs for name, (_, jobs) in DAY.items()}


def test_after_three_days_off_there_is_one_run_and_not_forty(daemon):
    daemon.start_anew()
    assert daemon.tick(at(3, 16, 7)) == [("refresh", "missed-20230107T0200")]
    assert daemon.tick(at(3, 16, 8)) == []
    daemon.finish_all(at(3, 16, 9))
    assert daemon.tick(at(3, 16, 10)) == []


def test_while_the_run_that_makes_up_waits_nothing_else_is_asked(daemon):
    daemon.start_anew()
    assert len(daemon.tick(at(1, 10, 7))) == 1
    assert daemon.tick(at(1, 10, 20)) == []
    assert daemon.tick(at(1, 14, 31)) == [("quotes", "quotes-20230105T1430")]


def test_a_run_that_was_killed_made_up_for_nothing(daemon, settings):
    daemon.start_anew()
    ops = Ops.open(settings.ops_url)
    ops.record_run_started("dead", "refresh", at(1, 9))
    ops.record_run_killed("dead", at(1, 9, 30))
    assert [job for job, _ in daemon.tick(at(1, 10, 7))] == ["refresh"]


def killed(daemon, settings, now):
    """Have every run that waits killed, as sensors find it out."""
    ops = Ops.open(settings.ops_url)
    for run in daemon.instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])):
        ops.record_run_started(run.run_id, run.job_name, now)
        ops.record_run_killed(run.run_id, now)
        daemon.instance.report_run_canceled(run)


def test_a_run_that_was_to_make_up_and_was_killed_is_made_up_for(daemon, settings):
    daemon.start_anew()
    key = "missed-20230107T0200"
    assert daemon.tick(at(3, 16, 7)) == [("refresh", key)]
    killed(daemon, settings, at(3, 16, 8))
    assert daemon.tick(at(3, 16, 9)) == [("refresh", f"{key}-after-1-killed")]
    assert daemon.tick(at(3, 16, 10)) == []
    daemon.finish_all(at(3, 16, 11))
    assert daemon.tick(at(3, 16, 12)) == []


def test_a_tick_that_two_daemons_see_starts_one_run(daemon):
    assert daemon.tick(at(0, 14, 30)) == [("quotes", "quotes-20230104T1430")]
    daemon.start_anew()
    for state in daemon.instance.all_instigator_state():
        daemon.instance.purge_ticks(state.instigator_origin_id, state.selector_id, before=at(9, 0).timestamp())
    assert daemon.tick(at(0, 14, 30)) == []
