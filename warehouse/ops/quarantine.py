"""Rows held back: kept once, seen again, resolved when a run that took them is published.

Belongs here: keeping them, in one transaction a screening. Does not: which rows are held back, and when one counts as
resolved (`pipelines.quality`).
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, bindparam, case, insert, select, update

from warehouse.ops.tables import QUARANTINE
from warehouse.relational import be_only_writer, reading, writing
from warehouse.schema import ops
from warehouse.schema.ops import OPEN, RELEASED, RESOLVED

BELIEVABLE, WITHDRAWN, OWN = "believable", "withdrawn", "own"
"""How a row was resolved, besides by its release (`RELEASED`)."""

_KEY = ("table_name", "rule", "key")
_FOUND = ("about", "date", "column_name", "value", "expected", "reason", "fetched_row")
HELD = pl.Schema({name: ops.QUARANTINE.polars_schema[name] for name in (*_KEY, *_FOUND)})
"""A row that is held back by one rule."""
RESOLUTIONS = pl.Schema({"quarantine_id": pl.Int64, "resolution": pl.String})


class Quarantine:
    """The rows held back, in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, run_id: str, held: pl.DataFrame, resolutions: pl.DataFrame, now: dt.datetime) -> None:
        """Keep what a screening held back, and what it would resolve once its run is published.

        A row that the same rule holds back again is the same row, seen again with its last value; it is open again.

        Args:
            run_id: The run.
            held: ``HELD``, unique by table, rule and key.
            resolutions: ``RESOLUTIONS``, of open rows.
            now: When.
        """
        seen = {"run_id": run_id, "state": OPEN, "resolution": None, "resolving_run_id": None, "resolved_at": None}
        with writing(self._engine) as connection:
            be_only_writer(connection, QUARANTINE)
            known = _known(connection, held["table_name"].unique().to_list())
            rows = [(row, known.get(tuple(row[name] for name in _KEY))) for row in held.to_dicts()]
            first = {"first_seen_at": now, "last_seen_at": now, "value_since_at": now}
            new = [{**row, **seen, **first} for row, before in rows if before is None]
            again = [
                {**row, **seen, "last_seen_at": now, "value_since_at": _since(row, before, now), "_id": before["_id"]}
                for row, before in rows
                if before is not None
            ]
            taken = [
                {"_id": row["quarantine_id"], "resolution": row["resolution"], "resolving_run_id": run_id}
                for row in resolutions.to_dicts()
            ]
            if new:
                connection.execute(insert(QUARANTINE), new)
            for changes in (again, taken):
                _update(connection, changes)

    def open_rows(self) -> pl.DataFrame:
        """Return the rows that are not resolved by a published run, as ``quarantine`` declares them, by id."""
        return self._rows(state=OPEN)

    def rows(self, *, as_of_run: str | None = None) -> pl.DataFrame:
        """Return every row ever held back, as ``quarantine`` declares them, by id.

        Args:
            as_of_run: A run that is about to be published: what it resolves counts as resolved.
        """
        frame = self._rows()
        if as_of_run is None:
            return frame
        with reading(self._engine) as connection:
            mine = select(QUARANTINE.c.quarantine_id).where(QUARANTINE.c.resolving_run_id == as_of_run)
            resolved = pl.col("quarantine_id").is_in(list(connection.execute(mine).scalars()))
        state = pl.when(pl.col("resolution") == RELEASED).then(pl.lit(RELEASED)).otherwise(pl.lit(RESOLVED))
        return frame.with_columns(state=pl.when(resolved).then(state).otherwise("state"))

    def _rows(self, **where: str) -> pl.DataFrame:
        query = select(*(QUARANTINE.c[name] for name in ops.QUARANTINE.names)).order_by(QUARANTINE.c.quarantine_id)
        for name, value in where.items():
            query = query.where(QUARANTINE.c[name] == value)
        with reading(self._engine) as connection:
            found = [tuple(row) for row in connection.execute(query)]
        return pl.DataFrame(found, schema=ops.QUARANTINE.polars_schema, orient="row")


def settle(connection: Connection, run_id: str, now: dt.datetime) -> None:
    """Resolve what a run took that is published now."""
    mine = (QUARANTINE.c.resolving_run_id == run_id, QUARANTINE.c.state == OPEN)
    state = case((QUARANTINE.c.resolution == RELEASED, RELEASED), else_=RESOLVED)
    connection.execute(update(QUARANTINE).where(*mine).values(state=state, resolved_at=now))


def _known(connection: Connection, tables: Sequence[str]) -> dict[tuple[str, ...], Mapping[str, Any]]:
    """Return what is kept of each row of some tables, by its key."""
    kept = (QUARANTINE.c[name] for name in ("value", "state", "value_since_at", *_KEY))
    query = select(QUARANTINE.c.quarantine_id.label("_id"), *kept).where(QUARANTINE.c.table_name.in_(tables))
    return {tuple(row[name] for name in _KEY): dict(row) for row in connection.execute(query).mappings()}


def _since(row: Mapping[str, Any], before: Mapping[str, Any], now: dt.datetime) -> dt.datetime:
    """Return since when a row has this value: it is another one, or was resolved in between, or is the same."""
    is_same = before["state"] == OPEN and before["value"] == row["value"]
    known: dt.datetime | None = before["value_since_at"] if is_same else None
    return known or now


def _update(connection: Connection, changes: Iterable[Mapping[str, Any]]) -> None:
    rows = list(changes)
    if rows:
        # What is set follows from the names in the rows.
        connection.execute(update(QUARANTINE).where(QUARANTINE.c.quarantine_id == bindparam("_id")), rows)
