"""Roles handed over: whose place a call is for, who asked, and what the next person should know."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels: Any = None
depends_on: Any = None


def upgrade() -> None:
    op.add_column("call", sa.Column("hands_over", sa.Integer(), nullable=True))
    op.add_column("call", sa.Column("asked_by", sa.Text(), nullable=True))
    # The version before this one may still be running, and knows nothing of notes.
    op.add_column("call", sa.Column("note", sa.Text(), nullable=False, server_default=""))
