"""Suggestions of a graver severity. An incident without any may have none written down."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels: Any = None
depends_on: Any = None


def upgrade() -> None:
    op.add_column("incident", sa.Column("suggestions", sa.JSON(), nullable=True))
