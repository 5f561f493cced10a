"""Customer updates, and what became of each for each recipient."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.customer_updates import CustomerUpdate, Delivery, Facts, Hint, Kind, Receipt, Recipient
from domain.incident import DataLoss, State
from storage.tables import CustomerUpdateRow, DeliveryRow, HintRow

_PLAIN = (
    *("number", "author", "sent_at", "promise", "cycle", "minutes_late", "delivered_at"),
    *("started_at", "ended_at"),
)
_UPDATES = (
    select(CustomerUpdateRow)
    .where(CustomerUpdateRow.incident.in_(bindparam("incidents", expanding=True)))
    .order_by(CustomerUpdateRow.number)
)
_DELIVERIES = (
    select(DeliveryRow)
    .where(DeliveryRow.incident.in_(bindparam("incidents", expanding=True)))
    .order_by(DeliveryRow.number, DeliveryRow.place)
)
_HINTS = select(HintRow).where(HintRow.incident == bindparam("incident")).order_by(HintRow.id)


class CustomerUpdates:
    def __init__(self, session: AsyncSession, changed: set[int]) -> None:
        self.session = session
        self.changed = changed

    async def add(self, incident: int, update: CustomerUpdate, recipients: Iterable[Recipient]) -> None:
        """Keep the update and one waiting delivery a recipient."""
        self.session.add(
            CustomerUpdateRow(
                incident=incident,
                **{name: getattr(update, name) for name in _PLAIN},
                kind=update.kind.value,
                state=update.state.value,
                facts={language: asdict(facts) for language, facts in update.facts.items()},
                data_loss=update.data_loss.value if update.data_loss else None,
            )
        )
        for recipient in recipients:
            self.session.add(
                DeliveryRow(
                    incident=incident,
                    number=update.number,
                    place=recipient.place,
                    language=recipient.language,
                    customers=list(recipient.customers),
                    receipt=Receipt.WAITING.value,
                    error="",
                )
            )
        self.changed.add(incident)

    async def of(self, incident: int) -> tuple[CustomerUpdate, ...]:
        rows = await self.session.scalars(_UPDATES, {"incidents": [incident]})
        return tuple(_update(row) for row in rows)

    async def deliveries(self, incident: int) -> tuple[Delivery, ...]:
        rows = await self.session.scalars(_DELIVERIES, {"incidents": [incident]})
        return tuple(_delivery(row) for row in rows)

    async def told(
        self, incidents: Collection[int]
    ) -> Mapping[int, tuple[tuple[CustomerUpdate, ...], tuple[Delivery, ...]]]:
        """The updates and deliveries of each of these incidents."""
        updates: dict[int, list[CustomerUpdate]] = {number: [] for number in incidents}
        deliveries: dict[int, list[Delivery]] = {number: [] for number in incidents}
        for update in await self.session.scalars(_UPDATES, {"incidents": list(incidents)}):
            updates[update.incident].append(_update(update))
        told = [number for number in incidents if updates[number]]
        for delivery in await self.session.scalars(_DELIVERIES, {"incidents": told}) if told else ():
            deliveries[delivery.incident].append(_delivery(delivery))
        return {number: (tuple(updates[number]), tuple(deliveries[number])) for number in incidents}

    async def add_hint(self, incident: int, hint: Hint) -> None:
        self.session.add(
            HintRow(incident=incident, cycle=hint.cycle, person=hint.person, at=hint.at, text=hint.text)
        )
        self.changed.add(incident)

    async def hints(self, incident: int) -> tuple[Hint, ...]:
        rows = await self.session.scalars(_HINTS, {"incident": incident})
        return tuple(Hint(cycle=row.cycle, person=row.person, at=row.at, text=row.text) for row in rows)

    async def receipt(self, incident: int, delivery: Delivery) -> bool:
        """Write what became of a delivery; whether that is news. What was sent stays sent."""
        key = (incident, delivery.number, delivery.recipient.place)
        row = await self.session.get(DeliveryRow, key, with_for_update=True)
        if row is None or row.receipt == Receipt.SENT.value:
            return False
        news = (row.receipt, row.error) != (delivery.receipt.value, delivery.error)
        row.receipt, row.at, row.error = delivery.receipt.value, delivery.at, delivery.error
        if news:
            self.changed.add(incident)
        return news

    async def delivered(self, incident: int, number: int, *, at: datetime) -> CustomerUpdate | None:
        """Note that the update reached its first recipient; None when it had before."""
        row = await self.session.get(CustomerUpdateRow, (incident, number), with_for_update=True)
        if row is None or row.delivered_at is not None:
            return None
        row.delivered_at = at
        self.changed.add(incident)
        return replace(_update(row), delivered_at=at)


def _update(row: CustomerUpdateRow) -> CustomerUpdate:
    return CustomerUpdate(
        **{name: getattr(row, name) for name in _PLAIN},
        kind=Kind(row.kind),
        state=State(row.state),
        facts={language: Facts(**facts) for language, facts in row.facts.items()},
        data_loss=DataLoss(row.data_loss) if row.data_loss else None,
    )


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        number=row.number,
        recipient=Recipient(place=row.place, language=row.language, customers=tuple(row.customers)),
        receipt=Receipt(row.receipt),
        at=row.at,
        error=row.error,
    )
