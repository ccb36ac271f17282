"""What a person last saw of a portfolio, so that a page can say what has changed since.

Belongs here: keeping it. Does not: saying it (a page's views), what a figure is.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, Engine, RowMapping, insert, select, update

from warehouse.ops.tables import VISITS
from warehouse.relational import reading, writing

BETWEEN = dt.timedelta(hours=1)
"""Whoever has not looked for so long comes back to another visit."""
_STILL = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a portfolio looked like: when, its value in its base currency, and what it was computed from."""

    at: dt.datetime
    value: Decimal | None
    publication_id: str
    ledger_version: int

    def is_like(self, other: "Seen") -> bool:
        """Return whether both were computed from the same."""
        return (self.publication_id, self.ledger_version) == (other.publication_id, other.ledger_version)


class Visits:
    """What was seen, in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def seen(self, user: str, portfolio_id: str, now: Seen) -> Seen | None:
        """Record what a person sees now; return what they saw at the end of the visit before, None on their first."""
        key = (VISITS.c.user_id == user) & (VISITS.c.portfolio_id == portfolio_id)
        with reading(self._engine) as connection:
            row = connection.execute(select(VISITS).where(key)).mappings().one_or_none()
        if row is None:
            with writing(self._engine) as connection:
                _first(connection, user, portfolio_id, now)
            return None
        last, before = _state(row, ""), _state(row, "before_") if row["before_at"] is not None else None
        is_new = now.at - last.at > BETWEEN
        if is_new or not last.is_like(now) or now.at - last.at > _STILL:
            changed = _columns(now, "") | (_columns(last, "before_") if is_new else {})
            with writing(self._engine) as connection:
                connection.execute(update(VISITS).where(key).values(**changed))
        return last if is_new else before


def _first(connection: Connection, user: str, portfolio_id: str, now: Seen) -> None:
    known = select(VISITS.c.user_id).where((VISITS.c.user_id == user) & (VISITS.c.portfolio_id == portfolio_id))
    if connection.execute(known).first() is None:  # another page of the same person may have been first
        connection.execute(insert(VISITS).values(user_id=user, portfolio_id=portfolio_id, **_columns(now, "")))


def _columns(seen: Seen, prefix: str) -> dict[str, object]:
    return {
        f"{prefix}at": seen.at,
        f"{prefix}value": None if seen.value is None else str(seen.value),
        f"{prefix}publication_id": seen.publication_id,
        f"{prefix}ledger_version": seen.ledger_version,
    }


def _state(row: RowMapping, prefix: str) -> Seen:
    value = row[f"{prefix}value"]
    return Seen(
        at=row[f"{prefix}at"],
        value=None if value is None else Decimal(value),
        publication_id=row[f"{prefix}publication_id"],
        ledger_version=row[f"{prefix}ledger_version"],
    )
