"""The sweep that warns of SLA deadlines, and the reason for one that was missed."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime

from domain.incident import reason_of
from domain.refusals import Refusal, Why
from domain.sla import SlaKind, sla_clocks
from domain.sla_warnings import BREACH, breaches, next_warning_at, running, warn
from domain.timeline import Happened
from services.desk import Actor, Desk
from services.permissions import check_member
from services.sweeps import BATCH, apart, sweep_due
from storage.database import Transaction


async def sweep(desk: Desk) -> None:
    """Raise every warning that is due by now, each once; any number of copies may sweep at once."""
    await sweep_due(desk, lambda tx, by: tx.sla.is_due(by=by), _sweep_batch)


async def _sweep_batch(desk: Desk, now: datetime, tx: Transaction, one_by_one: bool) -> Sequence[int]:
    numbers = await tx.sla.claim_due(by=now, limit=BATCH)
    told = await tx.customer_updates.told(numbers)
    before = await tx.sla.warnings(numbers)
    for number in numbers:
        async with apart(desk, tx, number) if one_by_one else nullcontext():
            incident = tx.sla.claimed(number)
            owed = running(incident, sla_clocks(incident, desk.team, *told[number]))
            for warning in warn(owed, before[number], now=now):
                await tx.sla.add(number, warning)
                if not warning.overtaken:
                    happened = Happened.SLA_BREACHED if warning.step == BREACH else Happened.SLA_WARNED
                    await tx.timeline.add(
                        number, happened, at=now, sla=warning.kind, step=warning.step, due=warning.due_at
                    )
            tx.sla.look_at(number, next_warning_at(owed, now=now))
    return numbers


async def look_at_all(desk: Desk) -> None:
    """At the start: another severity's or plan's time may be in the settings by now."""
    async with desk.database.transaction() as tx:
        await tx.sla.look_at_all()


async def check_may_explain(desk: Desk, number: int, kind: SlaKind, *, actor: Actor) -> None:
    """Before the form opens. Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, SLA_NOT_BREACHED."""
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        await check_member(tx, incident, actor)
        if not any(breaches((await tx.sla.warnings([number]))[number], kind)):
            raise Refusal(Why.SLA_NOT_BREACHED, number=number)


async def explain(desk: Desk, number: int, kind: SlaKind, *, reason: str, actor: Actor, request: str) -> None:
    """Why a deadline was missed; whoever says it last is believed, and all of it is on the timeline.

    Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, REASON_MISSING, TEXT_TOO_LONG.
    """
    said = reason_of(reason)
    async with desk.database.transaction() as tx:
        incident = await tx.incidents.get(number)
        await check_member(tx, incident, actor)
        if await tx.requests.answered(request):
            return
        now = desk.now()
        await tx.sla.explain(number, kind, reason=said, by=actor.person)
        await tx.timeline.add(
            number, Happened.SLA_EXPLAINED, at=now, actor=actor.person, sla=kind, reason=said
        )
        await tx.requests.answer(request, at=now)
