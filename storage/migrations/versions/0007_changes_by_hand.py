"""What became of the changes people make by hand to what Hachi shows."""

from typing import Any

import sqlalchemy as sa
from alembic import op

import storage.tables

revision = "0007"
down_revision = "0006"
branch_labels: Any = None
depends_on: Any = None


def upgrade() -> None:
    op.add_column("shown", sa.Column("put_back_at", storage.tables.Utc(timezone=True), nullable=True))
    op.add_column("shown", sa.Column("let_be", sa.Boolean(), server_default=sa.false(), nullable=False))
