"""The stores a command works on, opened from the settings.

Belongs here: opening, and finding the portfolio a person means. Does not: what is done with them.
"""

import datetime as dt

from pydantic import ValidationError

from pipelines.cli.exits import CommandError, Exit
from warehouse.ledger import Ledger, LedgerRepository, NotFoundError, Portfolio
from warehouse.settings import Settings


def load_settings() -> Settings:
    """Return the settings of this process's environment."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "FOLIO_" + "_".join(str(part) for part in first["loc"]).upper()
        message = f"{name} is {first['input']!r}: {first['msg']}; see .env.example"
        raise CommandError(message, Exit.USAGE) from error


def today(settings: Settings) -> dt.date:
    """Return the day that counts as today: the setting's clock, else the calendar's."""
    return settings.clock or dt.datetime.now(dt.UTC).date()


def open_ledger(settings: Settings) -> Ledger:
    """Return the ledger; its folder is made."""
    settings.home.mkdir(parents=True, exist_ok=True)
    return Ledger.open(settings.ledger_url)


def repository(settings: Settings) -> LedgerRepository:
    """Return the ledger of the settings' user."""
    return open_ledger(settings).for_user(settings.user)


def find_portfolio(own: LedgerRepository, name: str | None) -> Portfolio:
    """Return the portfolio that is named, or the only one there is."""
    known = own.portfolios()
    if not known:
        message = "there is no portfolio yet: run `folio init`"
        raise CommandError(message, Exit.NOTHING_YET)
    names = ", ".join(repr(portfolio.name) for portfolio in known)
    if name is None:
        if len(known) > 1:
            message = f"which portfolio? give --portfolio, one of {names}"
            raise CommandError(message, Exit.USAGE)
        return known[0]
    try:
        return own.portfolio(name)
    except NotFoundError as error:
        message = f"no portfolio {name!r}; there are {names}"
        raise CommandError(message, Exit.USAGE) from error
