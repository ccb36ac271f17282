"""Where in a person's file the engine or the ledger found fault.

Belongs here: from a transaction of their errors back to file, line, column and value. Does not: faults of single cells
(`typed`, `rules`).
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from pipelines.importers.canonical import TRANSACTION_COLUMNS
from pipelines.importers.cells import Cells, read_cells
from pipelines.importers.errors import UnfitRowError
from pipelines.portfolio.errors import EngineError, InvalidTransactionError, OversoldError
from warehouse.ledger import DuplicateExternalIdError


def row_ids(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a file with a ``transaction_id`` each: their ``external_id``, else their number."""
    numbers = pl.int_range(1, pl.len() + 1)
    return rows.with_columns(transaction_id=pl.coalesce(pl.col("external_id"), pl.format("row {}", numbers)))


def located(error: EngineError, path: Path, ids: Sequence[str], *, content: bytes, cure: str) -> UnfitRowError:
    """Return the error with file, line, column and value, where it is about a row of this file.

    Args:
        error: What the engine said.
        path: The file.
        ids: The ``transaction_id`` of each of its rows.
        content: What it was read from.
        cure: What to do where more is sold than is held; ``{symbol}`` is filled in.
    """
    said = f"{_said(error, cure)}. Nothing was taken."
    if not isinstance(error, OversoldError | InvalidTransactionError) or error.transaction_id not in ids:
        return UnfitRowError(file=path, line=None, column=None, value=None, said=said)
    row = list(ids).index(error.transaction_id)
    column = error.column if isinstance(error, InvalidTransactionError) else "quantity"
    return _unfit(path, column, row, content, said)


def _said(error: EngineError, cure: str) -> str:
    """Return what the engine said; of what is sold beyond the holding, with what can be done about it here."""
    if not isinstance(error, OversoldError):
        return str(error)
    more = f"{error.shortfall.normalize():f} more {error.symbol}"
    held = f"transaction {error.transaction_id}: {error.account} disposes of {more} on {error.date} than it holds"
    return f"{held}; {cure.format(symbol=error.symbol)}"


def located_duplicate(error: DuplicateExternalIdError, path: Path, rows: pl.DataFrame, content: bytes) -> UnfitRowError:
    """Return the error about an external id that the ledger has, with file, line, column and value."""
    row = rows["external_id"].to_list().index(error.external_id)
    return _unfit(path, "external_id", row, content, str(error))


def _unfit(path: Path, column: str, row: int, content: bytes, said: str) -> UnfitRowError:
    cells = read_cells(path, known=TRANSACTION_COLUMNS, required=[], content=content)
    return UnfitRowError(file=path, line=cells.lines[row], column=column, value=_cell(cells, column, row), said=said)


def _cell(cells: Cells, column: str, row: int) -> str | None:
    return cells.text[column][row] if column in cells.text.columns else None
