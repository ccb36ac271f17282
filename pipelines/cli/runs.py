"""One run of the Dagster graph from the command line, with its progress.

Belongs here: showing a run and turning its outcome into an exit. Does not: the graph (`pipelines.defs`).
"""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipelines.cli.console import err, out, shortened, working
from pipelines.cli.exits import CommandError, Exit
from pipelines.cli.interrupts import interrupts_said
from warehouse.settings import Settings

if TYPE_CHECKING:
    from pipelines.defs.run import RunOutcome

NOTHING_PUBLISHED = "interrupted: nothing was published"


def run_once(settings: Settings, *, symbols: Sequence[str] | None = None) -> "RunOutcome":
    """Materialise the graph and say what was published.

    Raises:
        CommandError: With the failed gates' rows, or what failed, or that it was interrupted; the last publication
            stays.
    """
    with interrupts_said(NOTHING_PUBLISHED):
        outcome = _executed(settings, symbols)
    for warning in outcome.warnings:
        # A file has a line of its own, whole: what a provider says at length must not cut off which cell is wrong.
        for line in warning.files or (shortened(f"{warning.table}: {warning.message}"),):
            err.print(line, style="yellow", markup=False, soft_wrap=True)
    if outcome.interrupted_by is not None:
        raise CommandError(NOTHING_PUBLISHED, Exit.by_signal(outcome.interrupted_by))
    if outcome.failed_gates:
        rows = "; ".join(f"{gate.table} {gate.rule}: {gate.message}" for gate in outcome.failed_gates)
        message = f"nothing published, a gate failed: {rows}"
        raise CommandError(message, Exit.BLOCKED)
    if not outcome.success or outcome.publication is None:
        reasons = "; ".join(outcome.failures) or "the run ended without a publication"
        raise CommandError(f"nothing published: {reasons}", Exit.BUSY if outcome.busy else Exit.FAILED)
    out.print(f"Published {outcome.publication.id}")
    return outcome


def _executed(settings: Settings, symbols: Sequence[str] | None) -> "RunOutcome":
    # What a client says of its own retries is no news: what failed comes back with the run.
    logging.getLogger("yfinance").setLevel(logging.CRITICAL)
    with working("Fetching, computing, checking") as progress:
        from pipelines.defs.progress import StepDone  # noqa: PLC0415 - Dagster takes seconds to import
        from pipelines.defs.run import materialize_all  # noqa: PLC0415

        task = progress.task_ids[0]

        def done(step: StepDone) -> None:
            progress.update(task, description=f"{step.step} {'done' if step.success else 'failed'}")

        return materialize_all(settings, symbols=symbols, progress=done)
