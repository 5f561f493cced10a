"""The sweep that raises what is due, and the two buttons that ask it for quiet."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.customer_updates import Receipt
from domain.incident import check_open
from domain.ladder import Reminder, ReminderState
from domain.timeline import Happened
from domain.update_clock import UpdateClock, drafting, snooze, strike
from services.customer_updates import check_cycle
from services.desk import Actor, Desk
from services.permissions import check_member
from services.sweeps import BATCH, apart, sweep_due
from storage.database import Transaction

Raised = Mapping[int, Sequence[Reminder]]
"""What a sweep raised, by the incidents it looked at."""


async def sweep(desk: Desk) -> None:
    """Raise every rung that is due by now, each once.

    Any number of copies may sweep at once: each claims clocks that no other works on, and raises the rung and sets the
    next due time in the same transaction.
    """

    def tell(raised: Raised) -> None:
        for reminders in raised.values():
            for reminder in reminders:
                desk.on_raised(reminder)

    await sweep_due(desk, lambda tx, by: tx.clocks.is_due(by=by), _sweep_batch, recorded=tell)


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


async def _sweep_batch(desk: Desk, now: datetime, tx: Transaction, one_by_one: bool) -> Raised:
    clocks = await tx.clocks.claim_due(by=now, limit=BATCH)
    if not one_by_one:
        return await _raise_due(desk, tx, clocks, now)
    raised: dict[int, Sequence[Reminder]] = {}
    for number, clock in clocks.items():
        async with apart(desk, tx, number):
            raised |= await _raise_due(desk, tx, {number: clock}, now)
    return raised


async def _raise_due(desk: Desk, tx: Transaction, clocks: Mapping[int, UpdateClock], now: datetime) -> Raised:
    incidents = await tx.incidents.some(clocks)
    reminders: dict[int, list[Reminder]] = {number: [] for number in clocks}
    for number, clock in clocks.items():
        cadence = desk.cadence(incidents[number])
        struck, raised = strike(clock, cadence, now=now)
        await tx.clocks.save(number, struck, cadence)
        for rung in raised:
            reminder = Reminder(
                cycle=rung.cycle,
                rung=rung.rung,
                fell_due_at=rung.fell_due_at,
                raised_at=now,
                due_at=clock.due_at,
                state=ReminderState.OVERTAKEN if rung.overtaken else ReminderState.RAISED,
                late=rung.late,
                failed_update=await _undelivered(tx, number, clock),
            )
            await tx.reminders.add(number, reminder)
            reminders[number].append(reminder)
    highest = {(number, of[-1].cycle): of[-1].rung for number, of in reminders.items() if of}
    given_up = await tx.reminders.overtake_lower(highest)
    for (number, cycle), top in highest.items():
        passed_over = {one.rung for one in reminders[number] if one.state is ReminderState.OVERTAKEN}
        for lower in sorted({*given_up[number], *passed_over}):
            await tx.timeline.add(
                number, Happened.REMINDER_OVERTAKEN, at=now, cycle=cycle, rung=lower, by=top
            )
        await tx.timeline.add(number, Happened.REMINDER_RAISED, at=now, cycle=cycle, rung=top)
    return reminders


async def _undelivered(tx: Transaction, number: int, clock: UpdateClock) -> int | None:
    if clock.undelivered_since is None:
        return None
    waiting = [
        delivery.number
        for delivery in await tx.customer_updates.deliveries(number)
        if delivery.receipt is not Receipt.SENT
    ]
    return max(waiting, default=None)
