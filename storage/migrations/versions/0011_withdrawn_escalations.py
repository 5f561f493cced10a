"""Escalations that were open when their incident ended: since when they are withdrawn, and which one asks them again."""

from typing import Any

import sqlalchemy as sa
from alembic import op

import storage.tables

revision = "0011"
down_revision = "0010"
branch_labels: Any = None
depends_on: Any = None


def upgrade() -> None:
    op.add_column("escalation", sa.Column("withdrawn_at", storage.tables.Utc(timezone=True), nullable=True))
    op.add_column("escalation", sa.Column("again_of", sa.Integer(), nullable=True))
    # Nobody is waited for, without an answer and without anybody having been missing: the incident had ended.
    op.execute(
        "UPDATE escalation SET withdrawn_at = (SELECT coalesce(resolved_at, closed_at, escalation.asked_at)"
        " FROM incident WHERE incident.number = escalation.incident)"
        " WHERE due_at IS NULL AND replied_by IS NULL AND nobody_left_at IS NULL"
    )
