"""What a column and a table are, and what follows from their declaration.

Belongs here: `Column`, `Table` and everything derived from one of them alone (SQL types, Polars schema, casts).
Does not: the tables themselves, and anything that opens a database.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from warehouse.errors import FrameMismatchError

_SQL_TYPES: Mapping[type[pl.DataType], str] = {
    pl.String: "VARCHAR",
    pl.Date: "DATE",
    pl.Time: "TIME",
    pl.Boolean: "BOOLEAN",
    pl.Int64: "BIGINT",
    pl.Int32: "INTEGER",
    pl.Float64: "DOUBLE",
    pl.Datetime: "TIMESTAMP WITH TIME ZONE",
}


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its name, Polars type, meaning and unit; null only where ``nullable``."""

    name: str
    dtype: pl.DataType | type[pl.DataType]
    doc: str
    unit: str | None = None
    nullable: bool = False

    @property
    def sql_type(self) -> str:
        """Return DuckDB's name of the type."""
        if isinstance(self.dtype, pl.Decimal):
            return f"DECIMAL({self.dtype.precision},{self.dtype.scale})"
        return _SQL_TYPES[self.dtype.base_type()]


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table: its columns in order, the columns that make a row unique, and the asset group that owns it."""

    name: str
    doc: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    owner: str

    @property
    def polars_schema(self) -> pl.Schema:
        """Return the columns as a Polars schema, in order."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

    @property
    def names(self) -> tuple[str, ...]:
        """Return the column names, in order."""
        return tuple(column.name for column in self.columns)

    def empty(self) -> pl.DataFrame:
        """Return a frame of no rows with the declared schema."""
        return pl.DataFrame(schema=self.polars_schema)

    def conform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the frame with the declared columns, order and types.

        Columns that may be null can be left out. Nothing is rounded and nothing becomes null on the way.

        Raises:
            FrameMismatchError: If a column is unknown, a required one is absent or null, or a float meets a decimal.
        """
        unknown = sorted(set(frame.columns) - set(self.names))
        if unknown:
            raise FrameMismatchError(self.name, f"unknown columns {unknown}")
        return pl.DataFrame([self._conformed(frame, column) for column in self.columns])

    def _conformed(self, frame: pl.DataFrame, column: Column) -> pl.Series:
        if column.name not in frame.columns:
            if not column.nullable:
                raise FrameMismatchError(self.name, f"column {column.name!r} is absent")
            return pl.Series(column.name, [None] * frame.height, dtype=column.dtype)
        series = frame[column.name]
        if isinstance(column.dtype, pl.Decimal) and series.dtype.is_float():
            raise FrameMismatchError(self.name, f"column {column.name!r} holds floats; it must be exact")
        if series.null_count() and not column.nullable:
            raise FrameMismatchError(self.name, f"column {column.name!r} has {series.null_count()} nulls")
        if series.dtype == column.dtype:
            return series
        return series.cast(column.dtype, strict=True)
