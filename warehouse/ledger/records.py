"""What the ledger hands out, one small class a thing.

Belongs here: plain values. Does not: anything that reads or writes the database.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import polars as pl

Kind = Literal["own", "demo"]
COST_METHODS = ("fifo", "lifo", "hifo", "average", "specific")


@dataclass(frozen=True, kw_only=True)
class Portfolio:
    """A portfolio; ``version`` is raised by one with every change of its content."""

    portfolio_id: str
    owner_id: str
    name: str
    base_currency: str
    cost_method: str
    benchmark: str | None
    version: int


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account; where ``tracks_cash`` is None its transactions decide (CALCULATIONS 1)."""

    portfolio_id: str
    account: str
    currency: str | None
    tracks_cash: bool | None
    allow_short: bool


@dataclass(frozen=True, slots=True)
class Watched:
    """A symbol on a watchlist; ``target`` is a price to wait for, in the currency of its prices."""

    symbol: str
    target: Decimal | None
    note: str | None
    added_on: dt.date


@dataclass(frozen=True, slots=True)
class Alert:
    """What a user wants to be told of a watched symbol.

    Args:
        symbol: The instrument.
        kind: ``above`` or ``below`` a price, ``day_move`` either way.
        threshold: A price in the currency of its prices; of a move, a fraction.
    """

    symbol: str
    kind: str
    threshold: Decimal


class Stated(NamedTuple):
    """What a portfolio's owner states, of one moment: frames of the declared schema without ``portfolio_id``."""

    transactions: pl.DataFrame
    accounts: pl.DataFrame
    decisions: pl.DataFrame
    targets: pl.DataFrame
    overrides: pl.DataFrame
    prices: pl.DataFrame


class State(NamedTuple):
    """A portfolio and all that is stated in it, of one moment."""

    portfolio: Portfolio
    stated: Stated


@dataclass(frozen=True, kw_only=True)
class ImportResult:
    """What became of the rows that were to be added, and the portfolio's version after it."""

    added: int
    unchanged: int
    version: int


@dataclass(frozen=True, kw_only=True)
class Import:
    """A file, or another source, of which rows were added; ``sha256`` where it was a file."""

    import_id: int
    portfolio_id: str
    user_id: str
    file_name: str
    sha256: str | None
    rows: int
    added: int
    imported_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class LastChange:
    """A change of a portfolio that can be taken back: who, when, how many events, and the last of them."""

    version: int
    at: dt.datetime
    user_id: str
    events: int
    last: "LedgerEvent"


@dataclass(frozen=True, kw_only=True)
class LedgerEvent:
    """One change: who, when, what, and the row before and after it (None where there was none).

    Dates are ISO text in ``before`` and ``after``, and decimals text, so that no digit is lost. ``version`` is the
    portfolio's after the change, None for events older than this column; ``undoes`` the version that it took back.
    """

    event_id: int
    at: dt.datetime
    user_id: str
    portfolio_id: str
    action: str
    entity: str
    entity_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    version: int | None
    undoes: int | None
