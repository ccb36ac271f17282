"""Dagster's event log in SQLite files, which are kept open while they are used.

Belongs here: that one change to `SqliteEventLogStorage`, which ``dagster.yaml`` names. Does not: where files lie and
what is in them, which stay Dagster's own.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster import StringSource
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import create_db_conn_string
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, QueuePool, create_engine

BUSY_TIMEOUT_SECONDS = 60
OPEN_FILES = 8
"""So many are kept open: the index, and the runs that are going on or looked at; a file is one run's."""


class EventLog(SqliteEventLogStorage):
    """The event log below a Dagster home, in the files where Dagster keeps it by itself.

    A small run looks at its log a thousand times. Dagster makes an engine and a connection for each, which is a third
    of what such a run takes.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> Mapping[str, Any]:
        """Return what ``dagster.yaml`` says of it: the Dagster home."""
        return {"home": StringSource}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> "EventLog":
        """Return the log of a home."""
        return cls(str(Path(config_value["home"]) / "history" / "runs"), inst_data)

    def dispose(self) -> None:
        """Close the files."""
        super().dispose()
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> Engine:
        """Return the engine of a file, and close the one that was used the longest time ago."""
        engine = self._engines.pop(shard, None) or self._made(shard)
        self._engines[shard] = engine
        if len(self._engines) > OPEN_FILES:
            self._engines.pop(next(iter(self._engines))).dispose()
        return engine

    def _made(self, shard: str) -> Engine:
        address = create_db_conn_string(self._base_dir, shard)
        # One at a time has the lock, whichever thread it is.
        given = {"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
        return create_engine(address, poolclass=QueuePool, pool_size=1, connect_args=given)
