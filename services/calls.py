"""Calls: who is asked to take which role, what they answer, and who is asked when nothing comes."""

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from domain.absence import Absence
from domain.calls import accept as say_yes
from domain.calls import asked_together, key_of, taker, time_left
from domain.incident import Incident, Role, check_open
from domain.ladder import holders
from domain.refusals import Refusal, Why
from domain.roster import Answer, Call, Place, next_for
from domain.timeline import Happened
from services.desk import Actor, Desk
from services.permissions import check_member
from services.sweeps import BATCH, apart, in_one
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
        check_open(incident)
        if not incident.swarm:
            raise Refusal(Why.NO_SWARM, number=number)
        if await tx.incidents.join(number, actor.person, at=desk.now()):
            await tx.timeline.add(number, Happened.JOINED, at=desk.now(), actor=actor.person)
        return incident


async def sweep(desk: Desk) -> None:
    """Close every call whose time has run out, each once, and call the next in line.

    Any number of copies may sweep at once: each claims calls of incidents that no other works on.
    """
    while True:
        now = desk.now()
        async with desk.database.reading() as tx:
            first = await tx.calls.next_due()
            if first is None or first > now:
                return
        claimed, one_by_one = await in_one(desk, partial(_sweep_batch, desk, now))
        if claimed < BATCH or one_by_one:
            return


async def _sweep_batch(desk: Desk, now: datetime, tx: Transaction, one_by_one: bool) -> int:
    claimed = await tx.calls.claim_due(by=now, limit=BATCH)
    slack_away = await tx.vitals.slack_absence()
    for number, call in claimed:
        async with apart(desk, tx, number) if one_by_one else nullcontext():
            incident = await tx.incidents.get(number)
            away = [*await tx.timeline.absences(number), *([slack_away] if slack_away else [])]
            await _run_out(desk, tx, incident, call, away, now=now)
    return len(claimed)


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
    """Ask somebody to take a role; who is asked for another one at the same time gets one message for both."""
    calls = await tx.calls.of(incident.number)
    ids = await tx.directory.slack_ids()
    person = ids.get(place.person, place.person)
    # Whoever declares need not be asked whether they are there.
    answered = place.stands_in or person == incident.declared_by
    lead = next(
        (
            one
            for one in calls
            if one.answer is Answer.WAITING
            and one.asked_with is None
            and one.called_at
            == at  # Later, what is left of the time to answer would not be enough for another role.
            and ids.get(one.person, one.person) == person
        ),
        None,
    )
    waits = not answered and lead is None
    call = Call(
        number=len(calls) + 1,
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
    """The incident is over: nobody need answer any more."""
    for call in await tx.calls.of(number):
        if call.answer is Answer.WAITING:
            await tx.calls.save(number, replace(call, answer=Answer.OVER, answered_at=at, due_at=None))


async def ask_again(desk: Desk, tx: Transaction, incident: Incident, *, at: datetime) -> None:
    """It is taken up again: whoever had not answered when it ended is called anew."""
    calls = await tx.calls.of(incident.number)
    followed = {call.follows for call in calls}
    for call in calls:
        if call.answer is Answer.OVER and call.number not in followed and call.hands_over is None:
            place = Place(role=call.role, person=call.person, skills=call.skills)
            await make(desk, tx, incident, place, at=at, follows=call.number, asked_by=call.asked_by)
            await tx.timeline.add(incident.number, Happened.CALLED, at=at, who=call.person, role=call.role)


async def _run_out(
    desk: Desk, tx: Transaction, incident: Incident, call: Call, away: Iterable[Absence], *, now: datetime
) -> None:
    reachable = call.reached_at is not None or await _may_yet_be_reached(tx, incident, call)
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


async def _may_yet_be_reached(tx: Transaction, incident: Incident, call: Call) -> bool:
    """False for whom Slack does not know, or where it refuses the message for good."""
    ids = await tx.directory.slack_ids()
    if "@" in ids.get(call.person, call.person):
        return False
    shown = await tx.shown.of(incident.number)
    return not any(one.stopped for (key, _), one in shown.items() if key == key_of(call))


async def _call_next(desk: Desk, tx: Transaction, incident: Incident, gone: Call, *, at: datetime) -> None:
    number = incident.number
    calls = await tx.calls.of(number)
    asked = {one.person for one in calls if one.role is gone.role} | set(await tx.directory.missing())
    found = next_for(gone, desk.team, asked=asked, at=at)
    if found is None:
        await tx.timeline.add(number, Happened.NOBODY_LEFT, at=at, role=gone.role, skills=list(gone.skills))
        if gone.role is Role.EXPERT or holders(calls, gone.role):
            return
    # A role that answers for the incident is never left empty.
    place = Place(
        role=gone.role,
        person=found or incident.declared_by,
        skills=gone.skills,
        stands_in=found is None,
    )
    following = await make(desk, tx, incident, place, at=at, follows=gone.number)
    await tx.timeline.add(
        number, Happened.CALLED_NEXT, at=at, who=following.person, role=gone.role, after=gone.person
    )


async def _own_call(tx: Transaction, number: int, call_number: int, actor: Actor) -> tuple[Incident, Call]:
    incident = await tx.incidents.get(number)
    if incident.private:
        await check_member(tx, incident, actor)
    call = await tx.calls.get(number, call_number)
    ids = await tx.directory.slack_ids()
    if ids.get(call.person, call.person) != actor.person:
        raise Refusal(Why.CALL_NOT_YOURS, number=number)
    check_open(incident)
    return incident, call
