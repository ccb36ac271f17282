"""The canonical files (DESIGN 4): transactions, accounts, prices, rates, splits, dividends.

Belongs here: which columns a file has and which frame it becomes. Does not: CSV (`cells`), the look of a cell
(`typed`), what a transaction needs (`rules`).
"""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.importers import rules, typed
from pipelines.importers.cells import MAX_BYTES, Cells, read_cells
from pipelines.importers.errors import ImportFileError
from pipelines.importers.typed import Refusals
from pipelines.portfolio.frames import (
    ACCOUNT_SCHEMA,
    DIVIDEND_SCHEMA,
    FX_SCHEMA,
    PRICE_SCHEMA,
    SPLIT_SCHEMA,
    TRANSACTION_SCHEMA,
)
from warehouse.schema.types import FX_RATE, MONEY, PRICE, QUANTITY

ROW_SCHEMA = {name: dtype for name, dtype in TRANSACTION_SCHEMA.items() if name not in {"transaction_id", "sequence"}}
TRANSACTION_COLUMNS = (
    *("date", "type", "account", "symbol", "quantity", "price", "amount", "fee", "tax", "currency", "fx_rate"),
    *("to_account", "to_symbol", "ratio_new", "ratio_old", "cost_fraction", "to_amount", "to_currency"),
    *("lot_id", "time", "settle_date", "external_id", "note"),
)
_ABOVE_ZERO = ("fx_rate", "ratio_new", "ratio_old")
_CURRENCIES = ("currency", "to_currency")
MAX_TRANSACTION_BYTES = 25_000_000
"""Half a million transactions, which take two gigabytes while they are checked one against the other."""


def read_transactions(
    path: Path,
    *,
    today: dt.date,
    account: str | None = None,
    currency_is_optional: bool = False,
    content: bytes | None = None,
    max_bytes: int = MAX_TRANSACTION_BYTES,
) -> pl.DataFrame:
    """Read a file of transactions, all or none.

    Args:
        path: The file; only its name counts where ``content`` is given.
        today: A later date is refused.
        account: Account of rows that name none; without it, every row must.
        currency_is_optional: Whether a row may name no currency, which is null then; else every row must.
        content: The file's bytes, where they are at hand already.
        max_bytes: A larger file is refused before it is read.

    Returns:
        ``ROW_SCHEMA`` (transactions without ``transaction_id`` and ``sequence``) in the order of the file; ``fee`` and
        ``tax`` are 0 where none is stated, ``amount`` is quantity x price where only these are.

    Raises:
        ImportFileError: For the first cell or row in the file that is not as it should be.
    """
    found = examine_transactions(
        path,
        today=today,
        account=account,
        currency_is_optional=currency_is_optional,
        content=content,
        max_bytes=max_bytes,
    )
    for error in found.refused.values():
        raise error
    return found.rows


@dataclass(frozen=True, kw_only=True)
class Examined:
    """A file of transactions, row by row.

    Args:
        cells: What is written in it.
        rows: ``ROW_SCHEMA``, a row for each of the file's; what is refused of one is null there.
        refused: Why a row is refused, by its place, in the order of the file; of very many only the first.
        is_refused: Whether a row is, for each.
    """

    cells: Cells
    rows: pl.DataFrame
    refused: dict[int, ImportFileError]
    is_refused: pl.Series


def examine_transactions(
    path: Path,
    *,
    today: dt.date,
    account: str | None = None,
    currency_is_optional: bool = False,
    content: bytes | None = None,
    max_bytes: int = MAX_TRANSACTION_BYTES,
) -> Examined:
    """Read a file of transactions as `read_transactions` does, and return what is wrong with each row.

    Raises:
        ImportFileError: If it is no such file at all: no CSV, another header.
    """
    required = ["date", "type"]
    required += [name for name, given in (("account", account), ("currency", currency_is_optional)) if not given]
    cells = read_cells(path, known=TRANSACTION_COLUMNS, required=required, content=content, max_bytes=max_bytes)
    refusals = Refusals(cells)
    typed.need(refusals, required)
    frame = pl.DataFrame({name: _transaction_column(refusals, name, today) for name in ROW_SCHEMA})
    frame = frame.with_columns(pl.col("account").fill_null(pl.lit(account)))
    typed.unique(refusals, ["external_id"], {"external_id": frame["external_id"]})
    rules.check_needs(refusals, frame)
    amount = rules.amounts(refusals, frame)
    zero = pl.lit(0, dtype=MONEY)
    rows = frame.with_columns(amount, pl.col("fee", "tax").fill_null(zero)).select(
        pl.col(name).cast(dtype) for name, dtype in ROW_SCHEMA.items()
    )
    return Examined(cells=cells, rows=rows, refused=refusals.errors, is_refused=refusals.refused)


def _transaction_column(refusals: Refusals, name: str, today: dt.date) -> pl.Series:
    dtype = ROW_SCHEMA[name]
    if name == "type":
        return rules.kinds(refusals)
    if isinstance(dtype, pl.Decimal):
        return typed.decimals(refusals, name, dtype, above_zero=name in _ABOVE_ZERO)
    if dtype == pl.Date:
        return typed.dates(refusals, name, latest=today if name == "date" else None)
    if name == "time":
        return typed.times(refusals, name)
    if name in _CURRENCIES:
        return typed.currencies(refusals, name)
    return typed.notes(refusals, name) if name == "note" else typed.names(refusals, name)


