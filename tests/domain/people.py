"""Incidents, updates and calls as the tests say them."""

from collections.abc import Mapping
from typing import Any

from domain.customer_updates import CustomerUpdate, Delivery, Facts, Kind, Receipt, Recipient
from domain.incident import Incident, Role, State
from domain.roster import Answer, Call
from domain.severity import Assessment, Level
from tests.domain.times import at, minutes


def incident(state: State = State.INVESTIGATING, **facts: Any) -> Incident:
    return Incident(
        **{
            "number": 12,
            "title": "カード決済が失敗する",
            "state": state,
            "assessment": Assessment(urgency=Level.HIGH, impact=Level.HIGH),
            "declared_by": "UHANA",
            "declared_at": at("14:00"),
            "language": "ja",
            "swarm": True,
            **facts,
        }
    )


def update(
    number: int,
    kind: Kind = Kind.PROGRESS,
    *,
    sent_at: str = "14:10",
    said: Mapping[str, Facts] | None = None,
) -> CustomerUpdate:
    return CustomerUpdate(
        number=number,
        kind=kind,
        state=State.INVESTIGATING,
        author="UADA",
        sent_at=at(sent_at),
        promise=at(sent_at) + minutes(30),
        cycle=number,
        minutes_late=0,
        facts=said or {},
        delivered_at=at(sent_at),
    )


def receipt(number: int, place: str, *customers: str, receipt: Receipt = Receipt.SENT) -> Delivery:
    recipient = Recipient(place=place, language="ja", customers=customers)
    return Delivery(number=number, recipient=recipient, receipt=receipt)


def calls(**people: str) -> tuple[Call, ...]:
    """`owner="ada"` called for the role; `-ada` has declined, `ada,ben` are both called."""
    made: list[Call] = []
    for role, names in people.items():
        for name in names.split(","):
            made.append(
                Call(
                    number=len(made) + 1,
                    role=Role(role),
                    person=name.removeprefix("-"),
                    called_at=at("14:00"),
                    answer=Answer.DECLINED if name.startswith("-") else Answer.ACCEPTED,
                )
            )
    return tuple(made)
