"""Runs from outside of Dagster's own processes: the command line's, and tests'.

Belongs here: executing a job in this process and saying how it went. Does not: how a run is shown to people.
"""

import os
import signal
import uuid
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import cast

import dagster as dg

from pipelines import definitions
from pipelines.defs.ending import PUBLISHED, announced, failures_of, was_busy, was_interrupted
from pipelines.defs.interrupts import noticed, uninterrupted
from pipelines.defs.killed import end_unfinished
from pipelines.defs.progress import Progress, Say, progress_logger
from pipelines.defs.resources import Folio
from pipelines.defs.stores import resources
from warehouse.published import Publication, publications
from warehouse.schema.ops import EVERY_FILE_TAKEN
from warehouse.settings import Settings


@dataclass(frozen=True, kw_only=True)
class FailedGate:
    """A rule that did not hold, and the rows that broke it, in words.

    Args:
        table: The table.
        rule: The rule.
        message: What was found, on one line.
        files: What is wrong with each file that was not taken, where the rule is about files.
    """

    table: str
    rule: str
    message: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RunOutcome:
    """How a run ended.

    Args:
        run_id: The run, as recorded in ``ops.sqlite``.
        success: Whether every step succeeded.
        publication: What it published; None where it failed or was a rehearsal.
        failures: What each failed step said.
        failed_gates: Blocking rules that did not hold.
        busy: Whether another run held the warehouse for too long.
        interrupted_by: The signal that ended it; None where none did, or it came when everything was published.
        warnings: Rules that block nothing: symbols nobody answered, files not taken, ledgers the engine refused.
    """

    run_id: str
    success: bool
    publication: Publication | None
    failures: tuple[str, ...]
    failed_gates: tuple[FailedGate, ...]
    busy: bool
    interrupted_by: signal.Signals | None
    warnings: tuple[FailedGate, ...]


def materialize_all(
    settings: Settings, *, symbols: Sequence[str] | None = None, progress: Progress | None = None
) -> RunOutcome:
    """Fetch, compute and publish everything, in this process.

    Args:
        settings: Of the deployment.
        symbols: Fetch these only; None fetches every symbol that is needed.
        progress: Called as each step ends.
    """
    return execute_job("refresh", settings, symbols=symbols, progress=progress)


def execute_job(
    name: str,
    settings: Settings,
    *,
    symbols: Sequence[str] | None = None,
    progress: Progress | None = None,
    selection: Sequence[str] | None = None,
    tags: Mapping[str, str] | None = None,
    say: Say | None = None,
) -> RunOutcome:
    """Execute one of `pipelines.defs.jobs` in this process.

    The run is kept in Dagster's home where ``DAGSTER_HOME`` names one, and in ``ops.sqlite`` in any case.

    Args:
        name: The job.
        settings: Of the deployment.
        symbols: Fetch these only; None fetches every symbol that is needed.
        progress: Called as each step ends.
        selection: Only these of its assets; without `published_warehouse` the run is a rehearsal.
        tags: Of the run, such as the partitions that it is about.
        say: Called with what steps say of themselves as they go on.
    """
    job = _job(name, settings, tuple(symbols or ()), progress_logger(progress, say))
    folio, run_id = Folio(settings_document=settings.model_dump_json()), str(uuid.uuid4())
    with noticed() as came, announced(folio, run_id, name, came), _instance() as instance:
        try:
            result = job.execute_in_process(
                instance=instance,
                run_id=run_id,
                raise_on_error=False,
                tags=dict(tags or {}),
                run_config={"loggers": {"console": {}}},
                asset_selection=[dg.AssetKey(key) for key in selection] if selection else None,
            )
        finally:
            end_unfinished(instance, run_id)
        with uninterrupted():
            return _outcome(result, settings, came())


def _job(name: str, settings: Settings, symbols: tuple[str, ...], console: dg.LoggerDefinition) -> dg.JobDefinition:
    located = _located()
    return dg.Definitions(
        assets=located.assets,
        asset_checks=located.asset_checks,
        jobs=located.jobs,
        resources=resources(settings, only_symbols=symbols),
        executor=dg.in_process_executor,
        loggers={"console": console},
    ).resolve_job_def(name)


@cache
def _located() -> dg.Definitions:
    return definitions.defs()


def _instance() -> AbstractContextManager[dg.DagsterInstance]:
    return dg.DagsterInstance.get() if os.environ.get("DAGSTER_HOME") else dg.DagsterInstance.ephemeral()


def _outcome(result: dg.ExecuteInProcessResult, settings: Settings, came: signal.Signals | None) -> RunOutcome:
    interrupt = came or (signal.SIGINT if was_interrupted(result.all_events) else None)
    failed = [check for check in result.get_asset_check_evaluations() if not check.passed]
    return RunOutcome(
        run_id=result.run_id,
        success=result.success,
        publication=_publication(result, settings),
        failures=tuple(failures_of(result.all_events)),
        failed_gates=tuple(_gate(check) for check in failed if check.severity is dg.AssetCheckSeverity.ERROR),
        busy=was_busy(result.all_events),
        interrupted_by=None if result.success else interrupt,
        warnings=tuple(_gate(check) for check in failed if check.severity is dg.AssetCheckSeverity.WARN),
    )


def _gate(check: dg.AssetCheckEvaluation) -> FailedGate:
    table, rule = check.asset_key.path[-1], check.check_name
    return FailedGate(table=table, rule=rule, message=check.description or "", files=_files(check))


def _files(check: dg.AssetCheckEvaluation) -> tuple[str, ...]:
    if check.check_name != EVERY_FILE_TAKEN:
        return ()
    sample = cast("list[dict[str, str]]", check.metadata["sample"].value)
    return tuple(row["problem"] for row in sample)


def _publication(result: dg.ExecuteInProcessResult, settings: Settings) -> Publication | None:
    ids = {
        event.step_materialization_data.materialization.metadata["publication_id"].value
        for event in result.all_events
        if event.is_step_materialization and event.asset_key == dg.AssetKey(PUBLISHED)
    }
    return next((publication for publication in publications(settings) if publication.id in ids), None)
