"""Calling people into a swarm that is at work: for skills, for a product, or one person by name."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.calls import COMING, called, ends
from domain.duty import Roster
from domain.incident import Incident, Role, check_swarming
from domain.ladder import holders
from domain.refusals import Refusal, Why
from domain.roster import Answer, Call, Place, SkillToCall, missing_skills, next_for
from domain.snapshot import Snapshot
from domain.timeline import Happened
from services.calls import make
from services.desk import Actor, Desk
from services.hand_over import ask_person
from services.permissions import check_member
from services.roster import roster
from storage.database import Transaction
from storage.snapshots import snapshot


@dataclass(frozen=True, kw_only=True)
class Called:
    """Who was called, and for which skills nobody was left."""

    incident: Incident
    calls: tuple[Call, ...]
    nobody_for: tuple[str, ...] = ()


async def choices(desk: Desk, number: int, *, actor: Actor) -> tuple[Snapshot, Sequence[SkillToCall]]:
    """Every skill of the team, those that are missing first, then the product's.

    Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, INCIDENT_OVER, NO_SWARM.
    """
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        await check_member(tx, incident, actor)
        check_swarming(incident)
        seen = await snapshot(tx, number)
        product = desk.team.products.get(incident.product or "")
        missing = _missing(desk, incident.product, seen.calls)
        asked, now = _asked(seen.calls), desk.now()
        standing = await roster(desk, tx, at=now)
        found = []
        for skill in dict.fromkeys([*missing, *(product.skills if product else ()), *desk.team.skills()]):
            following = best_for(standing, (skill,), asked=asked, at=now)
            coming = {call.person for call in seen.calls if call.answer in COMING}
            found.append(
                SkillToCall(
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
        check_swarming(incident)
        now = desk.now()
        wanted = list(skills)
        if product:
            lacking = _missing(desk, product, await tx.calls.of(number))
            if not lacking and not skills and not person:
                raise Refusal(Why.PRODUCT_COVERED, field="skills", product=desk.team.products[product].name)
            wanted += lacking
        named = []
        if person:
            await _check_not_here(tx, incident, person)
            named.append(await ask_person(desk, tx, incident, Role.EXPERT, to=person, actor=actor, at=now))
        found, nobody_for = await _call_for(desk, tx, incident, wanted, actor=actor, at=now)
        if nobody_for:
            await _tell_nobody_left(desk, tx, incident, nobody_for, actor=actor, at=now)
        made = (*named, *found)
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
        return Called(incident=incident, calls=made, nobody_for=nobody_for)


async def _call_for(
    desk: Desk, tx: Transaction, incident: Incident, skills: Sequence[str], *, actor: Actor, at: datetime
) -> tuple[Sequence[Call], tuple[str, ...]]:
    """The calls made for these skills, and the skills for which nobody is left."""
    left = tuple(dict.fromkeys(skills))
    standing = await roster(desk, tx, at=at)
    made: list[Call] = []
    while left:
        found = best_for(standing, left, asked=_asked(await tx.calls.of(incident.number)), at=at)
        covered = tuple(skill for skill in left if found and skill in desk.team.skills_of([found]))
        if found is None or not covered:
            break
        place = Place(role=Role.EXPERT, person=found, skills=covered)
        made.append(await make(desk, tx, incident, place, at=at, asked_by=actor.person))
        left = tuple(skill for skill in left if skill not in covered)
    return made, left


async def _tell_nobody_left(
    desk: Desk, tx: Transaction, incident: Incident, skills: Sequence[str], *, actor: Actor, at: datetime
) -> None:
    """Note a call that nobody could be found for, unless somebody present has the skills, or it was noted before."""
    calls = await tx.calls.of(incident.number)
    held = desk.team.skills_of({call.person for call in calls if call.answer in COMING})
    lacking = tuple(skill for skill in skills if skill not in held)
    if not lacking or _is_told(calls, lacking):
        return
    nobody = Call(
        number=len(calls) + 1,
        role=Role.EXPERT,
        person="",
        skills=lacking,
        called_at=at,
        answer=Answer.UNANSWERED,
        answered_at=at,
        ran_out_at=at,
        asked_by=actor.person,
    )
    await tx.calls.save(incident.number, nobody)
    await tx.timeline.add(
        incident.number, Happened.NOBODY_LEFT, at=at, role=Role.EXPERT, skills=list(lacking)
    )


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


def _missing(desk: Desk, product: str | None, calls: Sequence[Call]) -> tuple[str, ...]:
    present = [who for role in Role for who in holders(calls, role)]
    return missing_skills(product, desk.team, present)


async def _check_not_here(tx: Transaction, incident: Incident, person: str) -> None:
    """Raises Refusal: HERE_ALREADY, CALLED_ALREADY."""
    ids = await tx.directory.slack_ids()
    own = [one for one in await tx.calls.of(incident.number) if ids.get(one.person, one.person) == person]
    if any(one.answer is Answer.ACCEPTED for one in own):
        raise Refusal(Why.HERE_ALREADY, field="person", who=person)
    if waiting := next((one for one in own if one.answer is Answer.WAITING), None):
        raise Refusal(Why.CALLED_ALREADY, field="person", who=person, at=waiting.called_at)
