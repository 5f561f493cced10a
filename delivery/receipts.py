"""What became of an update, a call or a question: its receipt, and the clock that starts once somebody can read it."""

from datetime import datetime

from domain.customer_updates import SWARM, Delivery, Receipt, Recipient
from domain.team import Team
from domain.timeline import Happened
from domain.update_clock import delivered
from storage.database import Transaction
from templates.cards.card import in_channel

UPDATE = "update/"
CALL = "call/"
ASK = "escalation_ask/"
NOBODY_THERE = frozenset({"channel_not_found", "user_disabled", "user_not_found"})
"""Slack's errors where a person has left, or cannot be written to.

https://docs.slack.dev/reference/methods/chat.postMessage, https://docs.slack.dev/reference/methods/conversations.invite
"""


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
    if key.startswith(UPDATE):
        await _note_update(tx, incident, team, int(key.removeprefix(UPDATE)), place, at=at, error=error)
    elif key.startswith(CALL) and not error:
        called = await tx.incidents.get(incident, lock=False)
        due_at = at + team.call_time_out.of(called.severity)
        await tx.calls.reached(incident, int(key.rpartition("/")[2]), at=at, due_at=due_at)
    elif key.startswith(CALL) and error in NOBODY_THERE:
        await tx.calls.cannot_reach(incident, int(key.rpartition("/")[2]), at=at)
    elif key.startswith(ASK) and (not error or error in NOBODY_THERE):
        _, escalation, turn = key.split("/")
        await tx.incidents.get(incident)  # Whoever answers holds this lock too.
        note = tx.escalations.cannot_reach if error else tx.escalations.reached
        await note(incident, int(escalation), turn=int(turn), at=at)


async def _note_update(
    tx: Transaction,
    incident: int,
    team: Team,
    number: int,
    place: str,
    *,
    at: datetime,
    error: str | None,
) -> None:
    found = [
        one
        for one in await tx.customer_updates.deliveries(incident)
        if one.number == number and in_channel(one.recipient.place) == place
    ]
    if not found:
        return  # The team's own copy, while customers are told elsewhere.
    reached = found[0].recipient
    receipt = Delivery(
        number=number,
        recipient=reached,
        receipt=Receipt.FAILED if error else Receipt.SENT,
        at=at,
        error=error or "",
    )
    news = await tx.customer_updates.receipt(incident, receipt)
    if not error:
        await _first_delivered(tx, incident, team, number, reached, at=at)
    elif news:
        await tx.timeline.add(
            incident, Happened.UPDATE_FAILED, at=at, number=number, place=reached.place, error=error
        )


async def _first_delivered(
    tx: Transaction, incident: int, team: Team, number: int, reached: Recipient, *, at: datetime
) -> None:
    """Once the first recipient has it, the update ends the wait; nothing comes of the others."""
    update = await tx.customer_updates.delivered(incident, number, at=at)
    if update is None:
        return
    place = "" if reached.place == SWARM else reached.place
    await tx.timeline.add(incident, Happened.UPDATE_DELIVERED, at=at, number=number, place=place)
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
