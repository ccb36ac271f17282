"""Between rows of the ledger and frames of the declared schema, without a float on the way.

Belongs here: reading tables as frames, and frames as rows. Does not: deciding what to read or write.
"""

from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy import Connection, Text, cast, select
from sqlalchemy import Table as StoredTable
from sqlalchemy.sql import ColumnElement

from warehouse.relational import DecimalText
from warehouse.schema import ledger as declared
from warehouse.schema.model import Table

GIVEN_BY_LEDGER = ("transaction_id", "portfolio_id", "sequence")
ROWS = Table(
    name="transactions",
    doc="Transactions that are to be added: what the ledger itself gives is absent.",
    key=(),
    owner="ledger",
    columns=tuple(column for column in declared.TRANSACTIONS.columns if column.name not in GIVEN_BY_LEDGER),
)


def read(
    connection: Connection,
    table: Table,
    stored: StoredTable,
    *,
    where: ColumnElement[bool] | None = None,
    order_by: Sequence[ColumnElement[Any]] = (),
) -> pl.DataFrame:
    """Return rows of a stored table as a frame of its declaration."""
    columns = [
        # As text: Polars parses a column of decimals in one step, exactly.
        cast(stored.c[name], Text) if isinstance(stored.c[name].type, DecimalText) else stored.c[name]
        for name in table.names
    ]
    query = select(*columns).order_by(*order_by)
    if where is not None:
        query = query.where(where)
    rows = [tuple(row) for row in connection.execute(query)]
    decimals = {column.name: column.dtype for column in table.columns if isinstance(column.dtype, pl.Decimal)}
    schema = {column.name: pl.String if column.name in decimals else column.dtype for column in table.columns}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(pl.col(name).cast(dtype) for name, dtype in decimals.items())


def rows_of(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame of ``ROWS``.

    Raises:
        FrameMismatchError: If the frame does not fit.
    """
    return ROWS.conform(frame).to_dicts()
