"""The ledger: users, portfolios, accounts, transactions, imports, and a trail that nobody can change."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SQLITE = (
    "CREATE TRIGGER ledger_events_keep_updated BEFORE UPDATE ON ledger_events"
    " BEGIN SELECT RAISE(ABORT, 'ledger_events is append-only'); END",
    "CREATE TRIGGER ledger_events_keep_deleted BEFORE DELETE ON ledger_events"
    " BEGIN SELECT RAISE(ABORT, 'ledger_events is append-only'); END",
    # INSERT OR REPLACE deletes without firing the trigger above.
    "CREATE TRIGGER ledger_events_keep_replaced BEFORE INSERT ON ledger_events"
    " WHEN EXISTS (SELECT 1 FROM ledger_events WHERE event_id = NEW.event_id)"
    " BEGIN SELECT RAISE(ABORT, 'ledger_events is append-only'); END",
)
_POSTGRESQL = (
    "CREATE FUNCTION ledger_events_refuse() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN RAISE EXCEPTION 'ledger_events is append-only'; END $$",
    "CREATE TRIGGER ledger_events_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_events"
    " FOR EACH STATEMENT EXECUTE FUNCTION ledger_events_refuse()",
)


def upgrade() -> None:
    op.create_table(
        "ledger_events",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("portfolio_id", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("entity", sa.String(length=32), nullable=False),
        sa.Column("entity_id", sa.String(length=255), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("event_id", name="pk_ledger_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ledger_events_portfolio_id", "ledger_events", ["portfolio_id"], unique=False)
    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    op.create_table(
        "users",
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_users"),
    )
    op.create_table(
        "portfolios",
        sa.Column("portfolio_id", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("base_currency", sa.String(length=3), nullable=False),
        sa.Column("cost_method", sa.String(length=16), nullable=False),
        sa.Column("benchmark", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.user_id"], name="fk_portfolios_owner_id"),
        sa.PrimaryKeyConstraint("portfolio_id", name="pk_portfolios"),
        sa.UniqueConstraint("owner_id", "name", name="uq_portfolios_owner_id_name"),
    )
    op.create_table(
        "accounts",
        sa.Column("portfolio_id", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("tracks_cash", sa.Boolean(), nullable=True),
        sa.Column("allow_short", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["portfolio_id"], ["portfolios.portfolio_id"], name="fk_accounts_portfolio_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("portfolio_id", "account", name="pk_accounts"),
    )
    op.create_table(
        "imports",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("portfolio_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["portfolio_id"], ["portfolios.portfolio_id"], name="fk_imports_portfolio_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_imports_user_id"),
        sa.PrimaryKeyConstraint("import_id", name="pk_imports"),
    )
    op.create_index("ix_imports_portfolio_id_sha256", "imports", ["portfolio_id", "sha256"], unique=False)
    op.create_table(
        "transactions",
        sa.Column("transaction_id", sa.String(length=64), nullable=False),
        sa.Column("portfolio_id", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("time", sa.Time(), nullable=True),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=True),
        sa.Column("quantity", sa.String(length=26), nullable=True),
        sa.Column("price", sa.String(length=22), nullable=True),
        sa.Column("amount", sa.String(length=30), nullable=True),
        sa.Column("fee", sa.String(length=30), nullable=False),
        sa.Column("tax", sa.String(length=30), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("fx_rate", sa.String(length=22), nullable=True),
        sa.Column("to_account", sa.Text(), nullable=True),
        sa.Column("to_symbol", sa.Text(), nullable=True),
        sa.Column("ratio_new", sa.String(length=26), nullable=True),
        sa.Column("ratio_old", sa.String(length=26), nullable=True),
        sa.Column("cost_fraction", sa.String(length=26), nullable=True),
        sa.Column("to_amount", sa.String(length=30), nullable=True),
        sa.Column("to_currency", sa.Text(), nullable=True),
        sa.Column("lot_id", sa.Text(), nullable=True),
        sa.Column("settle_date", sa.Date(), nullable=True),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("fee NOT LIKE '-%'", name="ck_transactions_fee_not_negative"),
        sa.CheckConstraint("quantity NOT LIKE '-%'", name="ck_transactions_quantity_not_negative"),
        sa.CheckConstraint("tax NOT LIKE '-%'", name="ck_transactions_tax_not_negative"),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.import_id"], name="fk_transactions_import_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["portfolio_id", "account"],
            ["accounts.portfolio_id", "accounts.account"],
            name="fk_transactions_portfolio_id_account",
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["portfolio_id"], ["portfolios.portfolio_id"], name="fk_transactions_portfolio_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("transaction_id", name="pk_transactions"),
        sa.UniqueConstraint("portfolio_id", "external_id", name="uq_transactions_portfolio_id_external_id"),
        sa.UniqueConstraint("portfolio_id", "sequence", name="uq_transactions_portfolio_id_sequence"),
    )
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
