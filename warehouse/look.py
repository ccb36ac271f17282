"""A table looked at where it lies: as a whole where it is small, in parts where it is not.

Belongs here: reads for those who check a table, without loading millions of rows at once. Does not: what must be true
of them (`pipelines.quality`), reads for people (`reader`).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import polars as pl

from warehouse.answer import answer
from warehouse.build import attach_candidate
from warehouse.published import latest
from warehouse.schema.model import Table
from warehouse.settings import Settings

PART_ROWS = 1_000_000
"""Rows of one part; what is looked at in parts takes the memory of one."""


@dataclass(frozen=True, slots=True)
class Look:
    """One table of an open file."""

    table: Table
    connection: duckdb.DuckDBPyConnection

    @property
    def height(self) -> int:
        """Return how many rows there are."""
        return self._number("count(*)")

    def none(self) -> pl.DataFrame:
        """Return no rows, in the types that the file has."""
        return self._sql("LIMIT 0")

    def rows(self) -> pl.DataFrame:
        """Return all rows, by key."""
        return self._sql(f"ORDER BY {_names(self.table.key)}")

    def latest_fetch(self, limit: int) -> pl.DataFrame:
        """Return the rows of the last fetch, or as many of them as the limit says; of a table without fetches, any."""
        if "fetched_at" not in self.table.names:
            return self._sql(f"LIMIT {limit}")
        return self._sql(f"WHERE fetched_at = (SELECT max(fetched_at) FROM {self.table.name}) LIMIT {limit}")

    def parts(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Yield some columns of all rows, a part at a time, in the order in which they lie."""
        for first in range(0, self._number("coalesce(max(rowid) + 1, 0)"), PART_ROWS):
            yield self._sql(f"WHERE rowid >= {first} AND rowid < {first + PART_ROWS}", columns)

    def contradicting(self, sample: int) -> tuple[int, pl.DataFrame]:
        """Return how many rows have a null where none may be or another row's key, and the keys of some."""
        found = [self._nulls(), *self._repeated()]
        return sum(int(frame["rows"].sum()) for frame in found), pl.concat(found).drop("rows").head(sample)

    def _nulls(self) -> pl.DataFrame:
        required = " OR ".join(f'"{column.name}" IS NULL' for column in self.table.columns if not column.nullable)
        return self._keys(required or "false", "")

    def _repeated(self) -> Iterator[pl.DataFrame]:
        # In shares of the first column's values, so that no more than one share's keys are in memory.
        shares = self.height // PART_ROWS + 1
        for share in range(shares):
            yield self._keys(f'hash("{self.table.key[0]}") % {shares} = {share}', "HAVING count(*) > 1")

    def _keys(self, where: str, having: str) -> pl.DataFrame:
        keys = _names(self.table.key)
        query = f"SELECT {keys}, count(*) AS rows FROM {self.table.name} WHERE {where} GROUP BY {keys} {having}"
        return answer(self.connection, query)

    def _number(self, what: str) -> int:
        row = self.connection.execute(f"SELECT {what} FROM {self.table.name}").fetchone()
        return int(row[0]) if row else 0

    def _sql(self, rest: str, columns: Sequence[str] = ()) -> pl.DataFrame:
        shown = _names(columns) if columns else "*"
        return answer(self.connection, f"SELECT {shown} FROM {self.table.name} {rest}")


@contextmanager
def looking(settings: Settings, table: Table, *, run_id: str) -> Iterator[Look | None]:
    """Look at a table as the run's candidate has it, else as last published; None where nothing was published yet."""
    candidate = attach_candidate(settings, run_id)
    publication = latest(settings)
    if candidate is not None:
        yield Look(table, candidate.connection)
    elif publication is not None:
        with duckdb.connect(str(publication.path.resolve()), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            yield Look(table, connection)
    else:
        yield None


def _names(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
