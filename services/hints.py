"""What the people in a swarm say customers may know now."""

from domain.customer_updates import HINT_LIMIT, Hint
from domain.incident import check_open, check_swarming
from domain.refusals import Refusal, Why
from domain.texts import required
from domain.timeline import Happened
from services.desk import Actor, Desk
from services.permissions import check_member


async def check_may_hint(desk: Desk, number: int, *, actor: Actor) -> None:
    """Before the form opens. Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_OVER, NOT_A_MEMBER, NO_SWARM."""
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        await check_member(tx, incident, actor)
        check_swarming(incident)


async def hint(desk: Desk, number: int, text: str, *, actor: Actor, request: str) -> None:
    """Keep it for the draft of the update that is owed now.

    Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_OVER, NOT_A_MEMBER, NO_SWARM, TEXT_MISSING, TEXT_TOO_LONG.
    """
    said = required(text, field="hint", limit=HINT_LIMIT)
    async with desk.database.transaction() as tx:
        if await tx.requests.answered(request):
            return
        incident = await tx.incidents.get(number)
        await check_member(tx, incident, actor)
        check_open(incident)
        clock = await tx.clocks.get(number)
        if clock is None:
            raise Refusal(Why.NO_SWARM, number=number)
        now = desk.now()
        await tx.customer_updates.add_hint(
            number, Hint(cycle=clock.cycle, person=actor.person, at=now, text=said)
        )
        await tx.timeline.add(number, Happened.HINTED, at=now, actor=actor.person, text=said)
        await tx.requests.answer(request, at=now)
