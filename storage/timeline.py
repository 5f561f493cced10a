"""The timeline of an incident."""

from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.absence import Absence
from domain.timeline import Entry, Happened
from storage.tables import TimelineRow

_OF = (
    select(TimelineRow)
    .where(TimelineRow.incident == bindparam("incident"))
    .order_by(TimelineRow.at, TimelineRow.id)
)


class Timeline:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(
        self, incident: int, happened: Happened, /, *, at: datetime, actor: str | None = None, **facts: object
    ) -> None:
        kept = {name: _plain(value) for name, value in facts.items()}
        self.session.add(TimelineRow(incident=incident, at=at, kind=happened.value, actor=actor, facts=kept))

    async def of(self, incident: int, *kinds: Happened) -> tuple[Entry, ...]:
        """Everything that happened, or only entries of these kinds, the earliest first."""
        query = _OF.where(TimelineRow.kind.in_([kind.value for kind in kinds])) if kinds else _OF
        rows = await self.session.scalars(query, {"incident": incident})
        return tuple(
            Entry(at=row.at, kind=Happened(row.kind), actor=row.actor, facts=row.facts) for row in rows
        )

    async def absences(self, incident: int) -> tuple[Absence, ...]:
        """When nobody looked after this incident's clock, because Hachi was away."""
        rows = await self.session.scalars(
            select(TimelineRow)
            .where(TimelineRow.incident == incident, TimelineRow.kind == Happened.HACHI_AWAY.value)
            .order_by(TimelineRow.at)
        )
        return tuple(
            Absence(since=row.at, until=datetime.fromisoformat(str(row.facts["until"]))) for row in rows
        )


def _plain(value: object) -> object:
    match value:
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case _:
            return value
