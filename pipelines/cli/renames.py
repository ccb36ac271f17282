"""`folio rename`: the name by which providers know a symbol from now on.

Belongs here: the options and which symbols there are. Does not: keeping the statement (`warehouse.ledger`), failures
and exit codes (`app`).
"""

from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli import stores
from pipelines.cli.console import out
from pipelines.cli.exits import CommandError, Exit

if TYPE_CHECKING:
    from warehouse.ledger import Ledger


def rename(
    symbol: Annotated[str, typer.Argument(help="The symbol as your transactions name it.")],
    provider_symbol: Annotated[str, typer.Argument(help="What it trades as now; the symbol itself takes that back.")],
) -> None:
    """Price a symbol under the name that it trades by now; its history stays under its own."""
    settings = stores.load_settings()
    ledger = stores.own_ledger(settings)
    if symbol not in _known(ledger):
        raise CommandError(f"no transaction names {symbol!r}, and nobody watches it", Exit.USAGE)
    ledger.market().rename(settings.user, symbol, provider_symbol)
    out.print(f"{symbol} is priced as {provider_symbol} from the next `folio refresh` on", markup=False)


def _known(ledger: "Ledger") -> set[str]:
    from pipelines.needs import followed_symbols  # noqa: PLC0415

    return set(followed_symbols(ledger.mirror())["symbol"])
