"""Calls: who was asked to take which role, and what they answered."""

from dataclasses import fields

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.incident import Role
from domain.refusals import Refusal, Why
from domain.roster import Answer, Call
from storage.tables import CallRow

_NAMES = [field.name for field in fields(Call)]


class Calls:
    def __init__(self, session: AsyncSession, changed: set[int]) -> None:
        self.session = session
        self.changed = changed

    async def of(self, incident: int) -> tuple[Call, ...]:
        rows = await self.session.scalars(
            select(CallRow).where(CallRow.incident == incident).order_by(CallRow.number)
        )
        return tuple(_call(row) for row in rows)

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


def _call(row: CallRow) -> Call:
    values = {name: getattr(row, name) for name in _NAMES}
    return Call(
        **{**values, "role": Role(row.role), "answer": Answer(row.answer), "skills": tuple(row.skills)}
    )
