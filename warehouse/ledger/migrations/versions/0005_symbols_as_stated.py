"""What people say of instruments, and closes that they state."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "symbol_overrides",
        sa.Column("portfolio_id", sa.String(length=32), nullable=False),
        sa.Column("symbol", sa.String(length=255), nullable=False),
        *(
            sa.Column(name, sa.String(length=255), nullable=True)
            for name in ("name", "asset_class", "sector", "industry", "country", "region")
        ),
        sa.ForeignKeyConstraint(
            ["portfolio_id"], ["portfolios.portfolio_id"], name="fk_symbol_overrides_portfolio_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("portfolio_id", "symbol", name="pk_symbol_overrides"),
    )
    op.create_table(
        "manual_prices",
        sa.Column("portfolio_id", sa.String(length=32), nullable=False),
        sa.Column("symbol", sa.String(length=255), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("close", sa.String(length=22), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["portfolio_id"], ["portfolios.portfolio_id"], name="fk_manual_prices_portfolio_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("portfolio_id", "symbol", "date", name="pk_manual_prices"),
    )
