"""What people asked in SQL on a server: who, when, what, and what became of it.

Belongs here: keeping it, from before a query is run. Does not: running one (`warehouse.adhoc`).
"""

import datetime as dt
from typing import Any

import polars as pl
from sqlalchemy import Engine, delete, insert, select, update

from warehouse.ops.tables import QUERIES
from warehouse.relational import reading, writing
from warehouse.schema.types import TIMESTAMP

QUERIES_SCHEMA: dict[str, Any] = {
    "query_id": pl.Int64,
    "user_id": pl.String,
    "publication_id": pl.String,
    "query": pl.String,
    "outcome": pl.String,
    "message": pl.String,
    "answer_rows": pl.Int64,
    "duration_ms": pl.Int64,
    "asked_at": TIMESTAMP,
}
ASKED = "asked"
"""The outcome of a query that nobody has seen end: it runs, or its server died."""
QUERIES_KEPT = 10_000
_LONGEST = 100_000


class Queries:
    """What was asked, in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def asked(self, user: str, publication: str, query: str, now: dt.datetime) -> int:
        """Record that a query is asked, and return its number; the oldest of many are forgotten."""
        text = query[:_LONGEST].encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
        row = {"user_id": user, "publication_id": publication, "query": text, "outcome": ASKED, "asked_at": now}
        with writing(self._engine) as connection:
            key = connection.execute(insert(QUERIES).values(**row)).inserted_primary_key
            number = 0 if key is None else int(key[0])
            connection.execute(delete(QUERIES).where(QUERIES.c.query_id <= number - QUERIES_KEPT))
        return number

    def ended(self, number: int, outcome: str, *, message: str | None, rows: int | None, milliseconds: int) -> None:
        """Record what became of a query.

        Args:
            number: As `asked` has returned it.
            outcome: In a word.
            message: Why, where it was not answered.
            rows: Of its answer.
            milliseconds: How long it took.
        """
        told = {"outcome": outcome, "message": message, "answer_rows": rows, "duration_ms": milliseconds}
        with writing(self._engine) as connection:
            connection.execute(update(QUERIES).where(QUERIES.c.query_id == number).values(**told))

    def last(self, limit: int = 100) -> pl.DataFrame:
        """Return the last queries as ``QUERIES_SCHEMA``, newest first."""
        query = select(*(QUERIES.c[name] for name in QUERIES_SCHEMA)).order_by(QUERIES.c.query_id.desc()).limit(limit)
        with reading(self._engine) as connection:
            rows = [tuple(row) for row in connection.execute(query)]
        return pl.DataFrame(rows, schema=QUERIES_SCHEMA, orient="row")
