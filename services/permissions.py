"""Who may do what: by default swarm members work on an incident, and its owner or the duty manager end it."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from domain.duty import Roster
from domain.incident import Incident, Role
from domain.ladder import holders
from domain.permissions import EVERYONE, Act, roles_of
from domain.refusals import Refusal, Why
from domain.roster import Answer, Call, candidates
from services.desk import Actor, Desk
from services.roster import roster
from storage.database import Transaction

NAMED = 5
"""More people than anybody asks one after the other."""


async def check_member(tx: Transaction, incident: Incident, actor: Actor) -> None:
    """Members are those called, asked or invited, whoever declared or joined, and everybody who speaks in the swarm.

    Raises Refusal: NOT_A_MEMBER; INCIDENT_UNKNOWN for a private one.
    """
    if actor.channel_id and actor.channel_id == incident.channel_id:
        return
    ids = await tx.directory.slack_ids()
    called = {
        ids.get(call.person, call.person)
        for call in await tx.calls.of(incident.number)
        if call.answer is not Answer.PLANNED
    }
    if actor.person in called | {incident.declared_by, *await tx.incidents.joined(incident.number)}:
        return
    if await tx.shown.was_invited(incident.number, actor.person):
        return
    questions = await tx.escalations.of(incident.number)
    if actor.person in {ids.get(ask.person, ask.person) for one in questions for ask in one.asks}:
        return
    # A private incident is not even named to somebody outside it.
    if incident.private:
        raise Refusal(Why.INCIDENT_UNKNOWN, number=incident.number)
    raise Refusal(Why.NOT_A_MEMBER, number=incident.number, title=incident.title)


async def check_may_see(tx: Transaction, incident: Incident, actor: Actor) -> None:
    """Everybody sees every incident but a private one, which is unknown to those outside.

    Raises Refusal INCIDENT_UNKNOWN.
    """
    if incident.private:
        await check_member(tx, incident, actor)


async def check_may(desk: Desk, tx: Transaction, incident: Incident, act: Act, actor: Actor) -> None:
    """Whether the settings let this person do it in this incident.

    Raises Refusal: INCIDENT_UNKNOWN (a private one), NOT_A_MEMBER, NOT_PERMITTED (it says who can).
    """
    allowed = desk.team.permissions[act]
    if incident.private or EVERYONE not in allowed:
        await check_member(tx, incident, actor)
    roles = roles_of(allowed)
    if not roles:
        return
    ids = await tx.directory.slack_ids()
    calls = await tx.calls.of(incident.number)
    # Where nobody holds the role, as in an ordinary case, whoever took it down has its rights.
    held = [ids.get(who, who) for role in roles for who in holders(calls, role)] or [incident.declared_by]
    if actor.person not in held:
        raise Refusal(
            Why.NOT_PERMITTED, number=incident.number, people=tuple(dict.fromkeys(held)), roles=roles
        )


def may_all_declare(desk: Desk) -> bool:
    return not roles_of(desk.team.permissions[Act.DECLARE])


async def check_may_declare(desk: Desk, tx: Transaction, actor: Actor) -> None:
    """Raises Refusal NOT_PERMITTED (it says who can)."""
    await _check_on_roster(desk, tx, Act.DECLARE, actor, Why.NOT_PERMITTED)


async def check_may_edit_roster(desk: Desk, tx: Transaction, actor: Actor, *, of: Collection[str]) -> None:
    """Everybody may enter what concerns themselves: `of` are the Slack user ids of those concerned.

    Raises Refusal ROSTER_NOT_PERMITTED (it says who can).
    """
    if actor.person not in of:
        await _check_on_roster(desk, tx, Act.EDIT_ROSTER, actor, Why.ROSTER_NOT_PERMITTED)


async def _check_on_roster(desk: Desk, tx: Transaction, act: Act, actor: Actor, why: Why) -> None:
    """Outside incidents those may who have such a role, absent or not; while none of them is there, everybody may.

    An incident does not wait until somebody is back who may declare it.
    """
    roles = roles_of(desk.team.permissions[act])
    if not roles:
        return
    now, ids = desk.now(), await tx.directory.slack_ids()
    standing = await roster(desk, tx, at=now)

    def able(those: Roster) -> tuple[str, ...]:
        found = (who for role in roles for who in candidates(those, role, at=now))
        return tuple(dict.fromkeys(ids.get(who, who) for who in found))

    there = able(standing)
    if there and actor.person not in able(replace(standing, leaves=())):
        raise Refusal(why, number=None, people=there[:NAMED], roles=roles)


def is_duty_manager(calls: tuple[Call, ...], ids: Mapping[str, str], person: str) -> bool:
    """A person who stands in because the role is empty has its rights too."""
    return person in {ids.get(who, who) for who in holders(calls, Role.DUTY_MANAGER)}
