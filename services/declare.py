"""Declaring an incident: its severity, its deadlines, and who is called."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.incident import (
    TEXT_LIMIT,
    Category,
    Incident,
    State,
    reason_of,
    title_of,
)
from domain.refusals import Refusal, Why
from domain.roster import Place, fill, missing_skills
from domain.severity import Assessment, Severity
from domain.sla import SlaClocks, sla_clocks
from domain.team import Team
from domain.timeline import Happened
from domain.update_clock import start
from services.calls import make, note_call
from services.desk import Actor, Desk
from services.permissions import check_may_declare, may_all_declare
from services.roster import roster
from storage.database import Transaction

LOOK_ALIKES = 3


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """The declare form, as filled in."""

    title: str
    assessment: Assessment
    summary: str = ""
    category: Category = Category.OTHER
    product: str | None = None
    customers: tuple[str, ...] = ()
    language: str = ""
    private: bool = False
    swarm_anyway: bool = False
    source_link: str = ""


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What declaring would do, shown before it is done."""

    severity: Severity
    swarm: bool
    first_update_by: datetime
    sla: SlaClocks | None
    places: tuple[Place, ...]
    missing: tuple[str, ...]
    """Skills that the product needs and none of these people has."""
    people: dict[str, str]
    """Slack user id by the name the settings use."""
    look_alikes: tuple[Incident, ...] = ()


async def forecast(desk: Desk, declaration: Declaration, *, by: str) -> Forecast:
    """Severity, both deadlines and who would be called, for a form that may be half empty."""
    now = desk.now()
    incident = _incident(declaration, desk.team, by=by, at=now, title=declaration.title)
    async with desk.database.reading() as tx:
        places = fill(incident, await roster(desk, tx, at=now), at=now)
        people = dict(await tx.directory.slack_ids())
        look_alikes = tuple(await _look_alikes(tx, incident))
    return Forecast(
        severity=incident.severity,
        swarm=incident.swarm,
        first_update_by=now + desk.cadence(incident).first,
        sla=sla_clocks(incident, desk.team, (), ()),
        places=places,
        missing=missing_skills(incident.product, desk.team, [place.person for place in places]),
        people=people,
        look_alikes=look_alikes,
    )


async def check_may(desk: Desk, *, by: str) -> None:
    """Before the form opens. Raises Refusal NOT_PERMITTED."""
    if may_all_declare(desk):
        return
    async with desk.database.reading() as tx:
        await check_may_declare(desk, tx, Actor(person=by))


async def declare(desk: Desk, declaration: Declaration, *, by: str, request: str) -> Incident:
    """Record the incident, its clock and its calls; asking again with the same request answers the same incident.

    Raises Refusal: TITLE_MISSING, TITLE_TOO_LONG, TEXT_TOO_LONG, REASON_MISSING, PRODUCT_UNKNOWN, CUSTOMER_UNKNOWN,
    NOT_PERMITTED.
    """
    title = title_of(declaration.title)
    _check(declaration, desk.team)
    async with desk.database.transaction() as tx:
        if done := await tx.requests.answered(request):
            return await tx.incidents.get(done["number"])
        await check_may_declare(desk, tx, Actor(person=by))
        now = desk.now()
        incident = _incident(declaration, desk.team, by=by, at=now, title=title)
        incident = replace(incident, number=await tx.incidents.add(incident))
        await tx.requests.answer(request, at=now, number=incident.number)
        await tx.timeline.add(
            incident.number,
            Happened.DECLARED,
            at=now,
            actor=by,
            severity=int(incident.severity),
            reason=incident.assessment.override_reason,
        )
        if incident.swarm:
            await open_swarm(desk, tx, incident, at=now)
        return incident


async def swarms_ahead(desk: Desk) -> int:
    """How many other swarms wait for their channels; of the one just declared nobody need be told."""
    async with desk.database.reading() as tx:
        return max(0, await tx.vitals.swarms_waiting() - 1)


async def open_swarm(desk: Desk, tx: Transaction, incident: Incident, *, at: datetime) -> None:
    """Start the update clock and call everybody the incident needs."""
    cadence = desk.cadence(incident)
    await tx.clocks.save(incident.number, start(cycle=1, at=incident.declared_at, cadence=cadence), cadence)
    for place in fill(incident, await roster(desk, tx, at=at), at=at):
        call = await make(desk, tx, incident, place, at=at)
        await note_call(
            tx,
            incident,
            call,
            Happened.CALLED,
            at=at,
            skills=list(place.skills),
            stands_in=place.stands_in,
        )


def _incident(declaration: Declaration, team: Team, *, by: str, at: datetime, title: str) -> Incident:
    severity = declaration.assessment.severity
    return Incident(
        number=0,
        title=title,
        state=State.INVESTIGATING,
        assessment=declaration.assessment,
        declared_by=by,
        declared_at=at,
        language=declaration.language or team.language,
        swarm=severity in team.swarm_severities or declaration.swarm_anyway,
        summary=declaration.summary.strip(),
        category=declaration.category,
        product=declaration.product,
        customers=declaration.customers,
        private=declaration.private,
        source_link=declaration.source_link,
    )


def _check(declaration: Declaration, team: Team) -> None:
    if len(declaration.summary) > TEXT_LIMIT:
        raise Refusal(Why.TEXT_TOO_LONG, field="summary", limit=TEXT_LIMIT, length=len(declaration.summary))
    if declaration.product is not None and declaration.product not in team.products:
        raise Refusal(Why.PRODUCT_UNKNOWN, field="product", typed=declaration.product)
    for key in declaration.customers:
        if key not in team.customers:
            raise Refusal(Why.CUSTOMER_UNKNOWN, field="customers", typed=key)
    assessment = declaration.assessment
    if assessment.override and assessment.override is not assessment.computed:
        reason_of(assessment.override_reason, field="override_reason")


async def _look_alikes(tx: Transaction, incident: Incident) -> Sequence[Incident]:
    """Open incidents of the same product: perhaps it is one of these."""
    return await tx.incidents.open_of(incident.product, limit=LOOK_ALIKES) if incident.product else ()
