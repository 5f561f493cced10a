"""Calls: who is asked to take which role, what they answer, and who is asked when nothing comes."""

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from domain.absence import Absence
from domain.call_hours import called_from
from domain.calls import accept as say_yes
from domain.calls import asked_together, asking, is_planned, key_of, taker, time_left
from domain.incident import Incident, Role, check_open, check_swarming
from domain.ladder import holders
from domain.refusals import Refusal, Why
from domain.roster import Answer, Call, Place, next_for, whom_to_call
from domain.timeline import Happened
from services import planned_calls
from services.desk import Actor, Desk
from services.permissions import check_may_see
from services.roster import roster
from services.sweeps import BATCH, apart, sweep_due
from storage.database import Transaction


async def accept(desk: Desk, number: int, call_number: int, *, actor: Actor) -> Incident:
    """Take every role of the call's message; accepting twice is accepting once.

    Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_OVER, CALL_OVER, CALL_NOT_YOURS, CALL_TAKEN (it says by whom).
    """
    async with desk.database.transaction() as tx:
        incident, call = await _own_call(tx, number, call_number, actor)
        now = desk.now()
        calls = await tx.calls.of(number)
        if other := taker(call, calls):
            ids = await tx.directory.slack_ids()
            raise Refusal(
                Why.CALL_TAKEN, number=number, who=ids.get(other.person, other.person), role=other.role
            )
        await keep_answers(tx, number, say_yes(call, calls, now=now), calls, actor=actor, at=now)
        return incident


