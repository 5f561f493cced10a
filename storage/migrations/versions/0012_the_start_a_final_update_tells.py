"""When the outage began, as a final update tells it: an incident resolved again has another start."""

from typing import Any

import sqlalchemy as sa
from alembic import op

import storage.tables

revision = "0012"
down_revision = "0011"
branch_labels: Any = None
depends_on: Any = None


def upgrade() -> None:
    op.add_column(
        "customer_update", sa.Column("started_at", storage.tables.Utc(timezone=True), nullable=True)
    )
