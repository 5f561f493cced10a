"""What people may ask: what is open, how one incident stands, what happened in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.incident import Incident, Role
from domain.ladder import holders
from domain.refusals import Refusal, Why
from domain.sla import SlaClocks, sla_clocks
from domain.snapshot import Snapshot
from domain.timeline import Entry
from domain.update_clock import UpdateClock
from services.desk import Actor, Desk
from services.permissions import check_member
from storage.database import Transaction
from storage.snapshots import snapshot


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One line of the list of open incidents."""

    incident: Incident
    clock: UpdateClock | None
    owners: tuple[str, ...]
    sla: SlaClocks | None


async def open_incidents(desk: Desk, *, actor: Actor) -> Sequence[Listed]:
    """Open incidents: the gravest first, then whose update is owed soonest. Private ones only to their members."""
    async with desk.database.reading() as tx:
        incidents = await tx.incidents.open()
        numbers = [incident.number for incident in incidents]
        clocks = await tx.clocks.all(numbers)
        told = await tx.customer_updates.told(numbers)
        listed = []
        for incident in incidents:
            if incident.private and not await _is_member(tx, incident, actor):
                continue
            listed.append(
                Listed(
                    incident=incident,
                    clock=clocks.get(incident.number),
                    owners=holders(await tx.calls.of(incident.number), Role.OWNER),
                    sla=sla_clocks(incident, desk.team, *told[incident.number]),
                )
            )
    return sorted(
        listed,
        key=lambda one: (one.incident.severity, one.clock.due_at if one.clock else one.incident.declared_at),
    )


async def incident_here(desk: Desk, *, channel_id: str | None, number: int | None = None) -> Incident:
    """The incident named by number, or the one whose swarm this channel is.

    Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_NOT_HERE.
    """
    async with desk.database.reading() as tx:
        if number is not None:
            return await tx.incidents.get(number, lock=False)
        found = await tx.incidents.in_channel(channel_id) if channel_id else None
    if found is None:
        raise Refusal(Why.INCIDENT_NOT_HERE)
    return found


async def status(desk: Desk, number: int, *, actor: Actor) -> Snapshot:
    """Everything about one incident. A private one is unknown to those outside. Raises Refusal INCIDENT_UNKNOWN."""
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        if incident.private:
            await check_member(tx, incident, actor)
        return await snapshot(tx, number)


async def timeline(desk: Desk, number: int, *, actor: Actor) -> tuple[Incident, Sequence[Entry]]:
    """Raises Refusal INCIDENT_UNKNOWN."""
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        if incident.private:
            await check_member(tx, incident, actor)
        return incident, await tx.timeline.of(number)


async def _is_member(tx: Transaction, incident: Incident, actor: Actor) -> bool:
    try:
        await check_member(tx, incident, actor)
    except Refusal:
        return False
    return True
