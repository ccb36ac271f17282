"""Transactions as the engine sees them, in the order in which a day counts (CALCULATIONS 1).

Belongs here: types, parsing of the frame, order within a day. Does not: what a transaction does (`booking`).
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from pipelines.portfolio.errors import InvalidTransactionError
from pipelines.portfolio.exact import integers, worth
from pipelines.portfolio.frames import TRANSACTION_SCHEMA


class Kind(StrEnum):
    """The types of CALCULATIONS 1."""

    BUY = "BUY"
    SELL = "SELL"
    DELIVERY_IN = "DELIVERY_IN"
    DELIVERY_OUT = "DELIVERY_OUT"
    TRANSFER = "TRANSFER"
    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    DIVIDEND = "DIVIDEND"
    INTEREST = "INTEREST"
    INTEREST_CHARGE = "INTEREST_CHARGE"
    FEE = "FEE"
    FEE_REFUND = "FEE_REFUND"
    TAX = "TAX"
    TAX_REFUND = "TAX_REFUND"
    FX_CONVERSION = "FX_CONVERSION"
    SPLIT = "SPLIT"
    SPINOFF = "SPINOFF"
    MERGER = "MERGER"
    RETURN_OF_CAPITAL = "RETURN_OF_CAPITAL"


_PLACE = {
    Kind.SPLIT: 0,
    Kind.DELIVERY_IN: 1,
    Kind.BUY: 1,
    Kind.TRANSFER: 2,
    Kind.SPINOFF: 3,
    Kind.MERGER: 3,
    Kind.SELL: 4,
    Kind.DELIVERY_OUT: 4,
}
_LAST = 5
_MIDNIGHT = dt.time()
NEEDS_SYMBOL = frozenset(
    {
        Kind.BUY,
        Kind.SELL,
        Kind.DELIVERY_IN,
        Kind.DELIVERY_OUT,
        Kind.SPLIT,
        Kind.SPINOFF,
        Kind.MERGER,
        Kind.RETURN_OF_CAPITAL,
    }
)


@dataclass(slots=True, frozen=True)
class Transaction:
    """One row of the ledger; quantities are integers of 1e-10, money and prices of 1e-8, rates of 1e-10."""

    transaction_id: str
    sequence: int
    date: dt.date
    time: dt.time | None
    kind: Kind
    account: str
    symbol: str | None
    quantity: int | None
    amount: int | None
    fee: int
    tax: int
    currency: str
    fx_rate: int | None
    to_account: str | None
    to_symbol: str | None
    ratio_new: int | None
    ratio_old: int | None
    cost_fraction: int | None
    to_amount: int | None
    to_currency: str | None
    lot_id: str | None

    @property
    def order(self) -> tuple[dt.date, int, dt.time, int]:
        """Return what sorts transactions, transfers' chains aside."""
        return (self.date, _PLACE.get(self.kind, _LAST), self.time or _MIDNIGHT, self.sequence)


def _kind(name: str, transaction_id: str) -> Kind:
    try:
        return Kind(name)
    except ValueError as error:
        raise InvalidTransactionError(
            transaction_id=transaction_id, column="type", value=name, expected=f"one of {', '.join(Kind)}"
        ) from error


def transactions_of(frame: pl.DataFrame) -> list[Transaction]:
    """Return the rows of a frame of ``TRANSACTION_SCHEMA`` in the order in which they count.

    Raises:
        InvalidTransactionError: If a type is unknown, or a row lacks what its type needs.
    """
    columns = {
        name: integers(frame[name]) if isinstance(dtype, pl.Decimal) else frame[name].to_list()
        for name, dtype in TRANSACTION_SCHEMA.items()
    }
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return in_order([_transaction(row) for row in rows])


def _transaction(row: "dict[str, object]") -> Transaction:
    fields = {name: row[name] for name in Transaction.__dataclass_fields__ if name != "kind"}
    transaction_id = str(row["transaction_id"])
    kind = _kind(str(row["type"]), transaction_id)
    if fields["amount"] is None:
        fields["amount"] = _amount(row["quantity"], row["price"])
    if kind in NEEDS_SYMBOL and not fields["symbol"]:
        raise InvalidTransactionError(transaction_id=transaction_id, column="symbol", value=None, expected="a symbol")
    return Transaction(kind=kind, **fields)  # type: ignore[arg-type] # the schema has typed the columns


def _amount(units: object, price: object) -> int | None:
    return worth(units, price) if isinstance(units, int) and isinstance(price, int) else None


def in_order(transactions: list[Transaction]) -> list[Transaction]:
    """Return transactions by day, place in the day, time and sequence; transfers of a day along their chain."""
    ordered = sorted(transactions, key=lambda item: item.order)
    chains: dict[tuple[dt.date, str | None], list[int]] = defaultdict(list)
    for index, item in enumerate(ordered):
        if item.kind is Kind.TRANSFER:
            chains[item.date, item.symbol].append(index)
    for indices in chains.values():
        if len(indices) > 1:
            for index, item in zip(indices, _chained([ordered[i] for i in indices]), strict=True):
                ordered[index] = item
    return ordered


def _chained(transfers: list[Transaction]) -> list[Transaction]:
    """Put a transfer into an account before one out of it, where there is no cycle."""
    waiting, result = list(transfers), []
    while waiting:
        fed = {(item.to_account, item.symbol) for item in waiting}
        ready = next((item for item in waiting if (item.account, item.symbol) not in fed), waiting[0])
        waiting.remove(ready)
        result.append(ready)
    return result
