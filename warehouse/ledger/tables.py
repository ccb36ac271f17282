"""The ledger's tables, as SQLAlchemy declares them; a test holds the migrations to them.

Belongs here: columns, keys and constraints. Does not: what may change a row (`repository`), how it got here
(`migrations`).
"""

from typing import Any

import polars as pl
from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

from warehouse.relational import DecimalText, UtcTimestamp
from warehouse.schema import ledger as declared
from warehouse.schema import model

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

META = Table(
    "meta",
    METADATA,
    Column("key", String(32), primary_key=True),
    Column("value", String(255), nullable=False),
)

USERS = Table(
    "users",
    METADATA,
    Column("user_id", String(255), primary_key=True),
    Column("created_at", UtcTimestamp, nullable=False),
    Column("watchlist_version", Integer, nullable=False, server_default="0"),
)

PORTFOLIOS = Table(
    "portfolios",
    METADATA,
    Column("portfolio_id", String(32), primary_key=True),
    Column("owner_id", ForeignKey("users.user_id"), nullable=False),
    Column("name", String(255), nullable=False),
    Column("base_currency", String(3), nullable=False),
    Column("cost_method", String(16), nullable=False),
    Column("benchmark", String(64)),
    Column("version", Integer, nullable=False),
    Column("last_sequence", Integer, nullable=False),
    UniqueConstraint("owner_id", "name"),
)

ACCOUNTS = Table(
    "accounts",
    METADATA,
    Column("portfolio_id", ForeignKey("portfolios.portfolio_id", ondelete="CASCADE"), primary_key=True),
    Column("account", String(255), primary_key=True),
    Column("currency", String(3)),
    Column("tracks_cash", Boolean),
    Column("allow_short", Boolean, nullable=False),
)

