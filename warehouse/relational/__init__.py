"""What the ledger and the record of what happened share: engines, transactions, column types, migrations.

Belongs here: everything that differs between SQLite and PostgreSQL. Does not: tables, and what they mean.
"""

from warehouse.relational.connect import be_only_writer, engine_for, kept_open, reading, writing
from warehouse.relational.migrate import head_of, migrate_if_behind, upgrade, version_table_of
from warehouse.relational.types import DecimalText, UtcTimestamp

__all__ = [
    "DecimalText",
    "UtcTimestamp",
    "be_only_writer",
    "engine_for",
    "head_of",
    "kept_open",
    "migrate_if_behind",
    "reading",
    "upgrade",
    "version_table_of",
    "writing",
]
