"""The SLA clocks: a response owed to each affected customer, and a resolution owed to all.

Both run from the declaration; handing over, another severity or reopening never resets them. Each customer's plan says
how long they are and whether they run around the clock or in working hours; the incident shows the strictest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.customer_updates import CustomerUpdate, Delivery, Receipt
from domain.incident import Incident
from domain.team import SlaPlan, Team
from domain.working_hours import working_time_after

STEPS = (50, 80, 100)
"""Per cent of the time at which the service level managers are warned; 100 is the breach."""


class SlaKind(StrEnum):
    RESPONSE = "response"
    RESOLUTION = "resolution"


@dataclass(frozen=True, kw_only=True)
class SlaClock:
    """One thing owed to one customer, or to whoever is affected while none is known."""

    kind: SlaKind
    customer: str | None
    by: datetime
    steps: tuple[datetime, ...]
    """When the time is used up to each of `STEPS`."""
    met_at: datetime | None

    @property
    def late(self) -> bool:
        """Whether it was met too late; whether it is overdue is a question of now."""
        return self.met_at is not None and self.met_at > self.by


@dataclass(frozen=True, kw_only=True)
class SlaClocks:
    responses: tuple[SlaClock, ...]
    """One a customer, the earliest owed first."""
    resolution: SlaClock
    """The strictest of all customers'."""

    @property
    def response(self) -> SlaClock:
        """The response that counts: the earliest still owed, else one that came too late, else the strictest."""
        owed = [clock for clock in self.responses if clock.met_at is None]
        late = [clock for clock in self.responses if clock.late]
        return next(iter([*owed, *late]), self.responses[0])

    @property
    def all(self) -> tuple[SlaClock, ...]:
        return (*self.responses, self.resolution)


def sla_clocks(
    incident: Incident, team: Team, updates: Sequence[CustomerUpdate], deliveries: Sequence[Delivery]
) -> SlaClocks | None:
    """The incident's SLA clocks; None where its severity has no target."""
    customers: tuple[str | None, ...] = incident.customers or (None,)
    told = _told(incident, updates, deliveries)
    responses, resolutions = [], []
    for customer in customers:
        plan = plan_of(customer, team)
        target = plan.targets.get(incident.severity)
        if target is None:
            continue
        responses.append(
            _clock(SlaKind.RESPONSE, customer, plan, incident, target.response, told.get(customer))
        )
        resolutions.append(
            _clock(SlaKind.RESOLUTION, customer, plan, incident, target.resolution, incident.resolved_at)
        )
    if not responses:
        return None
    return SlaClocks(
        responses=tuple(sorted(responses, key=lambda clock: clock.by)),
        resolution=min(resolutions, key=lambda clock: clock.by),
    )


def plan_of(customer: str | None, team: Team) -> SlaPlan:
    """The plan a customer has bought; what everybody is owed where none is known."""
    known = team.customers.get(customer or "")
    return team.sla_plans.get(known.sla if known else "", SlaPlan(targets=team.sla))


def plans_used(incident: Incident, team: Team) -> tuple[str, ...]:
    """The plans of the affected customers by name, each once."""
    named = [customer.sla for customer in team.customers_named(incident.customers)]
    return tuple(dict.fromkeys(plan for plan in named if plan in team.sla_plans))


def _clock(
    kind: SlaKind,
    customer: str | None,
    plan: SlaPlan,
    incident: Incident,
    length: timedelta,
    met_at: datetime | None,
) -> SlaClock:
    steps = tuple(_after(incident.declared_at, length * step / 100, plan) for step in STEPS)
    return SlaClock(kind=kind, customer=customer, by=steps[-1], steps=steps, met_at=met_at)


def _after(start: datetime, length: timedelta, plan: SlaPlan) -> datetime:
    return start + length if plan.hours is None else working_time_after(start, length, plan.hours)


def _told(
    incident: Incident, updates: Sequence[CustomerUpdate], deliveries: Sequence[Delivery]
) -> dict[str | None, datetime]:
    """When each customer was sent the first update that reached them."""
    if not incident.customers:
        first = next((update.sent_at for update in updates if update.delivered_at), None)
        return {None: first} if first else {}
    sent_at = {update.number: update.sent_at for update in updates}
    told: dict[str | None, datetime] = {}
    for delivery in deliveries:
        if delivery.receipt is Receipt.SENT:
            for customer in delivery.recipient.customers:
                told[customer] = min(told.get(customer, sent_at[delivery.number]), sent_at[delivery.number])
    return told
