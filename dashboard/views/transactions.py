"""What the Transactions page says: the rows asked for, what a type's form asks, how an error or a change reads.

Belongs here: choosing, filtering and wording. Does not: layout, reading the ledger (`data.records`), the rules of a row
(`pipelines.importers`).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from dashboard.views.columns import Column, Kind
from dashboard.views.typed import required, written
from dashboard.views.verbatim import verbatim
from pipelines import formats
from pipelines.portfolio.transactions import Kind as Type
from warehouse.ledger import LastChange, LedgerEvent

MOST_ROWS = 1_000
"""Rows that a table shows; filters find the others and the download has them all."""

COLUMNS = (
    Column("Date", "date", Kind.DATE, "Trade date."),
    Column("Time", "time", first=False),
    Column("Type", "type"),
    Column("Account", "account"),
    Column("Symbol", "symbol"),
    Column("Quantity", "quantity", Kind.QUANTITY),
    Column("Price", "price", Kind.PRICE, "Per unit, in the row's currency."),
    Column("Amount", "amount", Kind.MONEY, "Gross, before fee and tax; the type gives the direction."),
    Column("Fee", "fee", Kind.MONEY),
    Column("Tax", "tax", Kind.MONEY),
    Column("Currency", "currency", help="Of price, amount, fee and tax."),
    Column("FX rate", "fx_rate", Kind.QUANTITY, "Account currency for one of the row's.", first=False),
    Column("To account", "to_account", help="Receiving account of a transfer.", first=False),
    Column("To symbol", "to_symbol", help="What a spin-off or merger gives.", first=False),
    Column("Ratio new", "ratio_new", Kind.QUANTITY, "Units given.", first=False),
    Column("Ratio old", "ratio_old", Kind.QUANTITY, "Units they are given for.", first=False),
    Column("Cost fraction", "cost_fraction", Kind.QUANTITY, "Share of the cost that a spin-off moves.", first=False),
    Column("To amount", "to_amount", Kind.MONEY, "What a conversion brings.", first=False),
    Column("To currency", "to_currency", first=False),
    Column("Lot", "lot_id", help="Name of a purchase's lot, or the one that a sale closes.", first=False),
    Column("Settled on", "settle_date", Kind.DATE, first=False),
    Column("External id", "external_id", help="The broker's own number.", first=False),
    Column("Note", "note"),
    Column("Transaction", "transaction_id", help="By which figures and errors name it.", first=False),
)
TITLES = {column.field: column.title for column in COLUMNS}
FIGURES = {column.field for column in COLUMNS if column.kind not in {Kind.TEXT, Kind.DATE}}
"""Fields that are amounts, prices, quantities or ratios of them."""
_PRIVATE = {*FIGURES, "close", "note"}
"""Fields of what happened that tell an amount, or may."""

_TRADE = ("symbol", "quantity", "price", "amount", "fee", "tax", "currency", "fx_rate", "lot_id")
_CASH = ("amount", "currency", "fx_rate")
_INCOME = ("symbol", "amount", "fee", "tax", "currency", "fx_rate")
_CHARGE = ("symbol", "amount", "currency", "fx_rate")
_RATIO = ("ratio_new", "ratio_old")
FIELDS: Mapping[Type, tuple[str, ...]] = {
    Type.BUY: _TRADE,
    Type.SELL: _TRADE,
    Type.DELIVERY_IN: _TRADE,
    Type.DELIVERY_OUT: _TRADE,
    Type.TRANSFER: ("to_account", "symbol", "quantity", "amount", "currency"),
    Type.DEPOSIT: _CASH,
    Type.WITHDRAWAL: _CASH,
    Type.DIVIDEND: _INCOME,
    Type.INTEREST: _INCOME,
    Type.INTEREST_CHARGE: _CHARGE,
    Type.FEE: _CHARGE,
    Type.FEE_REFUND: _CHARGE,
    Type.TAX: _CHARGE,
    Type.TAX_REFUND: _CHARGE,
    Type.FX_CONVERSION: ("amount", "currency", "to_amount", "to_currency", "fee", "tax"),
    Type.SPLIT: ("symbol", *_RATIO, "currency"),
    Type.SPINOFF: ("symbol", "to_symbol", *_RATIO, "cost_fraction", "currency"),
    Type.MERGER: ("symbol", "to_symbol", *_RATIO, "amount", "fee", "tax", "currency"),
    Type.RETURN_OF_CAPITAL: ("symbol", "amount", "fee", "tax", "currency", "fx_rate"),
}
"""What each type needs or may state, beside what every row has (CALCULATIONS 1)."""
FIRST, LAST = ("date", "account"), ("time", "settle_date", "external_id", "note")
_SAID = {Type.FX_CONVERSION: "Currency conversion", Type.SPINOFF: "Spin-off"}
_NO_TRACE = {"transaction_id", "sequence", "portfolio_id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows are asked for; what is empty asks for nothing."""

    words: str = ""
    accounts: Sequence[str] = ()
    types: Sequence[str] = ()
    symbols: Sequence[str] = ()
    since: dt.date | None = None
    until: dt.date | None = None


def found(transactions: pl.DataFrame, wanted: Wanted) -> pl.DataFrame:
    """Return the rows that are asked for, the newest first, in the columns of the ledger.

    Args:
        transactions: The ledger's.
        wanted: Every word must be in some column; of accounts and symbols also those that units or cash go to count.
    """
    names = [column.field for column in COLUMNS]
    text = pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in names], separator=" ")
    asked = [text.str.to_lowercase().str.contains(word, literal=True) for word in wanted.words.lower().split()]
    if wanted.accounts:
        asked.append(pl.col("account").is_in(wanted.accounts) | pl.col("to_account").is_in(wanted.accounts))
    if wanted.symbols:
        asked.append(pl.col("symbol").is_in(wanted.symbols) | pl.col("to_symbol").is_in(wanted.symbols))
    if wanted.types:
        asked.append(pl.col("type").is_in(wanted.types))
    if wanted.since:
        asked.append(pl.col("date") >= wanted.since)
    if wanted.until:
        asked.append(pl.col("date") <= wanted.until)
    kept = transactions.filter(*asked) if asked else transactions
    ordered = kept.sort("date", "time", "sequence", descending=True, nulls_last=True)
    return ordered.select(names)


