"""Who may do what: swarm members work on an incident; its owner or the duty manager end it."""

from collections.abc import Mapping

from domain.incident import Incident, Role
from domain.ladder import holders
from domain.refusals import Refusal, Why
from domain.roster import Call
from services.desk import Actor
from storage.database import Transaction


async def check_member(tx: Transaction, incident: Incident, actor: Actor) -> None:
    """Members are those called, whoever declared or joined, and everybody who speaks in the swarm's channel.

    Raises Refusal NOT_A_MEMBER.
    """
    if actor.channel_id and actor.channel_id == incident.channel_id:
        return
    ids = await tx.directory.slack_ids()
    called = {ids.get(call.person, call.person) for call in await tx.calls.of(incident.number)}
    if actor.person not in called | {incident.declared_by, *await tx.incidents.joined(incident.number)}:
        # A private incident is not even named to somebody outside it.
        if incident.private:
            raise Refusal(Why.INCIDENT_UNKNOWN, number=incident.number)
        raise Refusal(Why.NOT_A_MEMBER, number=incident.number, title=incident.title)


async def check_leader(tx: Transaction, incident: Incident, actor: Actor) -> None:
    """Raises Refusal: NOT_A_MEMBER, NOT_OWNER_OR_DUTY_MANAGER (it says who can)."""
    await check_member(tx, incident, actor)
    ids = await tx.directory.slack_ids()
    calls = await tx.calls.of(incident.number)
    owners, managers = (
        [ids.get(who, who) for who in holders(calls, role)] for role in (Role.OWNER, Role.DUTY_MANAGER)
    )
    # An ordinary case has nobody but whoever took it down.
    leaders = [*owners, *managers] or [incident.declared_by]
    if actor.person not in leaders:
        raise Refusal(
            Why.NOT_OWNER_OR_DUTY_MANAGER,
            number=incident.number,
            owner=(owners or leaders)[0],
            duty_manager=(managers or leaders)[0],
        )


def is_duty_manager(calls: tuple[Call, ...], ids: Mapping[str, str], person: str) -> bool:
    """A person who stands in because the role is empty has its rights too."""
    return person in {ids.get(who, who) for who in holders(calls, Role.DUTY_MANAGER)}
