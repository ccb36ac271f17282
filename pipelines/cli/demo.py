"""`folio demo`: everything on real, bundled data after one command.

Belongs here: setting the demo up and refusing a person's own ledger. Does not: the data (`pipelines.demo`).
"""

import datetime as dt

from pipelines.cli.console import err, out
from pipelines.cli.documents import print_view
from pipelines.cli.exits import CommandError, Exit
from pipelines.cli.home import prepare
from pipelines.cli.runs import run_once
from pipelines.cli.serve import serve
from pipelines.cli.stores import make_ledger, today
from pipelines.current import current_view
from pipelines.demo import DEMO_CLOCK
from pipelines.demo.ledger import write_demo_ledger
from warehouse.reader import Reader
from warehouse.settings import Settings


def run_demo(settings: Settings, *, live: bool, serve_pages: bool, now: dt.datetime) -> None:
    """Write the demo's ledger if it is not there, publish, and serve until Ctrl-C."""
    still = settings.model_copy(update={"clock": DEMO_CLOCK, "price_sources": ("demo",), "fx_sources": ("demo",)})
    ledger = make_ledger(still)
    if ledger.kind() == "own" or (ledger.kind() is None and not ledger.is_empty()):
        message = f"{settings.home} holds a ledger of your own: set FOLIO_HOME to another folder for the demo"
        raise CommandError(message, Exit.USAGE)
    write_demo_ledger(ledger, user=still.user, now=now)
    prepare(still)
    run_once(still)
    shown = _continued(settings) if live else still
    _print(shown)
    if serve_pages:
        serve(shown)


def _continued(settings: Settings) -> Settings:
    """Go on to today with live sources; without a network, say so and keep what is bundled."""
    moving = settings.model_copy(update={"clock": None})
    still = settings.model_copy(update={"clock": DEMO_CLOCK, "price_sources": ("demo",), "fx_sources": ("demo",)})
    prepare(moving)
    try:
        outcome = run_once(moving)
    except CommandError as error:
        err.print(f"[yellow]No live prices ({error}); the demo goes on with what is bundled.[/yellow]", soft_wrap=True)
        return still
    if outcome.warnings:
        err.print("[yellow]Some of the live sources did not answer; the demo shows what is known.[/yellow]")
    return moving


def _print(settings: Settings) -> None:
    own = make_ledger(settings).for_user(settings.user)
    reader = Reader(settings)
    for portfolio in own.portfolios():
        print_view(current_view(reader, own, portfolio, today=today(settings)).view)
        out.print()
    if settings.clock is not None:
        out.print(f"The demo's clock stands at {settings.clock}.")
