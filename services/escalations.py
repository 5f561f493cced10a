"""Escalations: asking who knows or may decide, with a deadline; no answer asks the next."""

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta

from domain.absence import Absence
from domain.calls import COMING, time_left
from domain.escalations import (
    SHORTEST,
    About,
    Direction,
    Escalation,
    answer_of,
    ask_key,
    ask_next,
    asked,
    asked_again,
    deciders,
    question_of,
    replied,
    settled,
    withdrawn,
)
from domain.incident import Incident, check_open, check_swarming
from domain.refusals import Refusal, Why
from domain.roster import Answer
from domain.timeline import Happened
from services.call_people import best_for
from services.calls import may_be_reached, wait_for
from services.desk import Actor, Desk
from services.permissions import check_member
from services.roster import roster
from services.sweeps import BATCH, apart, sweep_due
from storage.database import Transaction


async def check_may_escalate(desk: Desk, number: int, *, actor: Actor) -> tuple[Incident, timedelta]:
    """Before the form opens: the incident, and how long an answer is waited for unless somebody says otherwise.

    Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, INCIDENT_OVER, NO_SWARM.
    """
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        await check_member(tx, incident, actor)
        check_swarming(incident)
        return incident, max(wait_for(desk, incident), SHORTEST)


async def check_may_ask_again(desk: Desk, number: int, escalation: int, *, actor: Actor) -> Escalation:
    """Before the form opens: the withdrawn escalation, which fills it in.

    Raises what `check_may_escalate` raises, and Refusal: ESCALATION_OVER, ESCALATION_ASKED_AGAIN.
    """
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        await check_member(tx, incident, actor)
        check_swarming(incident)
        return _withdrawn_one(number, escalation, await tx.escalations.of(number))


async def escalate(
    desk: Desk,
    number: int,
    *,
    about: About,
    question: str,
    wait: timedelta,
    actor: Actor,
    request: str,
    again_of: int | None = None,
) -> Escalation:
    """Ask the first person in line; asking again with the same request is asking once.

    `again_of` is one that was withdrawn when the incident ended: of two who ask it again the first does. Raises
    Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, INCIDENT_OVER, NO_SWARM, TEXT_MISSING, TEXT_TOO_LONG, NOBODY_TO_ASK,
    ESCALATION_OVER, ESCALATION_ASKED_AGAIN.
    """
    said = question_of(question)
    async with desk.database.transaction() as tx:
        incident = await tx.incidents.get(number)
        await check_member(tx, incident, actor)
        before = await tx.escalations.of(number)
        if done := await tx.requests.answered(request):
            return next(one for one in before if one.number == done["escalation"])
        check_swarming(incident)
        if again_of is not None:
            _withdrawn_one(number, again_of, before)
        now = desk.now()
        made = Escalation(
            number=len(before) + 1,
            about=about,
            question=said,
            asked_by=actor.person,
            asked_at=now,
            wait=wait,
            again_of=again_of,
        )
        first = await _next(desk, tx, incident, made, at=now)
        if first is None:
            raise Refusal(Why.NOBODY_TO_ASK, field="about")
        made = ask_next(made, first, at=now)
        await tx.escalations.save(number, made)
        await tx.timeline.add(
            number,
            Happened.ESCALATED,
            at=now,
            actor=actor.person,
            asker=actor.person,
            who=first,
            text=said,
        )
        await tx.requests.answer(request, at=now, escalation=made.number)
        return made


async def check_may_answer(desk: Desk, number: int, escalation: int, *, actor: Actor) -> Escalation:
    """Before the form opens. Raises what `answer` raises of whoever may not."""
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        found, _ = await _own(tx, incident, escalation, actor)
        return found


async def answer(
    desk: Desk, number: int, escalation: int, *, text: str, actor: Actor, request: str
) -> Escalation:
    """The first answer counts, be it after the deadline; nobody else need answer then.

    Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_OVER, ESCALATION_OVER, ESCALATION_WITHDRAWN, ESCALATION_NOT_YOURS,
    ESCALATION_ANSWERED, TEXT_MISSING, TEXT_TOO_LONG.
    """
    said = answer_of(text)
    async with desk.database.transaction() as tx:
        incident = await tx.incidents.get(number)
        if await tx.requests.answered(request):
            return await tx.escalations.get(number, escalation)
        found, person = await _own(tx, incident, escalation, actor)
        now = desk.now()
        answered = replied(found, said, by=actor.person, person=person, at=now)
        await tx.escalations.save(number, answered)
        await tx.timeline.add(
            number, Happened.ESCALATION_ANSWERED, at=now, actor=actor.person, who=person, text=said
        )
        await tx.requests.answer(request, at=now)
        return answered


async def decline(desk: Desk, number: int, escalation: int, *, actor: Actor) -> None:
    """The next in line is asked. Raises what `answer` raises of whoever may not."""
    async with desk.database.transaction() as tx:
        incident = await tx.incidents.get(number)
        found, person = await _own(tx, incident, escalation, actor)
        if not any(one.person == person and one.answer is Answer.WAITING for one in found.asks):
            return
        now = desk.now()
        declined = settled(found, Answer.DECLINED, at=now)
        await tx.timeline.add(number, Happened.ESCALATION_DECLINED, at=now, actor=actor.person, who=person)
        await _go_on(desk, tx, incident, declined, at=now)


