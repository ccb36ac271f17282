"""`folio sql`: open SQL on what is published.

Belongs here: asking and printing. Does not: what counts as a query, and what it can reach (`warehouse.adhoc`); bounds,
for whoever asks here can end it.
"""

import contextlib
import sys
from typing import TextIO

import duckdb
import polars as pl
from rich.markup import escape

from pipelines.cli.console import err, out, plain, table, working
from pipelines.cli.exits import CommandError, Exit
from warehouse.adhoc.confined import confined
from warehouse.adhoc.confined import plain as plain_values
from warehouse.adhoc.statement import check
from warehouse.errors import RefusedQueryError
from warehouse.published import Publication

MOST_ROWS = 200
_COMMAND_SIGNS = (".", "\\", "?")
_NO_COMMANDS = "only SQL is understood: SHOW TABLES; lists the tables, DESCRIBE holdings; the columns of one"
_LEAVING = {"exit", "quit", ".exit", ".quit", "\\q"}
_HELP = {"help", "help;"}


def run_query(publication: Publication, query: str, *, form: str) -> None:
    """Print the answer to one query as a table, CSV or JSON.

    Raises:
        CommandError: If it is not one query that reads, or DuckDB refuses it.
        WarehouseError: If the file cannot be opened.
    """
    if query.lstrip().startswith(_COMMAND_SIGNS):
        raise CommandError(f"SQL: {_NO_COMMANDS}", Exit.USAGE)
    try:
        check(query)
        with working("Asking"), confined(publication.path.resolve()) as connection:
            answer = plain_values(connection.sql(query)).pl()
    except RefusedQueryError as error:
        raise CommandError(f"SQL: {error}", Exit.USAGE) from error
    except duckdb.Error as error:
        raise CommandError(f"SQL: {error}") from error
    if form == "csv":
        sys.stdout.write(answer.write_csv())
    elif form == "json":
        sys.stdout.write(_exact(answer).write_json() + "\n")
    else:
        _print(answer)


def _exact(answer: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with decimals as text, so that no digit is lost."""
    return answer.with_columns(
        pl.col(name).cast(pl.String) for name, kind in answer.schema.items() if kind.is_decimal()
    )


def _print(answer: pl.DataFrame) -> None:
    rows = [[escape(plain(cell)) for cell in row] for row in answer.head(MOST_ROWS).rows()]
    numbers = [name for name, dtype in answer.schema.items() if dtype.is_numeric() or dtype.is_decimal()]
    out.print(table(None, answer.columns, rows, numbers=numbers))
    if answer.height > MOST_ROWS:
        err.print(f"{MOST_ROWS} of {answer.height} rows; use --csv or --json for all")


def prompt(publication: Publication, *, source: TextIO) -> None:
    """Answer one query after another until the end of input."""
    if source.isatty():
        with contextlib.suppress(ImportError):  # not every build of Python has it
            import readline  # noqa: F401, PLC0415 - line editing and history at the prompt
        err.print(f"{publication.path.name}, read-only. A query ends with ;  Ctrl-D leaves.")
    buffer: list[str] = []
    while (line := _line(source, first=not buffer)) is not None:
        word = line.strip().lower()
        if not buffer and word.rstrip(";") in _LEAVING:
            return
        if not buffer and (word in _HELP or word.startswith(_COMMAND_SIGNS)):
            err.print(f"{_NO_COMMANDS}. Ctrl-D leaves.", markup=False, highlight=False, soft_wrap=True)
            continue
        buffer.append(line)
        if line.rstrip().endswith(";"):
            _answer(publication, buffer)
            buffer = []
    if "".join(buffer).strip():
        _answer(publication, buffer)


def _line(source: TextIO, *, first: bool) -> str | None:
    try:
        if source.isatty():
            return input("folio> " if first else "   ...> ")
        return next(source, None)
    except (EOFError, KeyboardInterrupt):
        err.print()
        return None


def _answer(publication: Publication, lines: list[str]) -> None:
    try:
        run_query(publication, "\n".join(lines), form="table")
    except CommandError as error:
        err.print(f"[red]{escape(str(error))}[/red]", soft_wrap=True)
