"""What processes share about the providers they ask: calls, circuits, turns, and requests that count against a limit.

Belongs here: tables read and changed in one transaction, so that a restart forgets nothing and two processes never both
take what there is once. Does not: when a circuit opens and what a limit is (`pipelines.sources`).
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import polars as pl
from sqlalchemy import Connection, Engine, Select, bindparam, delete, func, insert, select, update

from warehouse.ops.tables import CALLS, CIRCUITS, HEALTH, REQUESTS, TURNS
from warehouse.relational import be_only_writer, reading, writing
from warehouse.schema.types import TIMESTAMP

HEALTH_SCHEMA = {
    "source": pl.String,
    "ok": pl.Boolean,
    "latency_ms": pl.Int64,
    "error": pl.String,
    "asked_at": TIMESTAMP,
    "last_ok_at": TIMESTAMP,
    "failures_in_a_row": pl.Int64,
}
_ANSWER = ("source", "ok", "latency_ms", "error", "asked_at")
ANSWERS_SCHEMA = {name: HEALTH_SCHEMA[name] for name in _ANSWER}
CALLS_SCHEMA = {"source": pl.String, "calls": pl.Int64, "failures": pl.Int64}
ANSWERS_KEPT = 500
"""How many answers of each provider stay, at least."""
_PRUNED_EVERY = 100

Said = TypeVar("Said")


@dataclass(frozen=True, kw_only=True)
class Circuit:
    """What is shared about a provider that fails.

    Args:
        failures_in_a_row: Questions since the last answer that failed and may succeed later.
        opened_at: Since when it is left alone; None while it is asked.
        probe_until: Until when the one question that finds out whether it is back counts as being out.
        not_before: Before which moment it wants no request.
        refusal: What it said when it refused whoever asks, as for a bad key; None where it failed otherwise.
        is_down: Whether it has failed since its last answer over what it answered before: that is not the question's
            fault.
    """

    failures_in_a_row: int = 0
    opened_at: dt.datetime | None = None
    probe_until: dt.datetime | None = None
    not_before: dt.datetime | None = None
    refusal: str | None = None
    is_down: bool = False


@dataclass(frozen=True, kw_only=True)
class Turn:
    """When a provider was last asked about something.

    Args:
        asked_at: When, whatever it said.
        failures_in_a_row: How often since it last said anything that failed and may succeed later.
    """

    asked_at: dt.datetime
    failures_in_a_row: int = 0


class Requests:
    """The requests of one provider inside a transaction that nobody else's gets between."""

    def __init__(self, connection: Connection, source: str) -> None:
        self._connection = connection
        self._source = source

    def count(self, since: dt.datetime) -> int:
        """Return how many were sent at a moment or later."""
        return _requests(self._connection, self._source, since)

    def newest(self, offset: int) -> dt.datetime | None:
        """Return when the newest was sent, or the one so many before it; None where there are not as many."""
        mine = select(REQUESTS.c.sent_at).where(REQUESTS.c.source == self._source)
        query = mine.order_by(REQUESTS.c.sent_at.desc()).limit(1).offset(offset)
        return self._connection.execute(query).scalar_one_or_none()

    def add(self, at: dt.datetime) -> None:
        """Count a request."""
        self._connection.execute(insert(REQUESTS).values(source=self._source, sent_at=at))

    def forget(self, before: dt.datetime) -> None:
        """Forget those that no limit counts any more."""
        old = (REQUESTS.c.source == self._source, REQUESTS.c.sent_at < before)
        self._connection.execute(delete(REQUESTS).where(*old))

    def forget_later(self, after: dt.datetime) -> None:
        """Forget those that cannot have been sent yet."""
        unsent = (REQUESTS.c.source == self._source, REQUESTS.c.sent_at > after)
        self._connection.execute(delete(REQUESTS).where(*unsent))


