"""The record of what happened, written at once and by every process that does something.

Belongs here: writing and reading runs and gates. Does not: their meaning, rows held back (`quarantine`), the providers
(`providers`), what people ask (`queries`).
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import polars as pl
from sqlalchemy import ColumnElement, Engine, Table, delete, func, insert, select, update

from warehouse.ops.lookups import Lookups
from warehouse.ops.providers import Providers
from warehouse.ops.quarantine import Quarantine, settle
from warehouse.ops.queries import Queries
from warehouse.ops.tables import GATES, RUNS
from warehouse.ops.visits import Visits
from warehouse.relational import be_only_writer, engine_for, kept_open, migrate_if_behind, reading, writing
from warehouse.schema.ops import QUALITY_RESULTS
from warehouse.schema.types import TIMESTAMP

RUN_SCHEMA = {
    "run_id": pl.String,
    "kind": pl.String,
    "status": pl.String,
    "message": pl.String,
    "started_at": TIMESTAMP,
    "ended_at": TIMESTAMP,
}
RUNNING, FAILED, KILLED, PUBLISHED = "running", "failed", "killed", "published"
_SAID_OF_KILLED = "its process was killed or crashed; that was noticed at {:%Y-%m-%d %H:%M:%S}Z"


class FailedRun(NamedTuple):
    """A run after which the former publication stayed: what it was, why, and when it ended."""

    kind: str
    why: str
    ended_at: dt.datetime


class Ops:
    """What happened, at one URL; `open` gives one that is up to date."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> "Ops":
        """Open the record; a new one is made, an older one is migrated.

        Raises:
            UnsupportedDatabaseError: If the URL names neither a SQLite file nor PostgreSQL.
            NewerDatabaseError: If a newer Folioduck wrote it.
        """
        engine = engine_for(url)
        migrate_if_behind(engine, "warehouse.ops")
        return cls(engine)

    @contextmanager
    def kept_open(self) -> Iterator["Ops"]:
        """Yield the same record with its connections kept open until the block ends: for many small transactions."""
        with kept_open(self._engine) as engine:
            yield Ops(engine)

    def record_run_started(self, run_id: str, kind: str, now: dt.datetime) -> None:
        """Record that a run has started; a run that starts again is running again."""
        values = {"kind": kind, "status": RUNNING, "message": None, "started_at": now, "ended_at": None}
        self._put(RUNS, {"run_id": run_id}, values)

    def record_run_ended(self, run_id: str, status: str, message: str | None, now: dt.datetime) -> None:
        """Record how a run ended; a run whose start nobody recorded counts as started then.

        Rows of the quarantine that it took are resolved if it was published, and only then.
        """
        ended = {"status": status, "message": message, "ended_at": now}
        with writing(self._engine) as connection:
            be_only_writer(connection, RUNS)
            known = connection.execute(update(RUNS).where(RUNS.c.run_id == run_id).values(**ended)).rowcount
            if not known:
                connection.execute(insert(RUNS).values(run_id=run_id, kind="", started_at=now, **ended))
            if status == PUBLISHED:
                settle(connection, run_id, now)

    def record_run_killed(self, run_id: str, now: dt.datetime) -> bool:
        """Record that a run's process was found to be gone; False if the run has ended in another way meanwhile."""
        mine = (RUNS.c.run_id == run_id, RUNS.c.status == RUNNING)
        killed = {"status": KILLED, "message": _SAID_OF_KILLED.format(now.astimezone(dt.UTC)), "ended_at": now}
        with writing(self._engine) as connection:
            return connection.execute(update(RUNS).where(*mine).values(**killed)).rowcount > 0

    def running(self) -> list[str]:
        """Return the runs whose end nobody has recorded, the oldest first."""
        query = select(RUNS.c.run_id).where(RUNS.c.status == RUNNING).order_by(RUNS.c.started_at)
        with reading(self._engine) as connection:
            return list(connection.execute(query).scalars())

    def known(self, run_ids: Sequence[str]) -> set[str]:
        """Return those of some runs that are on record, however they stand."""
        return self._of(run_ids)

    def killed(self, run_ids: Sequence[str]) -> set[str]:
        """Return those of some runs that were found to be killed."""
        return self._of(run_ids, RUNS.c.status == KILLED)

    def over(self, run_ids: Sequence[str]) -> set[str]:
        """Return those of some runs whose end is on record, whichever it was."""
        return self._of(run_ids, RUNS.c.status != RUNNING)

    def _of(self, run_ids: Sequence[str], *those: ColumnElement[bool]) -> set[str]:
        query = select(RUNS.c.run_id).where(RUNS.c.run_id.in_(run_ids), *those)
        with reading(self._engine) as connection:
            return set(connection.execute(query).scalars())

    def runs(self, limit: int = 50) -> pl.DataFrame:
        """Return the last runs as ``RUN_SCHEMA``, newest first; ``ended_at`` is null while one runs."""
        query = select(*(RUNS.c[name] for name in RUN_SCHEMA)).order_by(RUNS.c.started_at.desc(), RUNS.c.run_id)
        return self._frame(query.limit(limit), RUN_SCHEMA)

    def last_failed(self, since: dt.datetime) -> FailedRun | None:
        """Return the newest run that failed or was killed after a moment, None where there is none."""
        failed = (RUNS.c.status.in_((FAILED, KILLED)), RUNS.c.ended_at > since)
        query = select(RUNS.c.kind, func.coalesce(RUNS.c.message, ""), RUNS.c.ended_at).where(*failed)
        with reading(self._engine) as connection:
            row = connection.execute(query.order_by(RUNS.c.started_at.desc(), RUNS.c.run_id).limit(1)).first()
        return None if row is None else FailedRun(*row)

    def forget_runs(self, *, keep: int) -> list[str]:
        """Delete all but the last runs, with what their gates found, and return which; one that runs stays."""
        newest = select(RUNS.c.run_id).order_by(RUNS.c.started_at.desc(), RUNS.c.run_id).limit(keep)
        old = select(RUNS.c.run_id).where(RUNS.c.run_id.not_in(newest), RUNS.c.status != RUNNING)
        with writing(self._engine) as connection:
            forgotten = list(connection.execute(old.order_by(RUNS.c.started_at)).scalars())
            for table in (GATES, RUNS):
                connection.execute(delete(table).where(table.c.run_id.in_(forgotten)))
        return forgotten

    def record_gate(
        self,
        run_id: str,
        table_name: str,
        rule: str,
        passed: bool,  # noqa: FBT001 - the columns of one row, in order
        blocking: bool,  # noqa: FBT001
        failed_rows: int,
        sample: str | None,
        now: dt.datetime,
    ) -> None:
        """Record what a gate found, ``sample`` as JSON; the last finding of a run counts."""
        key = {"run_id": run_id, "table_name": table_name, "rule": rule}
        found = {"passed": passed, "blocking": blocking, "failed_rows": failed_rows, "sample": sample}
        self._put(GATES, key, {**found, "checked_at": now})

    def gates(self, run_id: str | None = None) -> pl.DataFrame:
        """Return what gates found, as ``quality_results`` declares it: of one run, or of all, oldest first."""
        query = select(*(GATES.c[name] for name in QUALITY_RESULTS.names))
        query = query.order_by(GATES.c.checked_at, GATES.c.run_id, GATES.c.table_name, GATES.c.rule)
        if run_id is not None:
            query = query.where(GATES.c.run_id == run_id)
        return self._frame(query, dict(QUALITY_RESULTS.polars_schema))

    def quarantine(self) -> Quarantine:
        """Return the rows held back."""
        return Quarantine(self._engine)

    def lookups(self) -> Lookups:
        """Return the last answers to what people looked up."""
        return Lookups(self._engine)

    def providers(self) -> Providers:
        """Return what processes share about the providers they ask."""
        return Providers(self._engine)

    def visits(self) -> Visits:
        """Return what people last saw."""
        return Visits(self._engine)

    def queries(self) -> Queries:
        """Return what people asked in SQL."""
        return Queries(self._engine)

    def _put(self, table: Table, key: dict[str, Any], values: dict[str, Any]) -> None:
        mine: list[ColumnElement[bool]] = [table.c[name] == value for name, value in key.items()]
        with writing(self._engine) as connection:
            be_only_writer(connection, table)
            if not connection.execute(update(table).where(*mine).values(**values)).rowcount:
                connection.execute(insert(table).values(**key, **values))

    def _frame(self, query: Any, schema: dict[str, Any]) -> pl.DataFrame:
        with reading(self._engine) as connection:
            rows = [tuple(row) for row in connection.execute(query)]
        return pl.DataFrame(rows, schema=schema, orient="row")
