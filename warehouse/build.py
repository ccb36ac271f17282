"""A run's candidate: the only writer of the warehouse (ADR 1, 2).

Belongs here: the lock, the copy, and every way in which rows are written. Does not: publication (`publish`), reading
what is published (`reader`), the order of a run (its caller).
"""

import datetime as dt
import shutil
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import duckdb
import polars as pl
from filelock import FileLock, Timeout

from warehouse.answer import answer
from warehouse.errors import CandidateClosedError, ChangedPublicationError, WarehouseBusyError
from warehouse.migrate import migrate
from warehouse.schema import market
from warehouse.schema.model import Table
from warehouse.seals import earlier, is_as_sealed
from warehouse.settings import Settings

T = TypeVar("T")

# When a row was fetched or became known says nothing new about its value.
_NOT_VALUES = {"source", "fetched_at", "known_from", "bulk_loaded", "updated_at"}

_open_candidates: dict[tuple[Path, str], "Candidate"] = {}
_registry = threading.Lock()


@dataclass(frozen=True, slots=True)
class HistoryChange:
    """What a write did to an immutable history, in rows."""

    inserted: int
    revised: int
    unchanged: int


class Candidate:
    """The file a run writes: invisible to readers, gone without trace unless it is published.

    Args:
        run_id: The run.
        path: The candidate's file.
        lock: Held until the candidate is published or dropped.
        memory_mb: What DuckDB keeps its buffers below. Without a limit it keeps most of what it wrote; beyond it, what
            has to wait goes to a folder beside the file, which closing the file removes.
    """

    def __init__(self, run_id: str, path: Path, lock: FileLock, *, memory_mb: int) -> None:
        self.run_id = run_id
        self.path = path
        self._lock = lock
        self._connection: duckdb.DuckDBPyConnection | None = _opened(path, memory_mb)

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Return the open connection.

        Raises:
            CandidateClosedError: If the candidate was published or dropped.
        """
        if self._connection is None:
            raise CandidateClosedError(self.run_id)
        return self._connection

    def read(self, table: Table, *, where: Mapping[str, Sequence[object]] | None = None) -> pl.DataFrame:
        """Return the rows of a table by key, or of those whose columns have one of the values given."""
        query = f"SELECT {_names(table.names)} FROM {table.name} WHERE {_one_of(where)} ORDER BY {_names(table.key)}"
        return table.conform(self.sql(query, [list(values) for values in (where or {}).values()]))

    def height(self, table: Table) -> int:
        """Return how many rows a table has."""
        row = self.connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()
        return int(row[0]) if row else 0

    def sql(self, query: str, parameters: Sequence[object] = ()) -> pl.DataFrame:
        """Return the answer to a query."""
        return answer(self.connection, query, parameters)

    def sql_write(self, statement: str, parameters: Sequence[object] = ()) -> None:
        """Execute one statement that writes."""
        self.connection.execute(statement, list(parameters))

    def upsert(self, table: Table, frame: pl.DataFrame) -> int:
        """Write rows by key and return how many were new or changed; a row that says the same changes nothing."""
        return self._in_transaction(lambda: self._upsert(table, table.conform(frame)))

    def replace(self, table: Table, frame: pl.DataFrame, *, where: Mapping[str, Sequence[str]] | None = None) -> int:
        """Put a frame in the place of all rows, or of those whose column has one of the values; return its height."""
        return self._in_transaction(lambda: self._replace(table, table.conform(frame), where or {}))

    def refill(self, tables: Sequence[Table], batches: Iterable[Mapping[str, pl.DataFrame]]) -> dict[str, int]:
        """Put batch after batch in the place of all rows of some tables; return each table's height.

        Each batch is a transaction of its own, or all of them would wait in memory for the last. What ends between two
        leaves a part, which nobody sees: a run that did not write all of it publishes nothing.

        Args:
            tables: What is emptied first.
            batches: A frame a table, by its name; each is written before the next is asked for.
        """
        self._in_transaction(lambda: self._empty(tables))
        heights = dict.fromkeys((table.name for table in tables), 0)
        for batch in batches:
            for name, height in self._in_transaction(partial(self._append, tables, batch)).items():
                heights[name] += height
        return heights

    def record_history(self, table: Table, frame: pl.DataFrame, *, now: dt.datetime) -> HistoryChange:
        """Add rows to an immutable history.

        New keys are inserted. A row whose values differ takes the place of the old one, which goes to the table's
        revisions with ``known_until``; an equal row changes nothing, whoever sent it, and where a provider agrees in
        all that must be told, what it leaves out (a pay date, a volume) stays as it is stored. A person's own row
        (`market.OWN_FILES`) comes after all others and gives way to none of them, then or later: a provider that
        says otherwise every day would else move it to and fro.

        Args:
            table: One of `warehouse.schema.market.HISTORIES`.
            frame: Rows of it, unique by key among a person's own and among the others.
            now: When the new values became known.
        """
        return self._in_transaction(lambda: self._record(table, table.conform(frame), now))

    def take_back(self, table: Table, keys: pl.DataFrame, *, now: dt.datetime) -> int:
        """Take rows out of an immutable history, because what they say never was; return how many.

        They go to the table's revisions with ``known_until``. One that comes back later is known from then on.

        Args:
            table: One of `warehouse.schema.market.HISTORIES`.
            keys: The table's key columns.
            now: When it became known.
        """
        return self._in_transaction(lambda: self._take_back(table, keys.select(table.key), now))

    def record_prices(self, prices: pl.DataFrame, symbols: pl.DataFrame, *, now: dt.datetime) -> HistoryChange:
        """Write daily prices and the master's current prices in one transaction: the only way a price gets in.

        Args:
            prices: Rows of `price_history`: closed sessions.
            symbols: Rows of `symbols` with their current price.
            now: When they became known.
        """

        def write() -> HistoryChange:
            change = self._record(market.PRICE_HISTORY, market.PRICE_HISTORY.conform(prices), now)
            self._upsert(market.SYMBOLS, market.SYMBOLS.conform(symbols))
            return change

        return self._in_transaction(write)

    def seal(self) -> None:
        """Write everything to the one file and close it; the lock stays held."""
        self.connection.execute("CHECKPOINT")
        self._close()

    def drop(self) -> None:
        """Throw the candidate away and release the lock."""
        self._close()
        _remove(self.path)
        self.release()

    def release(self) -> None:
        """Release the lock and forget the candidate."""
        with _registry:
            _open_candidates.pop((self.path.parent, self.run_id), None)
        self._lock.release()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _in_transaction(self, write: Callable[[], T]) -> T:
        self.connection.execute("BEGIN")
        try:
            result = write()
        except BaseException:
            with suppress(duckdb.Error):  # a full disk has ended the transaction: that is what is to be said
                self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")
        return result

    def _upsert(self, table: Table, frame: pl.DataFrame) -> int:
        self.connection.register("incoming", frame)
        on = " AND ".join(f'stored."{name}" = incoming."{name}"' for name in table.key)
        values = [name for name in table.names if name not in table.key]
        compared = [name for name in values if name not in _NOT_VALUES] or values
        differs = " OR ".join(f'stored."{name}" IS DISTINCT FROM incoming."{name}"' for name in compared)
        changes = ", ".join(f'"{name}" = incoming."{name}"' for name in values)
        rows = self.connection.execute(
            f"MERGE INTO {table.name} AS stored USING incoming ON {on}"
            f" WHEN MATCHED AND ({differs}) THEN UPDATE SET {changes}"
            f" WHEN NOT MATCHED THEN INSERT ({_names(table.names)}) VALUES ({_names(table.names, 'incoming')})"
        ).fetchone()
        self.connection.unregister("incoming")
        return int(rows[0]) if rows else 0

    def _replace(self, table: Table, frame: pl.DataFrame, where: Mapping[str, Sequence[str]]) -> int:
        self.connection.execute(f"DELETE FROM {table.name} WHERE {_one_of(where)}", [list(v) for v in where.values()])
        return self._insert(table, frame)

    def _empty(self, tables: Sequence[Table]) -> None:
        for table in tables:
            self.connection.execute(f"DELETE FROM {table.name}")

    def _append(self, tables: Sequence[Table], batch: Mapping[str, pl.DataFrame]) -> dict[str, int]:
        return {table.name: self._insert(table, table.conform(batch[table.name])) for table in tables}

    def _insert(self, table: Table, frame: pl.DataFrame) -> int:
        self.connection.register("incoming", frame)
        self.connection.execute(
            f"INSERT INTO {table.name} ({_names(table.names)}) SELECT {_names(table.names)} FROM incoming"
        )
        self.connection.unregister("incoming")
        return frame.height

    def _record(self, table: Table, frame: pl.DataFrame, now: dt.datetime) -> HistoryChange:
        own = pl.col("source") == market.OWN_FILES
        others, last = (self._record_rows(table, frame.filter(rows), now) for rows in (~own, own))
        return HistoryChange(
            others.inserted + last.inserted, others.revised + last.revised, others.unchanged + last.unchanged
        )

    def _take_back(self, table: Table, keys: pl.DataFrame, now: dt.datetime) -> int:
        self.connection.register("incoming", keys)
        on = " AND ".join(f'stored."{name}" = incoming."{name}"' for name in table.key)
        self.connection.execute(
            f"INSERT INTO {table.name}_revisions ({_names(table.names)}, known_until)"
            f" SELECT {_names(table.names, 'stored')}, ? FROM {table.name} AS stored JOIN incoming ON {on}",
            [now],
        )
        deleted = self.connection.execute(f"DELETE FROM {table.name} AS stored USING incoming WHERE {on}").fetchone()
        self.connection.unregister("incoming")
        return int(deleted[0]) if deleted else 0

    def _known_since(self, table: Table, frame: pl.DataFrame) -> pl.DataFrame:
        """Return rows as known from when their key was last revised, if that is later: it was known otherwise until."""
        revised = self.sql(
            f"SELECT {_names(table.key)}, max(known_until) AS since FROM {table.name}_revisions GROUP BY ALL"
        )
        later = pl.col("since") > pl.col("known_from")
        return (
            frame.join(revised, on=table.key, how="left", maintain_order="left")
            .with_columns(
                known_from=pl.when(later).then("since").otherwise("known_from"),
                bulk_loaded=pl.when(later).then(pl.lit(value=False)).otherwise("bulk_loaded"),
            )
            .drop("since")
        )

    def _record_rows(self, table: Table, frame: pl.DataFrame, now: dt.datetime) -> HistoryChange:
        frame = self._known_since(table, frame)
        self.connection.register("incoming", frame)
        on = " AND ".join(f'stored."{name}" = incoming."{name}"' for name in table.key)
        values = [name for name in table.names if name not in {*table.key, *_NOT_VALUES}]
        said = _beside_stored(table, values)
        other = " OR ".join(f'stored."{name}" IS DISTINCT FROM {said[name]}' for name in values)
        may = f"stored.source <> '{market.OWN_FILES}' OR incoming.source = '{market.OWN_FILES}'"
        differs = f"({other}) AND ({may})"
        # What is revised is kept before it is overwritten.
        revised = self.connection.execute(
            f"INSERT INTO {table.name}_revisions ({_names(table.names)}, known_until)"
            f" SELECT {_names(table.names, 'stored')}, ? FROM {table.name} AS stored JOIN incoming ON {on}"
            f" WHERE {differs}",
            [now],
        ).fetchone()
        sets = ", ".join(
            f'"{name}" = {said.get(name, _names([name], "incoming"))}'
            for name in table.names
            if name not in {*table.key, "known_from", "bulk_loaded"}
        )
        changed = self.connection.execute(
            f"MERGE INTO {table.name} AS stored USING incoming ON {on}"
            f" WHEN MATCHED AND ({differs}) THEN UPDATE SET {sets}, known_from = ?, bulk_loaded = false"
            f" WHEN NOT MATCHED THEN INSERT ({_names(table.names)}) VALUES ({_names(table.names, 'incoming')})",
            [now],
        ).fetchone()
        self.connection.unregister("incoming")
        revised_rows, changed_rows = int(revised[0]) if revised else 0, int(changed[0]) if changed else 0
        return HistoryChange(changed_rows - revised_rows, revised_rows, frame.height - changed_rows)


def open_candidate(settings: Settings, run_id: str) -> Candidate:
    """Take the lock and open a fresh copy of the last publication, brought to the newest schema.

    Args:
        settings: Where files lie, how long to wait for the lock.
        run_id: The run; one candidate a run.

    Raises:
        WarehouseBusyError: If another run holds the lock for longer than the setting.
        ChangedPublicationError: If the last publication is not what was published.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.lock_path, thread_local=False)
    try:
        lock.acquire(timeout=settings.lock_timeout_seconds)
    except Timeout as error:
        raise WarehouseBusyError(settings.lock_path, settings.lock_timeout_seconds) from error
    path = settings.build_dir / f"{run_id}.duckdb"
    try:
        candidate = _copied(settings, path, run_id, lock)
        with _registry:
            _open_candidates[path.parent, run_id] = candidate
    except BaseException:
        _remove(path)
        lock.release()
        raise
    return candidate


