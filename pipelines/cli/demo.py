"""`folio demo`: everything on real, bundled data after one command.

Belongs here: setting the demo up and refusing a person's own ledger. Does not: the data (`pipelines.demo`).
"""

import datetime as dt

from pipelines.cli.console import err, out, shortened, working
from pipelines.cli.documents import print_view
from pipelines.cli.exits import CommandError, Exit
from pipelines.cli.home import prepare
from pipelines.cli.runs import run_once
from pipelines.cli.serve import serve
from pipelines.cli.stores import make_ledger, today
from pipelines.current import current_view
from pipelines.demo import DEMO_CLOCK
from pipelines.demo.clock import go_on, stand_still
from pipelines.demo.ledger import write_demo_ledger
from warehouse.errors import NoPublicationError
from warehouse.reader import Reader
from warehouse.schema.marts import PUBLICATIONS
from warehouse.settings import Settings

_ASKED = "AAPL"
_DAYS_ASKED = 7


def run_demo(settings: Settings, *, live: bool, serve_pages: bool, now: dt.datetime) -> None:
    """Write the demo's ledger if it is not there, publish, and serve until Ctrl-C.

    The home says of itself that its clock stands at the demo's last day, until it has gone on to today; from then on
    it stays with live sources.

    Args:
        settings: As a person has stated them; the demo's clock and sources take the place of theirs.
        live: Go on from the bundled years to today, if the network is there.
        serve_pages: Open the dashboard and the Dagster UI.
        now: The present, with its zone.

    Raises:
        CommandError: If the home holds a ledger of the person's own; nothing is touched.
    """
    ledger = make_ledger(settings)
    if ledger.kind() == "own" or (ledger.kind() is None and not ledger.is_empty()):
        message = f"{settings.home} holds a ledger of your own: set FOLIO_HOME to another folder for the demo"
        raise CommandError(message, Exit.USAGE)
    write_demo_ledger(ledger, user=settings.user)
    moving = settings.model_copy(update={"clock": None})
    if _has_gone_on(settings):
        go_on(settings)
        shown = _continued(moving, instead=moving, now=now)
    else:
        still = stand_still(settings)
        prepare(still)
        run_once(still)
        shown = _continued(moving, instead=still, now=now) if live else still
    _print(shown)
    if serve_pages:
        prepare(shown)
        serve(shown)


def _has_gone_on(settings: Settings) -> bool:
    """Return whether what is published is the bundled data and days after it; an empty later publication is neither."""
    reader = Reader(settings)
    try:
        last = reader.table(PUBLICATIONS)["as_of"].max()
        bundled = reader.query("SELECT 1 FROM price_history WHERE date <= ? LIMIT 1", [DEMO_CLOCK]).height
    except NoPublicationError:
        return False
    finally:
        reader.close()
    return bool(bundled) and isinstance(last, dt.date) and last > DEMO_CLOCK


def _continued(moving: Settings, *, instead: Settings, now: dt.datetime) -> Settings:
    """Go on to today with live sources; without a network, say so and return the settings to stay with instead."""
    with working("Asking the live sources"):
        reason = _unreachable(moving, now=now)
    if reason is not None:
        message = f"No live prices ({shortened(reason)}): the demo goes on with what is there."
        err.print(message, style="yellow", markup=False, soft_wrap=True)
        return instead
    prepare(moving)
    run_once(moving)
    go_on(moving)
    return moving


def _unreachable(settings: Settings, *, now: dt.datetime) -> str | None:
    """Return why the first live source of prices cannot be asked, None if it answers."""
    from pipelines.sources import registry  # noqa: PLC0415 - Yahoo's client takes seconds to import
    from pipelines.sources.base import PriceRequest  # noqa: PLC0415
    from pipelines.sources.errors import SourceError, UnknownSymbolError  # noqa: PLC0415

    start = now.date() - dt.timedelta(days=_DAYS_ASKED)
    live = [source for source in registry.price_sources(settings) if source.name not in registry.FILES]
    if not live:
        return "FOLIO_PRICE_SOURCES names none"
    try:
        live[0].prices(PriceRequest(symbol=_ASKED, start=start), now=now)
    except UnknownSymbolError:
        return None
    except SourceError as error:
        return str(error)
    return None


def _print(settings: Settings) -> None:
    own = make_ledger(settings).for_user(settings.user)
    reader = Reader(settings)
    for portfolio in own.portfolios():
        print_view(current_view(reader, own, portfolio, today=today(settings)).view)
        out.print()
    if settings.clock is not None:
        out.print(f"The demo's clock stands at {settings.clock}.")
