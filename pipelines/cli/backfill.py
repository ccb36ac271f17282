"""`folio backfill`: years of history, piece by piece, and what was fetched published at the end.

Belongs here: showing how far it is, and turning its outcome into an exit. Does not: the pieces (`pipelines.pieces`),
the fetch (`pipelines.defs.backfill`).
"""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipelines.cli.console import err, out, shortened, working
from pipelines.cli.exits import CommandError, Exit
from pipelines.cli.interrupts import interrupts_said
from pipelines.cli.runs import run_once
from warehouse.settings import Settings

if TYPE_CHECKING:
    from pipelines.defs.run import RunOutcome

KEPT = "interrupted: what was fetched is kept, and the next run goes on from there"
UNKNOWN = "no source knows every symbol that was asked for; what came is kept"
SET_ASIDE = "what was fetched is set aside: start it again, and what was not believed is asked for once more"
UNPRICED = "not every year came whole; what came is kept: start it again, and what is missing is asked for once more"


def run_backfill(settings: Settings, years: Sequence[int], *, symbols: Sequence[str] = ()) -> None:
    """Fetch what is missing of some years, and publish it.

    Args:
        settings: Of the deployment.
        years: In order.
        symbols: Of these, held or not; none is all that are known.

    Raises:
        CommandError: If some symbol was not answered, after the others are published; if it was interrupted; or if
            nothing could be published.
    """
    # What a client says of its own retries is no news: what failed comes back with the run.
    logging.getLogger("yfinance").setLevel(logging.CRITICAL)
    with interrupts_said(KEPT):
        again, blocked = _publish_what_was_set_aside(settings)
        failed = _fetch(settings, years, symbols)
        published = _publish(settings) or again
    if blocked is not None:
        raise blocked
    if failed:
        raise CommandError(failed)
    if not published:
        out.print("Nothing is missing of these years.")


def _publish_what_was_set_aside(settings: Settings) -> tuple[bool, CommandError | None]:
    """Publish what an earlier backfill left, and is believed; return whether anything was, and what kept it from that.

    It comes first, by itself: what is fetched now may not be believed either, and would hold it up once more.
    """
    from pipelines.defs.backfill import offer_again  # noqa: PLC0415 - seconds to import
    from pipelines.defs.resources import Folio  # noqa: PLC0415

    if not offer_again(Folio(settings_document=settings.model_dump_json())):
        return False, None
    try:
        return _publish(settings), None
    except CommandError as error:
        if error.code is not Exit.BLOCKED:
            raise
        return False, error  # what is asked for now is fetched all the same


def _fetch(settings: Settings, years: Sequence[int], symbols: Sequence[str]) -> str:
    """Fetch batch after batch until one fails; return what is to be said of what is missing, empty where nothing is."""
    rules: set[str] = set()
    with working("Looking for what is missing") as progress:
        from pipelines.defs.backfill import missing, range_of  # noqa: PLC0415 - seconds to import
        from pipelines.defs.declared import EVERY_YEAR_PRICED, EVERYTHING_ANSWERED  # noqa: PLC0415
        from pipelines.defs.resources import Folio  # noqa: PLC0415
        from pipelines.defs.run import execute_job  # noqa: PLC0415
        from pipelines.pieces import by_batch  # noqa: PLC0415

        folio = Folio(settings_document=settings.model_dump_json(), only_symbols=list(symbols))
        batches = by_batch(one.symbol for one in missing(folio, years))
        for number, batch in enumerate(batches, start=1):
            heading = f"Part {number} of {len(batches)}"

            def say(text: str, heading: str = heading) -> None:
                progress.update(progress.task_ids[0], description=f"{heading}: {text}")

            outcome = execute_job("backfill", settings, symbols=symbols, tags=range_of(batch, years), say=say)
            if said := _ended(outcome):
                return said
            rules |= {one.rule for one in outcome.warnings}
    words = {EVERYTHING_ANSWERED: UNKNOWN, EVERY_YEAR_PRICED: UNPRICED}
    return "; ".join(text for rule, text in words.items() if rule in rules)


def _ended(outcome: "RunOutcome") -> str:
    if outcome.interrupted_by is not None:
        raise CommandError(KEPT, Exit.by_signal(outcome.interrupted_by))
    for warning in outcome.warnings:
        err.print(shortened(warning.message), style="yellow", markup=False, soft_wrap=True)
    return "" if outcome.success else "; ".join(outcome.failures)


def _publish(settings: Settings) -> bool:
    """Refresh until nothing waits any more; return whether anything did."""
    from pipelines.defs.backfill import waiting_portions  # noqa: PLC0415
    from pipelines.defs.resources import Folio  # noqa: PLC0415

    folio = Folio(settings_document=settings.model_dump_json())
    waiting = waiting_portions(folio)
    any_waits = bool(waiting)
    while waiting:
        try:
            run_once(settings)
        except CommandError as error:
            if error.code is not Exit.BLOCKED:
                raise
            raise CommandError(f"{error}; {SET_ASIDE}", Exit.BLOCKED) from error
        left = waiting_portions(folio)
        if len(left) >= len(waiting):
            raise CommandError("what was fetched is not in the publication: see `folio status`")
        waiting = left
    return any_waits
