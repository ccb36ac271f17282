"""What is left of a run: its record, its failures in words, and no candidate that nobody published.

Belongs here: start and end of every run, whichever way it was started. Does not: publishing.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import dagster as dg

from pipelines.defs.interrupts import Came, uninterrupted
from pipelines.defs.jobs import kind_of
from pipelines.defs.killed import note_killed_runs
from pipelines.defs.resources import Folio
from pipelines.staged import forget_half_written
from warehouse.build import attach_candidate
from warehouse.errors import WarehouseBusyError
from warehouse.ops import alive, is_alive, stay_alive
from warehouse.reader import Reader

_INTERRUPTS = frozenset({"DagsterExecutionInterruptedError", "KeyboardInterrupt", "Interrupted"})
_INTERRUPTED = "not published: the run was interrupted"
_NOT_BEGUN = "not published: the run was ended before its first step"
_OWN = re.compile(r"(?:warehouse|pipelines)\.[\w.]+Error: ")
PUBLISHED = "published_warehouse"
BACKFILLED = "backfilled_prices"
STAGED = "fetched: the next refresh publishes it"
REHEARSAL = "rehearsal: published_warehouse was not selected, so nothing was published and the candidate is dropped"


class RunEnding:
    """Writes a run's start and end to ``ops.sqlite``, and drops its candidate unless it was published."""

    def __init__(self, folio: Folio, context: dg.InitResourceContext) -> None:
        self._folio = folio
        self._context = context
        run = context.run
        self._run_id = run.run_id if run else ""
        self._kind = kind_of(run.job_name) if run else ""

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Record the run from its start to its end; while this process lives, others see that it does."""
        note_killed_runs(self._folio, self._context.instance)
        settings = self._folio.settings
        forget_half_written(settings.staging_dir, partial(is_alive, settings.running_dir))
        stay_alive(settings.running_dir, self._run_id)  # Dagster records the end once more, and later
        with Reader(settings).kept_open():
            self._folio.ops().record_run_started(self._run_id, self._kind, self._folio.now())
            try:
                yield
            finally:
                with uninterrupted():
                    self.record_end()

    def record_end(self) -> None:
        """Drop what was not published, say in log and record how the run ended, and forget the oldest runs."""
        candidate = attach_candidate(self._folio.settings, self._run_id)
        if candidate is not None:
            candidate.drop()
        status, message = self._verdict()
        log = self._context.log
        if log is not None and status not in {"published", "staged"}:
            (log.error if status in {"failed", "interrupted"} else log.warning)(message)
        self._folio.ops().record_run_ended(self._run_id, status, message, self._folio.now())
        self._forget_old_runs()

    def _forget_old_runs(self) -> None:
        instance = self._context.instance
        for run_id in self._folio.ops().forget_runs(keep=self._folio.settings.keep_runs):
            if instance is not None and instance.has_run(run_id):
                instance.delete_run(run_id)

    def _verdict(self) -> tuple[str, str]:
        events = self._events()
        if any(event.is_step_success and event.step_key == PUBLISHED for event in events):
            return "published", "published"
        if was_interrupted(events):
            return "interrupted", _INTERRUPTED
        if failures := list(failures_of(events)):
            return "failed", "not published: " + " | ".join(failures)
        if any(event.is_step_success and event.step_key == BACKFILLED for event in events):
            return "staged", STAGED
        if any(
            event.is_asset_materialization_planned and event.asset_key == dg.AssetKey(PUBLISHED) for event in events
        ):
            return "failed", "not published: the run was ended before its last step"
        return "rehearsed", REHEARSAL

    def _events(self) -> list[dg.DagsterEvent]:
        instance = self._context.instance
        records = instance.all_logs(self._run_id) if instance else []
        return [record.dagster_event for record in records if record.dagster_event is not None]


@contextmanager
def announced(folio: Folio, run_id: str, kind: str, came: Came) -> Iterator[None]:
    """Record a run before Dagster knows of it, so that one that is killed at once is seen to have been.

    What ends before its first step, where Dagster opens what a run needs, is recorded here; ``came`` says whether a
    signal did it.
    """
    with alive(folio.settings.running_dir, run_id):
        folio.ops().record_run_started(run_id, kind, folio.now())
        try:
            yield
        finally:
            with uninterrupted():
                if run_id in folio.ops().running():
                    status = "failed" if came() is None else "interrupted"
                    folio.ops().record_run_ended(run_id, status, _NOT_BEGUN, folio.now())


def failures_of(events: Iterable[dg.DagsterEvent]) -> Iterator[str]:
    """Yield what every failed step said, on one line, without stack traces; what several said alike, once.

    An error of our own says by itself what is wrong and what to do; of any other the step and the class are told.
    """
    said: set[str] = set()
    for event in events:
        if event.event_type is dg.DagsterEventType.STEP_FAILURE:
            message = " ".join(_said(event.step_failure_data).split())
            own = _OWN.match(message)
            if message not in said:
                said.add(message)
                yield message[own.end() :] if own else f"{event.step_key}: {message}"


def was_busy(events: Iterable[dg.DagsterEvent]) -> bool:
    """Return whether a step failed because another run held the warehouse."""
    failed = [event for event in events if event.event_type is dg.DagsterEventType.STEP_FAILURE]
    causes = [_own_cause(event.step_failure_data) for event in failed]
    return any(cause is not None and cause.cls_name == WarehouseBusyError.__name__ for cause in causes)


def was_interrupted(events: Iterable[dg.DagsterEvent]) -> bool:
    """Return whether a step was ended by a signal, or a query of its was."""
    failed = [event for event in events if event.event_type is dg.DagsterEventType.STEP_FAILURE]
    return any(error.cls_name in _INTERRUPTS for event in failed for error in _causes(event.step_failure_data))


def _causes(failure: Any) -> Iterator[Any]:
    error = failure.error
    while error is not None:
        yield error
        error = error.cause


def _said(failure: Any) -> str:
    if failure.user_failure_data is not None and failure.user_failure_data.description:
        return str(failure.user_failure_data.description)
    error = _own_cause(failure)
    return str(error.message) if error is not None else "no reason was recorded"


def _own_cause(failure: Any) -> Any:
    """Return the first error that is not Dagster's own; what that one was raised from is detail."""
    error = failure.error
    while error is not None and error.cause is not None and str(error.cls_name).startswith("Dagster"):
        error = error.cause
    return error
