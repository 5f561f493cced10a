"""What is due: found by an indexed column, and claimed so that of any number of copies each takes others."""

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from storage.tables import Base

Moment = InstrumentedAttribute[datetime | None]
Row = TypeVar("Row", bound=Base)


async def is_due(session: AsyncSession, moment: Moment, *, by: datetime) -> bool:
    """Whether any row's moment has come by then."""
    first = await session.scalar(select(func.min(moment)))
    return first is not None and first <= by


def claim(
    rows: type[Row], moment: Moment, *then_by: InstrumentedAttribute[Any], by: datetime, limit: int
) -> Select[Row]:
    """The rows whose moment has come by then, the longest due first, locked until the transaction ends.

    What somebody else has locked is left to them.
    """
    return (
        select(rows)
        .where(moment <= by)
        .order_by(moment, *then_by)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
