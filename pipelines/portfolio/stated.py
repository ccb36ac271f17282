"""Numbers of a row that is only thought of, held to what a ledger's rows are held to (CALCULATIONS 1, 10).

Belongs here: refusing what would have to be rounded. Does not: frames of rows (`checked`).
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
