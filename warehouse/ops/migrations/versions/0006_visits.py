"""What people last saw of a portfolio."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("portfolio_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=True),
        sa.Column("publication_id", sa.String(length=64), nullable=False),
        sa.Column("ledger_version", sa.Integer(), nullable=False),
        sa.Column("before_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("before_value", sa.String(length=64), nullable=True),
        sa.Column("before_publication_id", sa.String(length=64), nullable=True),
        sa.Column("before_ledger_version", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("user_id", "portfolio_id", name="pk_visits"),
    )
