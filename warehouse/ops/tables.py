"""Tables of what happened, as SQLAlchemy declares them; a test holds the migrations to them.

Belongs here: columns and keys. Does not: who writes them when (`ops`), how they got here (`migrations`).
"""

from sqlalchemy import Boolean, Column, Date, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

from warehouse.relational import UtcTimestamp

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

RUNS = Table(
    "runs",
    METADATA,
    Column("run_id", String(64), primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("status", String(32), nullable=False),
    Column("message", Text),
    Column("started_at", UtcTimestamp, nullable=False, index=True),
    Column("ended_at", UtcTimestamp),
)

GATES = Table(
    "gates",
    METADATA,
    Column("run_id", String(64), primary_key=True),
    Column("table_name", String(128), primary_key=True),
    Column("rule", String(255), primary_key=True),
    Column("passed", Boolean, nullable=False),
    Column("blocking", Boolean, nullable=False),
    Column("failed_rows", Integer, nullable=False),
    Column("sample", Text),
    Column("checked_at", UtcTimestamp, nullable=False),
)

QUARANTINE = Table(
    "quarantine",
    METADATA,
    Column("quarantine_id", Integer, primary_key=True),
    Column("run_id", String(64), nullable=False),
    Column("table_name", String(128), nullable=False),
    Column("rule", String(255), nullable=False),
    Column("about", String(255), nullable=False),
    Column("date", Date, nullable=False),
    Column("key", String(255), nullable=False),
    Column("column_name", String(128), nullable=False),
    Column("value", Text),
    Column("expected", Text),
    Column("reason", Text, nullable=False),
    Column("fetched_row", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("resolution", String(16)),
    Column("resolving_run_id", String(64), index=True),
    Column("first_seen_at", UtcTimestamp, nullable=False),
    Column("last_seen_at", UtcTimestamp, nullable=False),
    Column("resolved_at", UtcTimestamp),
    Column("value_since_at", UtcTimestamp),
    UniqueConstraint("table_name", "rule", "key"),
    Index(None, "state"),
)

HEALTH = Table(
    "health",
    METADATA,
    Column("health_id", Integer, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("latency_ms", Integer),
    Column("error", Text),
    Column("asked_at", UtcTimestamp, nullable=False),
    Index(None, "source", "asked_at"),
)

CIRCUITS = Table(
    "circuits",
    METADATA,
    Column("source", String(64), primary_key=True),
    Column("failures_in_a_row", Integer, nullable=False),
    Column("opened_at", UtcTimestamp),
    Column("probe_until", UtcTimestamp),
    Column("not_before", UtcTimestamp),
    Column("refusal", Text),
    Column("is_down", Boolean, nullable=False),
)

CALLS = Table(
    "calls",
    METADATA,
    Column("source", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("calls", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
)

TURNS = Table(
    "turns",
    METADATA,
    Column("source", String(64), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("about", String(255), primary_key=True),
    Column("asked_at", UtcTimestamp, nullable=False),
    Column("failures_in_a_row", Integer, nullable=False),
)

LOOKUPS = Table(
    "lookups",
    METADATA,
    Column("kind", String(32), primary_key=True),
    Column("about", String(255), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("answered_at", UtcTimestamp, nullable=False, index=True),
    Column("document", Text, nullable=False),
)

REQUESTS = Table(
    "requests",
    METADATA,
    Column("request_id", Integer, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("sent_at", UtcTimestamp, nullable=False),
    Index(None, "source", "sent_at"),
)

QUERIES = Table(
    "queries",
    METADATA,
    Column("query_id", Integer, primary_key=True),
    Column("user_id", String(255), nullable=False),
    Column("publication_id", String(64), nullable=False),
    Column("query", Text, nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("message", Text),
    Column("answer_rows", Integer),
    Column("duration_ms", Integer),
    Column("asked_at", UtcTimestamp, nullable=False),
)

VISITS = Table(
    "visits",
    METADATA,
    Column("user_id", String(255), primary_key=True),
    Column("portfolio_id", String(64), primary_key=True),
    Column("at", UtcTimestamp, nullable=False),
    Column("value", String(64)),
    Column("publication_id", String(64), nullable=False),
    Column("ledger_version", Integer, nullable=False),
    Column("before_at", UtcTimestamp),
    Column("before_value", String(64)),
    Column("before_publication_id", String(64)),
    Column("before_ledger_version", Integer),
)