async def sweep(desk: Desk) -> None:
    """Ask the next wherever the deadline has passed, each once; any number of copies may sweep at once."""
    await sweep_due(desk, lambda tx, by: tx.escalations.is_due(by=by), _sweep_batch)


async def end(tx: Transaction, number: int, *, at: datetime) -> None:
    """The incident is over: what nobody has answered is withdrawn."""
    for before in await tx.escalations.of(number):
        after = withdrawn(before, at=at)
        if after != before:
            await tx.escalations.save(number, after)
            await tx.timeline.add(number, Happened.ESCALATION_WITHDRAWN, at=at, text=before.question)


async def _sweep_batch(
    desk: Desk, now: datetime, tx: Transaction, one_by_one: bool
) -> Sequence[tuple[int, Escalation]]:
    claimed = await tx.escalations.claim_due(by=now, limit=BATCH)
    slack_away = await tx.vitals.slack_absence()
    for number, escalation in claimed:
        async with apart(desk, tx, number) if one_by_one else nullcontext():
            incident = await tx.incidents.get(number)
            away = [*await tx.timeline.absences(number), *([slack_away] if slack_away else [])]
            await _run_out(desk, tx, incident, escalation, away, now=now)
    return claimed


async def _run_out(
    desk: Desk,
    tx: Transaction,
    incident: Incident,
    escalation: Escalation,
    away: Iterable[Absence],
    *,
    now: datetime,
) -> None:
    number, person = incident.number, escalation.asks[-1].person
    key = ask_key(escalation, len(escalation.asks))
    reachable = escalation.reached_at is not None or await may_be_reached(tx, number, person, key)
    left = time_left(escalation, escalation.wait, away, now=now)
    if reachable and left > timedelta(0):
        await tx.escalations.postpone(number, escalation.number, due_at=now + left)
        return
    happened = Happened.ESCALATION_UNANSWERED if reachable else Happened.ESCALATION_NOT_REACHED
    await tx.timeline.add(number, happened, at=now, who=person)
    await _go_on(desk, tx, incident, settled(escalation, Answer.UNANSWERED, at=now), at=now)


async def _go_on(
    desk: Desk, tx: Transaction, incident: Incident, escalation: Escalation, *, at: datetime
) -> None:
    number = incident.number
    following = await _next(desk, tx, incident, escalation, at=at)
    await tx.escalations.save(number, ask_next(escalation, following, at=at))
    if following is None:
        await tx.timeline.add(number, Happened.ESCALATION_NOBODY_LEFT, at=at)
    else:
        await tx.timeline.add(number, Happened.ESCALATED_TO_NEXT, at=at, who=following)


async def _next(
    desk: Desk, tx: Transaction, incident: Incident, escalation: Escalation, *, at: datetime
) -> str | None:
    """Experts outside the swarm first, as those inside can be asked anyway; for a decision the order of the settings."""
    team, about = desk.team, escalation.about
    standing = await roster(desk, tx, at=at)
    not_these = {*asked(escalation), standing.known_as(escalation.asked_by)}
    if about.direction is Direction.HIERARCHICAL:
        able = (who for who in deciders(about.topic, team) if who not in not_these)
        return next((who for who in able if standing.can_come(who, at=at)), None)
    skills = (about.skill,) if about.skill else team.products[about.product or ""].skills
    here = {call.person for call in await tx.calls.of(incident.number) if call.answer in COMING}
    return best_for(standing, skills, asked=not_these | here, at=at) or best_for(
        standing, skills, asked=not_these, at=at
    )


async def _own(tx: Transaction, incident: Incident, escalation: int, actor: Actor) -> tuple[Escalation, str]:
    """The escalation, and what the settings call the person, who was asked."""
    number = incident.number
    found = await tx.escalations.get(number, escalation)
    ids = await tx.directory.slack_ids()
    own = next((one for one in found.asks if ids.get(one.person, one.person) == actor.person), None)
    if own is None:
        # A private incident is not even named to somebody outside it.
        await check_member(tx, incident, actor)
        raise Refusal(Why.ESCALATION_NOT_YOURS, number=number)
    check_open(incident)
    if found.replied_by:
        raise Refusal(Why.ESCALATION_ANSWERED, number=number, who=found.replied_by, at=found.replied_at)
    if found.withdrawn_at is not None:
        raise Refusal(Why.ESCALATION_WITHDRAWN, number=number)
    return found, own.person


def _withdrawn_one(number: int, escalation: int, escalations: Sequence[Escalation]) -> Escalation:
    """Raises Refusal: ESCALATION_OVER, ESCALATION_ASKED_AGAIN."""
    found = next((one for one in escalations if one.number == escalation), None)
    if found is None or found.withdrawn_at is None:
        raise Refusal(Why.ESCALATION_OVER, number=number)
    if again := asked_again(found, escalations):
        raise Refusal(Why.ESCALATION_ASKED_AGAIN, who=again.asked_by, at=again.asked_at)
    return found
