"""What people state: transactions, their history, and every way to change them.

Belongs here: reading the ledger for a page, by its version, and writing it, held to what the engine can book. Does not:
wording (`views`), figures (`figures`).
"""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from dashboard.chosen import Chosen
from dashboard.data.served import own_ledger, reader, today
from pipelines.importers import ImportFileError
from pipelines.importing import Incoming, Preview, preview, take
from pipelines.stating import entered, held_to_booking, known_splits
from warehouse.errors import NoPublicationError
from warehouse.ledger import ImportResult, LastChange, LedgerEvent, LedgerRepository, Portfolio

_MOST_EVENTS = 500
_NUMBERS = ("transaction_id", "portfolio_id", "sequence")


def transactions(chosen: Chosen) -> pl.DataFrame:
    """Return the transactions until the day that is looked at, as they were known on the other."""
    portfolio = chosen.portfolio
    rows = _transactions(portfolio.portfolio_id, portfolio.version, chosen.known_on)
    return rows.filter(pl.col("date") <= chosen.as_of)


# Frames cannot be changed: a session may have the object itself.
@st.cache_resource(max_entries=32, ttl=3600, show_spinner=False)
def _transactions(portfolio_id: str, version: int, known_on: dt.date | None) -> pl.DataFrame:
    del version  # of the key only
    own = own_ledger()
    if known_on is None:
        return own.frames(portfolio_id).transactions
    before = dt.datetime.combine(known_on + dt.timedelta(days=1), dt.time(), dt.UTC)
    return own.frames_as_known(portfolio_id, before).transactions


def row(transactions: pl.DataFrame, transaction_id: str) -> dict[str, Any] | None:
    """Return what a transaction says, None where it is not among them."""
    found = transactions.filter(pl.col("transaction_id") == transaction_id)
    return found.drop(_NUMBERS, strict=False).row(0, named=True) if found.height else None


def held_own() -> LedgerRepository:
    """Return the ledger of this server's user, of which no change is taken that the engine cannot book."""
    return held_to_booking(own_ledger(), _splits())


def _splits() -> pl.DataFrame:
    try:
        return _splits_of(reader().publication().id)
    except NoPublicationError:
        return known_splits(reader())


@st.cache_resource(max_entries=2, show_spinner=False)
def _splits_of(publication_id: str) -> pl.DataFrame:
    del publication_id  # of the key only
    return known_splits(reader())


def add(portfolio: Portfolio, cells: Mapping[str, str]) -> None:
    """Add a transaction that was typed in.

    Raises:
        ImportFileError: If a cell is not as it should be.
        EngineError: If the ledger with it cannot be booked.
        LedgerError: If the ledger refuses it.
    """
    held_own().add_transactions(portfolio.portfolio_id, entered(cells, today=today()), source="entry")


def change(portfolio: Portfolio, transaction_id: str, cells: Mapping[str, str], seen: Mapping[str, Any]) -> None:
    """Give a transaction the values that were typed in, unless it says otherwise by now than was seen.

    Raises:
        ImportFileError: If a cell is not as it should be.
        EngineError: If the ledger with it cannot be booked.
        LedgerError: If the ledger refuses it, or somebody else has changed it meanwhile.
    """
    values = entered(cells, today=today()).row(0, named=True)
    held_own().update_transaction(portfolio.portfolio_id, transaction_id, values, seen=seen)


def delete(portfolio: Portfolio, transaction_id: str, seen: Mapping[str, Any]) -> None:
    """Delete a transaction, unless it says otherwise by now than was seen.

    Raises:
        EngineError: If the ledger without it cannot be booked.
        LedgerError: If somebody else has changed or deleted it meanwhile.
    """
    held_own().delete_transaction(portfolio.portfolio_id, transaction_id, seen=seen)


def last_change(portfolio: Portfolio) -> LastChange | None:
    """Return the change that `undo` would take back."""
    return _last_change(portfolio.portfolio_id, portfolio.version)


@st.cache_resource(max_entries=32, ttl=3600, show_spinner=False)
def _last_change(portfolio_id: str, version: int) -> LastChange | None:
    del version  # of the key only
    return own_ledger().last_change(portfolio_id)


def undo(portfolio: Portfolio) -> None:
    """Take back the last change, if the portfolio is as it was seen.

    Raises:
        EngineError: If the ledger without it cannot be booked.
        LedgerError: If somebody else has changed the portfolio meanwhile.
    """
    held_own().undo(portfolio.portfolio_id, expected_version=portfolio.version)


def history(portfolio: Portfolio, transaction_id: str) -> list[LedgerEvent]:
    """Return what happened to a transaction, oldest first."""
    return own_ledger().events(portfolio.portfolio_id, "transaction", transaction_id)


def changes(portfolio: Portfolio) -> list[LedgerEvent]:
    """Return the last events of a portfolio, newest first."""
    return own_ledger().last_events(portfolio.portfolio_id, _MOST_EVENTS)


def incoming(name: str, content: bytes, account: str | None) -> Incoming:
    """Return a file that a visitor brings."""
    return Incoming(path=Path(name), content=content, today=today(), account=account, splits=_splits())


def previewed(portfolio: Portfolio, file: Incoming) -> Preview | ImportFileError:
    """Return what would become of a file, or why it is no such file."""
    return _previewed(portfolio, file.sha256, file.path.name, file.account, _file=file)


@st.cache_resource(max_entries=4, ttl=600, show_spinner="Reading")
def _previewed(
    portfolio: Portfolio, sha256: str, name: str, account: str | None, *, _file: Incoming
) -> Preview | ImportFileError:
    del sha256, name, account  # of the key only
    try:
        return preview(_file, own_ledger(), portfolio)
    except ImportFileError as error:
        return error


def take_in(portfolio: Portfolio, file: Incoming) -> ImportResult:
    """Add the rows of a file that are new, all of them or none.

    Raises:
        ImportFileError: If something of it is refused.
        LedgerError: If the portfolio has changed since it was previewed.
    """
    return take(file, own_ledger(), portfolio)