async def keep_answers(
    tx: Transaction,
    number: int,
    changed: Iterable[Call],
    before: Iterable[Call],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Record what a yes changes: who has come, from whom they took over, and who need not answer any more."""
    was = {one.number: one for one in before}
    for call in changed:
        await tx.calls.save(number, call)
        if call.answer is Answer.ACCEPTED:
            place = was.get(call.hands_over or 0)
            if place is None:
                await tx.timeline.add(
                    number, Happened.ACCEPTED, at=at, actor=actor.person, who=call.person, role=call.role
                )
            else:
                await tx.timeline.add(
                    number,
                    Happened.HANDED_OVER,
                    at=at,
                    actor=actor.person,
                    who=call.person,
                    before=place.person,
                    role=call.role,
                )
        elif call.answer is Answer.TAKEN and not call.stands_in:
            await tx.timeline.add(number, Happened.CALL_TAKEN, at=at, who=call.person, role=call.role)


async def decline(desk: Desk, number: int, call_number: int, *, actor: Actor) -> None:
    """Whoever is next in line is called, for each role of the call's message.

    Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_OVER, CALL_OVER, CALL_NOT_YOURS.
    """
    async with desk.database.transaction() as tx:
        incident, call = await _own_call(tx, number, call_number, actor)
        if call.answer is Answer.OVER:
            raise Refusal(Why.CALL_OVER)
        now = desk.now()
        for one in asked_together(call, await tx.calls.of(number)):
            if one.answer not in (Answer.WAITING, Answer.ACCEPTED, Answer.UNANSWERED):
                continue
            await tx.calls.save(number, replace(one, answer=Answer.DECLINED, answered_at=now, due_at=None))
            await tx.timeline.add(
                number, Happened.DECLINED, at=now, actor=actor.person, who=one.person, role=one.role
            )
            # After the time for an answer the next was called long ago.
            if one.answer is not Answer.UNANSWERED and not _asks_nobody_else(one):
                await _call_next(desk, tx, incident, one, at=now)


async def join(desk: Desk, number: int, *, actor: Actor) -> Incident:
    """Be invited to the swarm without having been called. A private incident is unknown to those outside.

    Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_OVER, NO_SWARM.
    """
    async with desk.database.transaction() as tx:
        incident = await tx.incidents.get(number)
        if incident.private:
            raise Refusal(Why.INCIDENT_UNKNOWN, number=number)
        check_swarming(incident)
        if await tx.incidents.join(number, actor.person, at=desk.now()):
            await tx.timeline.add(number, Happened.JOINED, at=desk.now(), actor=actor.person)
        return incident


async def sweep(desk: Desk) -> None:
    """Close every call whose time has run out, and make every one planned for by now, each once.

    Any number of copies may sweep at once: each claims calls of incidents that no other works on.
    """
    await sweep_due(desk, lambda tx, by: tx.calls.is_due(by=by), _sweep_batch)


async def _sweep_batch(
    desk: Desk, now: datetime, tx: Transaction, one_by_one: bool
) -> Sequence[tuple[int, Call]]:
    claimed = await tx.calls.claim_due(by=now, limit=BATCH)
    slack_away = await tx.vitals.slack_absence()
    for number, call in claimed:
        async with apart(desk, tx, number) if one_by_one else nullcontext():
            incident = await tx.incidents.get(number)
            if call.answer is Answer.PLANNED:
                await planned_calls.carry_out(desk, tx, incident, call, now=now)
                continue
            away = [*await tx.timeline.absences(number), *([slack_away] if slack_away else [])]
            await _run_out(desk, tx, incident, call, away, now=now)
    return claimed


async def make(
    desk: Desk,
    tx: Transaction,
    incident: Incident,
    place: Place,
    *,
    at: datetime,
    follows: int | None = None,
    asked_by: str | None = None,
) -> Call:
    """Ask somebody to take a role, or plan to; who is asked for another at the same time gets one message for both."""
    calls = await tx.calls.of(incident.number)
    ids = await tx.directory.slack_ids()
    number, person = len(calls) + 1, ids.get(place.person, place.person)
    # Whoever declares need not be asked whether they are there.
    answered = place.stands_in or person == incident.declared_by
    if place.call_at and not answered:
        return await planned_calls.plan(tx, incident, place, calls, follows=follows)
    lead = asking(calls, person, slack_ids=ids, at=at)
    waits = not answered and lead is None
    call = Call(
        number=number,
        role=place.role,
        person=place.person,
        skills=place.skills,
        called_at=at,
        answer=Answer.ACCEPTED if answered else Answer.WAITING,
        answered_at=at if answered else None,
        stands_in=place.stands_in,
        follows=follows,
        asked_with=lead.number if lead and not answered else None,
        due_at=at + wait_for(desk, incident) if waits else None,
        asked_by=asked_by,
    )
    await tx.calls.save(incident.number, call)
    return call


def wait_for(desk: Desk, incident: Incident) -> timedelta:
    """How long the incident's calls wait for an answer."""
    return desk.team.call_time_out.of(incident.severity)


async def look_again(tx: Transaction, number: int, *, at: datetime) -> None:
    """Another severity gives people another time to answer: the next sweep sees how much of it is left."""
    for call in await tx.calls.of(number):
        if call.answer is Answer.WAITING and call.due_at is not None:
            await tx.calls.save(number, replace(call, due_at=min(call.due_at, at)))


async def end(tx: Transaction, number: int, *, at: datetime) -> None:
    """The incident is over: nobody need answer any more, neither a call nor whether they take a role over."""
    for call in await tx.calls.of(number):
        if call.answer is Answer.WAITING:
            await tx.calls.save(number, replace(call, answer=Answer.OVER, answered_at=at, due_at=None))
            happened = Happened.HAND_OVER_WITHDRAWN if call.is_offer else Happened.CALL_WITHDRAWN
            await tx.timeline.add(number, happened, at=at, who=call.person, role=call.role)
        elif is_planned(call):
            await tx.calls.save(number, replace(call, due_at=None))


async def ask_again(desk: Desk, tx: Transaction, incident: Incident, *, at: datetime) -> None:
    """It is taken up again: where nobody had answered when it ended, whoever is on duty now is called.

    What somebody asked for, a hand-over or an answer, they are offered to ask for again.
    """
    calls = await tx.calls.of(incident.number)
    followed = {call.follows for call in calls}
    for call in calls:
        if call.answer is Answer.OVER and call.number not in followed and call.hands_over is None:
            person = call.person if call.is_personal else await _on_duty_for(desk, tx, incident, call, at=at)
            await _call_instead(desk, tx, incident, call, person, Happened.CALLED, at=at)
    await planned_calls.plan_anew(desk, tx, incident, at=at)


async def _on_duty_for(desk: Desk, tx: Transaction, incident: Incident, call: Call, *, at: datetime) -> str:
    """Who is called in place of this call: the same person, unless somebody else is on duty by now."""
    asked = {
        one.person
        for one in await tx.calls.of(incident.number)
        if one.role is call.role and not one.stands_in and one.answer is not Answer.OVER
    }
    call_at = called_from(call.role, incident.severity, desk.team.call_hours, at=at)
    standing = await roster(desk, tx, at=at)
    return whom_to_call(call, incident, standing, asked=asked, at=call_at) or call.person


async def _run_out(
    desk: Desk, tx: Transaction, incident: Incident, call: Call, away: Iterable[Absence], *, now: datetime
) -> None:
    reachable = call.reached_at is not None or await may_be_reached(
        tx, incident.number, call.person, key_of(call)
    )
    left = time_left(call, wait_for(desk, incident), away, now=now)
    if reachable and left > timedelta(0):
        await tx.calls.save(incident.number, replace(call, due_at=now + left))
        return
    for one in asked_together(call, await tx.calls.of(incident.number)):
        if one.answer is not Answer.WAITING:
            continue
        closed = replace(one, answer=Answer.UNANSWERED, answered_at=now, ran_out_at=now, due_at=None)
        await tx.calls.save(incident.number, closed)
        happened = Happened.UNANSWERED if reachable else Happened.NOT_REACHED
        await tx.timeline.add(incident.number, happened, at=now, who=one.person, role=one.role)
        if not _asks_nobody_else(one):
            await _call_next(desk, tx, incident, closed, at=now)


def _asks_nobody_else(call: Call) -> bool:
    """Whoever asked for this very person decides what next; what is offered stays with whoever has it meanwhile."""
    return call.is_offer or call.is_personal


async def may_be_reached(tx: Transaction, number: int, person: str, key: str) -> bool:
    """False for whom Slack does not know, or where it refuses the message for good."""
    ids = await tx.directory.slack_ids()
    if "@" in ids.get(person, person):
        return False
    shown = await tx.shown.of(number)
    return not any(one.stopped for (shown_key, _), one in shown.items() if shown_key == key)


async def _call_next(desk: Desk, tx: Transaction, incident: Incident, gone: Call, *, at: datetime) -> None:
    number = incident.number
    calls = await tx.calls.of(number)
    asked = {one.person for one in calls if one.role is gone.role}
    if gone.role is Role.EXPERT:
        asked.update(holders(calls, Role.OWNER))  # Who answers for an incident does not work on it too.
    call_at = called_from(gone.role, incident.severity, desk.team.call_hours, at=at)
    found = next_for(gone, await roster(desk, tx, at=at), asked=asked, at=call_at)
    if found is None:
        await tx.timeline.add(number, Happened.NOBODY_LEFT, at=at, role=gone.role, skills=list(gone.skills))
    await _call_instead(desk, tx, incident, gone, found, Happened.CALLED_NEXT, at=at, after=gone.person)


async def _call_instead(
    desk: Desk,
    tx: Transaction,
    incident: Incident,
    gone: Call,
    found: str | None,
    happened: Happened,
    /,
    *,
    at: datetime,
    **facts: Any,
) -> None:
    """Call whoever was found, or plan to; a role that answers for the incident is not empty until then."""
    hours = {} if gone.asked_by else desk.team.call_hours  # Who is asked for by name is asked at once.
    call_at = called_from(gone.role, incident.severity, hours, at=at)
    others = [one for one in await tx.calls.of(incident.number) if one.number != gone.number]
    later = call_at if call_at > at else None
    places = []
    if (found is None or later) and gone.role is not Role.EXPERT and not holders(others, gone.role):
        places.append(Place(role=gone.role, person=incident.declared_by, skills=gone.skills, stands_in=True))
    if found is not None:
        places.append(Place(role=gone.role, person=found, skills=gone.skills, call_at=later))
    follows = gone.number
    for place in places:
        asked_by = None if place.stands_in or happened is Happened.CALLED_NEXT else gone.asked_by
        call = await make(desk, tx, incident, place, at=at, follows=follows, asked_by=asked_by)
        await note_call(tx, incident, call, happened, at=at, **facts)
        follows = call.number


async def note_call(
    tx: Transaction, incident: Incident, call: Call, happened: Happened, *, at: datetime, **facts: Any
) -> None:
    """On the timeline: who was called, or when they will be."""
    if call.answer is Answer.PLANNED:
        happened, facts = Happened.CALL_PLANNED, {**facts, "until": call.called_at}
    await tx.timeline.add(incident.number, happened, at=at, who=call.person, role=call.role, **facts)


async def _own_call(tx: Transaction, number: int, call_number: int, actor: Actor) -> tuple[Incident, Call]:
    incident = await tx.incidents.get(number)
    await check_may_see(tx, incident, actor)
    call = await tx.calls.get(number, call_number)
    ids = await tx.directory.slack_ids()
    if ids.get(call.person, call.person) != actor.person:
        raise Refusal(Why.CALL_NOT_YOURS, number=number)
    check_open(incident)
    return incident, call
