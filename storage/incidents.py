"""Incidents: found by number, by channel or because they are open."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.incident import OPEN, Category, DataLoss, Incident, Resolution, State
from domain.refusals import Refusal, Why
from domain.severity import (
    Assessment,
    Decision,
    ImpactBecause,
    Level,
    Severity,
    Suggestion,
    UrgentBecause,
)
from storage.tables import IncidentRow, JoinedRow


class Incidents:
    def __init__(self, session: AsyncSession, changed: set[int]) -> None:
        self.session = session
        self.changed = changed

    async def add(self, incident: Incident) -> int:
        """Keep a new incident; answers its number."""
        row = IncidentRow(**_columns(incident), revision=0)  # Its first change is counted like any other.
        self.session.add(row)
        await self.session.flush()
        self.changed.add(row.number)
        return row.number

    async def get(self, number: int, *, lock: bool = True) -> Incident:
        """The incident, locked until the transaction ends. Raises Refusal INCIDENT_UNKNOWN."""
        return incident_of(await self._row(number, lock=lock))

    async def some(self, numbers: Collection[int]) -> Mapping[int, Incident]:
        """These incidents by number, not locked."""
        rows = await self.session.scalars(select(IncidentRow).where(IncidentRow.number.in_(numbers)))
        return {row.number: incident_of(row) for row in rows}

    async def at_revision(self, number: int) -> tuple[Incident, int]:
        """The incident and how often it has changed, not locked. Raises Refusal INCIDENT_UNKNOWN."""
        row = await self._row(number, lock=False)
        return incident_of(row), row.revision

    async def revision(self, number: int) -> int:
        return (await self.at_revision(number))[1]

    async def save(self, incident: Incident) -> None:
        row = await self._row(incident.number, lock=True)
        for name, value in _columns(incident).items():
            setattr(row, name, value)
        self.changed.add(incident.number)

    async def in_channel(self, channel_id: str) -> Incident | None:
        """The newest incident whose swarm this channel is."""
        row = await self.session.scalar(_IN_CHANNEL, {"channel": channel_id})
        return incident_of(row) if row else None

    async def newest(self) -> Incident | None:
        row = await self.session.scalar(select(IncidentRow).order_by(IncidentRow.number.desc()).limit(1))
        return incident_of(row) if row else None

    async def open(self) -> Sequence[Incident]:
        """Open incidents, the gravest first, the oldest first among equals."""
        return [incident_of(row) for row in await self.session.scalars(_OPEN)]

    async def open_of(self, product: str, *, limit: int) -> Sequence[Incident]:
        """Open incidents of this product that are not private, in the same order."""
        concerned = IncidentRow.product == product, IncidentRow.private.is_(False)
        return [incident_of(row) for row in await self.session.scalars(_OPEN.where(*concerned).limit(limit))]

    async def join(self, number: int, person: str, *, at: datetime) -> bool:
        """Whether the person was not there before."""
        if await self.session.get(JoinedRow, (number, person)):
            return False
        self.session.add(JoinedRow(incident=number, person=person, at=at))
        self.changed.add(number)
        return True

    async def joined(self, number: int) -> tuple[str, ...]:
        return tuple(await self.session.scalars(_JOINED, {"incident": number}))

    async def _row(self, number: int, *, lock: bool) -> IncidentRow:
        row = await self.session.scalar(_LOCKED if lock else _ONE, {"number": number})
        if row is None:
            raise Refusal(Why.INCIDENT_UNKNOWN, number=number)
        return row


# Built once: for most statements that takes longer than to run them.
_ONE = select(IncidentRow).where(IncidentRow.number == bindparam("number"))
_LOCKED = _ONE.with_for_update()
_IN_CHANNEL = (
    select(IncidentRow)
    .where(IncidentRow.channel_id == bindparam("channel"))
    .order_by(IncidentRow.number.desc())
    .limit(1)
)
_JOINED = (
    select(JoinedRow.person)
    .where(JoinedRow.incident == bindparam("incident"))
    .order_by(JoinedRow.at, JoinedRow.person)
)
_OPEN = (
    select(IncidentRow)
    .where(IncidentRow.state.in_([state.value for state in OPEN]))
    .order_by(IncidentRow.severity, IncidentRow.declared_at)
)
_PLAIN = (
    "title declared_by declared_at language swarm summary product private practice source_link "
    "resolved_at closed_at cause withdrawn_because channel_id channel_name channel_generation"
).split()


def _columns(incident: Incident) -> dict[str, Any]:
    resolution = incident.resolution
    return {
        **{name: getattr(incident, name) for name in _PLAIN},
        "state": incident.state.value,
        # Whatever changes an incident may move its SLA deadlines.
        "sla_next_at": incident.declared_at if incident.is_open and incident.swarm else None,
        "severity": int(incident.severity),
        "category": incident.category.value,
        "customers": list(incident.customers),
        "assessment": asdict(incident.assessment),
        "suggestions": [_plain(one) for one in incident.suggestions],
        "resolution": resolution
        and {
            **asdict(resolution),
            "started_at": resolution.started_at.isoformat(),
            "ended_at": resolution.ended_at.isoformat(),
        },
    }


def incident_of(row: IncidentRow) -> Incident:
    return Incident(
        **{name: getattr(row, name) for name in _PLAIN},
        number=row.number,
        state=State(row.state),
        category=Category(row.category),
        customers=tuple(row.customers),
        assessment=_assessment(row.assessment),
        suggestions=tuple(_suggestion(one) for one in row.suggestions or ()),
        resolution=_resolution(row.resolution),
    )


def _assessment(kept: dict[str, Any]) -> Assessment:
    return Assessment(
        urgency=Level(kept["urgency"]),
        impact=Level(kept["impact"]),
        urgent_because=tuple(map(UrgentBecause, kept["urgent_because"])),
        impact_because=tuple(map(ImpactBecause, kept["impact_because"])),
        accident=kept.get("accident", False),
        override=Severity(kept["override"]) if kept["override"] else None,
        override_reason=kept["override_reason"],
    )


def _resolution(kept: dict[str, Any] | None) -> Resolution | None:
    if not kept:
        return None
    return Resolution(
        done=kept["done"],
        data_loss=DataLoss(kept["data_loss"]),
        started_at=datetime.fromisoformat(kept["started_at"]),
        ended_at=datetime.fromisoformat(kept["ended_at"]),
        customer_action=kept["customer_action"],
    )


def _plain(suggestion: Suggestion) -> dict[str, Any]:
    decided_at = suggestion.decided_at
    return {
        **asdict(suggestion),
        "at": suggestion.at.isoformat(),
        "decided_at": decided_at.isoformat() if decided_at else None,
    }


def _suggestion(kept: dict[str, Any]) -> Suggestion:
    return Suggestion(
        number=kept["number"],
        at=datetime.fromisoformat(kept["at"]),
        severity=Severity(kept["severity"]),
        urgent_because=tuple(map(UrgentBecause, kept["urgent_because"])),
        impact_because=tuple(map(ImpactBecause, kept["impact_because"])),
        decision=Decision(kept["decision"]),
        decided_by=kept["decided_by"],
        decided_at=datetime.fromisoformat(kept["decided_at"]) if kept["decided_at"] else None,
    )
