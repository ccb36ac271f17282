"""Runs whose process is gone: recorded as such, and ended in Dagster too, whose queue would wait for them for ever.

Belongs here: telling Dagster. Does not: how a dead run is known (`warehouse.ops`).
"""

import dagster as dg

from pipelines.defs.resources import Folio
from warehouse.ops import note_killed

_SAID = "its process was gone"


def note_killed_runs(folio: Folio, instance: dg.DagsterInstance | None) -> list[str]:
    """Record dead runs as killed, end them in Dagster, and return those that Dagster still took for running."""
    note_killed(folio.ops(), folio.settings.running_dir, now=folio.now())
    if instance is None:
        return []
    unfinished = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    killed = folio.ops().killed([run.run_id for run in unfinished])
    for run in unfinished:
        if run.run_id in killed:
            instance.report_run_failed(run, message=_SAID)
    return sorted(killed)
