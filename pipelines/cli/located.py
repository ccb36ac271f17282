"""Where in a person's file the engine found fault.

Belongs here: from a transaction of the engine's errors back to file, line, column and value. Does not: faults of single
cells, which the importers name themselves.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from pipelines.cli.exits import CommandError
from pipelines.importers.canonical import TRANSACTION_COLUMNS
from pipelines.importers.cells import Cells, read_cells
from pipelines.portfolio.errors import EngineError, InvalidTransactionError, OversoldError
from warehouse.ledger import DuplicateExternalIdError


def row_ids(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a file with a ``transaction_id`` each: their ``external_id``, else their number."""
    numbers = pl.int_range(1, pl.len() + 1)
    return rows.with_columns(transaction_id=pl.coalesce(pl.col("external_id"), pl.format("row {}", numbers)))


def located(error: EngineError, path: Path, ids: Sequence[str], *, content: bytes, cure: str) -> CommandError:
    """Return the error with file, line, column and value, where it is about a row of this file.

    Args:
        error: What the engine said.
        path: The file.
        ids: The ``transaction_id`` of each of its rows.
        content: What it was read from.
        cure: What to do where more is sold than is held; ``{symbol}`` is filled in.
    """
    said = _said(error, cure)
    if not isinstance(error, OversoldError | InvalidTransactionError) or error.transaction_id not in ids:
        return CommandError(f"{path.name} does not go with what is there: {said}. Nothing was taken.")
    row = list(ids).index(error.transaction_id)
    column = error.column if isinstance(error, InvalidTransactionError) else "quantity"
    return CommandError(f"{_place(path, column, row, content)}; {said}. Nothing was taken.")


def _said(error: EngineError, cure: str) -> str:
    """Return what the engine said; of what is sold beyond the holding, with what can be done about it here."""
    if not isinstance(error, OversoldError):
        return str(error)
    more = f"{error.shortfall.normalize():f} more {error.symbol}"
    held = f"transaction {error.transaction_id}: {error.account} disposes of {more} on {error.date} than it holds"
    return f"{held}; {cure.format(symbol=error.symbol)}"


def located_duplicate(error: DuplicateExternalIdError, path: Path, rows: pl.DataFrame, content: bytes) -> CommandError:
    """Return the error about an external id that the ledger has, with file, line, column and value."""
    row = rows["external_id"].to_list().index(error.external_id)
    return CommandError(f"{_place(path, 'external_id', row, content)}; {error}")


def _place(path: Path, column: str, row: int, content: bytes) -> str:
    cells = read_cells(path, known=TRANSACTION_COLUMNS, required=[], content=content)
    return f"{path.name}, line {cells.lines[row]}, column {column}: found {_cell(cells, column, row)}"


def _cell(cells: Cells, column: str, row: int) -> str:
    value = cells.text[column][row] if column in cells.text.columns else None
    return "nothing" if value is None else repr(value)
