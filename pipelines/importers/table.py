"""A CSV file → rows of parsed cells with their true line numbers.

Belongs here: the file as a table: size, encoding, header, cells. Does not: what rows mean together.
"""

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.importers.cells import CellError, Parser
from pipelines.importers.errors import ImportFileError

LARGEST_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the line it starts on, and its cells by column; None where a cell is empty."""

    line: int
    cells: dict[str, Any]


def read_rows(
    path: Path, columns: Mapping[str, Parser], required: Collection[str], *, largest: int = LARGEST_BYTES
) -> Iterator[Row]:
    """Return the rows of a file.

    Args:
        path: UTF-8, with a header row; a byte-order mark is accepted.
        columns: Parser of every column there may be.
        required: Columns that must be there and filled.
        largest: Size in bytes above which a file is refused unread.

    Raises:
        ImportFileError: For the first thing that is wrong.
    """
    reader = csv.reader(io.StringIO(_text(path, largest), newline=""), strict=True)
    header = _header(path, reader, columns, required)
    line = reader.line_num + 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise ImportFileError(file=path, line=line, column=None, value=str(error), expected="valid CSV") from error
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield Row(line, _parsed(path, line, header, cells, columns, required))
        line = reader.line_num + 1


def _text(path: Path, largest: int) -> str:
    size = path.stat().st_size
    if size > largest:
        raise ImportFileError(
            file=path, line=None, column=None, value=f"{size} bytes", expected=f"at most {largest} bytes; split it"
        )
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        broken = raw[error.start : error.end]
        raise ImportFileError(file=path, line=line, column=None, value=broken, expected="UTF-8 text") from error


def _header(path: Path, reader: Any, columns: Mapping[str, Parser], required: Collection[str]) -> list[str]:
    try:
        header = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise ImportFileError(file=path, line=1, column=None, value=str(error), expected="valid CSV") from error
    if not any(header):
        raise ImportFileError(file=path, line=1, column=None, value="", expected="a header row")
    known = ", ".join(columns)
    for name in header:
        if name not in columns:
            raise ImportFileError(file=path, line=1, column=name, value=name, expected=f"one of {known}")
        if header.count(name) > 1:
            raise ImportFileError(file=path, line=1, column=name, value=name, expected="each column once")
    for name in required:
        if name not in header:
            raise ImportFileError(file=path, line=1, column=name, value=None, expected="this column")
    return header


def _parsed(
    path: Path,
    line: int,
    header: list[str],
    cells: list[str],
    columns: Mapping[str, Parser],
    required: Collection[str],
) -> dict[str, Any]:
    if len(cells) != len(header):
        raise ImportFileError(
            file=path, line=line, column=None, value=f"{len(cells)} cells", expected=f"{len(header)} cells"
        )
    row: dict[str, Any] = dict.fromkeys(columns)
    for name, cell in zip(header, (cell.strip() for cell in cells), strict=True):
        if cell:
            try:
                row[name] = columns[name](cell)
            except CellError as error:
                raise ImportFileError(file=path, line=line, column=name, value=cell, expected=str(error)) from error
        elif name in required:
            raise ImportFileError(file=path, line=line, column=name, value="", expected="a value")
    return row
