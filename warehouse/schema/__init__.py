"""Every column once, every table once; types, DDL, gates and documents are derived from here.

Belongs here: the list of all declarations. Does not: anything that opens a database.
"""

from warehouse.errors import UnknownTableError
from warehouse.schema import ledger, market, marts, ops
from warehouse.schema.model import Column, Table

TABLES: tuple[Table, ...] = (*market.TABLES, *ledger.TABLES, *marts.TABLES, *ops.TABLES)


def table(name: str) -> Table:
    """Return the declaration of a table.

    Raises:
        UnknownTableError: If none has that name.
    """
    for declared in TABLES:
        if declared.name == name:
            return declared
    raise UnknownTableError(name)


__all__ = ["TABLES", "Column", "Table", "table"]
