"""Warnings of SLA clocks, and when an incident's clocks are to be looked at next."""

from typing import Any

import sqlalchemy as sa
from alembic import op

import storage.tables

revision = "0003"
down_revision = "0002"
branch_labels: Any = None
depends_on: Any = None


def upgrade() -> None:
    op.create_table(
        "sla_warning",
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("due_at", storage.tables.Utc(timezone=True), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("fell_due_at", storage.tables.Utc(timezone=True), nullable=False),
        sa.Column("raised_at", storage.tables.Utc(timezone=True), nullable=False),
        sa.Column("overtaken", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("explained_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident"],
            ["incident.number"],
            name=op.f("fk_sla_warning_incident_incident"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("incident", "kind", "due_at", "step", name=op.f("pk_sla_warning")),
    )
    op.add_column("incident", sa.Column("sla_next_at", storage.tables.Utc(timezone=True), nullable=True))
    op.create_index("ix_incident_sla_next", "incident", ["sla_next_at"])
