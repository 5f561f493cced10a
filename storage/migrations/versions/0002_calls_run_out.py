"""Calls run out: when each is due, since when it can be read, and which others belong to it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

import storage.tables

revision = "0002"
down_revision = "0001"
branch_labels: Any = None
depends_on: Any = None


def upgrade() -> None:
    op.add_column("call", sa.Column("follows", sa.Integer(), nullable=True))
    op.add_column("call", sa.Column("asked_with", sa.Integer(), nullable=True))
    op.add_column("call", sa.Column("reached_at", storage.tables.Utc(timezone=True), nullable=True))
    op.add_column("call", sa.Column("due_at", storage.tables.Utc(timezone=True), nullable=True))
    op.add_column("call", sa.Column("ran_out_at", storage.tables.Utc(timezone=True), nullable=True))
    op.create_index("ix_call_due", "call", ["due_at"], unique=False)
