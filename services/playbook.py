"""The playbook of an incident: what is to be done by whom, and what was done or skipped."""

from domain.incident import Incident, Role, State, reason_of
from domain.ladder import holders
from domain.playbook import Checklist, Part, Step, Tick, parts_of
from domain.refusals import Refusal, Why
from domain.timeline import Happened
from services.desk import Actor, Desk
from services.permissions import check_may_see, check_member
from storage.database import Transaction


async def checklist(desk: Desk, number: int, *, actor: Actor) -> Checklist:
    """Everybody's steps in the present state. A private incident is unknown to those outside.

    Raises Refusal INCIDENT_UNKNOWN.
    """
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        await check_may_see(tx, incident, actor)
        ids = await tx.directory.slack_ids()
        calls = await tx.calls.of(number)
        held = (role for role in Role if actor.person in {ids.get(who, who) for who in holders(calls, role)})
        ticks = await tx.playbook.of(number)
    return Checklist(
        incident=incident,
        mine=parts_of(held),
        steps={part: desk.team.playbook.steps(part, incident) if incident.swarm else () for part in Part},
        ticks={tick.step: tick for tick in ticks},
    )


async def check_may_tick(desk: Desk, number: int, *, actor: Actor) -> None:
    """Before a form opens. Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, INCIDENT_OVER."""
    async with desk.database.reading() as tx:
        await _may_tick(tx, await tx.incidents.get(number, lock=False), actor)


async def do(desk: Desk, number: int, key: str, *, actor: Actor, request: str) -> None:
    """The step was done; whoever said so first is remembered.

    Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, INCIDENT_OVER, STEP_UNKNOWN.
    """
    async with desk.database.transaction() as tx:
        step = await _step(desk, tx, number, key, actor)
        if await tx.requests.answered(request):
            return
        before = await tx.playbook.get(number, key)
        if before is None or before.skipped_because:
            now = desk.now()
            await tx.playbook.save(number, Tick(step=key, person=actor.person, at=now))
            await _note(desk, tx, number, Happened.STEP_DONE, step, actor)
        await tx.requests.answer(request, at=desk.now())


async def skip(desk: Desk, number: int, key: str, *, reason: str, actor: Actor, request: str) -> None:
    """The step is not needed here, for this reason; what was done stays done.

    Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, INCIDENT_OVER, STEP_UNKNOWN, REASON_MISSING, TEXT_TOO_LONG.
    """
    said = reason_of(reason)
    async with desk.database.transaction() as tx:
        step = await _step(desk, tx, number, key, actor)
        if await tx.requests.answered(request):
            return
        if await tx.playbook.get(number, key) is None:
            tick = Tick(step=key, person=actor.person, at=desk.now(), skipped_because=said)
            await tx.playbook.save(number, tick)
            await _note(desk, tx, number, Happened.STEP_SKIPPED, step, actor, reason=said)
        await tx.requests.answer(request, at=desk.now())


async def undo(desk: Desk, number: int, key: str, *, actor: Actor, request: str) -> None:
    """It is to be done after all.

    Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, INCIDENT_OVER, STEP_UNKNOWN.
    """
    async with desk.database.transaction() as tx:
        step = await _step(desk, tx, number, key, actor)
        if await tx.requests.answered(request):
            return
        if await tx.playbook.get(number, key):
            await tx.playbook.drop(number, key)
            await _note(desk, tx, number, Happened.STEP_UNDONE, step, actor)
        await tx.requests.answer(request, at=desk.now())


async def _step(desk: Desk, tx: Transaction, number: int, key: str, actor: Actor) -> Step:
    await _may_tick(tx, await tx.incidents.get(number), actor)
    step = desk.team.playbook.step(key)
    if step is None:
        raise Refusal(Why.STEP_UNKNOWN, number=number)
    return step


async def _may_tick(tx: Transaction, incident: Incident, actor: Actor) -> None:
    await check_member(tx, incident, actor)
    if incident.state in (State.CLOSED, State.WITHDRAWN):
        raise Refusal(Why.INCIDENT_OVER, number=incident.number, state=incident.state)


async def _note(
    desk: Desk, tx: Transaction, number: int, happened: Happened, step: Step, actor: Actor, **facts: object
) -> None:
    # The text as it was then, for whoever reads it after the playbook has changed.
    await tx.timeline.add(
        number,
        happened,
        at=desk.now(),
        actor=actor.person,
        part=step.part,
        todo=dict(step.texts),
        **facts,
    )
