"""The audit trail: who changed what, when, and how it was before; nothing in it is ever changed.

Belongs here: writing and reading events. Does not: deciding what is an event (`repository`).
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert, select

from warehouse.ledger.records import LedgerEvent
from warehouse.ledger.tables import LEDGER_EVENTS
from warehouse.relational.types import plain

NO_PORTFOLIO = ""
"""Stands for the portfolio where an event is of a user's watchlist."""


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


def append(
    connection: Connection, changes: Iterable[Change], *, portfolio_id: str, user_id: str, at: dt.datetime
) -> None:
    """Add events to the trail of a portfolio."""
    who = {"at": at, "user_id": user_id, "portfolio_id": portfolio_id}
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


def events_of(connection: Connection, portfolio_id: str, entity: str | None = None) -> list[LedgerEvent]:
    """Return the trail of a portfolio, oldest first, of everything or of one kind of thing."""
    query = select(LEDGER_EVENTS).where(LEDGER_EVENTS.c.portfolio_id == portfolio_id).order_by(LEDGER_EVENTS.c.event_id)
    if entity is not None:
        query = query.where(LEDGER_EVENTS.c.entity == entity)
    return [LedgerEvent(**row) for row in connection.execute(query).mappings()]
