"""Reading publications: read-only, one cursor a call, always the newest unless asked otherwise.

Belongs here: opening published files and following new ones. Does not: writing, the ledger, meaning.
"""

import datetime as dt
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import duckdb
import polars as pl

from warehouse.answer import answer
from warehouse.errors import (
    BrokenPublicationError,
    HeldPublicationError,
    NoPublicationError,
    OtherVersionError,
)
from warehouse.opening import opened
from warehouse.published import Publication, latest, publications
from warehouse.schema.model import Table
from warehouse.settings import Settings

_DAMAGED = (duckdb.IOException, duckdb.SerializationException, duckdb.FatalException, duckdb.InternalException)
"""What DuckDB raises where a file opens and a part of it cannot be read."""


@dataclass(slots=True)
class _Handle:
    """An open publication and how many calls are reading it."""

    publication: Publication
    connection: duckdb.DuckDBPyConnection
    readers: int = field(default=0)


class Reader:
    """Reads what is published; safe to share between threads.

    A new publication is picked up at the next call. The file is opened by its real path: DuckDB keeps instances by
    path, and under the symlink's name it would go on serving the file it first opened. An old one is closed when its
    last reader has left.

    Args:
        settings: Where publications lie.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._guard = threading.Lock()
        self._handles: dict[Path, _Handle] = {}

    def publication(self) -> Publication:
        """Return the newest publication.

        Raises:
            NoPublicationError: If there is none.
        """
        found = latest(self._settings)
        if found is None:
            raise NoPublicationError(self._settings.home)
        return found

    def table(
        self,
        table: Table,
        *,
        where: Mapping[str, Sequence[object]] | None = None,
        publication_id: str | None = None,
    ) -> pl.DataFrame:
        """Return the rows of a table by key, or of those whose columns have one of the values given.

        A column that is newer than the publication is null.
        """
        conditions = " AND ".join(f'"{name}" IN (SELECT unnest(?))' for name in where or {}) or "true"
        order = ", ".join(f'"{name}"' for name in table.key)
        query = f"SELECT * FROM {table.name} WHERE {conditions} ORDER BY {order}"
        return table.conform(
            self.query(query, [list(v) for v in (where or {}).values()], publication_id=publication_id)
        )

    def table_as_known(
        self,
        table: Table,
        *,
        before: dt.datetime,
        where: Mapping[str, Sequence[object]] | None = None,
        publication_id: str | None = None,
    ) -> pl.DataFrame:
        """Return the rows of a history as they were known before a moment: its own, and what revisions took over.

        Args:
            table: A history with revisions.
            before: What came to be known at this moment or later counts not.
            where: Columns and the values they may have; None for all.
            publication_id: Which publication; None for the newest.
        """
        conditions = " AND ".join(f'"{name}" IN (SELECT unnest(?))' for name in where or {}) or "true"
        columns, order = (", ".join(f'"{name}"' for name in names) for names in (table.names, table.key))
        query = (
            f"SELECT {columns} FROM {table.name} WHERE known_from < ? AND {conditions} "
            f"UNION ALL SELECT {columns} FROM {table.name}_revisions "
            f"WHERE known_from < ? AND known_until >= ? AND {conditions} ORDER BY {order}"
        )
        values = [list(value) for value in (where or {}).values()]
        parameters = [before, *values, before, before, *values]
        return table.conform(self.query(query, parameters, publication_id=publication_id))

    def query(
        self, query: str, parameters: Sequence[object] = (), *, publication_id: str | None = None
    ) -> pl.DataFrame:
        """Return the answer to a read query."""
        with self._cursor(publication_id) as cursor:
            return answer(cursor, query, parameters)

    def query_file(
        self, name: str, parameters: Sequence[object] = (), *, publication_id: str | None = None
    ) -> pl.DataFrame:
        """Return the answer to one of the named queries of ``queries/``."""
        text = (files("warehouse") / "queries" / f"{name}.sql").read_text(encoding="utf-8")
        return self.query(text, parameters, publication_id=publication_id)

    def section(
        self, portfolio_id: str, section: str, *, publication_id: str | None = None
    ) -> tuple[int, dt.date, str] | None:
        """Return ledger version, valuation date and JSON of one section of a portfolio's view."""
        rows = self.query_file("view_sections", [portfolio_id, [section]], publication_id=publication_id).rows()
        return None if not rows else (rows[0][1], rows[0][2], rows[0][3])

    def sections(
        self, portfolio_id: str, sections: Sequence[str], *, publication_id: str | None = None
    ) -> dict[str, str]:
        """Return the JSON of several sections of a portfolio's view, by name."""
        rows = self.query_file("view_sections", [portfolio_id, list(sections)], publication_id=publication_id).rows()
        return {section: document for section, _, _, document in rows}

    def close(self) -> None:
        """Close every file; a call that is still reading keeps its own cursor until it is done."""
        with self._guard:
            for handle in self._handles.values():
                handle.connection.close()
            self._handles.clear()

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """Keep the newest publication open until the block ends, if there is one that opens.

        DuckDB has one instance of a file in a process: whoever opens the same file meanwhile is spared the most of it.
        """
        try:
            handle = self._enter(self.publication())
        except (NoPublicationError, BrokenPublicationError, HeldPublicationError):
            yield
            return
        try:
            yield
        finally:
            self._leave(handle)
            self.close()

    @contextmanager
    def _cursor(self, publication_id: str | None) -> Iterator[duckdb.DuckDBPyConnection]:
        handle = self._enter(self._find(publication_id))
        cursor = handle.connection.cursor()
        try:
            cursor.execute("SET TimeZone = 'UTC'")
            yield cursor
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise OtherVersionError(handle.publication.id, str(error).splitlines()[0]) from error
        except _DAMAGED as error:
            raise BrokenPublicationError(handle.publication.path, str(error).splitlines()[0]) from error
        finally:
            cursor.close()
            self._leave(handle)

    def _find(self, publication_id: str | None) -> Publication:
        if publication_id is None:
            return self.publication()
        for publication in publications(self._settings):
            if publication.id == publication_id:
                return publication
        raise NoPublicationError(self._settings.home, publication_id)

    def _enter(self, publication: Publication) -> _Handle:
        path = publication.path.resolve()
        with self._guard:
            handle = self._handles.get(path)
            if handle is None:
                handle = _Handle(publication, opened(path))
                self._handles[path] = handle
            handle.readers += 1
            return handle

    def _leave(self, handle: _Handle) -> None:
        newest = latest(self._settings)
        with self._guard:
            handle.readers -= 1
            for path, other in list(self._handles.items()):
                if not other.readers and newest is not None and other.publication.id != newest.id:
                    other.connection.close()
                    del self._handles[path]
