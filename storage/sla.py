"""Warnings of SLA clocks, and which incidents' clocks are to be looked at."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.incident import OPEN, Incident
from domain.sla import SlaKind
from domain.sla_warnings import BREACH, SlaWarning
from storage.due import claim, is_due
from storage.incidents import incident_of
from storage.tables import IncidentRow, SlaWarningRow

_NAMES = [field.name for field in fields(SlaWarning)]
_WARNINGS = (
    select(SlaWarningRow)
    .where(SlaWarningRow.incident.in_(bindparam("incidents", expanding=True)))
    .order_by(SlaWarningRow.raised_at, SlaWarningRow.due_at, SlaWarningRow.step)
)


class Sla:
    def __init__(self, session: AsyncSession, changed: set[int]) -> None:
        self.session = session
        self.changed = changed
        self._claimed: dict[int, IncidentRow] = {}

    async def is_due(self, *, by: datetime) -> bool:
        """Whether any incident's clocks are to be looked at by then."""
        return await is_due(self.session, IncidentRow.sla_next_at, by=by)

    async def claim_due(self, *, by: datetime, limit: int) -> Sequence[int]:
        """Numbers of incidents to be looked at by then, locked until the transaction ends."""
        due = claim(IncidentRow, IncidentRow.sla_next_at, IncidentRow.number, by=by, limit=limit)
        rows = await self.session.scalars(due)
        self._claimed = {row.number: row for row in rows}
        return list(self._claimed)

    def claimed(self, number: int) -> Incident:
        return incident_of(self._claimed[number])

    def look_at(self, incident: int, at: datetime | None) -> None:
        """When a claimed incident's clocks are to be looked at next."""
        self._claimed[incident].sla_next_at = at

    async def look_at_all(self) -> None:
        """Look at every open incident: the settings, or the program, may be others than before."""
        await self.session.execute(
            update(IncidentRow)
            .where(IncidentRow.state.in_([state.value for state in OPEN]), IncidentRow.swarm.is_(True))
            .values(sla_next_at=IncidentRow.declared_at)
        )

    async def warnings(self, incidents: Collection[int]) -> Mapping[int, tuple[SlaWarning, ...]]:
        rows = await self.session.scalars(_WARNINGS, {"incidents": list(incidents)})
        found: dict[int, list[SlaWarning]] = {number: [] for number in incidents}
        for row in rows:
            values = {name: getattr(row, name) for name in _NAMES}
            found[row.incident].append(SlaWarning(**{**values, "kind": SlaKind(row.kind)}))
        return {number: tuple(warnings) for number, warnings in found.items()}

    async def add(self, incident: int, warning: SlaWarning) -> None:
        """A step of one deadline raised twice is a broken invariant: the key refuses it."""
        values = {name: getattr(warning, name) for name in _NAMES}
        self.session.add(SlaWarningRow(incident=incident, **{**values, "kind": warning.kind.value}))
        self.changed.add(incident)

    async def explain(self, incident: int, kind: SlaKind, *, reason: str, by: str) -> None:
        """Say why the deadlines of this kind were missed."""
        await self.session.execute(
            update(SlaWarningRow)
            .where(
                SlaWarningRow.incident == incident,
                SlaWarningRow.kind == kind.value,
                SlaWarningRow.step == BREACH,
            )
            .values(reason=reason, explained_by=by)
        )
        self.changed.add(incident)
