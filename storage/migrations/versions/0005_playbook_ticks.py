"""Which steps of the playbook were done, and which skipped."""

from typing import Any

import sqlalchemy as sa
from alembic import op

import storage.tables

revision = "0005"
down_revision = "0004"
branch_labels: Any = None
depends_on: Any = None


def upgrade() -> None:
    op.create_table(
        "playbook_tick",
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", storage.tables.Utc(timezone=True), nullable=False),
        sa.Column("skipped_because", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident"],
            ["incident.number"],
            name=op.f("fk_playbook_tick_incident_incident"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("incident", "step", name=op.f("pk_playbook_tick")),
    )
