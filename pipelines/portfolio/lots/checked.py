"""Columns of a caller's frame in the engine's types, or the reason why not.

Belongs here: what a column must be, and the error that says which row is not. Does not: what the columns mean
(`trades`, `splits`).
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipelines.portfolio.errors import EngineError
from pipelines.portfolio.exact import MONEY_SCALE, UNITS_SCALE
from warehouse.schema.types import MONEY, QUANTITY

_SCALES = {QUANTITY: UNITS_SCALE, MONEY: MONEY_SCALE}


class TradesError(EngineError):
    """A frame of trades or splits is not what matching takes.

    Args:
        column: The column at fault.
        found: What is there.
        expected: What should be.
        row: The row's number from 1 on; None if it is about the whole column.
    """

    def __init__(self, *, column: str, found: object, expected: str, row: int | None = None) -> None:
        where = f"row {row}, column {column}" if row is not None else f"column {column}"
        super().__init__(f"{where}: found {found}; expected {expected}")
        self.column = column
        self.found = found
        self.expected = expected
        self.row = row


def columns(frame: pl.DataFrame, schema: Mapping[str, Any]) -> list[pl.Series]:
    """Return the columns of a schema in its types.

    Raises:
        TradesError: If one is missing, is a float, or has a digit that would be lost.
    """
    for name, dtype in schema.items():
        if name not in frame.columns:
            raise TradesError(column=name, found="nothing", expected=f"a column of {dtype}")
    return [_exact(frame[name], dtype) for name, dtype in schema.items()]


def refuse(frame: pl.DataFrame, column: str, fault: pl.Expr, expected: str) -> None:
    """Raise TradesError for the first row at fault, by the number in its column ``row``."""
    for row in frame.filter(fault).head(1).iter_rows(named=True):
        raise TradesError(column=column, found=row[column], expected=expected, row=row["row"])


def _exact(column: pl.Series, dtype: Any) -> pl.Series:
    """Return a column in its type; a float or a digit that would be lost is refused."""
    scale = _SCALES.get(dtype)
    if scale is not None and not (column.dtype.is_integer() or column.dtype.is_decimal()):
        raise TradesError(column=column.name, found=str(column.dtype), expected=f"exact numbers, such as {dtype}")
    try:
        result = column.cast(dtype)
    except pl.exceptions.PolarsError as error:
        raise TradesError(column=column.name, found=str(column.dtype), expected=str(dtype)) from error
    if isinstance(column.dtype, pl.Decimal) and scale is not None and column.dtype.scale > scale:
        _refuse_finer(column, result, scale)
    return result


def _refuse_finer(column: pl.Series, rounded: pl.Series, scale: int) -> None:
    finer = pl.DataFrame({column.name: column, "rounded": rounded.cast(column.dtype)}).with_row_index("row", 1)
    refuse(finer, column.name, pl.col(column.name) != pl.col("rounded"), f"at most {scale} decimals")
