"""The customers an incident affects: found out later, or not affected after all."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.call_hours import called_from
from domain.calls import standing_in
from domain.incident import Incident, Role, check_open, reason_of
from domain.refusals import Refusal, Why
from domain.roster import Place
from domain.severity import Suggestion
from domain.sla import SlaClocks, sla_clocks
from domain.spelling import folded
from domain.suggestions import customers_changed
from domain.timeline import Happened
from services.calls import make, note_call
from services.desk import Actor, Desk
from services.permissions import check_member
from services.roster import roster
from storage.database import Transaction


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What a change of customers would do, shown before it is done."""

    incident: Incident
    sla: SlaClocks | None
    managers: tuple[str, ...]
    """Service level managers who would be called: Slack user ids, or names of the settings."""
    suggestion: Suggestion | None
    """What would be suggested that was not before."""


async def check_may_change(desk: Desk, number: int, *, actor: Actor) -> Incident:
    """Before the form opens.

    Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_OVER, NOT_A_MEMBER, CUSTOMERS_NONE (the settings name none).
    """
    if not desk.team.customers:
        raise Refusal(Why.CUSTOMERS_NONE)
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        await check_member(tx, incident, actor)
        check_open(incident)
        return incident


def typed(desk: Desk, text: str) -> Sequence[str]:
    """The keys of customers that were typed, by key or by name, with commas or line breaks between them.

    Raises Refusal CUSTOMER_UNKNOWN.
    """
    known = {folded(key): key for key in desk.team.customers}
    known |= {folded(customer.name): key for key, customer in desk.team.customers.items()}
    found = []
    for name in filter(None, (one.strip() for one in re.split(r"[,，、\n]", text))):
        if folded(name) not in known:
            raise Refusal(Why.CUSTOMER_UNKNOWN, field="more_customers", typed=name)
        found.append(known[folded(name)])
    return found


async def outlook(
    desk: Desk, number: int, *, added: Collection[str], removed: Collection[str], actor: Actor
) -> Outlook:
    """Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, CUSTOMER_UNKNOWN."""
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        await check_member(tx, incident, actor)
        changed = _with_customers(desk, incident, added, removed, at=desk.now())
        told = await tx.customer_updates.of(number), await tx.customer_updates.deliveries(number)
        ids = await tx.directory.slack_ids()
        managers = await _managers(desk, tx, changed, before=incident, at=desk.now())
    waits = changed.suggestion
    return Outlook(
        incident=changed,
        sla=sla_clocks(changed, desk.team, *told) if changed.swarm else None,
        managers=tuple(ids.get(who, who) for who in managers),
        suggestion=waits if waits != incident.suggestion else None,
    )


async def change_customers(
    desk: Desk,
    number: int,
    *,
    added: Collection[str],
    removed: Collection[str],
    reason: str,
    actor: Actor,
    request: str,
) -> Incident:
    """Link customers to the incident, or take them off it, which needs a reason.

    The SLA clocks count new customers from the original start, and their service level managers are called. Where key
    customers or many were added, a graver severity is suggested.

    Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_OVER, NOT_A_MEMBER, CUSTOMER_UNKNOWN, CUSTOMERS_SAME, REASON_MISSING,
    TEXT_TOO_LONG.
    """
    async with desk.database.transaction() as tx:
        incident = await tx.incidents.get(number)
        await check_member(tx, incident, actor)
        if await tx.requests.answered(request):
            return incident
        check_open(incident)
        now = desk.now()
        changed = _with_customers(desk, incident, added, removed, at=now)
        came = [key for key in changed.customers if key not in incident.customers]
        went = [key for key in incident.customers if key not in changed.customers]
        if not came and not went:
            raise Refusal(Why.CUSTOMERS_SAME, field="customers")
        said = reason_of(reason) if went else ""
        await tx.incidents.save(changed)
        if came:
            await tx.timeline.add(
                number, Happened.CUSTOMERS_ADDED, at=now, actor=actor.person, customers=_names(desk, came)
            )
        if went:
            names = _names(desk, went)
            await tx.timeline.add(
                number, Happened.CUSTOMERS_REMOVED, at=now, actor=actor.person, customers=names, reason=said
            )
        if (waits := changed.suggestion) and waits != incident.suggestion:
            await tx.timeline.add(
                number,
                Happened.SEVERITY_SUGGESTED,
                at=now,
                old=int(changed.severity),
                new=int(waits.severity),
            )
        if changed.swarm:
            await _call_managers(desk, tx, changed, before=incident, at=now)
        await tx.requests.answer(request, at=now)
        return changed


def _with_customers(
    desk: Desk, incident: Incident, added: Collection[str], removed: Collection[str], *, at: datetime
) -> Incident:
    for key in added:
        if key not in desk.team.customers:
            raise Refusal(Why.CUSTOMER_UNKNOWN, field="customers", typed=key)
    affected = tuple(dict.fromkeys([*(key for key in incident.customers if key not in removed), *added]))
    return customers_changed(incident, replace(incident, customers=affected), desk.team, at=at)


async def _managers(
    desk: Desk, tx: Transaction, changed: Incident, *, before: Incident, at: datetime
) -> tuple[str, ...]:
    """The new customers' service level managers whom nobody has asked yet, as the settings name them."""
    ids = await tx.directory.slack_ids()
    asked = {
        ids.get(call.person, call.person)
        for call in await tx.calls.of(changed.number)
        if call.role is Role.SERVICE_LEVEL_MANAGER and not call.stands_in
    }
    standing = await roster(desk, tx, at=desk.now())
    new = {
        ids.get(who, who): who
        for key in changed.customers
        if key not in before.customers and key in desk.team.customers
        if (who := desk.team.customers[key].service_level_manager) and standing.can_come(who, at=at)
    }
    return tuple(who for slack_id, who in new.items() if slack_id not in asked)


async def _call_managers(
    desk: Desk, tx: Transaction, changed: Incident, *, before: Incident, at: datetime
) -> None:
    standing = standing_in(Role.SERVICE_LEVEL_MANAGER, await tx.calls.of(changed.number))
    follows = standing[0].number if standing else None
    call_at = called_from(Role.SERVICE_LEVEL_MANAGER, changed.severity, desk.team.call_hours, at=at)
    later = call_at if call_at > at else None
    for who in await _managers(desk, tx, changed, before=before, at=call_at):
        place = Place(role=Role.SERVICE_LEVEL_MANAGER, person=who, call_at=later)
        # Whoever stands in is relieved when the first of them says yes; the others are not in that line.
        call = await make(desk, tx, changed, place, at=at, follows=follows)
        follows = None
        await note_call(tx, changed, call, Happened.CALLED, at=at)


def _names(desk: Desk, keys: Collection[str]) -> list[str]:
    customers = desk.team.customers
    return [customers[key].name if key in customers else key for key in keys]
