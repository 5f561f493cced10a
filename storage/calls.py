"""Calls: who was asked to take which role, and what they answered."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import Update, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.incident import Role
from domain.refusals import Refusal, Why
from domain.roster import Answer, Call
from storage.due import claim, is_due
from storage.tables import CallRow, IncidentRow

_NAMES = [field.name for field in fields(Call)]
_ALL = (
    select(CallRow)
    .where(CallRow.incident.in_(bindparam("incidents", expanding=True)))
    .order_by(CallRow.incident, CallRow.number)
)


class Calls:
    def __init__(self, session: AsyncSession, changed: set[int]) -> None:
        self.session = session
        self.changed = changed

    async def of(self, incident: int) -> tuple[Call, ...]:
        return (await self.all([incident]))[incident]

    async def all(self, incidents: Collection[int]) -> Mapping[int, tuple[Call, ...]]:
        """The calls of each of these incidents."""
        found: dict[int, list[Call]] = {number: [] for number in incidents}
        for row in await self.session.scalars(_ALL, {"incidents": list(incidents)}):
            found[row.incident].append(_call(row))
        return {number: tuple(calls) for number, calls in found.items()}

    async def get(self, incident: int, number: int) -> Call:
        """Raises Refusal CALL_OVER when there is no such call."""
        row = await self.session.get(CallRow, (incident, number), with_for_update=True)
        if row is None:
            raise Refusal(Why.CALL_OVER, number=incident)
        return _call(row)

    async def save(self, incident: int, call: Call) -> None:
        values = {name: getattr(call, name) for name in _NAMES}
        values |= {"role": call.role.value, "answer": call.answer.value, "skills": list(call.skills)}
        await self.session.merge(CallRow(incident=incident, **values))
        await self.session.flush()
        self.changed.add(incident)

    async def reached(self, incident: int, number: int, *, at: datetime, due_at: datetime) -> None:
        """The person can read it from now on: an answer is waited for until then. Nothing that is shown changes."""
        await self.session.execute(_unread(incident, number).values(reached_at=at, due_at=due_at))

    async def cannot_reach(self, incident: int, number: int, *, at: datetime) -> None:
        """The person will never read it: nobody need wait for an answer any longer."""
        await self.session.execute(_unread(incident, number).where(CallRow.due_at > at).values(due_at=at))

    async def is_due(self, *, by: datetime) -> bool:
        """Whether any call runs out, or is to be made, by then."""
        return await is_due(self.session, CallRow.due_at, by=by)

    async def claim_due(self, *, by: datetime, limit: int) -> Sequence[tuple[int, Call]]:
        """Calls that run out, or are to be made, by then, each with its incident's number; both are locked."""
        due = claim(CallRow, CallRow.due_at, CallRow.incident, CallRow.number, by=by, limit=limit)
        rows = await self.session.scalars(due.join(IncidentRow, IncidentRow.number == CallRow.incident))
        return [(row.incident, _call(row)) for row in rows]


def _unread(incident: int, number: int) -> Update:
    """A change to this call, while it waits for an answer and nobody can have read it."""
    return update(CallRow).where(
        CallRow.incident == incident,
        CallRow.number == number,
        CallRow.answer == Answer.WAITING.value,
        CallRow.reached_at.is_(None),
    )


def _call(row: CallRow) -> Call:
    values = {name: getattr(row, name) for name in _NAMES}
    return Call(
        **{**values, "role": Role(row.role), "answer": Answer(row.answer), "skills": tuple(row.skills)}
    )
