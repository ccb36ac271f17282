"""What a provider said when it refused whoever asks."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("circuits", sa.Column("refusal", sa.Text(), nullable=True))
