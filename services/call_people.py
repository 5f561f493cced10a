"""Calling people into a swarm that is at work: for skills, for a product, or one person by name."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.calls import called, ends
from domain.duty import Roster
from domain.incident import Incident, Role
from domain.ladder import holders
from domain.refusals import Refusal, Why
from domain.roster import Answer, Call, Place, missing_skills, next_for
from domain.snapshot import Snapshot
from domain.timeline import Happened
from services.calls import make
from services.desk import Actor, Desk
from services.hand_over import ask_person, check_has_people
from services.permissions import check_member
from services.roster import roster
from storage.database import Transaction
from storage.snapshots import snapshot

COMING = frozenset({Answer.WAITING, Answer.ACCEPTED})


@dataclass(frozen=True, kw_only=True)
class Called:
    """Who was called, and for which skills nobody was left."""

    incident: Incident
    calls: tuple[Call, ...]
    nobody_for: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A skill that can be called for."""

    skill: str
    missing: bool
    """The product needs it, and nobody present has it."""
    present: tuple[str, ...]
    """Slack user ids of those called who have it."""
    next: str | None
    """Slack user id of whoever would be called; None when nobody is left."""


async def choices(desk: Desk, number: int, *, actor: Actor) -> tuple[Snapshot, Sequence[Choice]]:
    """Every skill of the team, those that are missing first, then the product's.

    Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, INCIDENT_OVER, NO_SWARM.
    """
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        await check_member(tx, incident, actor)
        check_has_people(incident)
        seen = await snapshot(tx, number)
        product = desk.team.products.get(incident.product or "")
        missing = _missing(desk, incident, seen.calls)
        asked, now = _asked(seen.calls), desk.now()
        standing = await roster(desk, tx, at=now)
        found = []
        for skill in dict.fromkeys([*missing, *(product.skills if product else ()), *skills_of_team(desk)]):
            following = best_for(standing, (skill,), asked=asked, at=now)
            coming = {call.person for call in seen.calls if call.answer in COMING}
            found.append(
                Choice(
                    skill=skill,
                    missing=skill in missing,
                    present=tuple(
                        seen.slack_id(one.who)
                        for one in desk.team.people
                        if skill in one.skills and one.who in coming
                    ),
                    next=seen.slack_id(following) if following else None,
                )
            )
        return seen, found


async def call_people(
    desk: Desk,
    number: int,
    *,
    actor: Actor,
    request: str,
    skills: Sequence[str] = (),
    product: str | None = None,
    person: str | None = None,
) -> Called:
    """Call the best person for each skill, those whom a product lacks, or one person (Slack user id) as an expert.

    Few people whose skills together cover what is asked for. For a skill that nobody is left for, the owner and the
    duty manager are told. Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, INCIDENT_OVER, NO_SWARM, HERE_ALREADY,
    CALLED_ALREADY, PRODUCT_COVERED.
    """
    async with desk.database.transaction() as tx:
        incident = await tx.incidents.get(number)
        await check_member(tx, incident, actor)
        if done := await tx.requests.answered(request):
            calls = [one for one in await tx.calls.of(number) if one.number in done["calls"]]
            return Called(incident=incident, calls=tuple(calls), nobody_for=tuple(done["nobody_for"]))
        check_has_people(incident)
        now = desk.now()
        wanted = list(skills)
        if product:
            lacking = _missing(desk, incident, await tx.calls.of(number), product=product)
            if not lacking and not skills and not person:
                raise Refusal(Why.PRODUCT_COVERED, field="skills", product=desk.team.products[product].name)
            wanted += lacking
        made = []
        if person:
            await _check_not_here(tx, incident, person)
            made.append(await ask_person(desk, tx, incident, Role.EXPERT, to=person, actor=actor, at=now))
        nobody_for = await _call_for(desk, tx, incident, wanted, made, actor=actor, at=now)
        for call in made:
            await tx.timeline.add(
                number,
                Happened.CALLED_BY,
                at=now,
                actor=actor.person,
                asker=actor.person,
                who=call.person,
                role=call.role,
            )
        await tx.requests.answer(
            request, at=now, calls=[call.number for call in made], nobody_for=list(nobody_for)
        )
        return Called(incident=incident, calls=tuple(made), nobody_for=nobody_for)


