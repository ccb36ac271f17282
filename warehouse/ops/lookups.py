"""The last answer to each thing that people looked up: search, statements, news.

Belongs here: keeping answers with who gave them and when. Does not: asking, how long one is fresh
(`pipelines.research`).
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Engine, delete, insert, select, update

from warehouse.ops.tables import LOOKUPS
from warehouse.relational import be_only_writer, reading, writing

KEPT = 2_000
"""How many answers stay; the oldest go."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer: who gave it, when, and what it said, as JSON."""

    source: str
    answered_at: dt.datetime
    document: str


class Lookups:
    """The last answers, in one database.

    Args:
        engine: The record of what happened, up to date.
        kept: How many answers stay.
    """

    def __init__(self, engine: Engine, *, kept: int = KEPT) -> None:
        self._engine = engine
        self._kept = kept

    def last(self, kind: str, about: str) -> Kept | None:
        """Return the last answer about something, None where there is none."""
        columns = [LOOKUPS.c[name] for name in ("source", "answered_at", "document")]
        query = select(*columns).where(LOOKUPS.c.kind == kind, LOOKUPS.c.about == about)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Kept(*row)

    def keep(self, kind: str, about: str, answer: Kept) -> None:
        """Keep an answer in the place of the last one about the same."""
        values = {"source": answer.source, "answered_at": answer.answered_at, "document": answer.document}
        with writing(self._engine) as connection:
            be_only_writer(connection, LOOKUPS)
            mine = (LOOKUPS.c.kind == kind, LOOKUPS.c.about == about)
            if not connection.execute(update(LOOKUPS).where(*mine).values(**values)).rowcount:
                connection.execute(insert(LOOKUPS).values(kind=kind, about=about, **values))
                newest = select(LOOKUPS.c.answered_at).order_by(LOOKUPS.c.answered_at.desc()).offset(self._kept - 1)
                oldest = connection.execute(newest.limit(1)).scalar_one_or_none()
                if oldest is not None:
                    connection.execute(delete(LOOKUPS).where(LOOKUPS.c.answered_at < oldest))
