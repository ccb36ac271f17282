"""A change of a portfolio's content while it is being made.

Belongs here: ownership, the lock, the version. Does not: what is changed (`postings`, `repository`).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select, update

from warehouse.ledger.errors import NotFoundError
from warehouse.ledger.events import Change, append
from warehouse.ledger.records import Portfolio
from warehouse.ledger.tables import PORTFOLIOS


@dataclass(kw_only=True)
class Changing:
    """One database transaction that changes one portfolio; what it records becomes events."""

    connection: Connection
    portfolio: Portfolio
    user: str
    now: dt.datetime
    events: list[Change] = field(default_factory=list)
    undoes: int | None = None

    @property
    def portfolio_id(self) -> str:
        """Return the portfolio's id."""
        return self.portfolio.portfolio_id

    @property
    def version(self) -> int:
        """Return the portfolio's version after the change."""
        return self.portfolio.version + bool(self.events)

    @property
    def is_end(self) -> bool:
        """Return whether the portfolio is gone after it."""
        return any(event.entity == "portfolio" and event.after is None for event in self.events)

    def record(
        self,
        action: str,
        entity: str,
        entity_id: str,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep a change for the trail."""
        self.events.append(Change(action=action, entity=entity, entity_id=entity_id, before=before, after=after))


def own_portfolio(connection: Connection, user: str, portfolio_id: str, *, lock: bool = False) -> Portfolio:
    """Return a user's portfolio, kept from others' changes until the transaction ends if asked.

    Raises:
        NotFoundError: If the user has none of that id.
    """
    columns = [PORTFOLIOS.c[name] for name in Portfolio.__dataclass_fields__]
    query = select(*columns).where(PORTFOLIOS.c.portfolio_id == portfolio_id, PORTFOLIOS.c.owner_id == user)
    # SQLite's writer is alone already and its dialect leaves FOR UPDATE out; PostgreSQL's is not.
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    if row is None:
        raise NotFoundError("portfolio", portfolio_id)
    return Portfolio(**row)


def raise_version(change: Changing) -> None:
    """Write the events of a change and raise the version of its portfolio by one."""
    append(
        change.connection,
        change.events,
        portfolio_id=change.portfolio_id,
        user_id=change.user,
        at=change.now,
        version=change.version,
        undoes=change.undoes,
    )
    mine = PORTFOLIOS.c.portfolio_id == change.portfolio_id
    change.connection.execute(update(PORTFOLIOS).where(mine).values(version=PORTFOLIOS.c.version + 1))
