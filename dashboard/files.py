"""A table as a file that somebody takes away.

Belongs here: what a file of each kind can hold. Does not: which table, the button (`tables`).
"""

import io
from typing import Any

import polars as pl
from polars import selectors
from xlsxwriter import Workbook

_YEARS = (1900, 9999)
"""Of days that a spreadsheet knows."""
_LONGEST_CELL = 32_767
"""Characters; a spreadsheet leaves a cell with more of them empty."""
_ENDLESS_DAY, _ENDLESS_TIME = 2**31 - 1, 2**63 - 1
"""How DuckDB stores infinity; the other end of time is the same below zero."""
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,  # a link that is too long would leave its cell empty
    "nan_inf_to_errors": True,
    "in_memory": True,
}


def written(frame: pl.DataFrame, kind: str) -> bytes:
    """Return a frame as a file: ``csv``, ``xlsx`` or ``parquet``; exact figures keep every digit in CSV and Parquet.

    Text and titles of a CSV file that a spreadsheet would reckon with as a formula begin with an apostrophe. A
    spreadsheet has times in UTC, and as text what it has no day or room for.
    """
    file = io.BytesIO()
    if kind == "csv":
        text = _with_endless_days_as_text(frame.with_columns(_without_formulas(pl.col(pl.String))))
        titles = pl.DataFrame({"title": frame.columns}).select(_without_formulas(pl.col("title")))["title"]
        text.rename(dict(zip(frame.columns, titles, strict=True))).write_csv(file)
    elif kind == "parquet":
        frame.write_parquet(file)
    else:
        _write_spreadsheet(frame, file)
    return file.getvalue()


def _write_spreadsheet(frame: pl.DataFrame, file: io.BytesIO) -> None:
    with Workbook(file, _OPTIONS) as workbook:
        # By default fractions are shown to three digits, and years as "2,022".
        plain: dict[Any, str] = {selectors.float() | selectors.integer(): "General"}
        _for_spreadsheet(frame).write_excel(workbook, column_formats=plain, autofit=True)


def _for_spreadsheet(frame: pl.DataFrame) -> pl.DataFrame:
    dated = _with_endless_days_as_text(frame)
    zoned = [name for name, kind in dated.schema.items() if isinstance(kind, pl.Datetime) and kind.time_zone]
    local = dated.with_columns(pl.col(name).dt.convert_time_zone("UTC").dt.replace_time_zone(None) for name in zoned)
    unknown = [
        name
        for name, kind in local.schema.items()
        if isinstance(kind, pl.Date | pl.Datetime) and not local[name].dt.year().is_between(*_YEARS).all()
    ]
    return local.with_columns(pl.col(unknown).cast(pl.String)).with_columns(_cut(pl.col(pl.String)))


def _with_endless_days_as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return columns that have a day without end, for which only DuckDB has a word, as text."""
    endless = {
        name: (frame[name].to_physical().abs() == (_ENDLESS_DAY if kind == pl.Date else _ENDLESS_TIME)).fill_null(False)
        for name, kind in frame.schema.items()
        if isinstance(kind, pl.Date | pl.Datetime)
    }
    return frame.with_columns(
        pl.when(where)
        .then(pl.when(frame[name].to_physical() > 0).then(pl.lit("infinity")).otherwise(pl.lit("-infinity")))
        .otherwise(frame[name].set(where, None).cast(pl.String))
        .alias(name)
        for name, where in endless.items()
        if where.any()
    )


def _cut(text: pl.Expr) -> pl.Expr:
    is_long = text.str.len_chars() > _LONGEST_CELL
    return pl.when(is_long).then(text.str.slice(0, _LONGEST_CELL - 1) + "…").otherwise(text).name.keep()


def _without_formulas(text: pl.Expr) -> pl.Expr:
    is_formula = text.str.contains(r"^[=+\-@\t\r]") & ~text.str.contains(r"^[+\-]?[0-9]+(\.[0-9]+)?$")
    return pl.when(is_formula).then("'" + text).otherwise(text).name.keep()
