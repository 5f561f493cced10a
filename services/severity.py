"""Assessing an incident anew, and what becomes of a suggestion to do so."""

from collections.abc import Sequence
from dataclasses import replace

from domain.incident import Incident, check_open, reason_of
from domain.permissions import Act
from domain.refusals import Refusal, Why
from domain.severity import Assessment, Decision, Suggestion
from domain.suggestions import kept, severity_decided
from domain.timeline import Entry, Happened
from domain.update_clock import severity_changed
from services import calls, planned_calls
from services.declare import open_swarm
from services.desk import Actor, Desk
from services.permissions import check_may, check_may_see
from storage.database import Transaction


async def change_severity(
    desk: Desk, number: int, assessment: Assessment, *, reason: str, actor: Actor
) -> Incident:
    """Assess the incident anew; a case that has become grave gets its swarm.

    The clocks follow, from the original start. A severity put in the place of what urgency and impact give has the
    same reason as the change. An open suggestion is settled by it.

    Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_OVER, NOT_A_MEMBER, NOT_PERMITTED, REASON_MISSING, TEXT_TOO_LONG,
    SEVERITY_SAME.
    """
    said = reason_of(reason)
    overrides = assessment.override not in (None, assessment.computed)
    assessment = replace(
        assessment,
        override=assessment.override if overrides else None,
        override_reason=said if overrides else "",
    )
    async with desk.database.transaction() as tx:
        incident = await tx.incidents.get(number)
        await check_may(desk, tx, incident, Act.CHANGE_SEVERITY, actor)
        check_open(incident)
        accident = assessment.accident != incident.assessment.accident
        if assessment.severity == incident.severity and not accident:
            raise Refusal(Why.SEVERITY_SAME, field="urgency", severity=incident.severity)
        now = desk.now()
        opens = not incident.swarm and assessment.severity in desk.team.swarm_severities
        assessed = replace(incident, assessment=assessment, swarm=incident.swarm or opens)
        assessed = severity_decided(assessed, by=actor.person, at=now)
        await tx.incidents.save(assessed)
        if accident:
            happened = Happened.ACCIDENT if assessment.accident else Happened.NO_ACCIDENT
            await tx.timeline.add(number, happened, at=now, actor=actor.person, reason=said)
        if assessed.severity == incident.severity:
            return assessed
        await tx.timeline.add(
            number,
            Happened.SEVERITY_CHANGED,
            at=now,
            actor=actor.person,
            old=int(incident.severity),
            new=int(assessed.severity),
            reason=said,
        )
        if opens:
            await open_swarm(desk, tx, replace(assessed, declared_at=now), at=now)
        else:
            await _clocks_follow(desk, tx, incident, assessed)
        return assessed


async def _clocks_follow(desk: Desk, tx: Transaction, incident: Incident, assessed: Incident) -> None:
    now = desk.now()
    if clock := await tx.clocks.get(incident.number):
        cadence = desk.cadence(assessed)
        changed = severity_changed(
            clock, old=incident.severity, new=assessed.severity, cadence=cadence, now=now
        )
        await tx.clocks.save(incident.number, changed, cadence)
    await calls.look_again(tx, incident.number, at=now)
    await planned_calls.plan_anew(desk, tx, assessed, at=now)


async def keep_severity(desk: Desk, number: int, suggestion: int, *, actor: Actor) -> Incident:
    """The severity stays as it is; asking twice is asking once.

    Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_OVER, NOT_A_MEMBER, NOT_PERMITTED, SUGGESTION_OVER.
    """
    async with desk.database.transaction() as tx:
        incident = await tx.incidents.get(number)
        await check_may(desk, tx, incident, Act.CHANGE_SEVERITY, actor)
        found = _suggestion(incident, suggestion)
        if (found.decision, found.decided_by) == (Decision.KEPT, actor.person):
            return incident
        _check_waits(incident, found)
        now = desk.now()
        unchanged = kept(incident, by=actor.person, at=now)
        await tx.incidents.save(unchanged)
        await tx.timeline.add(
            number, Happened.SEVERITY_KEPT, at=now, actor=actor.person, severity=int(incident.severity)
        )
        return unchanged


async def suggested(desk: Desk, number: int, suggestion: int, *, actor: Actor) -> tuple[Incident, Suggestion]:
    """Before the form opens. Raises what `keep_severity` raises."""
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        await check_may(desk, tx, incident, Act.CHANGE_SEVERITY, actor)
        found = _suggestion(incident, suggestion)
        _check_waits(incident, found)
        return incident, found


async def history(desk: Desk, number: int, *, actor: Actor) -> Sequence[Entry]:
    """How the severity came to be what it is, the oldest change first. Raises Refusal INCIDENT_UNKNOWN."""
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        await check_may_see(tx, incident, actor)
        return await tx.timeline.of(number, Happened.SEVERITY_CHANGED, Happened.SEVERITY_KEPT)


def _suggestion(incident: Incident, number: int) -> Suggestion:
    found = next((one for one in incident.suggestions if one.number == number), None)
    if found is None:
        raise Refusal(Why.SUGGESTION_OVER, number=incident.number, severity=incident.severity)
    return found


def _check_waits(incident: Incident, suggestion: Suggestion) -> None:
    check_open(incident)
    if suggestion.decision is not Decision.OPEN:
        raise Refusal(Why.SUGGESTION_OVER, number=incident.number, severity=incident.severity)
