"""Since when a row has been held back with its value."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("quarantine", sa.Column("value_since_at", sa.DateTime(timezone=True)))
