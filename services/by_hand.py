"""What people change by hand in a swarm's channel: put back once, then let be."""

from collections.abc import Mapping
from datetime import datetime

from domain.by_hand import Thing, after_change
from domain.customer_updates import SWARM
from domain.incident import Incident
from domain.timeline import Happened
from services.desk import Desk
from storage.shown import Shown

_HAPPENED: Mapping[Thing, tuple[Happened, Happened]] = {
    Thing.TOPIC: (Happened.TOPIC_PUT_BACK, Happened.TOPIC_LET_BE),
    Thing.PIN: (Happened.PIN_PUT_BACK, Happened.PIN_LET_BE),
}


async def changed(
    desk: Desk,
    thing: Thing,
    channel_id: str,
    now_shows: str,
    *,
    by: str,
    changed_at: datetime,
    request: str,
) -> Incident | None:
    """Somebody changed the topic to `now_shows`, or took the pin off the message of that timestamp.

    Answers the incident where it is put back for that; None where nothing comes of it. `changed_at` is machine time.
    """
    async with desk.database.reading() as tx:
        found = await tx.incidents.in_channel(channel_id)
    if found is None:
        return None
    async with desk.database.transaction() as tx:
        if await tx.requests.answered(request):
            return None
        await tx.requests.answer(request, at=desk.now())
        incident = await tx.incidents.get(found.number)
        shown = await tx.shown.get(incident.number, thing, SWARM)
        if not incident.is_open or shown is None or not _is_gone(shown, thing, now_shows):
            return None
        by_hand = after_change(shown.by_hand, changed_at=changed_at, now=await tx.vitals.now())
        if by_hand is None:
            return None
        await tx.shown.change_by_hand(incident.number, thing, SWARM, by_hand)
        put_back, let_be = _HAPPENED[thing]
        happened = let_be if by_hand.let_be else put_back
        await tx.timeline.add(incident.number, happened, at=desk.now(), actor=by)
        tx.changed.add(incident.number)
        return None if by_hand.let_be else incident


def _is_gone(shown: Shown, thing: Thing, now_shows: str) -> bool:
    """Whether what Hachi has put there is not there any more."""
    if thing is Thing.PIN:
        return shown.digest == now_shows  # The pin was on this message.
    return shown.ts is not None and shown.digest != now_shows
