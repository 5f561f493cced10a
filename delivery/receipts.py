"""What became of a customer update or a call: its receipt, and the clock that starts once somebody can read it."""

from datetime import datetime

from domain.customer_updates import SWARM, Delivery, Receipt
from domain.team import Team
from domain.timeline import Happened
from domain.update_clock import delivered
from storage.database import Transaction
from templates.cards.card import in_channel

PREFIX = "update/"
CALL = "call/"
ASK = "escalation_ask/"


async def note(
    tx: Transaction,
    incident: int,
    team: Team,
    *,
    key: str,
    place: str,
    at: datetime,
    error: str | None = None,
) -> None:
    """Write the receipt of the card that was (or could not be) shown; `at` is incident time."""
    if key.startswith(CALL) and not error:
        called = await tx.incidents.get(incident, lock=False)
        due_at = at + team.call_time_out.of(called.severity)
        await tx.calls.reached(incident, int(key.rpartition("/")[2]), at=at, due_at=due_at)
    if key.startswith(ASK) and not error:
        _, escalation, turn = key.split("/")
        await tx.incidents.get(incident)  # Whoever answers holds this lock too.
        await tx.escalations.reached(incident, int(escalation), turn=int(turn), at=at)
    if not key.startswith(PREFIX):
        return
    number = int(key.removeprefix(PREFIX))
    found = [
        one
        for one in await tx.customer_updates.deliveries(incident)
        if one.number == number and in_channel(one.recipient.place) == place
    ]
    if not found:
        return  # The team's own copy, while customers are told elsewhere.
    receipt = Delivery(
        number=number,
        recipient=found[0].recipient,
        receipt=Receipt.FAILED if error else Receipt.SENT,
        at=at,
        error=error or "",
    )
    news = await tx.customer_updates.receipt(incident, receipt)
    if error:
        if news:
            name = found[0].recipient.place
            await tx.timeline.add(
                incident, Happened.UPDATE_FAILED, at=at, number=number, place=name, error=error
            )
        return
    update = await tx.customer_updates.delivered(incident, number, at=at)
    if update is None:
        return
    reached = found[0].recipient.place
    await tx.timeline.add(
        incident,
        Happened.UPDATE_DELIVERED,
        at=at,
        number=number,
        place="" if reached == SWARM else reached,
    )
    clock = await tx.clocks.get(incident)
    if clock is None:
        return
    told = await tx.incidents.get(incident)
    cadence = team.cadences.of(update.state.value, told.severity)
    following = delivered(
        clock, sent_at=update.sent_at, promise=update.promise or update.sent_at, cadence=cadence
    )
    await tx.clocks.save(incident, following, team.cadences.of(told.state.value, told.severity))
    if following.cycle != clock.cycle:
        for rung in await tx.reminders.overtake_unshown(incident, cycle=clock.cycle):
            await tx.timeline.add(
                incident, Happened.REMINDER_OVERTAKEN, at=at, cycle=clock.cycle, rung=rung, by=None
            )
