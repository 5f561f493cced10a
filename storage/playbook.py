"""Steps of the playbook that were done or skipped."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.playbook import Tick
from storage.tables import PlaybookTickRow


class PlaybookTicks:
    """No screen of an incident shows them, so none falls behind when they change."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of(self, incident: int) -> tuple[Tick, ...]:
        rows = await self.session.scalars(
            select(PlaybookTickRow)
            .where(PlaybookTickRow.incident == incident)
            .order_by(PlaybookTickRow.at, PlaybookTickRow.step)
        )
        return tuple(
            Tick(step=row.step, person=row.person, at=row.at, skipped_because=row.skipped_because)
            for row in rows
        )

    async def get(self, incident: int, step: str) -> Tick | None:
        return next((tick for tick in await self.of(incident) if tick.step == step), None)

    async def save(self, incident: int, tick: Tick) -> None:
        await self.session.merge(PlaybookTickRow(incident=incident, **vars(tick)))

    async def drop(self, incident: int, step: str) -> None:
        await self.session.execute(
            delete(PlaybookTickRow).where(PlaybookTickRow.incident == incident, PlaybookTickRow.step == step)
        )

    async def begin_anew(self, incident: int) -> None:
        """Every step is to be done again; the timeline keeps what was done before."""
        await self.session.execute(delete(PlaybookTickRow).where(PlaybookTickRow.incident == incident))
