"""Messages outside incidents: that Hachi is behind, hours without anybody on duty, hand-overs."""

from typing import Any

import sqlalchemy as sa
from alembic import op

import storage.tables

revision = "0010"
down_revision = "0009"
branch_labels: Any = None
depends_on: Any = None


def upgrade() -> None:
    op.create_table(
        "bulletin",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("again_at", storage.tables.Utc(timezone=True), nullable=True),
        sa.Column("attempted_at", storage.tables.Utc(timezone=True), nullable=True),
        sa.Column("channel_id", sa.String(length=32), nullable=True),
        sa.Column("ts", sa.Text(), nullable=True),
        sa.Column("shown", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_bulletin")),
    )
    op.create_index("ix_bulletin_again", "bulletin", ["again_at"])
