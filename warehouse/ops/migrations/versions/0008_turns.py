"""When each provider was last asked about what, and whether it is down or only what it was asked fails."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("circuits", sa.Column("is_down", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "turns",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=255), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures_in_a_row", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "kind", "about", name="pk_turns"),
    )
