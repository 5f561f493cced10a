"""An invented outage of card payments, told to customers from the first notice to the last."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.customer_updates import CustomerUpdate, Facts, Kind, facts_for_holding
from domain.incident import DataLoss, Incident, Resolution, State
from domain.severity import Assessment, Level
from domain.team import Product, Team
from templates.notices import Notice, notice

COMPANY = "株式会社つばめ雑貨"


def at(clock: str, *, day: int = 24, timezone: str = "Asia/Tokyo") -> datetime:
    """A time of day on 24 November 2026, a Tuesday."""
    hour, minute = clock.split(":")
    return datetime(2026, 11, day, int(hour), int(minute), tzinfo=ZoneInfo(timezone))


TEAM = Team(products={"cards": Product(name="こはくペイ カード決済")})
ENGLISH_TEAM = Team(language="en", products={"cards": Product(name="Kohaku Pay card payments")})

INCIDENT = Incident(
    number=12,
    title="カード決済が失敗する",
    state=State.INVESTIGATING,
    assessment=Assessment(urgency=Level.HIGH, impact=Level.HIGH),
    declared_by="U01",
    declared_at=at("14:08"),
    language="ja",
    swarm=True,
    product="cards",
)
RESOLVED = replace(
    INCIDENT,
    state=State.RESOLVED,
    resolution=Resolution(
        done="", data_loss=DataLoss.NO, started_at=at("14:03"), ended_at=at("15:12"), customer_action=""
    ),
)

FIRST_JA = Facts(
    symptom="カード決済で「お支払いを完了できません」と表示され、お支払いが完了しません。",
    affected="カード決済をご利用の全加盟店様（1,240社）。コンビニ払い・銀行振込は通常どおりご利用いただけます。",
    workaround="購入者様へ、コンビニ払いまたは銀行振込をご案内ください。",
)
FIRST_EN = Facts(
    symptom='buyers get "We could not complete your payment" and the payment does not go through.',
    affected="all 1,240 merchants taking card payments. Convenience-store and bank-transfer payments work as usual.",
    workaround="please offer your buyers convenience-store or bank-transfer payment.",
)
PROGRESS_JA = replace(
    FIRST_JA,
    changed="14:35よりカード決済の復旧を進めており、14:40現在、約6割のお支払いが完了できる状態です。",
    symptom="カード決済の約4割で「お支払いを完了できません」と表示されます。",
    doing="カード決済を処理する当社設備の故障と判明し、予備の設備への切り替えを進めております。",
)
PROGRESS_EN = replace(
    FIRST_EN,
    changed="Card payments on Kohaku Pay are coming back: about 60% go through.",
    symptom='about 40% of card payments end with "We could not complete your payment".',
    doing="the equipment that processes card payments failed, and we are moving to our standby equipment.",
)


def update(
    number: int, kind: Kind, state: State, sent: str, promise: str | None, **facts: Facts
) -> CustomerUpdate:
    return CustomerUpdate(
        number=number,
        kind=kind,
        state=state,
        author="U01",
        sent_at=at(sent),
        promise=at(promise) if promise else None,
        cycle=number,
        minutes_late=0,
        facts=facts,
    )


FIRST = update(1, Kind.FIRST, State.INVESTIGATING, "14:15", "14:45", ja=FIRST_JA, en=FIRST_EN)
PROGRESS = update(2, Kind.PROGRESS, State.IDENTIFIED, "14:40", "15:10", ja=PROGRESS_JA, en=PROGRESS_EN)
HOLDING = replace(
    update(3, Kind.HOLDING, State.IDENTIFIED, "15:05", "15:35"), facts=facts_for_holding([FIRST, PROGRESS])
)
RECOVERY = replace(
    update(
        4,
        Kind.RESOLVED,
        State.RESOLVED,
        "15:30",
        None,
        ja=replace(
            FIRST_JA,
            done="予備の設備への切り替えを15:12に完了いたしました。",
            customer_action="「お支払いを完了できません」と表示されたお取引に請求は発生しておりません。"
            "お手数ですが、購入者様へ再度のお支払いをご案内ください。",
        ),
        en=replace(
            FIRST_EN,
            done="we moved card payments to our standby equipment.",
            customer_action='please ask the buyers who saw "We could not complete your payment" to pay again.',
        ),
    ),
    data_loss=DataLoss.NO,
    started_at=at("14:03"),
    ended_at=at("15:12"),
)
STORY = (FIRST, PROGRESS, HOLDING, RECOVERY)


def read(
    told: CustomerUpdate,
    language: str,
    *,
    incident: Incident = INCIDENT,
    team: Team | None = None,
    earlier: tuple[CustomerUpdate, ...] = STORY,
    addressee: str = "",
) -> Notice:
    """What a reader of that language gets."""
    return notice(
        told,
        incident=incident,
        team=team or (TEAM if language == "ja" else ENGLISH_TEAM),
        language=language,
        earlier=earlier,
        addressee=addressee,
    )


def mail(said: Notice) -> str:
    return f"Subject: {said.subject}\n\n{said.body}\n"
