"""Which change of its portfolio an event belongs to, and which one it took back."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("ledger_events", sa.Column("version", sa.Integer(), nullable=True))
    op.add_column("ledger_events", sa.Column("undoes", sa.Integer(), nullable=True))
