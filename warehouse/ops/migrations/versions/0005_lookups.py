"""The last answer to each thing that people looked up."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "lookups",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=255), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "about", name="pk_lookups"),
    )
    op.create_index("ix_lookups_answered_at", "lookups", ["answered_at"], unique=False)
