"""`folio search`: which instruments a text may mean, asked of the providers.

Belongs here: the option, how it reads in a terminal. Does not: asking (`pipelines.research`), failures and exit codes
(`app`).
"""

import datetime as dt
from typing import Annotated

import typer
from rich.markup import escape

from pipelines.cli import stores
from pipelines.cli.console import err, out, plain, shortened, table, working
from pipelines.cli.exits import CommandError

_HEADINGS = ("symbol", "name", "class", "exchange", "currency")


def search(words: Annotated[list[str], typer.Argument(help="A name, a symbol, or a part of one.")]) -> None:
    """Find instruments at the providers, by a name, a symbol, or a part of one."""
    from pipelines import research  # noqa: PLC0415
    from warehouse.ops import Ops  # noqa: PLC0415

    settings, text = stores.load_settings(), " ".join(words)
    with working("Asking providers"):
        found = research.research_of(settings, Ops.open(settings.ops_url)).ask(research.search(text))
    if found.answer is None or found.answered_at is None:
        raise CommandError(f"nobody answers: {found.trouble}")
    if found.trouble is not None:
        message = f"Nobody answers now ({shortened(found.trouble)}): the last answer follows."
        err.print(message, style="yellow", markup=False, soft_wrap=True)
    rows = [
        tuple(
            escape(plain(value))
            for value in (match.symbol, match.name, match.asset_class, match.exchange, match.currency)
        )
        for match in found.answer
    ]
    said = f"{found.source} on {found.answered_at.astimezone(dt.UTC):%Y-%m-%d %H:%M}Z"
    if rows:
        out.print(table(f"{escape(text)}, by {said}", _HEADINGS, rows))
    else:
        out.print(f"Nothing goes by {text!r}, says {said}.", markup=False)
