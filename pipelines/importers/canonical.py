"""The canonical files (DESIGN 4): transactions, accounts, prices, rates, splits, dividends.

Belongs here: their columns, and rows between each other. Does not: cells (`cells`), one transaction (`transactions`).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.importers import cells
from pipelines.importers.cells import Parser
from pipelines.importers.errors import ImportFileError
from pipelines.importers.table import LARGEST_BYTES, Row, read_rows
from pipelines.importers.transactions import Fault, fault_of, kind
from pipelines.portfolio.frames import (
    ACCOUNT_SCHEMA,
    DIVIDEND_SCHEMA,
    FX_SCHEMA,
    PRICE_SCHEMA,
    SPLIT_SCHEMA,
    TRANSACTION_SCHEMA,
)

_QUANTITY = cells.number(places=10, digits=14)
_MONEY = cells.number(places=8, digits=20)
_PRICE = cells.number(places=8, digits=12)
_SIGNED_PRICE = cells.number(places=8, digits=12, signed=True)
_RATE = cells.number(places=10, digits=10, positive=True)
_RATIO = cells.number(places=10, digits=14, positive=True)

TRANSACTION_COLUMNS: Mapping[str, Parser] = {
    "date": cells.date,
    "type": cells.text,
    "account": cells.text,
    "symbol": cells.text,
    "quantity": _QUANTITY,
    "price": _PRICE,
    "amount": _MONEY,
    "fee": _MONEY,
    "tax": _MONEY,
    "currency": cells.currency,
    "fx_rate": _RATE,
    "to_account": cells.text,
    "to_symbol": cells.text,
    "ratio_new": _RATIO,
    "ratio_old": _RATIO,
    "cost_fraction": _QUANTITY,
    "to_amount": _MONEY,
    "to_currency": cells.currency,
    "lot_id": cells.text,
    "time": cells.time,
    "settle_date": cells.date,
    "external_id": cells.text,
    "note": cells.text,
}
_IMPORTED = {name: dtype for name, dtype in TRANSACTION_SCHEMA.items() if name not in {"transaction_id", "sequence"}}


def read_transactions(
    path: Path,
    *,
    today: dt.date,
    account: str | None = None,
    currency: str | None = None,
    largest: int = LARGEST_BYTES,
) -> pl.DataFrame:
    """Return the transactions of a file, in its order.

    Args:
        path: The file.
        today: A later date is refused.
        account: Account of rows that name none; without it the column is needed.
        currency: Currency of rows that name none; without it the column is needed.
        largest: Size in bytes above which a file is refused unread.

    Returns:
        ``TRANSACTION_SCHEMA`` without ``transaction_id`` and ``sequence``; ``amount`` is filled in from quantity and
        price, ``fee`` and ``tax`` with 0.

    Raises:
        ImportFileError: For the first thing that is wrong; nothing is taken then.
    """
    given = {"account": account, "currency": currency}
    required = ["date", "type", *(name for name, value in given.items() if value is None)]
    seen: dict[str, int] = {}
    rows = []
    for row in read_rows(path, TRANSACTION_COLUMNS, required, largest=largest):
        rows.append(_transaction(path, row, given, today))
        _once(path, row, seen)
    return pl.DataFrame(rows, schema=_IMPORTED)


def _transaction(path: Path, row: Row, given: Mapping[str, str | None], today: dt.date) -> dict[str, Any]:
    values = row.cells
    for name, value in given.items():
        values[name] = values[name] or value
    for name in ("fee", "tax"):
        values[name] = values[name] or 0
    found = kind(values["type"])
    fault = found if isinstance(found, Fault) else fault_of(values, found, today=today)
    if fault is not None:
        raise ImportFileError(file=path, line=row.line, column=fault.column, value=fault.value, expected=fault.expected)
    return values | {"type": str(found)}


def _once(path: Path, row: Row, seen: dict[str, int]) -> None:
    name = row.cells["external_id"]
    if name is None:
        return
    if name in seen:
        expected = f"each external_id once; line {seen[name]} has it too"
        raise ImportFileError(file=path, line=row.line, column="external_id", value=name, expected=expected)
    seen[name] = row.line


def read_prices(path: Path) -> pl.DataFrame:
    """Return prices as traded: ``PRICE_SCHEMA``, unique by symbol and date."""
    columns = {"symbol": cells.text, "date": cells.date, "close": _SIGNED_PRICE, "currency": cells.currency}
    others = dict.fromkeys(("open", "high", "low"), _SIGNED_PRICE) | {"volume": cells.number(places=10, digits=18)}
    return _unique(path, columns | others, list(columns), PRICE_SCHEMA, ("symbol", "date"))


def read_fx(path: Path) -> pl.DataFrame:
    """Return rates: ``FX_SCHEMA``; one ``from`` is ``rate`` ``to``."""
    columns = {"date": cells.date, "from": cells.currency, "to": cells.currency, "rate": _RATE}
    names = {"from": "from_currency", "to": "to_currency"}
    return _unique(path, columns, list(columns), FX_SCHEMA, ("from", "to", "date"), names)


def read_splits(path: Path) -> pl.DataFrame:
    """Return splits: ``SPLIT_SCHEMA``."""
    columns = {"symbol": cells.text, "date": cells.date, "ratio_new": _RATIO, "ratio_old": _RATIO}
    return _unique(path, columns, list(columns), SPLIT_SCHEMA, ("symbol", "date"), {"date": "ex_date"})


def read_dividends(path: Path) -> pl.DataFrame:
    """Return declared dividends: ``DIVIDEND_SCHEMA``; ``pay_date`` may be empty."""
    columns = {"symbol": cells.text, "ex_date": cells.date, "amount": _PRICE, "currency": cells.currency}
    return _unique(path, columns | {"pay_date": cells.date}, list(columns), DIVIDEND_SCHEMA, ("symbol", "ex_date"))


def read_accounts(path: Path) -> pl.DataFrame:
    """Return accounts: ``ACCOUNT_SCHEMA``; what is left out follows from the transactions, shorts are not allowed."""
    columns = {
        "account": cells.text,
        "currency": cells.currency,
        "tracks_cash": cells.flag,
        "allow_short": cells.flag,
    }
    frame = _unique(path, columns, ["account"], ACCOUNT_SCHEMA, ("account",))
    return frame.with_columns(pl.col("allow_short").fill_null(value=False))


def _unique(
    path: Path,
    columns: Mapping[str, Parser],
    required: Sequence[str],
    schema: Mapping[str, Any],
    key: Sequence[str],
    names: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Read a file whose rows are unique by key into a schema; columns beyond it are checked and left out."""
    seen: dict[tuple[Any, ...], int] = {}
    rows = []
    for row in read_rows(path, columns, required):
        place = tuple(row.cells[name] for name in key)
        if place in seen:
            value = " ".join(str(part) for part in place)
            expected = f"each {', '.join(key)} once; line {seen[place]} has it too"
            raise ImportFileError(file=path, line=row.line, column=key[0], value=value, expected=expected)
        seen[place] = row.line
        renamed = {(names or {}).get(name, name): value for name, value in row.cells.items()}
        rows.append({name: renamed[name] for name in schema})
    return pl.DataFrame(rows, schema=schema)