def none_yet(*, is_now: bool) -> str:
    """Say that there are no transactions: at all, or until the day that is looked at."""
    if is_now:
        return "No transactions yet. Enter one under New, or bring a CSV file under Import."
    return "No transactions until then. Choose a later day above, or go back to today."


def in_currency(row: Mapping[str, str], *, priced: bool) -> str:
    """Say in which currency a row is that was entered without one, after which word of it."""
    symbol = row.get("symbol")
    if not symbol:
        return f", in {row['currency']}"
    why = f"in which {verbatim(symbol)} is priced" if priced else f"for nobody has priced {verbatim(symbol)} yet"
    return f", in {row['currency']}, {why}"


def titled(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with what stands above their columns."""
    return rows.rename(TITLES)


def named(transactions: pl.DataFrame, *columns: str) -> list[str]:
    """Return what stands in some columns, by name."""
    return sorted({name for column in columns for name in transactions[column].unique() if name is not None})


def said(kind: str) -> str:
    """Return how a type reads.

    >>> said("DELIVERY_IN")
    'Delivery in'
    """
    return _SAID.get(Type(kind), kind.replace("_", " ").capitalize())


def fields(kind: str, row: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """Return what the form of a type asks between `FIRST` and `LAST`, and whatever else a row states already."""
    usual = FIELDS[Type(kind)]
    known = {*usual, *FIRST, *LAST, *_NO_TRACE, "type"}
    more = [name for name, value in (row or {}).items() if name not in known and value not in {None, Decimal(0)}]
    return (*usual, *more)


def cells(row: Mapping[str, Any]) -> dict[str, str]:
    """Return a stored row as somebody would type it; an amount that is quantity x price is left to be worked out."""
    typed = {name: _typed(value) for name, value in row.items() if name not in _NO_TRACE and value is not None}
    quantity, price, amount = row.get("quantity"), row.get("price"), row.get("amount")
    if quantity and price and amount is not None and abs(quantity * price - amount) < Decimal("1e-8"):
        del typed["amount"]
    return {name: text for name, text in typed.items() if not (name in {"fee", "tax"} and text == "0")}


def plainly(typed: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed with its numbers as files write them.

    Raises:
        TypedError: If one is no number, or for some another one.
    """
    return {name: f"{required(text, TITLES[name]):f}" if name in FIGURES else text for name, text in typed.items()}


def _typed(value: Any) -> str:
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return written(Decimal(text.rstrip("0").rstrip(".") if "." in text else text))
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


HISTORY = {
    "When": pl.String,
    "Who": pl.String,
    "What": pl.String,
    "Field": pl.String,
    "Before": pl.String,
    "After": pl.String,
}


def history(events: Sequence[LedgerEvent]) -> pl.DataFrame:
    """Return what happened to one thing as `HISTORY`, the last first: a line for each column that changed."""
    return pl.DataFrame([line for event in reversed(events) for line in _lines(event)], schema=HISTORY, orient="row")


def _lines(event: LedgerEvent) -> list[tuple[str, ...]]:
    before, after = event.before or {}, event.after or {}
    names = [name for name in dict.fromkeys((*before, *after)) if before.get(name) != after.get(name)]
    who = (_when(event.at), event.user_id, event.action)
    return [
        (*who, TITLES.get(name, name), _value(name, before.get(name)), _value(name, after.get(name))) for name in names
    ]


def _when(at: dt.datetime) -> str:
    return f"{formats.day(at.date())}, {at:%H:%M:%S} UTC"


def _value(name: str, value: Any) -> str:
    if value is None:
        return formats.UNKNOWN
    return formats.HIDDEN if name in _PRIVATE and formats.hides_amounts() else formats.with_days(str(value))


CHANGES = {"When": pl.String, "Who": pl.String, "What": pl.String, "Of": pl.String, "Row": pl.String}


def changes(events: Sequence[LedgerEvent]) -> pl.DataFrame:
    """Return events as `CHANGES`, in their order: one line each."""
    rows = [(_when(one.at), one.user_id, one.action, one.entity.replace("_", " "), _row(one)) for one in events]
    return pl.DataFrame(rows, schema=CHANGES, orient="row")


def last(change: LastChange) -> str:
    """Return in a sentence what would be taken back."""
    what = f"{change.last.entity.replace('_', ' ')} {change.last.action}: {_row(change.last)}"
    more = f", and {change.events - 1} more in the same change" if change.events > 1 else ""
    return f"{what[:1].upper()}{what[1:]}{more}. {change.user_id}, {_when(change.at)}."


def _row(event: LedgerEvent) -> str:
    """Return what an event is about, on one line."""
    row = event.after or event.before or {}
    if event.entity != "transaction":
        fields = ((name, _value(name, value)) for name, value in row.items() if name not in {"account", "name"})
        stated = ", ".join(" ".join(field) for field in fields)
        name = row.get("name", "") if event.entity == "portfolio" else event.entity_id.replace("|", " ")
        return f"{name}: {stated}" if stated else name
    names = ("date", "type", "quantity", "symbol", "amount", "currency", "account")
    return " ".join(_value(name, row[name]) for name in names if row.get(name) is not None)
