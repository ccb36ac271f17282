"""The files that a person has put into the inbox: each taken whole, or not at all and named.

Belongs here: which files are taken, and what is said of the others. Does not: how a file becomes a frame (`files`), the
rules of the tables (`pipelines.quality`).
"""

import datetime as dt
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from pipelines.importers.cells import MAX_BYTES, read_cells
from pipelines.importers.errors import ImportFileError
from pipelines.quality.rules import rules_of
from pipelines.sources.base import PriceAnswer, Taken
from pipelines.sources.files import (
    KINDS,
    FileSource,
    Kind,
    RowError,
    canonical_file,
    market_of,
    united,
    window,
)
from warehouse.schema import Table, market

MAX_ROWS = 2_000_000
"""About as many as a CSV file of the largest size has; a Parquet file has many more in as many bytes, and each takes as
much memory."""
_LINE_ENDS = {b"\n", b"\r"}
Currencies = Mapping[str, Collection[str]]
"""The currencies in which a symbol has prices."""

_INSTRUMENTS: tuple[Kind, ...] = ("prices", "dividends", "splits")
_TABLES: Mapping[Kind, Table] = {
    "prices": market.PRICE_HISTORY,
    "dividends": market.DIVIDEND_HISTORY,
    "splits": market.SPLIT_HISTORY,
    "fx": market.FX_HISTORY,
}
_NAMES = (
    *("symbol", "date", "ex_date", "pay_date", "open", "high", "low", "close", "volume", "amount", "currency"),
    *("from", "to", "rate", "ratio_new", "ratio_old"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    """A file: its rows in their order, or why it is not taken."""

    path: Path
    kind: Kind
    rows: pl.DataFrame | None = None
    problem: str | None = None


class Inbox(FileSource):
    """The files of the inbox: asked like any source, and taken whole besides.

    Every row counts, whatever its symbol and however old; only what lies after today waits for its day. The files are
    read again by every run, so a row that is there already changes nothing, and a person's own row goes before what
    any provider says of the same day, then and later (`warehouse.build.Candidate.record_history`). To take one back,
    put a file with another value.

    Each file stands by itself. One with a row that cannot be read, that a gate would hold up, or whose price is in
    another currency than those that its symbol has, is not taken at all and is named; the others are. Nor is a CSV file
    taken whose last line has no end: it may be cut off, and half of a number is a number.

    Args:
        name: The source's name.
        folder: Where the files lie. They are told by how their name begins: ``prices``, ``dividends``, ``splits`` or
            ``fx``, ``.csv`` or ``.parquet``; where several state one value, the last by name counts.
        stored: Gives the currencies of the prices that are known already.
    """

    def __init__(self, name: str, folder: Path, stored: Callable[[], Currencies] = dict) -> None:
        super().__init__(name, lambda: market_of(_accepted([*self._instruments, *self._rates], self._stored)[0]))
        self._folder = folder
        self._known = stored

    def everything(self, until: dt.date, said: Currencies) -> Taken[PriceAnswer]:
        """Return everything up to a day; see `Whole.everything`."""
        both = {name: {*self._stored.get(name, ()), *said.get(name, ())} for name in {*self._stored, *said}}
        frames, refused = _accepted(self._instruments, both)
        answer = PriceAnswer(
            prices=window(frames["prices"], "date", None, until),
            dividends=window(frames["dividends"], "ex_date", None, until),
            splits=window(frames["splits"], "ex_date", None, until),
        )
        return Taken(answer, refused)

    def every_rate(self, until: dt.date) -> Taken[pl.DataFrame]:
        """Return every rate up to a day; see `Whole.every_rate`."""
        frames, refused = _accepted(self._rates, {})
        return Taken(window(frames["fx"], "date", None, until), refused)

    @cached_property
    def _stored(self) -> Currencies:
        return self._known()

    @cached_property
    def _instruments(self) -> list[_File]:
        return [file for kind in _INSTRUMENTS for file in _read(self._folder, kind)]

    @cached_property
    def _rates(self) -> list[_File]:
        return _read(self._folder, "fx")


def stated_splits(folder: Path) -> pl.DataFrame:
    """Return the splits of all files of an inbox that are taken, by key."""
    frames, _ = _accepted(_read(folder, "splits"), {})
    return frames["splits"]


def _read(folder: Path, kind: Kind) -> list[_File]:
    paths = sorted(path for path in folder.glob(f"{kind}*") if path.suffix in {".csv", ".parquet"})
    return [_file(kind, path) for path in paths]


def _file(kind: Kind, path: Path) -> _File:
    try:
        _refuse_large(path)
        _refuse_cut_off(path)
        rows = canonical_file(kind, path)
        _refuse_broken(kind, rows)
    except RowError as error:
        return _File(path=path, kind=kind, problem=_said(path, error))
    except ImportFileError as error:
        return _File(path=path, kind=kind, problem=str(error))
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        problem = f"{path.name}: {' '.join(str(error).split())}. Nothing was taken."
        return _File(path=path, kind=kind, problem=problem)
    return _File(path=path, kind=kind, rows=rows)


def _refuse_large(path: Path) -> None:
    """Refuse a file that is too large before it is read: it would take the memory of all the rest."""
    size = path.stat().st_size
    counted = [(size, MAX_BYTES, "bytes")]
    if path.suffix == ".parquet" and size <= MAX_BYTES:
        counted.append((pl.scan_parquet(path).select(pl.len()).collect().item(), MAX_ROWS, "rows"))
    for found, most, what in counted:
        if found > most:
            expected = f"a file of at most {most} {what}; split it into several"
            raise ImportFileError(file=path, line=None, column=None, value=f"{found} {what}", expected=expected)


def _refuse_cut_off(path: Path) -> None:
    """Refuse a CSV file that does not end with a line end; an empty one has other faults."""
    if path.suffix != ".csv" or not path.stat().st_size:
        return
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        if file.read(1) in _LINE_ENDS:
            return
    lines = path.read_bytes().splitlines()
    expected = "a line end: without it the file may be cut off, or on its way here"
    last = lines[-1].decode(errors="replace")
    raise ImportFileError(file=path, line=len(lines), column=None, value=last, expected=expected)


def _refuse_broken(kind: Kind, rows: pl.DataFrame) -> None:
    """Refuse what would break a blocking gate: it would keep everything else from being published too."""
    table = _TABLES[kind]
    for column in table.columns:
        if column.name in rows.columns and not column.nullable:
            _refuse(rows, pl.col(column.name).is_null(), column.name, "a value: every row has one")
    for rule in rules_of(table):
        if rule.blocking:
            # Days to come wait for theirs, so that none is too late here.
            _refuse(rows, rule.broken(dt.date.max), rule.columns[0], f"what the table holds to: {rule.doc}")


def _refuse(rows: pl.DataFrame, broken: pl.Expr, column: str, expected: str) -> None:
    places = rows.select(broken.fill_null(value=False).arg_true()).to_series()
    if len(places):
        raise RowError(row=int(places[0]), column=column, value=rows[column][int(places[0])], expected=expected)


def _said(path: Path, error: RowError) -> str:
    """Return what is wrong with a row, with its line in a CSV file, its number in any other."""
    if path.suffix == ".csv":
        line, expected = read_cells(path, known=_NAMES, required=[]).lines[error.row], error.expected
    else:
        line, expected = None, f"{error.expected} (row {error.row + 1})"
    return str(ImportFileError(file=path, line=line, column=error.column, value=error.text, expected=expected))


def _accepted(files: Iterable[_File], currencies: Currencies) -> tuple[dict[Kind, pl.DataFrame], tuple[str, ...]]:
    """Return the rows of the files that are taken, by kind, and what is wrong with each of the others."""
    known = {name: set(codes) for name, codes in currencies.items()}
    taken: dict[Kind, list[pl.DataFrame]] = {kind: [] for kind in KINDS}
    refused = []
    for file in files:
        problem = file.problem
        if file.rows is not None and file.kind == "prices":
            problem = _other_currency(file.path, file.rows, known)
        if problem is not None:
            refused.append(problem)
        elif file.rows is not None:
            taken[file.kind].append(file.rows)
    return {kind: united(kind, frames) for kind, frames in taken.items()}, tuple(refused)


def _other_currency(path: Path, rows: pl.DataFrame, known: dict[str, set[str]]) -> str | None:
    """Return what is wrong with a file that has a price in another currency than those of its symbol, else note its."""
    own: dict[str, set[str]] = {}
    for row, (symbol, currency) in enumerate(rows.select("symbol", "currency").iter_rows()):
        allowed: Collection[str] = known.get(symbol) or own.setdefault(symbol, {currency})
        if currency not in allowed:
            expected = f"{' or '.join(sorted(allowed))}, in which {symbol} has its other prices"
            return _said(path, RowError(row=row, column="currency", value=currency, expected=expected))
    known.update(own)
    return None