def attach_candidate(settings: Settings, run_id: str) -> Candidate | None:
    """Return the candidate that this process has open for a run, None where there is none."""
    with _registry:
        return _open_candidates.get((settings.build_dir, run_id))


def _copied(settings: Settings, path: Path, run_id: str, lock: FileLock) -> Candidate:
    # Whoever holds the lock is alone: what lies in build/ belongs to runs that died.
    shutil.rmtree(settings.build_dir, ignore_errors=True)
    settings.build_dir.mkdir(parents=True)
    if settings.warehouse_link.exists():
        _copy_publication(settings, path)
    candidate = Candidate(run_id, path, lock, memory_mb=settings.build_memory_mb)
    try:
        migrate(candidate.connection)
    except BaseException:
        candidate.connection.close()
        raise
    return candidate


def _copy_publication(settings: Settings, path: Path) -> None:
    published = settings.warehouse_link.resolve()
    shutil.copyfile(published, path)
    # The copy is looked at, not the file: what is built on is what was looked at.
    if not is_as_sealed(path, published):
        raise ChangedPublicationError(published, settings.warehouse_link, earlier(published))


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)  # of a checkpoint that failed


def _opened(path: Path, memory_mb: int) -> duckdb.DuckDBPyConnection:
    """Open a candidate's file without a log: a run that dies leaves nothing that anybody would want back (ADR 18)."""
    connection = duckdb.connect(config={"memory_limit": f"{memory_mb}MiB", "temp_directory": f"{path}.tmp"})
    quoted = str(path).replace("'", "''")
    connection.execute(f"ATTACH '{quoted}' AS candidate (RECOVERY_MODE no_wal_writes)")
    connection.execute("USE candidate")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _beside_stored(table: Table, values: Sequence[str]) -> dict[str, str]:
    """Return what each value is beside a stored row: what a provider leaves out stays if all it must tell agrees."""
    optional = {column.name for column in table.columns if column.nullable}
    agrees = " AND ".join(f'stored."{name}" = incoming."{name}"' for name in values if name not in optional)
    kept = f"{agrees} AND incoming.source <> '{market.OWN_FILES}'"
    told = {name: f'incoming."{name}"' for name in values}
    left_out = {name: f'CASE WHEN {kept} THEN stored."{name}" END' for name in values if name in optional}
    return told | {name: f"coalesce({told[name]}, {stored})" for name, stored in left_out.items()}


def _one_of(where: Mapping[str, Sequence[object]] | None) -> str:
    return " AND ".join(f'"{name}" IN (SELECT unnest(?))' for name in where or {}) or "true"


def _names(names: Sequence[str], prefix: str = "") -> str:
    return ", ".join(f'{prefix}."{name}"' if prefix else f'"{name}"' for name in names)