def read_accounts(path: Path, *, content: bytes | None = None, max_bytes: int = MAX_BYTES) -> pl.DataFrame:
    """Read a file of accounts as ``ACCOUNT_SCHEMA``; ``allow_short`` is false where nothing is stated.

    Raises:
        ImportFileError: For the first cell or row in the file that is not as it should be.
    """
    cells = read_cells(path, known=list(ACCOUNT_SCHEMA), required=["account"], content=content, max_bytes=max_bytes)
    refusals = Refusals(cells)
    typed.need(refusals, ["account"])
    columns = {
        "account": typed.names(refusals, "account"),
        "currency": typed.currencies(refusals, "currency"),
        "tracks_cash": typed.truths(refusals, "tracks_cash"),
        "allow_short": typed.truths(refusals, "allow_short").fill_null(value=False),
    }
    typed.unique(refusals, ["account"], columns)
    refusals.raise_first()
    return pl.DataFrame(columns, schema=ACCOUNT_SCHEMA)


def read_prices(path: Path, *, content: bytes | None = None, max_bytes: int = MAX_BYTES) -> pl.DataFrame:
    """Read a file of prices as traded, as ``PRICE_SCHEMA`` and whichever of open, high, low, volume it has.

    Raises:
        ImportFileError: For the first cell or row in the file that is not as it should be.
    """
    required, optional = list(PRICE_SCHEMA), ["open", "high", "low"]
    cells = read_cells(
        path, known=[*required, *optional, "volume"], required=required, content=content, max_bytes=max_bytes
    )
    refusals = Refusals(cells)
    typed.need(refusals, required)
    columns = {
        "symbol": typed.names(refusals, "symbol"),
        "date": typed.dates(refusals, "date"),
        "close": typed.decimals(refusals, "close", PRICE, above_zero=True),
        "currency": typed.currencies(refusals, "currency"),
    }
    present = [name for name in optional if name in cells.text.columns]
    columns |= {name: typed.decimals(refusals, name, PRICE, above_zero=True) for name in present}
    if "volume" in cells.text.columns:
        columns["volume"] = typed.integers(refusals, "volume")
    typed.unique(refusals, ["symbol", "date"], columns)
    refusals.raise_first()
    return pl.DataFrame(columns)


def read_fx(path: Path, *, content: bytes | None = None, max_bytes: int = MAX_BYTES) -> pl.DataFrame:
    """Read a file of exchange rates as ``FX_SCHEMA``: one ``from_currency`` is ``rate`` ``to_currency``.

    Raises:
        ImportFileError: For the first cell or row in the file that is not as it should be.
    """
    required = ["date", "from", "to", "rate"]
    refusals = _all_required(path, required, content=content, max_bytes=max_bytes)
    columns = {
        "from": typed.currencies(refusals, "from"),
        "to": typed.currencies(refusals, "to"),
        "date": typed.dates(refusals, "date"),
        "rate": typed.decimals(refusals, "rate", FX_RATE, above_zero=True),
    }
    refusals.refuse(columns["from"] == columns["to"], "to", "another currency than that in column from")
    typed.unique(refusals, ["from", "to", "date"], columns)
    refusals.raise_first()
    return pl.DataFrame(list(columns.values()), schema=FX_SCHEMA)


def read_splits(path: Path, *, content: bytes | None = None, max_bytes: int = MAX_BYTES) -> pl.DataFrame:
    """Read a file of splits as ``SPLIT_SCHEMA``.

    Raises:
        ImportFileError: For the first cell or row in the file that is not as it should be.
    """
    required = ["symbol", "date", "ratio_new", "ratio_old"]
    refusals = _all_required(path, required, content=content, max_bytes=max_bytes)
    columns = {
        "symbol": typed.names(refusals, "symbol"),
        "date": typed.dates(refusals, "date"),
        "ratio_new": typed.decimals(refusals, "ratio_new", QUANTITY, above_zero=True),
        "ratio_old": typed.decimals(refusals, "ratio_old", QUANTITY, above_zero=True),
    }
    typed.unique(refusals, ["symbol", "date"], columns)
    refusals.raise_first()
    return pl.DataFrame(list(columns.values()), schema=SPLIT_SCHEMA)


def read_dividends(path: Path, *, content: bytes | None = None, max_bytes: int = MAX_BYTES) -> pl.DataFrame:
    """Read a file of dividends per share, as declared, as ``DIVIDEND_SCHEMA``; ``pay_date`` may be empty.

    Raises:
        ImportFileError: For the first cell or row in the file that is not as it should be.
    """
    required = ["symbol", "ex_date", "amount", "currency"]
    cells = read_cells(path, known=list(DIVIDEND_SCHEMA), required=required, content=content, max_bytes=max_bytes)
    refusals = Refusals(cells)
    typed.need(refusals, required)
    columns = {
        "symbol": typed.names(refusals, "symbol"),
        "ex_date": typed.dates(refusals, "ex_date"),
        "pay_date": typed.dates(refusals, "pay_date"),
        "amount": typed.decimals(refusals, "amount", PRICE),
        "currency": typed.currencies(refusals, "currency"),
    }
    typed.unique(refusals, ["symbol", "ex_date"], columns)
    refusals.raise_first()
    return pl.DataFrame(columns, schema=DIVIDEND_SCHEMA)


def _all_required(path: Path, columns: list[str], *, content: bytes | None, max_bytes: int) -> Refusals:
    refusals = Refusals(read_cells(path, known=columns, required=columns, content=content, max_bytes=max_bytes))
    typed.need(refusals, columns)
    return refusals


__all__ = [
    "MAX_BYTES",
    "ROW_SCHEMA",
    "TRANSACTION_COLUMNS",
    "Cells",
    "Examined",
    "ImportFileError",
    "examine_transactions",
    "read_accounts",
    "read_dividends",
    "read_fx",
    "read_prices",
    "read_splits",
    "read_transactions",
]
