"""Calls for later, so that what can wait until the morning wakes nobody: planned at night, made when the hour has come."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.call_hours import called_from
from domain.calls import accept, asking, called, standing_in, still_needed
from domain.incident import Incident
from domain.roster import Answer, Call, Place, whom_to_call
from domain.timeline import Happened
from services.desk import Desk
from services.roster import roster
from storage.database import Transaction


async def plan(
    tx: Transaction, incident: Incident, place: Place, calls: Sequence[Call], *, follows: int | None
) -> Call:
    """A call to be made later, in the line of whoever stands in until then."""
    # The first one relieves whoever stands in; of several others none need wait for that.
    relieved = next(reversed(standing_in(place.role, calls)), None)
    planned = Call(
        number=len(calls) + 1,
        role=place.role,
        person=place.person,
        skills=place.skills,
        called_at=place.call_at or incident.declared_at,
        answer=Answer.PLANNED,
        follows=follows or (relieved.number if relieved else None),
        due_at=place.call_at,
    )
    await tx.calls.save(incident.number, planned)
    return planned


async def plan_anew(desk: Desk, tx: Transaction, incident: Incident, *, at: datetime) -> None:
    """The severity is another, or it is taken up again: planned calls are made when that severity says, or at once."""
    calls = await tx.calls.of(incident.number)
    for call in calls:
        if call.answer is Answer.PLANNED and still_needed(call, calls):
            moment = called_from(call.role, incident.severity, desk.team.call_hours, at=at)
            await tx.calls.save(incident.number, replace(call, called_at=moment, due_at=moment))


async def carry_out(desk: Desk, tx: Transaction, incident: Incident, call: Call, *, now: datetime) -> None:
    """The hour has come: whoever is on duty now is called, unless somebody came meanwhile."""
    number = incident.number
    calls = await tx.calls.of(number)
    call_at = called_from(call.role, incident.severity, desk.team.call_hours, at=now)
    if call_at > now:  # Hachi was away for all of the hours.
        await tx.calls.save(number, replace(call, called_at=call_at, due_at=call_at))
        return
    if not still_needed(call, calls):
        await tx.calls.save(number, replace(call, due_at=None))
        return
    asked = {one.person for one in called(calls) if one.role is call.role and not one.stands_in}
    found = whom_to_call(call, incident, await roster(desk, tx, at=now), asked=asked, at=now)
    if found is None:
        await tx.calls.save(number, replace(call, due_at=None, ran_out_at=now))
        await tx.timeline.add(number, Happened.NOBODY_LEFT, at=now, role=call.role, skills=list(call.skills))
        return
    ids = await tx.directory.slack_ids()
    lead = asking(calls, ids.get(found, found), slack_ids=ids, at=now)
    made = replace(
        call,
        person=found,
        called_at=now,
        answer=Answer.WAITING,
        asked_with=lead.number if lead else None,
        due_at=None if lead else now + desk.team.call_time_out.of(incident.severity),
    )
    await tx.calls.save(number, made)
    await tx.timeline.add(
        number, Happened.CALLED, at=now, who=found, role=call.role, skills=list(call.skills)
    )
    if ids.get(found, found) == incident.declared_by:  # Who is there already need not be asked.
        for changed in accept(made, await tx.calls.of(number), now=now):
            await tx.calls.save(number, changed)