IMPORTS = Table(
    "imports",
    METADATA,
    Column("import_id", Integer, primary_key=True),
    Column("portfolio_id", ForeignKey("portfolios.portfolio_id", ondelete="CASCADE"), nullable=False),
    Column("user_id", ForeignKey("users.user_id"), nullable=False),
    Column("file_name", String(255), nullable=False),
    Column("sha256", String(64)),
    Column("rows", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("imported_at", UtcTimestamp, nullable=False),
    Index(None, "portfolio_id", "sha256"),
)

_BY_TYPE: dict[Any, TypeEngine[Any]] = {
    pl.String: Text(),
    pl.Date: Date(),
    pl.Time: Time(),
    pl.Int64: Integer(),
}
_LENGTHS = {"transaction_id": 64, "portfolio_id": 32, "type": 32, "account": 255, "currency": 3, "external_id": 255}


def _stored_as(column: model.Column) -> TypeEngine[Any]:
    if isinstance(column.dtype, pl.Decimal):
        return DecimalText(column.dtype.precision or 0, column.dtype.scale)
    if column.name in _LENGTHS:
        return String(_LENGTHS[column.name])
    return _BY_TYPE[column.dtype.base_type()]


TRANSACTIONS = Table(
    "transactions",
    METADATA,
    *(
        Column(
            column.name,
            _stored_as(column),
            nullable=column.nullable,
            primary_key=column.name == "transaction_id",
        )
        for column in declared.TRANSACTIONS.columns
    ),
    Column("import_id", ForeignKey("imports.import_id", ondelete="SET NULL")),
    ForeignKeyConstraint(["portfolio_id"], ["portfolios.portfolio_id"], ondelete="CASCADE"),
    ForeignKeyConstraint(
        ["portfolio_id", "account"], ["accounts.portfolio_id", "accounts.account"], onupdate="CASCADE"
    ),
    UniqueConstraint("portfolio_id", "sequence"),
    UniqueConstraint("portfolio_id", "external_id"),
    *(
        CheckConstraint(f"{name} NOT LIKE '-%'", name=f"ck_transactions_{name}_not_negative")
        for name in ("quantity", "fee", "tax")
    ),
)

DIVIDEND_DECISIONS = Table(
    "dividend_decisions",
    METADATA,
    Column("portfolio_id", ForeignKey("portfolios.portfolio_id", ondelete="CASCADE"), primary_key=True),
    Column("account", String(255), primary_key=True),
    Column("symbol", String(255), primary_key=True),
    Column("ex_date", Date, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("transaction_id", String(64)),
)

ALLOCATION_TARGETS = Table(
    "allocation_targets",
    METADATA,
    Column("portfolio_id", ForeignKey("portfolios.portfolio_id", ondelete="CASCADE"), primary_key=True),
    Column("dimension", String(32), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("target", DecimalText(24, 10), nullable=False),
)

WATCHLIST = Table(
    "watchlist",
    METADATA,
    Column("owner_id", ForeignKey("users.user_id"), primary_key=True),
    Column("symbol", String(255), primary_key=True),
    Column("target", DecimalText(20, 8)),
    Column("note", Text),
    Column("added_on", Date, nullable=False),
)

ALERTS = Table(
    "alerts",
    METADATA,
    Column("owner_id", String(255), primary_key=True),
    Column("symbol", String(255), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("threshold", DecimalText(20, 8), primary_key=True),
    ForeignKeyConstraint(["owner_id", "symbol"], ["watchlist.owner_id", "watchlist.symbol"], ondelete="CASCADE"),
)

SYMBOL_OVERRIDES = Table(
    "symbol_overrides",
    METADATA,
    Column("portfolio_id", ForeignKey("portfolios.portfolio_id", ondelete="CASCADE"), primary_key=True),
    Column("symbol", String(255), primary_key=True),
    *(
        Column(column.name, String(255))
        for column in declared.SYMBOL_OVERRIDES.columns
        if column.name not in declared.SYMBOL_OVERRIDES.key
    ),
)

MANUAL_PRICES = Table(
    "manual_prices",
    METADATA,
    Column("portfolio_id", ForeignKey("portfolios.portfolio_id", ondelete="CASCADE"), primary_key=True),
    Column("symbol", String(255), primary_key=True),
    Column("date", Date, primary_key=True),
    Column("close", DecimalText(20, 8), nullable=False),
    Column("currency", String(3), nullable=False),
)

# No foreign keys: what is recorded outlives what it is about.
LEDGER_EVENTS = Table(
    "ledger_events",
    METADATA,
    Column("event_id", Integer, primary_key=True),
    Column("at", UtcTimestamp, nullable=False),
    Column("user_id", String(255), nullable=False),
    Column("portfolio_id", String(32), nullable=False, index=True),
    Column("action", String(32), nullable=False),
    Column("entity", String(32), nullable=False),
    Column("entity_id", String(255), nullable=False),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Column("version", Integer),
    Column("undoes", Integer),
    sqlite_autoincrement=True,
)

# No foreign keys either; a row is only ever added.
QUARANTINE_RELEASES = Table(
    "quarantine_releases",
    METADATA,
    Column("release_id", Integer, primary_key=True),
    Column("at", UtcTimestamp, nullable=False),
    Column("user_id", String(255), nullable=False),
    Column("quarantine_id", Integer, nullable=False),
    Column("table_name", String(128), nullable=False),
    Column("rule", String(255), nullable=False),
    Column("key", String(255), nullable=False),
    Column("value", Text),
    Column("reason", Text, nullable=False),
    Index(None, "table_name", "rule", "key"),
    sqlite_autoincrement=True,
)

SYMBOL_RENAMES = Table(
    "symbol_renames",
    METADATA,
    Column("rename_id", Integer, primary_key=True),
    Column("at", UtcTimestamp, nullable=False),
    Column("user_id", String(255), nullable=False),
    Column("symbol", String(255), nullable=False),
    Column("provider_symbol", String(255), nullable=False),
    sqlite_autoincrement=True,
)
