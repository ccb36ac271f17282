"""The audit trail: who changed what, when, and how it was before; nothing in it is ever changed.

Belongs here: writing and reading events. Does not: deciding what is an event (`repository`).
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl
from sqlalchemy import Connection, insert, select

from warehouse.ledger.records import LedgerEvent
from warehouse.ledger.tables import LEDGER_EVENTS
from warehouse.relational.types import plain

NO_PORTFOLIO = ""
"""Stands for the portfolio where an event is of a user's watchlist."""
UNDONE = "undone"
"""What an event does that takes another back; the others say added, changed or deleted."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A row as it was and as it is; None where there is none."""

    action: str
    entity: str
    entity_id: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


def as_json(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return a row as JSON can hold it: decimals and dates as text, what is absent left out."""
    return None if row is None else {name: _value(value) for name, value in row.items() if value is not None}


def _value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value


def from_json(said: Mapping[str, Any], dtypes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row that the trail keeps in the types of its columns; what is absent is None."""
    return {name: _typed(dtype, said.get(name)) for name, dtype in dtypes.items()}


def _typed(dtype: Any, said: Any) -> Any:
    if said is None:
        return None
    if isinstance(dtype, pl.Decimal):
        return Decimal(said)
    if dtype == pl.Date:
        return dt.date.fromisoformat(said)
    return dt.time.fromisoformat(said) if dtype == pl.Time else said


def append(
    connection: Connection,
    changes: Iterable[Change],
    *,
    portfolio_id: str,
    user_id: str,
    at: dt.datetime,
    version: int,
    undoes: int | None = None,
) -> None:
    """Add the events of one change to the trail of a portfolio, with its version after it."""
    who = {"at": at, "user_id": user_id, "portfolio_id": portfolio_id, "version": version, "undoes": undoes}
    rows = [
        {
            **who,
            "action": change.action,
            "entity": change.entity,
            "entity_id": change.entity_id,
            "before": as_json(change.before),
            "after": as_json(change.after),
        }
        for change in changes
    ]
    if rows:
        connection.execute(insert(LEDGER_EVENTS), rows)


def events_of(
    connection: Connection, portfolio_id: str, entity: str | None = None, entity_id: str | None = None
) -> list[LedgerEvent]:
    """Return the trail of a portfolio, oldest first, of everything, of one kind of thing or of one thing."""
    query = select(LEDGER_EVENTS).where(LEDGER_EVENTS.c.portfolio_id == portfolio_id).order_by(LEDGER_EVENTS.c.event_id)
    if entity is not None:
        query = query.where(LEDGER_EVENTS.c.entity == entity)
    if entity_id is not None:
        query = query.where(LEDGER_EVENTS.c.entity_id == entity_id)
    return [LedgerEvent(**row) for row in connection.execute(query).mappings()]


def last_events_of(connection: Connection, portfolio_id: str, most: int) -> list[LedgerEvent]:
    """Return the last so many events of a portfolio, newest first."""
    query = select(LEDGER_EVENTS).where(LEDGER_EVENTS.c.portfolio_id == portfolio_id)
    newest = query.order_by(LEDGER_EVENTS.c.event_id.desc()).limit(most)
    return [LedgerEvent(**row) for row in connection.execute(newest).mappings()]
