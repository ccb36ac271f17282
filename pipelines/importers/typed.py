"""From cells to values: exact numbers, dates, codes; the first cell in the file that is none is refused.

Belongs here: what a cell must look like, whatever its row says. Does not: what a row needs (`rules`).
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from pipelines.importers.cells import MOST_NOTED, Cells
from pipelines.importers.errors import ImportFileError
from warehouse.ledger.checks import MOST_DIGITS
from warehouse.schema.currencies import currency_codes

EARLIEST = dt.date(1900, 1, 1)
_NUMBER = r"^-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TIME = r"^[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?$"
_CURRENCY = r"^(?:[A-Z]{3}|[a-z]{3})$"
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_LONGEST_NAME = 255
MOST_NAMED = 50
"""Doubles of which each says on which line its first is."""
_CONTROLS = r"[\p{Cc}\x{2028}\x{2029}\x{202a}-\x{202e}\x{2066}-\x{2069}]"


class Refusals:
    """Gathers what is wrong with a file, one thing a row, and raises what stands first in it.

    Args:
        cells: The file's cells; a column that the file does not have is empty. A row that is not as wide as the header
            is refused for that.
    """

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.height = cells.text.height
        self.refused = cells.is_uneven
        self._rows = pl.int_range(self.height, eager=True)
        expected = f"{cells.text.width} values, as many as the header has columns; there are "
        self._found: dict[int, tuple[str | None, str]] = {
            row: (None, f"{expected}{len(values)}") for row, values in cells.uneven.items()
        }

    def text(self, column: str) -> pl.Series:
        """Return a column as text."""
        if column in self.cells.text.columns:
            return self.cells.text[column]
        return pl.Series(column, [None] * self.height, dtype=pl.String)

    def refuse(self, rows: pl.Series, column: str, expected: str) -> None:
        """Note that a column of the rows that are true is not as expected; what is noted first of a row counts."""
        if not rows.any():
            return
        found = rows.fill_null(value=False) & ~self.cells.is_uneven
        self.refused = self.refused | found
        for row in found.arg_true()[:MOST_NOTED].to_list():
            self._found.setdefault(row, (column, expected))

    def refuse_one(self, row: int, column: str, expected: str) -> None:
        """Note that a column of one row is not as expected."""
        self.refuse(self._rows == row, column, expected)

    @property
    def errors(self) -> dict[int, ImportFileError]:
        """Return what is wrong by the place of its row, in the order of the file; of very many only the first."""
        return {row: self._error(row) for row in sorted(self._found)[:MOST_NOTED]}

    def raise_first(self) -> None:
        """Raise what stands first in the file, if anything was refused.

        Raises:
            ImportFileError: If anything was.
        """
        if self._found:
            raise self._error(min(self._found))

    def _error(self, row: int) -> ImportFileError:
        column, expected = self._found[row]
        return ImportFileError(
            file=self.cells.file,
            line=self.cells.lines[row],
            column=column,
            value=",".join(self.cells.uneven[row]) if column is None else self.text(column)[row],
            expected=expected,
        )


def decimals(refusals: Refusals, column: str, dtype: pl.Decimal, *, above_zero: bool = False) -> pl.Series:
    """Return a column of numbers from zero (or above it), exactly as they are written; null where there is none."""
    values = _exact(refusals, column, dtype)
    if above_zero:
        refusals.refuse(values <= 0, column, "a number above zero")
    else:
        refusals.refuse(values < 0, column, "a number that is not negative: the type gives the direction")
    return values


def _exact(refusals: Refusals, column: str, dtype: pl.Decimal) -> pl.Series:
    text = refusals.text(column)
    written = text.str.contains(_NUMBER)
    refusals.refuse(~written, column, "a number as 1234.56: digits, a point, nothing else")
    text = text.set(~written, None) if text.len() else text
    whole = text.str.extract(r"^-?0*([0-9]*)").str.len_bytes()
    places = text.str.extract(r"\.([0-9]*?)0*$").str.len_bytes().fill_null(0)
    digits = min((dtype.precision or 0) - dtype.scale, MOST_DIGITS)
    refusals.refuse(places > dtype.scale, column, f"at most {dtype.scale} decimals: a finer number is not rounded")
    refusals.refuse(whole > digits, column, f"at most {digits} digits before the point")
    fits = (places <= dtype.scale) & (whole <= digits)
    return (text.set(~fits, None) if text.len() else text).cast(dtype)


def integers(refusals: Refusals, column: str) -> pl.Series:
    """Return a column of whole numbers that are not negative; null where there is none."""
    text = refusals.text(column)
    values = text.cast(pl.Int64, strict=False)
    refusals.refuse(~text.str.contains(r"^[0-9]+$") | (text.is_not_null() & values.is_null()), column, "a whole number")
    return values


def dates(refusals: Refusals, column: str, *, latest: dt.date | None = None) -> pl.Series:
    """Return a column of dates from 1900 on and up to ``latest``; null where there is none."""
    text = refusals.text(column)
    values = text.str.to_date("%Y-%m-%d", strict=False)
    is_date = text.str.contains(_DATE) & values.is_not_null()
    refusals.refuse(~is_date & text.is_not_null(), column, "a date as 2024-12-31")
    refusals.refuse(is_date & (values < EARLIEST), column, f"a date from {EARLIEST} on")
    if latest is not None:
        refusals.refuse(is_date & (values > latest), column, f"a date not after {latest}: it lies in the future")
    return values


def times(refusals: Refusals, column: str) -> pl.Series:
    """Return a column of times of day; null where there is none."""
    text = refusals.text(column)
    full = pl.when(text.str.len_bytes() == len("09:30")).then(text + ":00").otherwise(text)
    values = pl.select(full.alias(column)).to_series().str.to_time("%H:%M:%S%.f", strict=False)
    is_time = text.str.contains(_TIME) & values.is_not_null()
    refusals.refuse(~is_time & text.is_not_null(), column, "a time as 09:30 or 09:30:00")
    return values


def currencies(refusals: Refusals, column: str) -> pl.Series:
    """Return a column of currency codes; null where there is none."""
    text = refusals.text(column)
    expected = "an ISO 4217 code as EUR (amounts in pence or cents are given in the major unit)"
    codes = text.str.to_uppercase()
    refusals.refuse(~text.str.contains(_CURRENCY) | ~codes.is_in(sorted(currency_codes())), column, expected)
    return codes


def notes(refusals: Refusals, column: str) -> pl.Series:
    """Return a column of free text, which may have tabs and lines; null where there is none."""
    text = refusals.text(column)
    _refuse_controls(refusals, text.str.replace_all(r"[\t\n\r]", " "), column)
    return text


def _refuse_controls(refusals: Refusals, text: pl.Series, column: str) -> None:
    """Refuse characters that are not seen but do something to a terminal, or turn the text around."""
    refusals.refuse(text.str.contains(_CONTROLS), column, "text without control characters")


def names(refusals: Refusals, column: str) -> pl.Series:
    """Return a column of names or numbers as text; null where there is none."""
    text = refusals.text(column)
    _refuse_controls(refusals, text, column)
    refusals.refuse(text.str.len_chars() > _LONGEST_NAME, column, f"at most {_LONGEST_NAME} characters")
    return text


def truths(refusals: Refusals, column: str) -> pl.Series:
    """Return a column of true and false; null where there is none."""
    text = refusals.text(column).str.to_lowercase()
    refusals.refuse(~text.is_in(list(_TRUTHS)), column, "true or false")
    return text.replace_strict(_TRUTHS, default=None, return_dtype=pl.Boolean)


def need(refusals: Refusals, columns: Sequence[str]) -> None:
    """Refuse rows in which one of the columns is empty."""
    for column in columns:
        refusals.refuse(refusals.text(column).is_null(), column, "a value: every row has one")


def unique(refusals: Refusals, columns: Sequence[str], values: Mapping[str, pl.Series]) -> None:
    """Refuse the second of two rows that agree in all of the columns, none of them empty."""
    lines = refusals.cells.lines
    frame = pl.DataFrame({name: values[name] for name in columns}).with_row_index("row").drop_nulls()
    first = pl.col("row").first().over(columns)
    doubles = frame.with_columns(first=first).filter(pl.col("row") != pl.col("first"))
    what = f"each {' and '.join(columns)} once"
    for row, *_, earlier in doubles.head(MOST_NAMED).iter_rows():
        refusals.refuse_one(row, columns[-1], f"{what}; it is on line {lines[earlier]} already")
    if doubles.height > MOST_NAMED:
        places = pl.int_range(refusals.height, eager=True)
        refusals.refuse(places.is_in(doubles["row"].implode()), columns[-1], what)
