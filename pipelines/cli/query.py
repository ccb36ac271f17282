"""`folio sql`: open SQL on what is published.

Belongs here: asking and printing. Does not: any query of ours.
"""

import readline  # noqa: F401 - line editing and history at the prompt
import sys
from typing import TextIO

import duckdb
import polars as pl
from rich.markup import escape

from pipelines.cli.console import err, out, plain, table
from pipelines.cli.exits import CommandError
from warehouse.reader import Reader

MOST_ROWS = 200


def run_query(reader: Reader, query: str, *, form: str) -> None:
    """Print the answer to a query as a table, CSV or JSON."""
    try:
        answer = reader.query(query)
    except duckdb.Error as error:
        message = f"SQL: {error}"
        raise CommandError(message) from error
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


def prompt(reader: Reader, *, source: TextIO = sys.stdin) -> None:
    """Answer one query after another until the end of input."""
    publication = reader.publication()
    err.print(f"{publication.path.name}, read-only. A query ends with ;  Ctrl-D leaves.")
    buffer: list[str] = []
    while True:
        try:
            line = input("   ...> " if buffer else "folio> ") if source.isatty() else next(source)
        except (EOFError, StopIteration, KeyboardInterrupt):
            err.print()
            return
        buffer.append(line)
        if line.rstrip().endswith(";"):
            query, buffer = "\n".join(buffer).strip().rstrip(";"), []
            try:
                run_query(reader, query, form="table")
            except CommandError as error:
                err.print(f"[red]{escape(str(error))}[/red]")
