"""The sweep that raises what is due, and the two buttons that ask it for quiet."""

from datetime import datetime

from domain.customer_updates import Receipt
from domain.incident import check_open
from domain.ladder import Reminder, ReminderState
from domain.refusals import Refusal, Why
from domain.timeline import Happened
from domain.update_clock import UpdateClock, drafting, next_at, snooze, strike
from services.customer_updates import check_cycle
from services.desk import Actor, Desk
from services.permissions import check_member
from storage.database import Transaction

BATCH = 50


async def sweep(desk: Desk) -> int:
    """Raise every rung that is due by now, each once; answers how many incidents were behind.

    Any number of copies may sweep at once: a clock is read and written under its lock.
    """
    swept = 0
    while True:
        now = desk.now()
        async with desk.database.reading() as tx:
            due = await tx.clocks.due(by=now, limit=BATCH)
        if not due:
            return swept
        async with desk.database.transaction() as tx:
            for number in due:
                await _raise_due(desk, tx, number, now)
        swept += len(due)
        if len(due) < BATCH:
            return swept


async def ask_for_quiet(
    desk: Desk, number: int, *, cycle: int, actor: Actor, reason: str | None, request: str
) -> datetime:
    """ "I am drafting" (no reason) or "remind me in 5 minutes" (with one); answers until when it is quiet.

    Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_OVER, NOT_A_MEMBER, CYCLE_OVER, CYCLE_ANSWERED, NEXT_REMINDER_LATER,
    SNOOZES_USED_UP, DRAFTING_USED_UP.
    """
    async with desk.database.transaction() as tx:
        if done := await tx.requests.answered(request):
            return datetime.fromisoformat(done["until"])
        now = desk.now()
        incident = await tx.incidents.get(number)
        await check_member(tx, incident, actor)
        check_open(incident)
        clock = await check_cycle(tx, incident, cycle, await tx.customer_updates.of(number), now=now)
        cadence = desk.cadence(incident)
        ask = drafting if reason is None else snooze
        quiet = ask(clock, cadence, now=now)
        until = quiet.quiet_until or now
        await tx.clocks.save(number, quiet, cadence)
        happened = Happened.DRAFTING if reason is None else Happened.SNOOZED
        await tx.timeline.add(number, happened, at=now, actor=actor.person, until=until, reason=reason or "")
        await tx.requests.answer(request, at=now, until=until.isoformat())
        return until


async def check_snooze(desk: Desk, number: int, *, cycle: int, actor: Actor) -> None:
    """Whether a snooze would be taken, before its reason is asked for. Raises what `ask_for_quiet` raises."""
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        await check_member(tx, incident, actor)
        check_open(incident)
        now = desk.now()
        clock = await check_cycle(tx, incident, cycle, await tx.customer_updates.of(number), now=now)
        snooze(clock, desk.cadence(incident), now=now)


async def next_reminder(desk: Desk, number: int) -> datetime | None:
    """When the incident's clock strikes next."""
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        clock = (await tx.clocks.all([number])).get(number)
    return next_at(clock, desk.cadence(incident)) if clock else None


async def _raise_due(desk: Desk, tx: Transaction, number: int, now: datetime) -> None:
    try:
        incident = await tx.incidents.get(number)
    except Refusal as refusal:
        if refusal.why is Why.INCIDENT_UNKNOWN:
            return
        raise
    clock = await tx.clocks.get(number)
    if clock is None:
        return
    cadence = desk.cadence(incident)
    struck, raised = strike(clock, cadence, now=now)
    await tx.clocks.save(number, struck, cadence)
    if not raised:
        return
    for rung in raised:
        await tx.reminders.add(
            number,
            Reminder(
                cycle=rung.cycle,
                rung=rung.rung,
                fell_due_at=rung.fell_due_at,
                raised_at=now,
                due_at=clock.due_at,
                state=ReminderState.OVERTAKEN if rung.overtaken else ReminderState.RAISED,
                late=rung.late,
                failed_update=await _undelivered(tx, number, clock),
            ),
        )
    highest = raised[-1].rung
    given_up = await tx.reminders.overtake_unshown(number, cycle=clock.cycle, below=highest)
    for lower in sorted({*given_up, *(rung.rung for rung in raised if rung.overtaken)}):
        await tx.timeline.add(
            number, Happened.REMINDER_OVERTAKEN, at=now, cycle=clock.cycle, rung=lower, by=highest
        )
    await tx.timeline.add(number, Happened.REMINDER_RAISED, at=now, cycle=clock.cycle, rung=highest)


async def _undelivered(tx: Transaction, number: int, clock: UpdateClock) -> int | None:
    if clock.undelivered_since is None:
        return None
    waiting = [
        delivery.number
        for delivery in await tx.customer_updates.deliveries(number)
        if delivery.receipt is not Receipt.SENT
    ]
    return max(waiting, default=None)
