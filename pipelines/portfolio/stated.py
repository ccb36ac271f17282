"""Numbers of rows that are only thought of, held to what a ledger's rows are held to (CALCULATIONS 1, 10).

Belongs here: refusing what would have to be rounded. Does not: rows of files, which the importers read.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import polars as pl

from pipelines.portfolio.errors import InvalidTransactionError
from pipelines.portfolio.frames import TRANSACTION_SCHEMA

_SCALES = {name: dtype.scale for name, dtype in TRANSACTION_SCHEMA.items() if isinstance(dtype, pl.Decimal)}


def refuse_inexact(numbers: Mapping[str, Decimal | None], *, transaction_id: str) -> None:
    """Refuse numbers of one row that its columns cannot hold as they are; by column of ``TRANSACTION_SCHEMA``.

    Raises:
        InvalidTransactionError: If one is no Decimal (a float is not exact), not finite, or has too many decimals.
    """
    for name, value in numbers.items():
        if value is not None and not _is_exact(value, _SCALES[name]):
            expected = f"a Decimal of at most {_SCALES[name]} decimals"
            raise InvalidTransactionError(transaction_id=transaction_id, column=name, value=value, expected=expected)


def _is_exact(value: object, scale: int) -> bool:
    return isinstance(value, Decimal) and value.is_finite() and (Fraction(value) * 10**scale).denominator == 1


def refuse_inexact_rows(rows: pl.DataFrame) -> None:
    """Refuse rows with a number that the columns of ``TRANSACTION_SCHEMA`` cannot hold as it is.

    Args:
        rows: Some columns of the schema, ``transaction_id`` among them.

    Raises:
        InvalidTransactionError: If a column is of floats or text, or a number has too many digits.
    """
    for name, scale in _SCALES.items():
        if name not in rows.columns or rows[name].dtype == pl.Null or rows.is_empty():
            continue
        column = rows[name]
        if not (column.dtype.is_decimal() or column.dtype.is_integer()):
            known = column.is_not_null().arg_max() or 0
            raise _refused(rows, name, known, f"an exact number of at most {scale} decimals, not {column.dtype}")
        held = column.cast(TRANSACTION_SCHEMA[name], strict=False)
        lost = (held.cast(column.dtype, strict=False) != column).fill_null(value=False) | (
            held.is_null() & column.is_not_null()
        )
        if lost.any():
            raise _refused(rows, name, lost.arg_max() or 0, f"at most {scale} decimals, in {TRANSACTION_SCHEMA[name]}")


def _refused(rows: pl.DataFrame, column: str, at: int, expected: str) -> InvalidTransactionError:
    return InvalidTransactionError(
        transaction_id=rows["transaction_id"][at], column=column, value=rows[column][at], expected=expected
    )
