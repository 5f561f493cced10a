"""What people may ask: what is open, how one incident stands, what happened in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.incident import Incident, Role
from domain.ladder import holders
from domain.refusals import Refusal, Why
from domain.sla import sla_clocks
from domain.snapshot import Listed, Snapshot
from domain.timeline import Entry
from services.desk import Actor, Desk
from services.permissions import check_may_see
from storage.database import Transaction
from storage.snapshots import snapshot


async def open_incidents(desk: Desk, *, actor: Actor) -> tuple[Sequence[Listed], Mapping[str, str]]:
    """Open incidents: the gravest first, then whose update is owed soonest. Private ones only to their members.

    With them the Slack user id by the name the settings use.
    """
    async with desk.database.reading() as tx:
        incidents = await tx.incidents.open()
        numbers = [incident.number for incident in incidents]
        clocks = await tx.clocks.all(numbers)
        told = await tx.customer_updates.told(numbers)
        calls = await tx.calls.all(numbers)
        people = await tx.directory.slack_ids()
        listed = []
        for incident in incidents:
            if not await _may_see(tx, incident, actor):
                continue
            listed.append(
                Listed(
                    incident=incident,
                    clock=clocks.get(incident.number),
                    owners=holders(calls[incident.number], Role.OWNER),
                    sla=sla_clocks(incident, desk.team, *told[incident.number]),
                )
            )
    listed.sort(
        key=lambda one: (one.incident.severity, one.clock.due_at if one.clock else one.incident.declared_at)
    )
    return listed, people


async def incident_here(desk: Desk, *, channel_id: str | None, number: int | None = None) -> Incident:
    """The incident named by number, or the one whose swarm this channel is.

    Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_NOT_HERE.
    """
    async with desk.database.reading() as tx:
        return await _asked_for(tx, number, channel_id)


async def status(desk: Desk, number: int | None, *, actor: Actor) -> Snapshot:
    """Everything about one incident; without a number about the one whose swarm the actor asks in.

    A private one is unknown to those outside. Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_NOT_HERE.
    """
    async with desk.database.reading() as tx:
        if number is None:
            number = (await _asked_for(tx, number, actor.channel_id)).number
        seen = await snapshot(tx, number)
        await check_may_see(tx, seen.incident, actor)
        return seen


@dataclass(frozen=True, kw_only=True)
class Told:
    """What has happened in an incident."""

    incident: Incident
    entries: Sequence[Entry]
    people: Mapping[str, str]
    """Slack user id by the name the settings use."""


async def timeline(desk: Desk, number: int | None, *, actor: Actor) -> Told:
    """Of one incident; without a number of the one whose swarm the actor asks in.

    Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_NOT_HERE.
    """
    async with desk.database.reading() as tx:
        incident = await _asked_for(tx, number, actor.channel_id)
        await check_may_see(tx, incident, actor)
        return Told(
            incident=incident,
            entries=await tx.timeline.of(incident.number),
            people=await tx.directory.slack_ids(),
        )


async def _asked_for(tx: Transaction, number: int | None, channel_id: str | None) -> Incident:
    if number is not None:
        return await tx.incidents.get(number, lock=False)
    found = await tx.incidents.in_channel(channel_id) if channel_id else None
    if found is None:
        raise Refusal(Why.INCIDENT_NOT_HERE)
    return found


async def _may_see(tx: Transaction, incident: Incident, actor: Actor) -> bool:
    try:
        await check_may_see(tx, incident, actor)
    except Refusal:
        return False
    return True
