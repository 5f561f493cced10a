"""How the program itself does: heartbeats that outlive a process, and figures for those who watch it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, delete, func, literal, select, text, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.absence import Absence
from domain.incident import OPEN
from domain.timeline import Happened
from storage.tables import BulletinRow, ClockRow, IncidentRow, MetaRow, ShownRow, TimelineRow
from storage.upserts import insert_into

SLACK_AWAY = "slack_away"
_KEPT = select(MetaRow.value).where(MetaRow.name == bindparam("name"))


LONGEST_WAIT = timedelta(seconds=60)
"""What lies farther ahead was noted by a clock that has been set back since; or Slack will say it once more."""
ALL_IS_DONE = timedelta(seconds=15)
"""A lease: so long whoever is at work on something may take."""
LONG_AGO = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Behind:
    """An incident whose screen is behind its records, and how far it had come."""

    number: int
    shown_revision: int


class Vitals:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    @property
    def _is_sqlite(self) -> bool:
        return self.session.get_bind().dialect.name == "sqlite"

    async def now(self) -> datetime:
        """What the database's own clock says."""
        if self._is_sqlite:
            said = await self.session.scalar(text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')"))
            return datetime.fromisoformat(str(said)).replace(tzinfo=UTC)
        at: datetime = (await self.session.execute(select(func.clock_timestamp()))).scalar_one()
        return at.astimezone(UTC)

    async def clock_was_set_back(self, *, at: datetime) -> None:
        """Whatever waits for a moment that the clock has been at before waits no longer than usual. Machine time."""
        far, soon = at + LONGEST_WAIT, at + ALL_IS_DONE
        of_dirty = ShownRow.incident.in_(select(IncidentRow.number).where(IncidentRow.dirty.is_(True)))
        for rows, concerned, moments in (
            (ShownRow, of_dirty, {"retry_at": soon, "check_at": soon, "attempted_at": at - LONG_AGO}),
            (BulletinRow, true(), {"again_at": soon, "attempted_at": at - LONG_AGO}),
            (IncidentRow, IncidentRow.dirty.is_(True), {"retry_at": soon, "lease_until": soon}),
        ):
            for name, moment in moments.items():
                await self.session.execute(
                    update(rows).where(concerned, getattr(rows, name) > far).values({name: moment})
                )

    async def kept(self, name: str) -> str | None:
        """What is kept under this name; it outlives every process."""
        return await self.session.scalar(_KEPT, {"name": name})

    async def swap(self, name: str, old: str | None, new: str | None) -> bool:
        """Keep `new` if `old` is still kept; of two who try at once one does. None means nothing."""
        if old is None:
            if new is None:
                return True
            row = insert_into(self.session, MetaRow).values(name=name, value=new).on_conflict_do_nothing()
            # Of an insert PostgreSQL's driver does not count the rows.
            return await self.session.scalar(row.returning(MetaRow.name)) is not None
        if new is None:
            done = await self.session.execute(
                delete(MetaRow).where(MetaRow.name == name, MetaRow.value == old)
            )
        else:
            done = await self.session.execute(
                update(MetaRow).where(MetaRow.name == name, MetaRow.value == old).values(value=new)
            )
        return done.rowcount == 1  # type: ignore[attr-defined, no-any-return]

    async def slack_absence(self) -> Absence | None:
        """When no copy reached Slack the last time (incident time)."""
        return read_absence(await self.kept(SLACK_AWAY))

    async def behind(self, *, limit: int) -> Sequence[Behind]:
        """Incidents whose screens are behind, the oldest numbers first."""
        rows = await self.session.execute(
            select(IncidentRow.number, IncidentRow.shown_revision)
            .where(IncidentRow.dirty.is_(True))
            .order_by(IncidentRow.number)
            .limit(limit)
        )
        return [Behind(number=number, shown_revision=shown) for number, shown in rows]

    async def behind_count(self) -> int:
        return await self.session.scalar(select(func.count()).where(IncidentRow.dirty.is_(True))) or 0

    async def swarms_waiting(self) -> int:
        """How many incidents wait for Slack to open their channels."""
        found = select(func.count()).where(
            IncidentRow.swarm.is_(True),
            IncidentRow.channel_id.is_(None),
            IncidentRow.state.in_([state.value for state in OPEN]),
        )
        return await self.session.scalar(found) or 0

    async def changes(self) -> tuple[int, int]:
        """Differs whenever any incident has changed."""
        rows = await self.session.execute(select(func.count(), func.sum(IncidentRow.revision)))
        count, revisions = rows.one()
        return count, revisions or 0

    async def note_absence(self, *, since: datetime, until: datetime, minutes: int) -> None:
        """One entry on the timeline of every incident whose customers wait (incident time)."""
        facts = {"minutes": minutes, "until": until.isoformat()}
        waiting = select(
            ClockRow.incident,
            literal(since, TimelineRow.at.type),
            literal(Happened.HACHI_AWAY.value),
            literal(facts, TimelineRow.facts.type),
        ).where(ClockRow.running.is_(True))
        await self.session.execute(
            TimelineRow.__table__.insert().from_select(  # type: ignore[attr-defined]
                ["incident", "at", "kind", "facts"], waiting
            )
        )


def read_absence(kept: str | None) -> Absence | None:
    if not kept:
        return None
    values = json.loads(kept)
    until = values["until"]
    return Absence(
        since=datetime.fromisoformat(values["since"]), until=datetime.fromisoformat(until) if until else None
    )
