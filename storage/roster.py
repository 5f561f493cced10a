"""What people entered about who is on duty, and in how many swarms everybody is."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.incident import OPEN
from domain.refusals import Refusal, Why
from domain.roster import Answer
from domain.roster_entries import EntryKind, EntryState, RosterEntry
from storage.tables import CallRow, IncidentRow, RosterEntryRow

_NAMES = [field.name for field in fields(RosterEntry)]


class RosterEntries:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def since(self, at: datetime) -> Sequence[RosterEntry]:
        """What is not over by then and neither declined nor taken back, in the order in which it was entered."""
        rows = await self.session.scalars(
            select(RosterEntryRow)
            .where(
                RosterEntryRow.until > at,
                RosterEntryRow.state.in_([EntryState.ASKED.value, EntryState.AGREED.value]),
            )
            .order_by(RosterEntryRow.number)
        )
        return [_entry(row) for row in rows]

    async def lapsed(self, *, by: datetime) -> Sequence[int]:
        """Swaps that nobody agreed to while both duties could still be given: the number of each one's first half."""
        halves = await self.session.execute(
            select(RosterEntryRow.number, RosterEntryRow.swapped_with).where(
                RosterEntryRow.until <= by,
                RosterEntryRow.kind == EntryKind.SWAP.value,
                RosterEntryRow.state == EntryState.ASKED.value,
            )
        )
        return sorted({min(number, other or number) for number, other in halves})

    async def get(self, number: int, *, lock: bool = True) -> RosterEntry:
        """The entry, locked until the transaction ends. Raises Refusal ENTRY_UNKNOWN."""
        row = await self.session.get(RosterEntryRow, number, with_for_update=lock or None)
        if row is None:
            raise Refusal(Why.ENTRY_UNKNOWN)
        return _entry(row)

    async def add(self, entry: RosterEntry) -> int:
        """Keep a new entry; answers its number."""
        row = RosterEntryRow(**{name: value for name, value in _columns(entry).items() if name != "number"})
        self.session.add(row)
        await self.session.flush()
        return row.number

    async def save(self, entry: RosterEntry) -> None:
        await self.session.merge(RosterEntryRow(**_columns(entry)))
        await self.session.flush()

    async def changes(self) -> str:
        """Differs whenever an entry was added or decided upon."""
        row = RosterEntryRow
        counts = select(func.count(), func.count(row.decided_at), func.max(row.decided_at))
        return " ".join(map(str, (await self.session.execute(counts)).one()))

    async def alone(self) -> None:
        """Nobody else enters anything until the transaction ends: what overlaps is seen by whoever comes second."""
        if self.session.get_bind().dialect.name == "postgresql":
            await self.session.execute(select(func.pg_advisory_xact_lock(func.hashtext("roster_entry"))))

    async def open_swarms(self) -> Mapping[str, int]:
        """In how many open swarms each person was asked to come and has not said no."""
        rows = await self.session.execute(
            select(CallRow.person, func.count(CallRow.incident.distinct()).label("swarms"))
            .join(IncidentRow, IncidentRow.number == CallRow.incident)
            .where(
                IncidentRow.state.in_([state.value for state in OPEN]),
                CallRow.answer.in_([Answer.WAITING.value, Answer.ACCEPTED.value]),
                CallRow.stands_in.is_(False),
            )
            .group_by(CallRow.person)
        )
        return {row.person: row.swarms for row in rows}


def _columns(entry: RosterEntry) -> dict[str, object]:
    values = {name: getattr(entry, name) for name in _NAMES}
    return {**values, "kind": entry.kind.value, "state": entry.state.value}


def _entry(row: RosterEntryRow) -> RosterEntry:
    values = {name: getattr(row, name) for name in _NAMES}
    return RosterEntry(**{**values, "kind": EntryKind(row.kind), "state": EntryState(row.state)})
