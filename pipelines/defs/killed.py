"""Runs whose process is gone: recorded as such, and ended in Dagster too, whose queue would wait for them for ever.

Belongs here: telling Dagster, and runs that only Dagster knows of. Does not: how a dead run is known otherwise
(`warehouse.ops`).
"""

import datetime as dt
from collections.abc import Sequence

import dagster as dg

from pipelines.defs.jobs import kind_of
from pipelines.defs.resources import Folio
from warehouse.ops import is_alive, note_killed

_SAID = "its process was gone"
_ENDED_EARLY = "the run was ended before its first step"
_STARTED = (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)
_UNFINISHED = (dg.DagsterRunStatus.NOT_STARTED, *_STARTED)
_BEGINNING = dt.timedelta(minutes=5)
"""For how long a run that Dagster has launched may take to say that it lives: its process imports the graph first."""


def note_killed_runs(folio: Folio, instance: dg.DagsterInstance | None) -> list[str]:
    """Record dead runs as killed, end them in Dagster, and return those that Dagster still took for running."""
    note_killed(folio.ops(), folio.settings.running_dir, now=folio.now())
    if instance is None:
        return []
    unfinished = instance.get_run_records(dg.RunsFilter(statuses=list(_UNFINISHED)))
    _note_unannounced(folio, unfinished)
    over = folio.ops().over([record.dagster_run.run_id for record in unfinished])
    dead = [run_id for run_id in sorted(over) if not is_alive(folio.settings.running_dir, run_id)]
    return [run_id for run_id in dead if end_unfinished(instance, run_id, _SAID)]


def end_unfinished(instance: dg.DagsterInstance, run_id: str, said: str = _ENDED_EARLY) -> bool:
    """End a run in Dagster that its process has left before Dagster could; return whether it was to be ended."""
    run = instance.get_run_by_id(run_id)  # as it stands now that nobody works for it any more
    if run is None or run.status not in _UNFINISHED:
        return False
    instance.report_run_failed(run, message=said)
    _leave_pools(instance, run_id)
    return True


def _leave_pools(instance: dg.DagsterInstance, run_id: str) -> None:
    """Give the places of a dead run to those that wait for them, who would else wait for Dagster's daemon to run."""
    if instance.event_log_storage.supports_global_concurrency_limits:
        instance.event_log_storage.free_concurrency_slots_for_run(run_id)


def _note_unannounced(folio: Folio, unfinished: Sequence[dg.RunRecord]) -> None:
    """Record as killed what Dagster launched a while ago and what has never said that it lives."""
    late = {
        record.dagster_run.run_id: kind_of(record.dagster_run.job_name)
        for record in unfinished
        if record.dagster_run.status in _STARTED and record.update_timestamp < folio.now() - _BEGINNING
    }
    known = folio.ops().known(list(late))
    for run_id, kind in late.items():
        if run_id not in known and not is_alive(folio.settings.running_dir, run_id):
            folio.ops().record_run_started(run_id, kind, folio.now())
            folio.ops().record_run_killed(run_id, folio.now())
