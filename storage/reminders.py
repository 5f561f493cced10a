"""Reminders: the rungs the clock raised, each once."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields

from sqlalchemy import ColumnElement, String, bindparam, cast, exists, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.ladder import Reminder, ReminderState
from storage.tables import ClockRow, ReminderRow, ShownRow

_NAMES = [field.name for field in fields(Reminder)]
_OF = (
    select(ReminderRow)
    .where(ReminderRow.incident == bindparam("incident"))
    .order_by(ReminderRow.cycle, ReminderRow.rung)
)


class Reminders:
    def __init__(self, session: AsyncSession, changed: set[int]) -> None:
        self.session = session
        self.changed = changed

    async def add(self, incident: int, reminder: Reminder) -> None:
        """A rung raised twice is a broken invariant: the key refuses it."""
        self.session.add(ReminderRow(incident=incident, **{name: getattr(reminder, name) for name in _NAMES}))
        self.changed.add(incident)

    async def of(self, incident: int) -> tuple[Reminder, ...]:
        rows = await self.session.scalars(_OF, {"incident": incident})
        return tuple(_reminder(row) for row in rows)

    async def overtake_unshown(self, incident: int, *, cycle: int, below: int | None = None) -> list[int]:
        """Give up the cycle's raised rungs that no call was made for yet; answers which."""
        unshown = (await self._unshown([incident])).get((incident, cycle), [])
        rungs = [rung for rung in unshown if below is None or rung < below]
        await self.overtake(incident, cycle, rungs)
        return rungs

    async def overtake_lower(self, highest: Mapping[tuple[int, int], int]) -> Mapping[int, list[int]]:
        """Give up what no call was made for yet below the highest rung of each (incident, cycle).

        Answers the rungs given up, by incident.
        """
        unshown = await self._unshown([incident for incident, _ in highest])
        given_up = {}
        for (incident, cycle), below in highest.items():
            rungs = [rung for rung in unshown.get((incident, cycle), []) if rung < below]
            await self.overtake(incident, cycle, rungs)
            given_up[incident] = rungs
        return given_up

    async def _unshown(self, incidents: Collection[int]) -> Mapping[tuple[int, int], list[int]]:
        """Raised rungs that no call was made for yet, by incident and cycle."""
        attempted = exists().where(
            ShownRow.incident == ReminderRow.incident,
            ShownRow.key == _key_of(ReminderRow),
            ShownRow.attempted_at.is_not(None) | ShownRow.ts.is_not(None),
        )
        found: dict[tuple[int, int], list[int]] = {}
        for incident, cycle, rung in await self.session.execute(
            select(ReminderRow.incident, ReminderRow.cycle, ReminderRow.rung)
            .where(
                ReminderRow.incident.in_(incidents),
                ReminderRow.state == ReminderState.RAISED.value,
                ~attempted,
            )
            .order_by(ReminderRow.rung)
        ):
            found.setdefault((incident, cycle), []).append(rung)
        return found

    async def overtake(self, incident: int, cycle: int, rungs: Iterable[int]) -> None:
        rungs = list(rungs)
        if rungs:
            await self.session.execute(
                update(ReminderRow)
                .where(
                    ReminderRow.incident == incident, ReminderRow.cycle == cycle, ReminderRow.rung.in_(rungs)
                )
                .values(state=ReminderState.OVERTAKEN.value)
            )
            self.changed.add(incident)

    async def still_true(self, incident: int, *, cycle: int, rung: int) -> bool:
        """Whether its cycle is open and no higher rung is raised: only then may it be shown."""
        higher = exists().where(
            ReminderRow.incident == incident, ReminderRow.cycle == cycle, ReminderRow.rung > rung
        )
        open_cycle = exists().where(
            ClockRow.incident == incident, ClockRow.cycle == cycle, ClockRow.running.is_(True)
        )
        found = await self.session.scalar(
            select(ReminderRow.rung)
            .where(
                ReminderRow.incident == incident,
                ReminderRow.cycle == cycle,
                ReminderRow.rung == rung,
                ReminderRow.state == ReminderState.RAISED.value,
                open_cycle,
                ~higher,
            )
            .with_for_update()
        )
        return found is not None


def _key_of(row: type[ReminderRow]) -> ColumnElement[str]:
    return literal("reminder/update/") + cast(row.cycle, String) + "/" + cast(row.rung, String)


def _reminder(row: ReminderRow) -> Reminder:
    values = {name: getattr(row, name) for name in _NAMES}
    return Reminder(**{**values, "state": ReminderState(row.state)})
