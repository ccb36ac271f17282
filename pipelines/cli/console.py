"""What a terminal shows: tables, amounts, progress.

Belongs here: Rich, and how figures read in a terminal. Does not: which figures.
"""

import datetime as dt
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

_PIPE_WIDTH = 160
"""Columns where no terminal says how many there are."""


out = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
err = Console(stderr=True, width=None if sys.stderr.isatty() else _PIPE_WIDTH)


def amount(value: Decimal | None, *, signed: bool = False) -> str:
    """Return money with two decimals and thousands, an en dash where it is not known."""
    if value is None:
        return "–"
    return f"{value:+,.2f}" if signed else f"{value:,.2f}"


VAST = 1e6
"""From here on nobody reads the digits of a rate."""


def percent(value: float | None, *, signed: bool = True) -> str:
    """Return a fraction as percent, an en dash where it is not known; what a gain of days makes of a year is short.

    Args:
        value: The fraction.
        signed: Whether it is a gain, so that a plus is said; a share of a whole is none.
    """
    if value is None:
        return "–"
    plus = "+" if signed else ""
    return f"{value:{plus}.2%}" if abs(value) < VAST else f"{100 * value:{plus}.2e}%"


def plain(value: object) -> str:
    """Return any cell as text."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else str(value)


def shortened(text: str, length: int = 240) -> str:
    """Return text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[:length]}…"


def table(
    title: str | None, columns: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[str] = ()
) -> Table:
    """Return a table; the columns in ``numbers`` are flush right."""
    headed = any(columns)
    result = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False, show_header=headed)
    for column in columns:
        result.add_column(column, justify="right" if column in numbers else "left", no_wrap=column in numbers)
    for row in rows:
        result.add_row(*row)
    return result


@contextmanager
def working(task: str) -> Iterator[Progress]:
    """Show that something goes on, with the time it has taken; silent where nobody watches."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        progress.add_task(task, total=None)
        yield progress
