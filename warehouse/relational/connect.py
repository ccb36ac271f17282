"""Engines and transactions: the one place that knows SQLite from PostgreSQL.

Belongs here: how a transaction begins, waits and locks. Does not: what is done in one.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Pool, Table, create_engine, event, make_url
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.pool import NullPool, QueuePool

from warehouse.relational.errors import DatabaseBusyError, UnsupportedDatabaseError

BUSY_TIMEOUT_SECONDS = 30
_WRITES = "folio_writes"
_PROCESS = "process"
_inherited: list[Any] = []
"""Connections that a forked process has from its parent: not even closing them is safe."""


@lru_cache(maxsize=16)
def engine_for(url: str) -> Engine:
    """Return the process's engine of a database, without connecting to it.

    Raises:
        UnsupportedDatabaseError: If the URL names neither a SQLite file nor PostgreSQL.
    """
    parsed = make_url(url)
    dialect = parsed.get_backend_name()
    if dialect == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        # No pool: nothing stays open across a fork or a backup, and the file alone is the whole database.
        return _sqlite_engine(url, NullPool)
    if dialect == "postgresql":
        return create_engine(url, pool_pre_ping=True)
    raise UnsupportedDatabaseError(dialect if dialect != "sqlite" else "sqlite in memory")


@contextmanager
def kept_open(engine: Engine) -> Iterator[Engine]:
    """Yield an engine of the same database that keeps its connections open between transactions, until the block ends.

    For many small transactions in a row. Opening a SQLite file, and closing it as the last one, which writes its log
    back and syncs, takes longer than they do. PostgreSQL's engine has a pool anyway.
    """
    if engine.dialect.name != "sqlite":
        yield engine
        return
    pooled = _sqlite_engine(str(engine.url), QueuePool)
    event.listen(pooled, "checkout", _refuse_inherited)
    try:
        yield pooled
    finally:
        pooled.dispose()


def _sqlite_engine(url: str, pool: type[Pool]) -> Engine:
    engine = create_engine(url, poolclass=pool, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _refuse_inherited(connection: sqlite3.Connection, record: Any, proxy: Any) -> None:
    """Have the pool open a connection anew where it has one of the process that this one was forked from."""
    if record.info[_PROCESS] != os.getpid():
        _inherited.append(connection)
        record.dbapi_connection = proxy.dbapi_connection = None
        raise DisconnectionError


def _prepare_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    record.info[_PROCESS] = os.getpid()
    # The driver must not begin by itself: it would begin deferred, and a read before a write would lose updates.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    if not connection.get_execution_options().get(_WRITES, False):
        connection.exec_driver_sql("BEGIN")
        return
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        if not _is_busy(error.orig):
            raise
        raise DatabaseBusyError(str(connection.engine.url.database), BUSY_TIMEOUT_SECONDS) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that sees one moment and writes nothing."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that writes: on SQLite it waits for the only writer's place before it reads.

    Raises:
        DatabaseBusyError: If others write for longer than ``BUSY_TIMEOUT_SECONDS``.
    """
    with engine.execution_options(**{_WRITES: True}).begin() as connection:
        yield connection


def be_only_writer(connection: Connection, table: Table) -> None:
    """Keep others from writing a table until the transaction ends: nothing slips between a look and a write.

    On SQLite whoever writes is alone already; readers never wait.
    """
    if connection.dialect.name == "postgresql":
        name = connection.dialect.identifier_preparer.format_table(table)
        connection.exec_driver_sql(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """Open a writing transaction that no other migration runs beside."""
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4655)")
        yield connection


def use_write_ahead_log(engine: Engine) -> None:
    """Let readers of a SQLite file go on while one writes; the file remembers it.

    Raises:
        DatabaseBusyError: If others hold the file for longer than ``BUSY_TIMEOUT_SECONDS``.
    """
    database = engine.url.database
    if engine.dialect.name != "sqlite" or database is None:
        return
    Path(database).parent.mkdir(parents=True, exist_ok=True)
    # Takes 50 ms to import, and is needed once in a file's life.
    from tenacity import RetryError, Retrying, retry_if_exception, stop_after_delay, wait_random  # noqa: PLC0415

    # Of two that make a file at once, one is refused here whatever its time-out: waiting for each other's shared lock
    # would never end.
    patiently = Retrying(
        retry=retry_if_exception(_is_busy), stop=stop_after_delay(BUSY_TIMEOUT_SECONDS), wait=wait_random(0.005, 0.05)
    )
    try:
        patiently(_keep_write_ahead_log, database)
    except RetryError as error:
        raise DatabaseBusyError(database, BUSY_TIMEOUT_SECONDS) from error


def _keep_write_ahead_log(database: str) -> None:
    with closing(sqlite3.connect(database, timeout=BUSY_TIMEOUT_SECONDS)) as raw:
        raw.execute("PRAGMA journal_mode = WAL")


def _is_busy(error: BaseException | None) -> bool:
    # The low byte is the kind: busy comes also as busy in recovery, or as busy with a snapshot.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
