"""Records of one incident, for the screens that show them."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.customer_updates import CustomerUpdate, Facts, Kind
from domain.incident import DataLoss, Incident, Resolution, Role, State
from domain.playbook import Checklist, Part, Playbook, Tick
from domain.roster import Answer, Call
from domain.severity import Assessment, Level
from domain.sla import SlaClocks, sla_clocks
from domain.snapshot import Snapshot
from domain.team import Customer, Product, Team
from domain.update_clock import UpdateClock

DECLARED_AT = datetime(2026, 11, 24, 5, 2, tzinfo=UTC)
"""14:02 in Tokyo."""
NAMES = {"U0HANA": "花", "U0ADA": "Ada Byron", "U0BEN": "Ben Carter", "U0SITA": "Sita Rao", "U0CHO": "長"}
PEOPLE = {
    "ada@example.com": "U0ADA",
    "ben@example.com": "U0BEN",
    "sita@example.com": "U0SITA",
    "cho@example.com": "U0CHO",
}
TEAM = Team(
    products={
        "payments": Product(name="決済", skills=("payments", "network")),
        "search": Product(name="検索", names={"en": "Search"}),
    },
    customers={
        "globex": Customer(name="Globex", products=("payments",)),
        "acme": Customer(name="Acme 病院", tier="key", products=("payments",)),
    },
)


@dataclass(frozen=True)
class Line:
    """One line of the list."""

    incident: Incident
    clock: UpdateClock | None
    owners: tuple[str, ...] = ("ada@example.com",)

    @property
    def sla(self) -> SlaClocks | None:
        return sla_clocks(self.incident, TEAM, (), ())


def after(minutes: float) -> datetime:
    return DECLARED_AT + timedelta(minutes=minutes)


def checklist(
    incident: Incident,
    *mine: Part,
    playbook: Playbook = Playbook(),  # noqa: B008 - it never changes
    ticks: tuple[Tick, ...] = (),
) -> Checklist:
    """As the services make it; without a playbook nobody has any steps."""
    return Checklist(
        incident=incident,
        mine=mine or (Part.MEMBER,),
        steps={part: playbook.steps(part, incident) for part in Part},
        ticks={tick.step: tick for tick in ticks},
    )


def incident(**facts: Any) -> Incident:
    return replace(
        Incident(
            number=12,
            title="カード決済 <が> 失敗 & 停止",
            state=State.INVESTIGATING,
            assessment=Assessment(urgency=Level.HIGH, impact=Level.HIGH),
            declared_by="U0HANA",
            declared_at=DECLARED_AT,
            language="ja",
            swarm=True,
            product="payments",
            customers=("acme", "globex"),
            channel_id="C0SWARM",
            channel_name="inc-12",
        ),
        **facts,
    )


CALLS = (
    Call(number=1, role=Role.OWNER, person="ada@example.com", called_at=DECLARED_AT, answer=Answer.ACCEPTED),
    Call(number=2, role=Role.EXPERT, person="ben@example.com", called_at=DECLARED_AT, skills=("payments",)),
    Call(
        number=3,
        role=Role.SERVICE_LEVEL_MANAGER,
        person="U0HANA",
        called_at=DECLARED_AT,
        answer=Answer.ACCEPTED,
        stands_in=True,
    ),
    Call(
        number=4,
        role=Role.DUTY_MANAGER,
        person="cho@example.com",
        called_at=DECLARED_AT,
        answer=Answer.ACCEPTED,
    ),
)
UPDATE = CustomerUpdate(
    number=1,
    kind=Kind.FIRST,
    state=State.INVESTIGATING,
    author="U0CHO",
    sent_at=after(8),
    promise=after(28),
    cycle=1,
    minutes_late=0,
    facts={"ja": Facts(symptom="決済できません", affected="全国")},
    delivered_at=after(8),
)
FIRST_WAIT = UpdateClock(cycle=1, first=True, anchor=DECLARED_AT, due_at=after(10), warn_at=after(5))
SECOND_WAIT = UpdateClock(cycle=2, first=False, anchor=after(8), due_at=after(28), warn_at=after(23))


def snapshot(**records: Any) -> Snapshot:
    return replace(
        Snapshot(
            incident=incident(),
            revision=1,
            clock=FIRST_WAIT,
            calls=CALLS,
            people=PEOPLE,
            names=NAMES,
        ),
        **records,
    )


def stages() -> dict[str, Snapshot]:
    """One incident in every state a screen tells apart."""
    told = snapshot(clock=SECOND_WAIT, updates=(UPDATE,))
    stopped = replace(SECOND_WAIT, running=False)
    resolved = replace(
        incident(),
        state=State.RESOLVED,
        resolved_at=after(70),
        resolution=Resolution(
            done="切り戻し", data_loss=DataLoss.NO, started_at=DECLARED_AT, ended_at=after(65)
        ),
    )
    ordinary = incident(
        swarm=False,
        assessment=Assessment(urgency=Level.LOW, impact=Level.LOW),
        channel_id=None,
        customers=(),
    )
    return {
        "declared": snapshot(),
        "told": told,
        "resolved": replace(told, incident=resolved, clock=stopped),
        "closed": replace(
            told,
            incident=replace(resolved, state=State.CLOSED, closed_at=after(90), cause="設定の誤り <x>"),
            clock=stopped,
        ),
        "withdrawn": replace(
            told,
            incident=incident(state=State.WITHDRAWN, closed_at=after(30), withdrawn_because="誤検知"),
            clock=stopped,
        ),
        "ordinary": snapshot(incident=ordinary, clock=None, calls=()),
    }
