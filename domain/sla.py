"""The SLA clocks: a response owed to each affected customer, and a resolution.

Both run from the declaration; handing over or changing severity never resets them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.customer_updates import CustomerUpdate, Delivery, Receipt
from domain.incident import Incident
from domain.team import Team


@dataclass(frozen=True, kw_only=True)
class SlaClocks:
    response_by: datetime
    resolution_by: datetime
    responded_at: datetime | None
    """When the last affected customer had a first update."""


def sla_clocks(
    incident: Incident, team: Team, updates: Sequence[CustomerUpdate], deliveries: Sequence[Delivery]
) -> SlaClocks | None:
    """The incident's SLA clocks; None where its severity has no target."""
    target = team.sla.get(incident.severity)
    if target is None:
        return None
    return SlaClocks(
        response_by=incident.declared_at + target.response,
        resolution_by=incident.declared_at + target.resolution,
        responded_at=_responded_at(incident, updates, deliveries),
    )


def _responded_at(
    incident: Incident, updates: Sequence[CustomerUpdate], deliveries: Sequence[Delivery]
) -> datetime | None:
    if not incident.customers:
        return next((update.sent_at for update in updates if update.delivered_at), None)
    sent_at = {update.number: update.sent_at for update in updates}
    told: dict[str, datetime] = {}
    for delivery in deliveries:
        if delivery.receipt is Receipt.SENT:
            for customer in delivery.recipient.customers:
                told[customer] = min(told.get(customer, sent_at[delivery.number]), sent_at[delivery.number])
    if any(customer not in told for customer in incident.customers):
        return None
    return max(told[customer] for customer in incident.customers)
