"""What a row must be before the ledger takes it, whoever brings it.

Belongs here: checks that need no other row. Does not: what a type of transaction needs (`pipelines.importers.rules`),
what the holdings allow (`pipelines.portfolio`).
"""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from warehouse.ledger.errors import InvalidValueError
from warehouse.ledger.frames import ROWS
from warehouse.ledger.records import COST_METHODS
from warehouse.ledger.tables import TRANSACTIONS
from warehouse.relational import DecimalText
from warehouse.relational.errors import InexactValueError
from warehouse.schema.currencies import currency_codes
from warehouse.schema.model import Column

TRANSACTION_TYPES = frozenset(
    {
        "BUY",
        "SELL",
        "DELIVERY_IN",
        "DELIVERY_OUT",
        "TRANSFER",
        "DEPOSIT",
        "WITHDRAWAL",
        "DIVIDEND",
        "INTEREST",
        "INTEREST_CHARGE",
        "FEE",
        "FEE_REFUND",
        "TAX",
        "TAX_REFUND",
        "FX_CONVERSION",
        "SPLIT",
        "SPINOFF",
        "MERGER",
        "RETURN_OF_CAPITAL",
    }
)
_CURRENCIES = ("currency", "to_currency")
MOST_DIGITS = 15
"""Before the point of a number: nobody has more of anything, and sums of more would have no room in their columns."""
CHANGEABLE = ("name", "base_currency", "cost_method", "benchmark")
"""What a person may change of a portfolio."""
_NAMES = ("symbol", "to_account", "to_symbol", "lot_id", "external_id")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_PYTHON_TYPES: Mapping[type[pl.DataType], tuple[type, str]] = {
    pl.String: (str, "text"),
    pl.Date: (dt.date, "a date"),
    pl.Time: (dt.time, "a time of day"),
    pl.Decimal: (Decimal, "a Decimal"),
}


def check_currency(column: str, value: object) -> None:
    """Refuse what is no ISO 4217 code, and the exchanges' codes of hundredths."""
    if not isinstance(value, str) or value not in currency_codes():
        raise InvalidValueError(column, value, "an ISO 4217 code as EUR, in capitals")


def check_name(column: str, value: object) -> None:
    """Refuse a name that is empty, too long, has space around it, or would do something to a terminal."""
    if not isinstance(value, str) or not value or value != value.strip() or len(value) > 255:  # noqa: PLR2004
        raise InvalidValueError(column, value, "a name of 1 to 255 characters without space around it")
    if _CONTROLS.search(value):
        raise InvalidValueError(column, value, "a name without control characters")


def check_cost_method(value: object) -> None:
    """Refuse what is no cost method."""
    if value not in COST_METHODS:
        raise InvalidValueError("cost_method", value, f"one of {', '.join(COST_METHODS)}")


def check_portfolio(row: Mapping[str, object]) -> None:
    """Refuse what no portfolio is called, counted in or compared with, and what is no part of one.

    Raises:
        InvalidValueError: For the first of them.
    """
    unknown = sorted(set(row) - set(CHANGEABLE))
    if unknown:
        raise InvalidValueError(unknown[0], row[unknown[0]], f"one of {', '.join(CHANGEABLE)}")
    check_name("name", row["name"])
    check_currency("base_currency", row["base_currency"])
    check_cost_method(row["cost_method"])
    if row["benchmark"] is not None:
        check_name("benchmark", row["benchmark"])


def check_rows(rows: list[dict[str, Any]]) -> None:
    """Refuse rows, already of the declared types, with a value that no transaction has.

    Raises:
        InvalidValueError: If a type is unknown, a number negative or vast, a name empty, or a currency no code.
    """
    decimals = [column.name for column in ROWS.columns if isinstance(column.dtype, pl.Decimal)]
    for row in rows:
        _check_known(row)
        for name in decimals:
            value = row[name]
            if value is not None and value < 0:
                raise InvalidValueError(name, value, "a number that is not negative: the type gives the direction")
            if value is not None and value >= 10**MOST_DIGITS:
                raise InvalidValueError(name, f"{value:f}", f"at most {MOST_DIGITS} digits before the point")


def _check_known(row: Mapping[str, Any]) -> None:
    if row["type"] not in TRANSACTION_TYPES:
        raise InvalidValueError("type", row["type"], f"one of {', '.join(sorted(TRANSACTION_TYPES))}")
    check_name("account", row["account"])
    for name in _NAMES:
        if row[name] is not None:
            check_name(name, row[name])
    for name in _CURRENCIES:
        if row[name] is not None:
            check_currency(name, row[name])


def check_types(row: Mapping[str, Any]) -> None:
    """Refuse a row of which a value does not have its column's type, exactly.

    Raises:
        InvalidValueError: If a column is unknown, a value is absent that must be there, or of another type; a float
            is never a Decimal.
    """
    columns = {column.name: column for column in ROWS.columns}
    for name, value in row.items():
        if name not in columns:
            raise InvalidValueError(name, value, f"one of the columns {', '.join(columns)}")
        _check_type(columns[name], value)


def _check_type(column: Column, value: object) -> None:
    if value is None:
        if not column.nullable:
            raise InvalidValueError(column.name, value, "a value")
        return
    kind, expected = _PYTHON_TYPES[column.dtype.base_type()]
    if not isinstance(value, kind) or isinstance(value, dt.datetime):
        raise InvalidValueError(column.name, value, expected)
    stored = TRANSACTIONS.c[column.name].type
    if isinstance(stored, DecimalText):
        try:
            stored.text_of(value)
        except InexactValueError as error:
            raise InvalidValueError(column.name, value, error.expected) from error
