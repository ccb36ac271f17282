"""From a CSV file to its cells, each with the line on which it stands.

Belongs here: size, encoding, quoting, header, shape. Does not: what a cell means (`typed`, `rules`).
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from pipelines.importers.errors import ImportFileError

MAX_BYTES = 100_000_000
MOST_NOTED = 1_000
"""Rows with one thing wrong that are kept in full: whoever has more mends the file and comes again."""
_AT_ONCE = 50_000
_ESCAPED = "".join(map(chr, range(0xDC80, 0xDD00)))  # what surrogateescape makes of bytes that are no UTF-8


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The cells of a file.

    Args:
        file: The file.
        text: A column each of the file's, String, space around stripped, null where nothing is left.
        lines: The line of each row, from 1.
        header_line: The line of the header.
        is_uneven: Whether a row has more or fewer values than the header; its cells are null, for which is which nobody
            knows.
        uneven: The values of such a row, by its place; of very many only the first.
    """

    file: Path
    text: pl.DataFrame
    lines: pl.Series
    header_line: int
    is_uneven: pl.Series
    uneven: dict[int, list[str]]


_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
"""What other programs, and spreadsheets where a comma is decimal, put between columns."""


def read_cells(
    path: Path,
    *,
    known: Sequence[str],
    required: Sequence[str],
    content: bytes | None = None,
    max_bytes: int = MAX_BYTES,
) -> Cells:
    """Read a CSV file in UTF-8, with or without a byte order mark.

    Args:
        path: The file; only its name counts where ``content`` is given.
        known: Names that columns may have, in lower case.
        required: Those that must be there.
        content: The file's bytes, where they are at hand already.
        max_bytes: A larger file is refused before it is read.

    Raises:
        ImportFileError: If the file is too large, empty, not UTF-8 or no CSV, has an unknown, a double or no
            required column.
        OSError: If it cannot be read.
    """
    data = _bytes(path, content, max_bytes)
    _check_text(path, data)
    # The newlines are left as they are, so that the reader counts the file's own lines.
    stream = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="")
    records = _records(path, stream)
    header_line, first = next(records, (1, []))
    if not first:
        raise ImportFileError(file=path, line=1, column=None, value=None, expected="a header row")
    header = [name.strip().lower() for name in first]
    _check_header(path, header_line, header, known=known, required=required)
    return _cells(path, header_line, header, records)


def _bytes(path: Path, content: bytes | None, max_bytes: int) -> bytes:
    size = path.stat().st_size if content is None else len(content)
    if size > max_bytes:
        expected = f"a file of at most {max_bytes} bytes; split it into several"
        raise ImportFileError(file=path, line=None, column=None, value=f"{size} bytes", expected=expected)
    return (path.read_bytes() if content is None else content).removeprefix(codecs.BOM_UTF8)


def _check_text(file: Path, data: bytes) -> None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        expected = f"text in UTF-8, which byte 0x{data[error.start]:02x} is not"
        raise _no_text(file, data, _ESCAPED, expected) from error
    if "\0" in text:
        raise _no_text(file, data, "\0", "text without NUL bytes")


def _no_text(file: Path, data: bytes, bad: str, expected: str) -> ImportFileError:
    """Return the error about the first cell with one of some characters."""
    stream = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", errors="surrogateescape", newline="")
    header: list[str] = []
    for line, record in _records(file, stream):
        header = header or record
        for place, cell in enumerate(record):
            if any(sign in bad for sign in cell):
                shown = "".join("\N{REPLACEMENT CHARACTER}" if sign in bad else sign for sign in cell)
                column = header[place].strip() if place < len(header) and header is not record else None
                return ImportFileError(file=file, line=line, column=column, value=shown, expected=expected)
    return ImportFileError(file=file, line=None, column=None, value=None, expected=expected)


def _records(file: Path, stream: io.TextIOWrapper) -> Iterator[tuple[int, list[str]]]:
    """Return each record with the line on which it begins; empty lines are no records."""
    reader = csv.reader(stream, strict=True, skipinitialspace=True)
    line = 1
    while True:
        try:
            record = next(reader, None)
        except csv.Error as error:
            expected = "a record of comma-separated values, quotes closed and doubled inside"
            stream.seek(0)
            found = next(islice(stream, line - 1, None), "").strip()
            raise ImportFileError(file=file, line=line, column=None, value=found, expected=expected) from error
        if record is None:
            return
        if record:
            yield line, record
        line = reader.line_num + 1


def _check_header(
    file: Path, line: int, header: Sequence[str], *, known: Sequence[str], required: Sequence[str]
) -> None:
    if len(header) == 1 and (sign := next((sign for sign in _OTHER_SEPARATORS if sign in header[0]), None)):
        expected = f"columns separated by commas, not by {_OTHER_SEPARATORS[sign]}"
        raise ImportFileError(file=file, line=line, column=None, value=header[0], expected=expected)
    for index, name in enumerate(header):
        if name not in known:
            expected = f"only the columns {', '.join(known)}, separated by commas"
            raise ImportFileError(file=file, line=line, column=name, value=name, expected=expected)
        if name in header[:index]:
            raise ImportFileError(file=file, line=line, column=name, value=name, expected="each column once")
    for name in required:
        if name not in header:
            expected = f"a column {name}"
            raise ImportFileError(file=file, line=line, column=name, value=None, expected=expected)


def _cells(file: Path, header_line: int, header: Sequence[str], records: Iterator[tuple[int, list[str]]]) -> Cells:
    schema, blank = dict.fromkeys(header, pl.String), [""] * len(header)
    frames, lines = [pl.DataFrame(schema=schema)], [pl.Series("line", [], dtype=pl.Int64)]
    flags = [pl.Series("is_uneven", [], dtype=pl.Boolean)]
    uneven: dict[int, list[str]] = {}
    before = 0
    # In portions: as Python's strings, a file of 100 MB would take a gigabyte.
    while portion := list(islice(records, _AT_ONCE)):
        flag = [len(record) != len(header) for _, record in portion]
        even = [blank if is_uneven else record for is_uneven, (_, record) in zip(flag, portion, strict=True)]
        columns = map(list, zip(*even, strict=True))
        frames.append(pl.DataFrame(dict(zip(header, columns, strict=True)), schema=schema))
        lines.append(pl.Series("line", [line for line, _ in portion], dtype=pl.Int64))
        flags.append(pl.Series("is_uneven", flag, dtype=pl.Boolean))
        found = (before + place for place, is_uneven in enumerate(flag) if is_uneven)
        uneven |= {place: portion[place - before][1] for place in islice(found, MOST_NOTED - len(uneven))}
        before += len(portion)
    stripped = pl.all().str.strip_chars()
    text = pl.concat(frames).select(stripped).select(pl.when(pl.all() != "").then(pl.all()))
    return Cells(
        file=file,
        text=text,
        lines=pl.concat(lines),
        header_line=header_line,
        is_uneven=pl.concat(flags),
        uneven=uneven,
    )
