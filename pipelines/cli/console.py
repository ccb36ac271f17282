"""What a terminal shows: tables, amounts, progress.

Belongs here: Rich, and how figures read in a terminal. Does not: which figures.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

_PIPE_WIDTH = 160
"""Columns where nobody's terminal says how many there are."""


class _Stream(Console):
    """A console that looks for its terminal when it prints, not when it is made."""

    @property
    def width(self) -> int:
        """Return the terminal's width, or one that leaves tables whole."""
        return super().width if self.is_terminal else _PIPE_WIDTH

    @width.setter
    def width(self, width: int) -> None:
        self._width = width


out = _Stream(soft_wrap=False)
err = _Stream(stderr=True)


def amount(value: Decimal | None, *, signed: bool = False) -> str:
    """Return money with two decimals and thousands, an en dash where it is not known."""
    if value is None:
        return "–"
    return f"{value:+,.2f}" if signed else f"{value:,.2f}"


def percent(value: float | None) -> str:
    """Return a fraction as percent, an en dash where it is not known."""
    return "–" if value is None else f"{value:+.2%}"


def plain(value: object) -> str:
    """Return any cell as text."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else str(value)


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
