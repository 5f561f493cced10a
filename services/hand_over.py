"""Handing over a role to a named person, who has to accept; until then it stays where it is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from domain.calls import accept, give_way
from domain.hand_over import holding, offered, place_of
from domain.incident import REASON_LIMIT, Incident, Role, check_swarming
from domain.refusals import Refusal, Why
from domain.roster import Answer, Call
from domain.snapshot import Snapshot
from domain.team import Team
from domain.texts import trimmed
from domain.timeline import Happened
from services.calls import keep_answers, wait_for
from services.desk import Actor, Desk
from services.permissions import check_member
from storage.database import Transaction
from storage.snapshots import snapshot


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who was asked for a role, and whose place they take if they accept."""

    incident: Incident
    call: Call
    place: Call | None


async def check_may_hand_over(desk: Desk, number: int, *, actor: Actor) -> Snapshot:
    """Before the form opens. Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, INCIDENT_OVER, NO_SWARM."""
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        await check_member(tx, incident, actor)
        check_swarming(incident)
        return await snapshot(tx, number)


async def hand_over(
    desk: Desk, number: int, role: Role, *, to: str, actor: Actor, request: str, note: str = ""
) -> Asked:
    """Ask a person (Slack user id) to take a role; who takes it themselves has it at once.

    Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, INCIDENT_OVER, NO_SWARM, TEXT_TOO_LONG, HAS_THE_ROLE,
    ASKED_ALREADY, HAND_OVER_WAITS.
    """
    note = trimmed(note, field="note", limit=REASON_LIMIT)
    async with desk.database.transaction() as tx:
        incident = await tx.incidents.get(number)
        # As anybody may join, anybody may take a role; a private incident is unknown to those outside.
        if incident.private or to != actor.person:
            await check_member(tx, incident, actor)
        calls = await tx.calls.of(number)
        ids = await tx.directory.slack_ids()
        if done := await tx.requests.answered(request):
            call = next(one for one in calls if one.number == done["call"])
            place = next((one for one in calls if one.number == call.hands_over), None)
            return Asked(incident=incident, call=call, place=place)
        check_swarming(incident)
        now = desk.now()
        own = next((one for one in holding(calls, role) if ids.get(one.person, one.person) == to), None)
        if own and own.answer is Answer.WAITING and to == actor.person:
            lead = next(one for one in calls if one.number == (own.asked_with or own.number))
            await keep_answers(tx, number, accept(lead, calls, now=now), calls, actor=actor, at=now)
            asked = Asked(incident=incident, call=replace(own, answer=Answer.ACCEPTED), place=None)
        elif own and not own.stands_in:
            why = Why.ASKED_ALREADY if own.answer is Answer.WAITING else Why.HAS_THE_ROLE
            raise Refusal(why, field="person", who=to, role=role)
        else:
            place = place_of(role, calls, ids, by=actor.person)
            call = await _ask(desk, tx, incident, role, place, to=to, actor=actor, note=note)
            asked = Asked(incident=incident, call=call, place=place)
        await tx.requests.answer(request, at=now, call=asked.call.number)
        return asked


async def ask_person(
    desk: Desk,
    tx: Transaction,
    incident: Incident,
    role: Role,
    *,
    to: str,
    actor: Actor,
    at: datetime,
    place: Call | None = None,
    note: str = "",
) -> Call:
    """Call this very person (Slack user id); whoever asks for themselves need not answer."""
    calls = await tx.calls.of(incident.number)
    at_once = to == actor.person
    call = Call(
        number=len(calls) + 1,
        role=role,
        person=name_in_settings(to, desk.team, await tx.directory.slack_ids()),
        called_at=at,
        answer=Answer.ACCEPTED if at_once else Answer.WAITING,
        answered_at=at if at_once else None,
        due_at=None if at_once else at + wait_for(desk, incident),
        hands_over=place.number if place else None,
        asked_by=actor.person,
        note=note,
    )
    await tx.calls.save(incident.number, call)
    return call


def name_in_settings(slack_id: str, team: Team, ids: Mapping[str, str]) -> str:
    """What the settings call a person; their Slack user id where the settings do not name them."""
    return next((who for who in team.everybody() if ids.get(who, who) == slack_id), slack_id)


async def _ask(
    desk: Desk,
    tx: Transaction,
    incident: Incident,
    role: Role,
    place: Call | None,
    *,
    to: str,
    actor: Actor,
    note: str,
) -> Call:
    number, now = incident.number, desk.now()
    calls = await tx.calls.of(number)
    ids = await tx.directory.slack_ids()
    at_once = to == actor.person
    if not at_once and (waiting := offered(place, calls)):
        await _call_off(tx, incident, waiting, ids, to=to, actor=actor, at=now)
    call = await ask_person(desk, tx, incident, role, to=to, actor=actor, at=now, place=place, note=note)
    if at_once:
        calls = await tx.calls.of(number)
        await keep_answers(tx, number, [call, *give_way(call, calls, now=now)], calls, actor=actor, at=now)
    else:
        happened = Happened.HAND_OVER_ASKED if place else Happened.CALLED_BY
        await tx.timeline.add(
            number, happened, at=now, actor=actor.person, asker=actor.person, who=call.person, role=role
        )
    return call


async def _call_off(
    tx: Transaction,
    incident: Incident,
    waiting: Call,
    ids: Mapping[str, str],
    *,
    to: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Whoever has asked one person may ask another instead; nobody else's request is undone.

    Raises Refusal: ASKED_ALREADY, HAND_OVER_WAITS.
    """
    asked = ids.get(waiting.person, waiting.person)
    if asked == to:
        raise Refusal(Why.ASKED_ALREADY, field="person", who=asked, role=waiting.role)
    if waiting.asked_by != actor.person:
        raise Refusal(
            Why.HAND_OVER_WAITS, field="person", who=asked, role=waiting.role, author=waiting.asked_by
        )
    called_off = replace(waiting, answer=Answer.CALLED_OFF, answered_at=at, due_at=None)
    await tx.calls.save(incident.number, called_off)
    await tx.timeline.add(
        incident.number, Happened.CALLED_OFF, at=at, actor=actor.person, who=waiting.person, role=waiting.role
    )