def skills_of_team(desk: Desk) -> tuple[str, ...]:
    """Every skill that a person has or a product needs, each once."""
    needed = [skill for product in desk.team.products.values() for skill in product.skills]
    return tuple(dict.fromkeys(needed + [skill for one in desk.team.people for skill in one.skills]))


async def _call_for(
    desk: Desk,
    tx: Transaction,
    incident: Incident,
    skills: Sequence[str],
    made: list[Call],
    *,
    actor: Actor,
    at: datetime,
) -> tuple[str, ...]:
    """Adds the calls to `made`; answers the skills for which nobody is left."""
    number, left = incident.number, list(dict.fromkeys(skills))
    standing = await roster(desk, tx, at=at)
    nobody_for = []
    while left:
        calls = await tx.calls.of(number)
        found = best_for(standing, tuple(left), asked=_asked(calls), at=at)
        known = next((one.skills for one in desk.team.people if one.who == found), ())
        covered = tuple(skill for skill in left if skill in known)
        if found is None or not covered:
            nobody_for = left
            break
        place = Place(role=Role.EXPERT, person=found, skills=covered)
        made.append(await make(desk, tx, incident, place, at=at, asked_by=actor.person))
        left = [skill for skill in left if skill not in covered]
    present = {call.person for call in await tx.calls.of(number) if call.answer in COMING}
    held = {skill for one in desk.team.people if one.who in present for skill in one.skills}
    lacking = tuple(skill for skill in nobody_for if skill not in held)
    if lacking and not _is_told(await tx.calls.of(number), lacking):
        await tx.calls.save(
            number,
            Call(
                number=len(await tx.calls.of(number)) + 1,
                role=Role.EXPERT,
                person="",
                skills=lacking,
                called_at=at,
                answer=Answer.UNANSWERED,
                answered_at=at,
                ran_out_at=at,
                asked_by=actor.person,
            ),
        )
        await tx.timeline.add(number, Happened.NOBODY_LEFT, at=at, role=Role.EXPERT, skills=list(lacking))
    return tuple(nobody_for)


def best_for(standing: Roster, skills: Sequence[str], *, asked: Collection[str], at: datetime) -> str | None:
    """The best person for any of these skills who is not one of those asked; None when nobody is left."""
    wanted = Call(number=0, role=Role.EXPERT, person="", skills=tuple(skills), called_at=at)
    return next_for(wanted, standing, asked=asked, at=at)


def _asked(calls: Sequence[Call]) -> set[str]:
    """Those who come already, in whatever role, and those who were asked as experts before."""
    made = called(calls)
    return {call.person for call in made if call.role is Role.EXPERT or call.answer in COMING}


def _is_told(calls: Sequence[Call], skills: tuple[str, ...]) -> bool:
    """Whether the owner and the duty manager know already that nobody is left for these."""
    return any(set(skills) <= set(call.skills) for call in ends(calls))


def _missing(
    desk: Desk, incident: Incident, calls: Sequence[Call], *, product: str | None = None
) -> tuple[str, ...]:
    present = [who for role in Role for who in holders(calls, role)]
    if product is None or product == incident.product:
        return missing_skills(incident, desk.team, present)
    held = {skill for one in desk.team.people if one.who in present for skill in one.skills}
    return tuple(skill for skill in desk.team.products[product].skills if skill not in held)


async def _check_not_here(tx: Transaction, incident: Incident, person: str) -> None:
    """Raises Refusal: HERE_ALREADY, CALLED_ALREADY."""
    ids = await tx.directory.slack_ids()
    own = [one for one in await tx.calls.of(incident.number) if ids.get(one.person, one.person) == person]
    if any(one.answer is Answer.ACCEPTED for one in own):
        raise Refusal(Why.HERE_ALREADY, field="person", who=person)
    if waiting := next((one for one in own if one.answer is Answer.WAITING), None):
        raise Refusal(Why.CALLED_ALREADY, field="person", who=person, at=waiting.called_at)
