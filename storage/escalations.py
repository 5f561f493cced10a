"""Escalations: what was asked, of whom one after the other, and what was answered."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.escalations import About, Ask, Direction, Escalation
from domain.refusals import Refusal, Why
from domain.roster import Answer
from storage.due import claim, is_due
from storage.tables import EscalationRow, IncidentRow

_SAME = (
    "number", "question", "asked_by", "asked_at", "reply", "replied_by", "replied_at", "nobody_left_at",
    "reached_at", "due_at", "withdrawn_at", "again_of",
)  # fmt: skip
_ALL = (
    select(EscalationRow)
    .where(EscalationRow.incident == bindparam("incident"))
    .order_by(EscalationRow.number)
)


class Escalations:
    def __init__(self, session: AsyncSession, changed: set[int]) -> None:
        self.session = session
        self.changed = changed

    async def of(self, incident: int) -> tuple[Escalation, ...]:
        return tuple(_escalation(row) for row in await self.session.scalars(_ALL, {"incident": incident}))

    async def get(self, incident: int, number: int) -> Escalation:
        """Raises Refusal ESCALATION_OVER when there is no such escalation."""
        row = await self.session.get(EscalationRow, (incident, number))
        if row is None:
            raise Refusal(Why.ESCALATION_OVER, number=incident)
        return _escalation(row)

    async def save(self, incident: int, escalation: Escalation) -> None:
        values: dict[str, Any] = {name: getattr(escalation, name) for name in _SAME}
        row = EscalationRow(
            incident=incident,
            direction=escalation.about.direction.value,
            topic=escalation.about.topic,
            wait_seconds=round(escalation.wait.total_seconds()),
            turn=len(escalation.asks),
            asks=[_plain(one) for one in escalation.asks],
            **values,
        )
        await self.session.merge(row)
        await self.session.flush()
        self.changed.add(incident)

    async def postpone(self, incident: int, number: int, *, due_at: datetime) -> None:
        """Some of the time was not the person's own. Nothing that is shown changes."""
        await self.session.execute(
            update(EscalationRow)
            .where(EscalationRow.incident == incident, EscalationRow.number == number)
            .values(due_at=due_at)
        )

    async def reached(self, incident: int, number: int, *, turn: int, at: datetime) -> None:
        """The person asked in this turn can read it from now on, and has the whole time for an answer."""
        row = await self.session.get(EscalationRow, (incident, number))
        if row is None:
            return
        done = await self.session.execute(
            update(EscalationRow)
            .where(
                EscalationRow.incident == incident,
                EscalationRow.number == number,
                EscalationRow.turn == turn,
                EscalationRow.due_at.is_not(None),
                EscalationRow.reached_at.is_(None),
            )
            .values(reached_at=at, due_at=at + timedelta(seconds=row.wait_seconds))
        )
        before = _escalation(row).asks[-1].at
        if done.rowcount and at - before > timedelta(minutes=1):  # type: ignore[attr-defined]
            self.changed.add(incident)  # Another deadline is shown.

    async def cannot_reach(self, incident: int, number: int, *, turn: int, at: datetime) -> None:
        """The person asked in this turn will never read it: nobody need wait for an answer any longer."""
        await self.session.execute(
            update(EscalationRow)
            .where(
                EscalationRow.incident == incident,
                EscalationRow.number == number,
                EscalationRow.turn == turn,
                EscalationRow.reached_at.is_(None),
                EscalationRow.due_at > at,
            )
            .values(due_at=at)
        )

    async def is_due(self, *, by: datetime) -> bool:
        """Whether anybody has not answered by then."""
        return await is_due(self.session, EscalationRow.due_at, by=by)

    async def claim_due(self, *, by: datetime, limit: int) -> Sequence[tuple[int, Escalation]]:
        """Those that nobody has answered by then, each with its incident's number; both are locked."""
        due = claim(
            EscalationRow,
            EscalationRow.due_at,
            EscalationRow.incident,
            EscalationRow.number,
            by=by,
            limit=limit,
        )
        rows = await self.session.scalars(due.join(IncidentRow, IncidentRow.number == EscalationRow.incident))
        return [(row.incident, _escalation(row)) for row in rows]


def _escalation(row: EscalationRow) -> Escalation:
    return Escalation(
        **{name: getattr(row, name) for name in _SAME},
        about=About(direction=Direction(row.direction), topic=row.topic),
        wait=timedelta(seconds=row.wait_seconds),
        asks=tuple(_ask(one) for one in row.asks),
    )


def _plain(ask: Ask) -> dict[str, Any]:
    return {
        "person": ask.person,
        "at": ask.at.isoformat(),
        "answer": ask.answer.value,
        "answered_at": ask.answered_at.isoformat() if ask.answered_at else None,
    }


def _ask(kept: dict[str, Any]) -> Ask:
    return Ask(
        person=kept["person"],
        at=datetime.fromisoformat(kept["at"]),
        answer=Answer(kept["answer"]),
        answered_at=datetime.fromisoformat(kept["answered_at"]) if kept["answered_at"] else None,
    )
