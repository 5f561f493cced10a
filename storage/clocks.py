"""Update clocks, found by incident or because they are due."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.cadence import Cadence
from domain.update_clock import UpdateClock, next_at
from storage.due import claim
from storage.tables import ClockRow, IncidentRow

_NAMES = [field.name for field in fields(UpdateClock)]
_ALL = select(ClockRow).where(ClockRow.incident.in_(bindparam("incidents", expanding=True)))


class Clocks:
    def __init__(self, session: AsyncSession, changed: set[int]) -> None:
        self.session = session
        self.changed = changed
        self._claimed: Sequence[ClockRow] = ()

    async def get(self, incident: int) -> UpdateClock | None:
        """The incident's clock, locked until the transaction ends; None for an ordinary case."""
        row = await self.session.scalar(
            select(ClockRow).where(ClockRow.incident == incident).with_for_update()
        )
        return _clock(row) if row else None

    async def save(self, incident: int, clock: UpdateClock, cadence: Cadence) -> None:
        """Keep the clock, and with it when it strikes next under this cadence."""
        row = await self.session.get(ClockRow, incident)
        if row is None:
            row = ClockRow(incident=incident)
            self.session.add(row)
        for name in _NAMES:
            setattr(row, name, getattr(clock, name))
        row.next_at = next_at(clock, cadence)
        self.changed.add(incident)

    async def is_due(self, *, by: datetime) -> bool:
        """Whether any clock strikes by then."""
        first = await self.next_strike()
        return first is not None and first <= by

    async def claim_due(self, *, by: datetime, limit: int) -> Mapping[int, UpdateClock]:
        """Clocks that strike by then, the longest owed first; their incidents are locked with them."""
        due = claim(ClockRow, ClockRow.next_at, ClockRow.incident, by=by, limit=limit)
        rows = await self.session.scalars(due.join(IncidentRow, IncidentRow.number == ClockRow.incident))
        self._claimed = rows.all()  # Kept, so that `save` need not read them again.
        return {row.incident: _clock(row) for row in self._claimed}

    async def all(self, incidents: Sequence[int]) -> dict[int, UpdateClock]:
        rows = await self.session.scalars(_ALL, {"incidents": list(incidents)})
        return {row.incident: _clock(row) for row in rows}

    async def next_strike(self) -> datetime | None:
        """When any clock strikes next."""
        return await self.session.scalar(select(func.min(ClockRow.next_at)))


def _clock(row: ClockRow) -> UpdateClock:
    return UpdateClock(**{name: getattr(row, name) for name in _NAMES})
