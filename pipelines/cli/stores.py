"""The stores a command works on, opened from the settings.

Belongs here: opening, and finding the portfolio a person means. Does not: what is done with them.
"""

import datetime as dt
from json import JSONDecodeError

from pydantic import ValidationError

from pipelines.cli.console import err
from pipelines.cli.exits import CommandError, Exit
from pipelines.cli.unknown import say_unknown_settings
from warehouse.ledger import Ledger, LedgerRepository, NotFoundError, Portfolio
from warehouse.published import publications
from warehouse.settings import HOME_SAYS, Settings


def load_settings(kind: type[Settings] = Settings) -> Settings:
    """Return the settings of this process's environment and home.

    Args:
        kind: `StatedSettings` leaves out what the home says of itself.

    Raises:
        CommandError: If one of them makes no sense.
    """
    say_unknown_settings()
    try:
        return kind()
    except ValidationError as error:
        first = error.errors()[0]
        name = "FOLIO_" + "_".join(str(part) for part in first["loc"]).upper()
        message = f"{name} is {first['input']!r}: {first['msg']}; see .env.example"
        raise CommandError(message, Exit.USAGE) from error
    except JSONDecodeError as error:
        message = f"{HOME_SAYS} in FOLIO_HOME is broken ({error}): run `folio demo`, which writes it anew"
        raise CommandError(message, Exit.USAGE) from error


def today(settings: Settings) -> dt.date:
    """Return the day that counts as today: the setting's clock, else the calendar's."""
    return settings.clock or dt.datetime.now(dt.UTC).date()


def make_ledger(settings: Settings) -> Ledger:
    """Return the ledger; it and its folder are made if they are not there."""
    settings.home.mkdir(parents=True, exist_ok=True)
    return Ledger.open(settings.ledger_url)


def open_ledger(settings: Settings) -> Ledger:
    """Return the ledger that is there; asking for something makes no file.

    Raises:
        CommandError: If there is none.
    """
    if settings.ledger_database_url is None and not settings.ledger_path.exists():
        message = f"there is no ledger in {settings.home}: run `folio init` for your own, or `folio demo`"
        if publications(settings):
            message = (
                f"the ledger is no more at {settings.ledger_path}, though figures were published from it: bring it "
                "back from a copy, or begin an empty one with `folio init`"
            )
        raise CommandError(message, Exit.NOTHING_YET)
    return Ledger.open(settings.ledger_url)


def own_ledger(settings: Settings) -> Ledger:
    """Return the ledger that is there, to be changed.

    Raises:
        CommandError: If there is none, or if it is the demo's.
    """
    ledger = open_ledger(settings)
    refuse_demo(ledger, settings)
    return ledger


def refuse_demo(ledger: Ledger, settings: Settings) -> None:
    """Raise CommandError if the ledger is the demo's, which takes nothing of a person's own."""
    if ledger.kind() == "demo":
        message = f"{settings.home} holds the demo: set FOLIO_HOME to another folder for your own"
        raise CommandError(message, Exit.USAGE)


def find_portfolio(own: LedgerRepository, name: str | None) -> Portfolio:
    """Return the portfolio that is named, or the only one there is.

    Raises:
        CommandError: If there is none, none of that name, or several and no name.
    """
    known = _known(own)
    if name is None and len(known) > 1:
        message = f"which portfolio? give --portfolio, one of {_names(known)}"
        raise CommandError(message, Exit.USAGE)
    return known[0] if name is None else _named(own, name, known)


def shown_portfolio(own: LedgerRepository, name: str | None) -> Portfolio:
    """Return the portfolio that is named, else the first by name, saying which others there are."""
    known = _known(own)
    if name is not None:
        return _named(own, name, known)
    if len(known) > 1:
        err.print(f"{known[0].name!r}; --portfolio shows another: {_names(known[1:])}", soft_wrap=True)
    return known[0]


def shown(name: str | None) -> tuple[Settings, LedgerRepository, Portfolio]:
    """Return the settings, the user's repository, and the portfolio that is to be looked at."""
    settings = load_settings()
    own = open_ledger(settings).for_user(settings.user)
    return settings, own, shown_portfolio(own, name)


def _known(own: LedgerRepository) -> list[Portfolio]:
    known = own.portfolios()
    if not known:
        message = "there is no portfolio yet: run `folio init`"
        raise CommandError(message, Exit.NOTHING_YET)
    return known


def _named(own: LedgerRepository, name: str, known: list[Portfolio]) -> Portfolio:
    try:
        return own.portfolio(name)
    except NotFoundError as error:
        message = f"no portfolio {name!r}; there are {_names(known)}"
        raise CommandError(message, Exit.USAGE) from error


def _names(portfolios: list[Portfolio]) -> str:
    return ", ".join(repr(portfolio.name) for portfolio in portfolios)
