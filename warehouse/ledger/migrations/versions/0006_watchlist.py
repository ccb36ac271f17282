"""What users watch, and what they want to be told of it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("users", sa.Column("watchlist_version", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "watchlist",
        sa.Column("owner_id", sa.String(length=255), nullable=False),
        sa.Column("symbol", sa.String(length=255), nullable=False),
        sa.Column("target", sa.String(length=22), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.user_id"], name="fk_watchlist_owner_id"),
        sa.PrimaryKeyConstraint("owner_id", "symbol", name="pk_watchlist"),
    )
    op.create_table(
        "alerts",
        sa.Column("owner_id", sa.String(length=255), nullable=False),
        sa.Column("symbol", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("threshold", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "symbol"],
            ["watchlist.owner_id", "watchlist.symbol"],
            name="fk_alerts_owner_id_symbol",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "symbol", "kind", "threshold", name="pk_alerts"),
    )