class Providers:
    """What is shared about providers, in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record_call(
        self,
        source: str,
        ok: bool,  # noqa: FBT001 - the columns of one row, in order
        latency_ms: int | None,
        error: str | None,
        now: dt.datetime,
    ) -> None:
        """Record how a provider answered, and count it on its day in UTC; the last few hundred answers are kept."""
        row = {"source": source, "ok": ok, "latency_ms": latency_ms, "error": error, "asked_at": now}
        with writing(self._engine) as connection:
            key = connection.execute(insert(HEALTH).values(**row)).inserted_primary_key
            if key is not None and key[0] % _PRUNED_EVERY == 0:
                _forget_old_answers(connection)
            _count(connection, source, now.astimezone(dt.UTC).date(), failures=0 if ok else 1)

    def health(self) -> pl.DataFrame:
        """Return the last answer of every provider as ``HEALTH_SCHEMA``, by name.

        ``last_ok_at`` is null where none of the kept answers was good; ``failures_in_a_row`` are of its circuit: that a
        provider does not know a symbol is an answer.
        """
        last = (
            self.answers()
            .group_by("source", maintain_order=True)
            .agg(
                pl.col("ok", "latency_ms", "error", "asked_at").last(),
                last_ok_at=pl.col("asked_at").filter("ok").last(),
            )
        )
        failed = [self.circuit(source).failures_in_a_row for source in last["source"]]
        return last.with_columns(pl.Series("failures_in_a_row", failed, dtype=pl.Int64))

    def answers(self) -> pl.DataFrame:
        """Return every answer that is kept as ``ANSWERS_SCHEMA``, by provider, the oldest first."""
        query = select(*(HEALTH.c[name] for name in _ANSWER)).order_by(HEALTH.c.source, HEALTH.c.health_id)
        return self._frame(query, ANSWERS_SCHEMA)

    def calls(self, day: dt.date) -> pl.DataFrame:
        """Return how often each provider was called on a day in UTC, and how often in vain, as ``CALLS_SCHEMA``."""
        query = select(*(CALLS.c[name] for name in CALLS_SCHEMA)).where(CALLS.c.day == day).order_by(CALLS.c.source)
        return self._frame(query, CALLS_SCHEMA)

    def circuit(self, source: str) -> Circuit:
        """Return a provider's circuit; one that nobody has changed is closed."""
        with reading(self._engine) as connection:
            return _circuit(connection, source)

    def change_circuit(self, source: str, change: Callable[[Circuit], tuple[Circuit, Said]]) -> Said:
        """Change a provider's circuit, with nobody in between, and return what the change says besides.

        Args:
            source: The provider.
            change: Takes the circuit as it is; gives it as it is to be, and what to return.
        """
        before = self.circuit(source)
        after, said = change(before)
        if after == before:
            return said  # all is well nearly always, and then nobody waits for a writer's place
        with writing(self._engine) as connection:
            be_only_writer(connection, CIRCUITS)
            after, said = change(_circuit(connection, source))
            values = asdict(after)
            if not connection.execute(update(CIRCUITS).where(CIRCUITS.c.source == source).values(**values)).rowcount:
                connection.execute(insert(CIRCUITS).values(source=source, **values))
        return said

    def turns(self, source: str, kind: str) -> dict[str, Turn]:
        """Return when a provider was last asked about what, for one kind of questions."""
        names = TURNS.c.about, TURNS.c.asked_at, TURNS.c.failures_in_a_row
        query = select(*names).where(TURNS.c.source == source, TURNS.c.kind == kind)
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return {about: Turn(asked_at=asked_at, failures_in_a_row=failures) for about, asked_at, failures in rows}

    def keep_turns(self, source: str, kind: str, turns: Mapping[str, Turn]) -> None:
        """Keep when a provider was last asked about what; of anything else, what is kept stays."""
        if not turns:
            return
        of = {"source": source, "kind": kind}
        mine = (TURNS.c.source == source, TURNS.c.kind == kind, TURNS.c.about == bindparam("named"))
        with writing(self._engine) as connection:
            be_only_writer(connection, TURNS)
            connection.execute(delete(TURNS).where(*mine), [{"named": about} for about in turns])
            connection.execute(insert(TURNS), [of | {"about": about} | asdict(turn) for about, turn in turns.items()])

    @contextmanager
    def requests(self, source: str) -> Iterator[Requests]:
        """Look at a provider's requests and count another, with nobody in between."""
        with writing(self._engine) as connection:
            be_only_writer(connection, REQUESTS)
            yield Requests(connection, source)

    def requests_since(self, source: str, since: dt.datetime) -> int:
        """Return how many requests of a provider were counted at a moment or later."""
        with reading(self._engine) as connection:
            return _requests(connection, source, since)

    def _frame(self, query: Select[Any], schema: dict[str, Any]) -> pl.DataFrame:
        with reading(self._engine) as connection:
            rows = [tuple(row) for row in connection.execute(query)]
        return pl.DataFrame(rows, schema=schema, orient="row")


def _circuit(connection: Connection, source: str) -> Circuit:
    row = connection.execute(select(CIRCUITS).where(CIRCUITS.c.source == source)).one_or_none()
    if row is None:
        return Circuit()
    return Circuit(**{name: value for name, value in row._mapping.items() if name != "source"})  # noqa: SLF001 - public


def _requests(connection: Connection, source: str, since: dt.datetime) -> int:
    mine = (REQUESTS.c.source == source, REQUESTS.c.sent_at >= since)
    return connection.execute(select(func.count()).select_from(REQUESTS).where(*mine)).scalar_one()


def _count(connection: Connection, source: str, day: dt.date, *, failures: int) -> None:
    be_only_writer(connection, CALLS)
    mine = (CALLS.c.source == source, CALLS.c.day == day)
    more = {"calls": CALLS.c.calls + 1, "failures": CALLS.c.failures + failures}
    if not connection.execute(update(CALLS).where(*mine).values(**more)).rowcount:
        connection.execute(insert(CALLS).values(source=source, day=day, calls=1, failures=failures))


def _forget_old_answers(connection: Connection) -> None:
    """Delete all but the last answers of every source: where several take turns, one alone would meet the hundreds."""
    newest_first = func.row_number().over(partition_by=HEALTH.c.source, order_by=HEALTH.c.health_id.desc())
    ranked = select(HEALTH.c.health_id, newest_first.label("place")).subquery()
    old = select(ranked.c.health_id).where(ranked.c.place > ANSWERS_KEPT)
    connection.execute(delete(HEALTH).where(HEALTH.c.health_id.in_(old)))
