"""Transactions as the engine sees them, in the order in which a day counts (CALCULATIONS 1).

Belongs here: types, parsing of the frame, order within a day. Does not: what a transaction does (`booking`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import repeat
from typing import Any, NamedTuple

import polars as pl
from msgspec import Struct

from pipelines.portfolio.errors import InvalidTransactionError
from pipelines.portfolio.exact import worth


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
_KINDS = {kind.value: kind for kind in Kind}
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


class Transaction(Struct, frozen=True, gc=False):
    """One row of the ledger; quantities are integers of 1e-10, money and prices of 1e-8, rates of 1e-10.

    ``order`` is its place among all of them.
    """

    transaction_id: str
    date: dt.date
    account: str
    symbol: str | None
    quantity: int | None
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
    amount: int | None
    kind: Kind
    order: int
    named: frozenset[str] | None
    """Ids of the purchases that a disposal names by its ``lot_id``, none if nothing has that name."""


_NEVER_NEGATIVE = ("quantity", "price", "amount", "fee", "tax", "fx_rate", "to_amount")
_STORED = Transaction.__struct_fields__[:-4]
UNLIKE_THEIR_TYPE: tuple[tuple[str, pl.Expr, str], ...] = (
    ("cost_fraction", pl.col("cost_fraction") > 1, "a fraction of at most 1 (0.01 is one percent)"),
    (
        "to_currency",
        (pl.col("type") == Kind.FX_CONVERSION) & (pl.col("to_currency") == pl.col("currency")),
        "another currency than that of the row",
    ),
    ("to_account", (pl.col("type") == Kind.TRANSFER) & (pl.col("to_account") == pl.col("account")), "another account"),
)
"""What moves nothing, for it ends where it began, and a spin-off of more cost than there is: column, fault, wanted."""
OPENS_LOTS = frozenset({Kind.BUY, Kind.DELIVERY_IN})
TAKES_LOTS = frozenset({Kind.SELL, Kind.DELIVERY_OUT, Kind.TRANSFER})


def transactions_of(frame: pl.DataFrame) -> list[Transaction]:
    """Return the rows of a frame of ``TRANSACTION_SCHEMA`` in the order in which they count.

    Raises:
        InvalidTransactionError: If a type is unknown, a row lacks what its type needs, is negative, or is there twice.
    """
    _refuse_unknown(frame)
    _refuse_negative(frame)
    _refuse_unlike_their_type(frame)
    ordered = in_order(frame.with_columns(pl.col("fee", "tax").fill_null(0)))
    values = _values(ordered)
    rows = zip(
        *(values[name] for name in _STORED),
        _amounts(values),
        [_KINDS[name] for name in ordered["type"]],
        range(ordered.height),
        _named(ordered),
        strict=True,
    )
    return [Transaction(*row) for row in rows]


def _named(frame: pl.DataFrame) -> Iterable[frozenset[str] | None]:
    """Return for each row the ids of the purchases that its ``lot_id`` names; None where it names none.

    A purchase is known by its own ``lot_id``, its ``external_id`` and its ``transaction_id``.
    """
    takes = pl.col("type").is_in([kind.value for kind in TAKES_LOTS]) & pl.col("lot_id").is_not_null()
    if frame.filter(takes).is_empty():
        return repeat(None, frame.height)
    known: dict[str, set[str]] = defaultdict(set)
    opening = frame.filter(pl.col("type").is_in([kind.value for kind in OPENS_LOTS]))
    for own, *others in opening.select("transaction_id", "external_id", "lot_id").iter_rows():
        for name in (own, *others):
            known[name].add(own)
    wanted = frame.select(pl.when(takes).then("lot_id"))["lot_id"]
    return (None if name is None else frozenset(known.get(name, ())) for name in wanted)


def refuse_unknown_lots(transactions: Iterable[Transaction]) -> None:
    """Refuse a disposal whose ``lot_id`` names no purchase, whatever the cost method.

    Raises:
        InvalidTransactionError: For the first of them.
    """
    for item in transactions:
        if item.named is not None and not item.named:
            raise unknown_lot(item)


def unknown_lot(item: Transaction) -> InvalidTransactionError:
    """Return the error of a disposal whose ``lot_id`` names nothing that can be closed."""
    expected = (
        f"the lot_id, external_id or transaction_id of a purchase of {item.symbol} that {item.account} still holds"
    )
    return InvalidTransactionError(
        transaction_id=item.transaction_id, column="lot_id", value=item.lot_id, expected=expected
    )


def _refuse_unknown(frame: pl.DataFrame) -> None:
    for row in frame.filter(~pl.col("type").is_in(list(_KINDS)).fill_null(value=False)).head(1).iter_rows(named=True):
        expected = f"one of {', '.join(Kind)}"
        raise InvalidTransactionError(
            transaction_id=row["transaction_id"], column="type", value=row["type"], expected=expected
        )
    nameless = pl.col("type").is_in([kind.value for kind in NEEDS_SYMBOL]) & (pl.col("symbol").fill_null("") == "")
    for row in frame.filter(nameless).head(1).iter_rows(named=True):
        raise InvalidTransactionError(
            transaction_id=row["transaction_id"], column="symbol", value=None, expected="a symbol"
        )


def _refuse_negative(frame: pl.DataFrame) -> None:
    """The type gives the direction: no number is negative (CALCULATIONS 1), and no row is there twice."""
    negative = frame.filter(pl.any_horizontal(pl.col(_NEVER_NEGATIVE) < 0))
    for name in _NEVER_NEGATIVE if negative.height else ():
        for row in frame.filter(pl.col(name) < 0).head(1).iter_rows(named=True):
            raise InvalidTransactionError(
                transaction_id=row["transaction_id"], column=name, value=row[name], expected="not less than zero"
            )
    for row in frame.filter(pl.col("transaction_id").is_duplicated()).head(1).iter_rows(named=True):
        name = row["transaction_id"]
        raise InvalidTransactionError(
            transaction_id=name, column="transaction_id", value=name, expected="an id of its own for every row"
        )


def _refuse_unlike_their_type(frame: pl.DataFrame) -> None:
    any_fault = pl.any_horizontal(fault.fill_null(value=False) for _, fault, _ in UNLIKE_THEIR_TYPE)
    first = frame.filter(any_fault).head(1)
    if first.is_empty():
        return
    column, expected = next((name, said) for name, fault, said in UNLIKE_THEIR_TYPE if first.select(fault).item())
    raise InvalidTransactionError(
        transaction_id=first["transaction_id"].item(), column=column, value=first[column].item(), expected=expected
    )


def _values(frame: pl.DataFrame) -> dict[str, list[Any]]:
    """Return the columns, exact ones as integers of their last decimal place."""
    return frame.with_columns(pl.col(pl.Decimal).to_physical()).to_dict(as_series=False)


def _amounts(values: Mapping[str, Sequence[Any]]) -> Iterator[int | None]:
    """Yield what each row states, else quantity x price."""
    for amount, units, price in zip(values["amount"], values["quantity"], values["price"], strict=True):
        yield worth(units, price) if amount is None and units is not None and price is not None else amount


def in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """Return rows by day, place in the day, time and sequence; transfers of a day along their chain."""
    place = pl.col("type").replace_strict(
        {kind.value: place for kind, place in _PLACE.items()}, default=_LAST, return_dtype=pl.Int8
    )
    ordered = frame.sort("date", place, pl.col("time").fill_null(_MIDNIGHT), "sequence", maintain_order=True)
    transfers = ordered.with_row_index().filter(pl.col("type") == Kind.TRANSFER.value)
    if transfers.height < 2:  # noqa: PLR2004 - a chain has two links
        return ordered
    rows = list(range(ordered.height))
    chains: dict[tuple[dt.date, str | None], list[_Link]] = defaultdict(list)
    for link in transfers.select("date", "symbol", "index", "account", "to_account").iter_rows():
        chains[link[0], link[1]].append(_Link(*link[2:]))
    for links in chains.values():
        for link, chained in zip(links, _chained(links), strict=True):
            rows[link.row] = chained.row
    return ordered[rows]


class _Link(NamedTuple):
    row: int
    source: str
    target: str | None


def _chained(transfers: list[_Link]) -> list[_Link]:
    """Put a transfer into an account before one out of it, where there is no cycle."""
    waiting, result = list(transfers), []
    while waiting:
        fed = {link.target for link in waiting}
        ready = next((link for link in waiting if link.source not in fed), waiting[0])
        waiting.remove(ready)
        result.append(ready)
    return result
