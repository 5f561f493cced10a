"""Answers to calls: accepting, declining, and joining without being called."""

from dataclasses import replace

from domain.incident import Incident, Role, check_open
from domain.refusals import Refusal, Why
from domain.roster import Answer, Call, next_for
from domain.timeline import Happened
from services.desk import Actor, Desk
from storage.database import Transaction


async def accept(desk: Desk, number: int, call_number: int, *, actor: Actor) -> Incident:
    """Accepting twice is accepting once.

    Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_OVER, CALL_OVER, CALL_NOT_YOURS.
    """
    async with desk.database.transaction() as tx:
        incident, call = await _own_call(tx, number, call_number, actor)
        if call.answer is Answer.DECLINED:
            raise Refusal(Why.CALL_OVER, number=number)
        if call.answer is Answer.WAITING:
            now = desk.now()
            await tx.calls.save(number, replace(call, answer=Answer.ACCEPTED, answered_at=now))
            await tx.timeline.add(
                number, Happened.ACCEPTED, at=now, actor=actor.person, who=call.person, role=call.role
            )
        return incident


async def decline(desk: Desk, number: int, call_number: int, *, actor: Actor) -> str | None:
    """Call the next in line; answers who that is, None when nobody is left.

    Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_OVER, CALL_OVER, CALL_NOT_YOURS.
    """
    async with desk.database.transaction() as tx:
        incident, call = await _own_call(tx, number, call_number, actor)
        calls = await tx.calls.of(number)
        if call.answer is Answer.DECLINED:
            return next(
                (one.person for one in calls if one.number > call.number and one.role is call.role), None
            )
        now = desk.now()
        await tx.calls.save(number, replace(call, answer=Answer.DECLINED, answered_at=now))
        await tx.timeline.add(
            number, Happened.DECLINED, at=now, actor=actor.person, who=call.person, role=call.role
        )
        asked = {one.person for one in calls if one.role is call.role} | set(await tx.directory.missing())
        found = next_for(call, desk.team, asked=asked, at=now)
        if found is None and call.role is Role.EXPERT:
            await tx.timeline.add(
                number, Happened.NOBODY_LEFT, at=now, role=call.role, skills=list(call.skills)
            )
            return None
        # A role that answers for the incident is never left empty.
        stands_in = found is None
        following = Call(
            number=len(calls) + 1,
            role=call.role,
            person=found or incident.declared_by,
            skills=call.skills,
            called_at=now,
            answer=Answer.ACCEPTED if stands_in else Answer.WAITING,
            answered_at=now if stands_in else None,
            stands_in=stands_in,
        )
        await tx.calls.save(number, following)
        if stands_in:
            await tx.timeline.add(number, Happened.NOBODY_LEFT, at=now, role=call.role, skills=[])
        await tx.timeline.add(
            number, Happened.CALLED_NEXT, at=now, who=following.person, role=call.role, after=call.person
        )
        return found


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


async def _own_call(tx: Transaction, number: int, call_number: int, actor: Actor) -> tuple[Incident, Call]:
    incident = await tx.incidents.get(number)
    call = await tx.calls.get(number, call_number)
    ids = await tx.directory.slack_ids()
    if ids.get(call.person, call.person) != actor.person:
        raise Refusal(Why.CALL_NOT_YOURS, number=number)
    check_open(incident)
    return incident, call
