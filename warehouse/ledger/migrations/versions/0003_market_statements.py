"""What people state about the market: rows they accept that were held back, and symbols that go by another name."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_KEPT = {"quarantine_releases": "release_id", "symbol_renames": "rename_id"}
"""Tables whose rows are only ever added, with their ids."""


def upgrade() -> None:
    op.create_table(
        "quarantine_releases",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("quarantine_id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(length=128), nullable=False),
        sa.Column("rule", sa.String(length=255), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("release_id", name="pk_quarantine_releases"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_quarantine_releases_table_name_rule_key", "quarantine_releases", ["table_name", "rule", "key"], unique=False
    )
    op.create_table(
        "symbol_renames",
        sa.Column("rename_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("symbol", sa.String(length=255), nullable=False),
        sa.Column("provider_symbol", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("rename_id", name="pk_symbol_renames"),
        sqlite_autoincrement=True,
    )
    for table, ident in _KEPT.items():
        for statement in _sqlite(table, ident) if op.get_bind().dialect.name == "sqlite" else _postgresql(table):
            op.execute(statement)


def _sqlite(table: str, ident: str) -> tuple[str, ...]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    return (
        f"CREATE TRIGGER {table}_keep_updated BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_keep_deleted BEFORE DELETE ON {table} {refuse}",
        # INSERT OR REPLACE deletes without firing the trigger above.
        f"CREATE TRIGGER {table}_keep_replaced BEFORE INSERT ON {table}"
        f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {ident} = NEW.{ident}) {refuse}",
    )


def _postgresql(table: str) -> tuple[str, ...]:
    return (
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
        f"CREATE TRIGGER {table}_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
    )
