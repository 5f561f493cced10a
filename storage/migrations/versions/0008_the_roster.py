"""What people enter about who is on duty: absences, and others in somebody's place."""

from typing import Any

import sqlalchemy as sa
from alembic import op

import storage.tables

revision = "0008"
down_revision = "0007"
branch_labels: Any = None
depends_on: Any = None


def upgrade() -> None:
    op.create_table(
        "roster_entry",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("rotation", sa.Text(), nullable=False),
        sa.Column("instead_of", sa.Text(), nullable=True),
        sa.Column("since", storage.tables.Utc(timezone=True), nullable=False),
        sa.Column("until", storage.tables.Utc(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("swapped_with", sa.Integer(), nullable=True),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", storage.tables.Utc(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", storage.tables.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_roster_entry")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_roster_entry_until", "roster_entry", ["until"])
