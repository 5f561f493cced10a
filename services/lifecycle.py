"""Changing an incident's state, ending it, and taking it up again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from domain.customer_updates import CustomerUpdate, Facts, Kind, facts_for_holding
from domain.incident import (
    TEXT_LIMIT,
    WORKING,
    DataLoss,
    Incident,
    Resolution,
    State,
    check_can_close,
    check_can_reopen,
    check_can_resolve,
    check_open,
    check_resolution,
    reason_of,
)
from domain.permissions import Act
from domain.refusals import Refusal, Why
from domain.texts import trimmed
from domain.timeline import Happened
from domain.update_clock import start, stop
from services import calls, escalations
from services.customer_updates import compose, record
from services.desk import Actor, Desk
from services.permissions import check_may, check_member
from storage.database import Transaction


async def change_state(desk: Desk, number: int, *, state: State, actor: Actor) -> Incident:
    """Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_OVER, NOT_A_MEMBER, CHOICE_UNKNOWN, STATE_SAME."""
    if state not in WORKING:
        raise Refusal(Why.CHOICE_UNKNOWN, field="state", typed=state)
    async with desk.database.transaction() as tx:
        incident = await tx.incidents.get(number)
        await check_member(tx, incident, actor)
        check_open(incident)
        if incident.state is state:
            raise Refusal(Why.STATE_SAME, field="state", state=state)
        changed = replace(incident, state=state)
        await tx.incidents.save(changed)
        await tx.timeline.add(
            number,
            Happened.STATE_CHANGED,
            at=desk.now(),
            actor=actor.person,
            old=incident.state,
            new=state,
        )
        if clock := await tx.clocks.get(number):
            await tx.clocks.save(number, clock, desk.cadence(changed))  # The ladder's later steps may differ.
        return changed


@dataclass(frozen=True, kw_only=True)
class Ending:
    """The resolve form, as filled in."""

    done: Mapping[str, str]
    """By language."""
    customer_action: Mapping[str, str]
    data_loss: DataLoss
    started_at: datetime
    ended_at: datetime


async def check_may_change(desk: Desk, number: int, *, actor: Actor, act: Act | None = None) -> Incident:
    """Before a form opens. Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, NOT_PERMITTED."""
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        if act is None:
            await check_member(tx, incident, actor)
        else:
            await check_may(desk, tx, incident, act, actor)
        return incident


async def check_may_resolve(
    desk: Desk, number: int, *, actor: Actor
) -> tuple[Incident, tuple[CustomerUpdate, ...]]:
    """Before the form opens. Raises Refusal: INCIDENT_UNKNOWN, ALREADY_RESOLVED, INCIDENT_OVER, NOT_A_MEMBER, …"""
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        await check_may(desk, tx, incident, Act.RESOLVE, actor)
        check_can_resolve(incident)
        return incident, await tx.customer_updates.of(number)


async def resolve(desk: Desk, number: int, ending: Ending, *, actor: Actor, request: str) -> Incident:
    """End the incident: the final update goes out, the clock stops.

    Raises Refusal: INCIDENT_UNKNOWN, ALREADY_RESOLVED, INCIDENT_OVER, NOT_A_MEMBER, NOT_PERMITTED,
    TEXT_MISSING, TEXT_TOO_LONG, END_BEFORE_START, TIME_IN_THE_FUTURE.
    """
    async with desk.database.transaction() as tx:
        if await tx.requests.answered(request):
            return await tx.incidents.get(number)
        incident = await tx.incidents.get(number)
        await check_may(desk, tx, incident, Act.RESOLVE, actor)
        check_can_resolve(incident)
        now = desk.now()
        resolved = _ended(incident, ending, now=now)
        await tx.incidents.save(resolved)
        await tx.timeline.add(number, Happened.RESOLVED, at=now, actor=actor.person)
        if incident.swarm:
            await record(
                desk,
                tx,
                resolved,
                kind=Kind.RESOLVED,
                facts=_final_facts(await tx.customer_updates.of(number), ending),
                promise=None,
                actor=actor,
                data_loss=ending.data_loss,
                started_at=ending.started_at,
                ended_at=ending.ended_at,
            )
            await _stop_clocks(desk, tx, resolved)
        await tx.requests.answer(request, at=now)
        return resolved


async def preview_resolution(
    desk: Desk, number: int, ending: Ending, *, actor: Actor
) -> tuple[Incident, CustomerUpdate]:
    """The incident and the final update as resolving now would record them. Raises what `resolve` raises."""
    incident, updates = await check_may_resolve(desk, number, actor=actor)
    async with desk.database.reading() as tx:
        clock = (await tx.clocks.all([number])).get(number)
        absences = await tx.timeline.absences(number)
    ended = _ended(incident, ending, now=desk.now())
    final = compose(
        desk,
        ended,
        clock,
        updates,
        kind=Kind.RESOLVED,
        facts=_final_facts(updates, ending),
        promise=None,
        actor=actor,
        data_loss=ending.data_loss,
        started_at=ending.started_at,
        ended_at=ending.ended_at,
        absences=absences,
    )
    return ended, final


async def reopen(desk: Desk, number: int, *, reason: str, actor: Actor, request: str) -> Incident:
    """Take it up again: a new wait for a first update starts now.

    Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_NOT_OVER, NOT_A_MEMBER, REASON_MISSING, TEXT_TOO_LONG.
    """
    said = reason_of(reason)
    async with desk.database.transaction() as tx:
        incident = await tx.incidents.get(number)
        await check_member(tx, incident, actor)
        if await tx.requests.answered(request):
            return incident
        check_can_reopen(incident)
        now = desk.now()
        # How it was resolved stays: the update that said so is still on show.
        reopened = replace(incident, state=State.INVESTIGATING, resolved_at=None, closed_at=None)
        await tx.incidents.save(reopened)
        if clock := await tx.clocks.get(number):
            cadence = desk.cadence(reopened)
            await tx.clocks.save(number, start(cycle=clock.cycle + 1, at=now, cadence=cadence), cadence)
        await tx.timeline.add(number, Happened.REOPENED, at=now, actor=actor.person, reason=said)
        await calls.ask_again(desk, tx, reopened, at=now)
        await tx.playbook.begin_anew(number)
        await tx.requests.answer(request, at=now)
        return reopened


async def close(desk: Desk, number: int, *, cause: str, actor: Actor, request: str) -> Incident:
    """Raises Refusal: INCIDENT_UNKNOWN, ALREADY_CLOSED, NOT_RESOLVED_YET, NOT_A_MEMBER, REASON_MISSING, TEXT_TOO_LONG."""
    said = reason_of(cause, field="cause")
    async with desk.database.transaction() as tx:
        incident = await tx.incidents.get(number)
        await check_may(desk, tx, incident, Act.CLOSE, actor)
        if await tx.requests.answered(request):
            return incident
        check_can_close(incident)
        now = desk.now()
        closed = replace(incident, state=State.CLOSED, closed_at=now, cause=said)
        await tx.incidents.save(closed)
        await tx.timeline.add(number, Happened.CLOSED, at=now, actor=actor.person, cause=said)
        await tx.requests.answer(request, at=now)
        return closed


async def withdraw(
    desk: Desk,
    number: int,
    *,
    reason: str,
    explanation: Mapping[str, str],
    actor: Actor,
    request: str,
) -> Incident:
    """A false alarm: everybody who was told gets a correction, and the clock stops.

    `explanation` is what customers may read about it, by language. Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_OVER,
    NOT_A_MEMBER, NOT_PERMITTED, REASON_MISSING, TEXT_TOO_LONG.
    """
    said = reason_of(reason)
    explained = {
        language: trimmed(text, field="explanation", limit=TEXT_LIMIT)
        for language, text in explanation.items()
    }
    async with desk.database.transaction() as tx:
        incident = await tx.incidents.get(number)
        await check_may(desk, tx, incident, Act.RESOLVE, actor)
        if await tx.requests.answered(request):
            return incident
        check_open(incident)
        now = desk.now()
        withdrawn = replace(incident, state=State.WITHDRAWN, closed_at=now, withdrawn_because=said)
        await tx.incidents.save(withdrawn)
        await tx.timeline.add(number, Happened.WITHDRAWN, at=now, actor=actor.person, reason=said)
        if incident.swarm:
            if await tx.customer_updates.of(number):
                await record(
                    desk,
                    tx,
                    withdrawn,
                    kind=Kind.CORRECTION,
                    facts={language: Facts(changed=text) for language, text in explained.items()},
                    promise=None,
                    actor=actor,
                )
            await _stop_clocks(desk, tx, withdrawn)
        await tx.requests.answer(request, at=now)
        return withdrawn


async def _stop_clocks(desk: Desk, tx: Transaction, incident: Incident) -> None:
    await calls.end(tx, incident.number, at=desk.now())
    await escalations.end(tx, incident.number, at=desk.now())
    clock = await tx.clocks.get(incident.number)
    if clock is None:
        return
    await tx.clocks.save(incident.number, stop(clock), desk.cadence(incident))
    given_up = await tx.reminders.overtake_unshown(incident.number, cycle=clock.cycle)
    for rung in given_up:
        await tx.timeline.add(
            incident.number, Happened.REMINDER_OVERTAKEN, at=desk.now(), cycle=clock.cycle, rung=rung, by=None
        )


def _ended(incident: Incident, ending: Ending, *, now: datetime) -> Incident:
    """Raises Refusal: TEXT_MISSING, TEXT_TOO_LONG, END_BEFORE_START, TIME_IN_THE_FUTURE."""
    check_resolution(
        done=max(ending.done.values(), key=len, default=""),
        customer_action=max(ending.customer_action.values(), key=len, default=""),
        started_at=ending.started_at,
        ended_at=ending.ended_at,
        now=now,
    )
    return replace(
        incident,
        state=State.RESOLVED,
        resolved_at=now,
        resolution=Resolution(
            done=next((text for text in ending.done.values() if text.strip()), ""),
            data_loss=ending.data_loss,
            started_at=ending.started_at,
            ended_at=ending.ended_at,
            customer_action=next((text for text in ending.customer_action.values() if text.strip()), ""),
        ),
    )


def _final_facts(updates: tuple[CustomerUpdate, ...], ending: Ending) -> Mapping[str, Facts]:
    said_before = facts_for_holding(updates)
    languages = dict.fromkeys([*said_before, *ending.done])
    return {
        language: replace(
            said_before.get(language, Facts()),
            doing="",
            workaround="",
            done=ending.done.get(language, "").strip(),
            customer_action=ending.customer_action.get(language, "").strip(),
        )
        for language in languages
    }
