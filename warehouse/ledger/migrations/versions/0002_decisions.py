"""What people decide about dividends that were due, and which weights they aim at."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "dividend_decisions",
        sa.Column("portfolio_id", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("symbol", sa.String(length=255), nullable=False),
        sa.Column("ex_date", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("transaction_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["portfolio_id"],
            ["portfolios.portfolio_id"],
            name="fk_dividend_decisions_portfolio_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("portfolio_id", "account", "symbol", "ex_date", name="pk_dividend_decisions"),
    )
    op.create_table(
        "allocation_targets",
        sa.Column("portfolio_id", sa.String(length=32), nullable=False),
        sa.Column("dimension", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("target", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(
            ["portfolio_id"],
            ["portfolios.portfolio_id"],
            name="fk_allocation_targets_portfolio_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("portfolio_id", "dimension", "key", name="pk_allocation_targets"),
    )
