"""Escalations: a question to whoever knows or may decide, with a deadline."""

from typing import Any

import sqlalchemy as sa
from alembic import op

import storage.tables

revision = "0009"
down_revision = "0008"
branch_labels: Any = None
depends_on: Any = None


def upgrade() -> None:
    moment = storage.tables.Utc(timezone=True)
    op.create_table(
        "escalation",
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(length=16), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("wait_seconds", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("asks", sa.JSON(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("replied_by", sa.Text(), nullable=True),
        sa.Column("replied_at", moment, nullable=True),
        sa.Column("nobody_left_at", moment, nullable=True),
        sa.Column("reached_at", moment, nullable=True),
        sa.Column("due_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["incident"],
            ["incident.number"],
            name=op.f("fk_escalation_incident_incident"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("incident", "number", name=op.f("pk_escalation")),
    )
    op.create_index("ix_escalation_due", "escalation", ["due_at"])
