"""What the preview of a file says: the fate of every row.

Belongs here: naming and counting. Does not: deciding a fate (`pipelines.importing`).
"""

import re
from collections import Counter

import polars as pl

from dashboard.views.remarks import held_by
from dashboard.views.transactions import FIGURES
from pipelines import formats
from pipelines.importers import ImportFileError
from pipelines.importers.errors import UnfitRowError
from pipelines.importing import Fate, Preview

_NAMED = re.compile(r"^transaction [^:]*: ")
MOST_REASONS = 10
"""That are told above the table."""
_NUMBER = re.compile(r"(?<![\w-])[0-9]+(?:[.,][0-9]+)*(?![\w-])")
"""Neither part of a day nor of a name."""


def table(preview: Preview) -> pl.DataFrame:
    """Return ``Line, Fate, Column, Found, Expected`` and the file's own cells, what is refused first.

    Where amounts are hidden, those of the file are too.
    """
    refused = [preview.refused.get(place) for place in range(len(preview.fates))]
    said = pl.DataFrame(
        {
            "Line": preview.lines,
            "Fate": [fate.value for fate in preview.fates],
            "Column": [None if error is None else error.column for error in refused],
            "Found": [None if error is None else _found(error) for error in refused],
            "Expected": [None if error is None else expected(error) for error in refused],
        },
        schema={"Line": pl.Int64, **dict.fromkeys(("Fate", "Column", "Found", "Expected"), pl.String)},
    )
    both = pl.concat([said, _for_reader(preview.rows)], how="horizontal")
    return both.sort(pl.col("Fate") != Fate.REFUSED.value, "Line")


def accounts(preview: Preview, otherwise: str | None) -> set[str]:
    """Return the accounts that rows of a file name; ``otherwise`` is that of rows that name none."""
    named = {value for name in ("account", "to_account") if name in preview.rows for value in preview.rows[name]}
    return {name for name in (*named, otherwise) if name}


def held(preview: Preview) -> set[str]:
    """Return the symbols of which new rows of a file move units."""
    rows = preview.rows.filter(pl.Series([fate is Fate.NEW for fate in preview.fates], dtype=pl.Boolean))
    return {symbol for row in rows.iter_rows(named=True) for symbol in held_by(row)}


def _for_reader(rows: pl.DataFrame) -> pl.DataFrame:
    if not formats.hides_amounts():
        return rows
    hidden = [pl.col(name) for name in rows.columns if name in FIGURES]
    return rows.with_columns(
        pl.when(cell.str.len_chars() > 0).then(pl.lit(formats.HIDDEN)).name.keep() for cell in hidden
    )


def _found(error: ImportFileError) -> str:
    if error.value and error.column in FIGURES and formats.hides_amounts():
        return formats.HIDDEN
    return error.value or "nothing"


def expected(error: ImportFileError) -> str:
    """Return what a refusal expects, without the row that it stands beside, and of a file that nobody has taken yet."""
    said = error.expected.removesuffix(" Nothing was taken.")
    return without_numbers(_NAMED.sub("", said)) if isinstance(error, UnfitRowError) else said


def reasons(preview: Preview) -> list[str]:
    """Return why rows are refused, a sentence each with its line, in the order of the file; of many only the first."""
    by_place = sorted(preview.refused.items())
    told = [_reason(preview.lines[place], error) for place, error in by_place[:MOST_REASONS]]
    rest = len(by_place) - len(told)
    return [*told, f"{formats.count(rest)} more: see the table."] if rest else told


def _reason(line: int, error: ImportFileError) -> str:
    where = f"Line {line}" if error.column is None else f"Line {line}, {error.column}"
    if isinstance(error, UnfitRowError):
        return f"{where}: {expected(error)}"
    return f"{where}: found {_found(error)}; expected {expected(error).rstrip('.')}."


def without_numbers(said: str) -> str:
    """Return what is said of amounts and quantities as somebody may read it from whom they are hidden.

    >>> without_numbers("Depot disposes of 2.5 more 4GLD on 2026-01-06")
    'Depot disposes of 2.5 more 4GLD on 2026-01-06'
    """
    return _NUMBER.sub(formats.HIDDEN, said) if formats.hides_amounts() else said


def summary(preview: Preview) -> str:
    """Return in a sentence how many rows have which fate.

    >>> summary(Preview(rows=pl.DataFrame(), lines=[2], fates=[Fate.NEW], refused={}, whole=None))
    '1 row: 1 new.'
    """
    if not preview.fates:
        return "The file has no rows."
    counts = Counter(preview.fates)
    parts = [f"{formats.count(counts[fate])} {fate.value}" for fate in Fate if counts[fate]]
    total = len(preview.fates)
    return f"{formats.count(total)} row{'' if total == 1 else 's'}: {', '.join(parts)}."
