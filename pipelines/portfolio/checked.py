"""Columns of a caller's frame, or values of a caller's row, in the engine's types, or the reason why not.

Belongs here: what a column must be, and the error that says which row is not. Does not: which columns a frame has
(`frames`, `lots.trades`), what they mean.
"""

from collections.abc import Collection, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from pipelines.portfolio.errors import FrameError


def conformed(
    frame: pl.DataFrame,
    schema: Mapping[str, Any],
    *,
    name: str,
    optional: Collection[str] = (),
) -> pl.DataFrame:
    """Return the columns of a schema in its types; others are left out.

    Args:
        frame: In any order of columns, exact numbers in any exact type.
        schema: The columns and their types.
        name: What errors call the frame.
        optional: Columns that may lack or be null; they are null then.

    Raises:
        FrameError: If a column lacks or is null, is a float where it must be exact, or has a digit that would be lost.
    """
    if list(frame.schema.items()) == list(schema.items()) and not any(
        frame[column].null_count() for column in schema.keys() - optional
    ):
        return frame
    return pl.DataFrame([_column(frame, column, dtype, name, optional) for column, dtype in schema.items()])


def row_of(values: Mapping[str, object], schema: Mapping[str, Any], *, name: str) -> pl.DataFrame:
    """Return one row of Python's values as a frame of the columns of a schema that it names.

    Raises:
        FrameError: If an exact column is given a float, what is not finite, or a digit that would be lost.
    """
    for column, value in values.items():
        scale = schema[column].scale if isinstance(schema[column], pl.Decimal) else None
        if scale is not None and value is not None and not _is_exact(value, scale):
            expected = f"a Decimal of at most {scale} decimals"
            raise FrameError(frame=name, column=column, found=value, expected=expected, row=1)
    return pl.DataFrame([values], schema={column: schema[column] for column in values})


def _is_exact(value: object, scale: int) -> bool:
    return isinstance(value, Decimal) and value.is_finite() and (Fraction(value) * 10**scale).denominator == 1


def refuse(frame: pl.DataFrame, column: str, fault: pl.Expr, expected: str, *, name: str) -> None:
    """Raise FrameError for the first row at fault, by the number in its column ``row``."""
    for row in frame.filter(fault).head(1).iter_rows(named=True):
        raise FrameError(frame=name, column=column, found=row[column], expected=expected, row=row["row"])


def _column(frame: pl.DataFrame, column: str, dtype: Any, name: str, optional: Collection[str]) -> pl.Series:
    if column not in frame.columns:
        if column not in optional:
            raise FrameError(frame=name, column=column, found="nothing", expected=f"a column of {dtype}")
        return pl.Series(column, [None], dtype=dtype).new_from_index(0, frame.height)
    given = frame[column]
    result = _exact(given, dtype, name)
    if column not in optional and result.null_count():
        row = result.is_null().arg_true()[0] + 1
        raise FrameError(frame=name, column=column, found=None, expected="a value", row=row)
    return result


def _exact(column: pl.Series, dtype: Any, name: str) -> pl.Series:
    """Return a column in its type; a float or a digit that would be lost is refused."""
    given = column.dtype
    if given in {dtype, pl.Null()}:
        return column.cast(dtype)
    is_exact = isinstance(dtype, pl.Decimal)
    if is_exact and not (given.is_integer() or given.is_decimal()):
        raise FrameError(frame=name, column=column.name, found=str(given), expected=f"exact numbers, such as {dtype}")
    try:
        result = column.cast(dtype)
    except pl.exceptions.PolarsError as fault:
        raise FrameError(frame=name, column=column.name, found=str(given), expected=str(dtype)) from fault
    if is_exact and isinstance(given, pl.Decimal) and given.scale > dtype.scale:
        finer = pl.DataFrame({column.name: column, "rounded": result.cast(given)}).with_row_index("row", 1)
        differs = pl.col(column.name) != pl.col("rounded")
        refuse(finer, column.name, differs, f"at most {dtype.scale} decimals", name=name)
    return result
