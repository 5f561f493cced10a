"""What people ask for, without the forms: the same records, in a fraction of the time."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from domain.customer_updates import Facts, Kind
from domain.escalations import About, Direction
from domain.incident import DataLoss, Role, State
from domain.ladder import holders
from domain.matters import Matter
from domain.severity import Assessment, Level
from domain.team import Rotation
from services import calls as calling
from services import customer_updates, customers, escalations, lifecycle, roster_entries, severity
from services import declare as declaring
from services import hand_over as handing
from services.desk import Actor
from tests.whole import Hachi

A_RUNG = timedelta(minutes=10)
"""Long enough for the next reminder, and for a repeat."""
A_QUESTION = timedelta(minutes=5)
"""So long whoever is asked in an escalation may take."""
A_DAY = timedelta(days=1)
DAILY = Rotation(
    members=("ada@kohaku.example", "kenji@kohaku.example"), hand_over_at=time(15), since=date(2026, 11, 24)
)
"""Ada from Tuesday at three in the afternoon; until then Kenji."""
A_CALL = timedelta(minutes=6)
"""Longer than a call of the gravest severity waits, where nobody is patient."""


async def declare(hachi: Hachi, title: str = "カード決済が失敗する", *, product: str = "payments") -> int:
    """Hana declares a grave incident; answers its number. Slack is not waited for."""
    declared = await declaring.declare(
        hachi.program.desk,
        declaring.Declaration(
            title=title, assessment=Assessment(urgency=Level.HIGH, impact=Level.HIGH), product=product
        ),
        by=hachi.person("hana").id,
        request=uuid4().hex,
    )
    return declared.number


async def accept(hachi: Hachi, number: int, *people: str) -> None:
    """These people accept whatever they were called for."""
    async with hachi.program.database.reading() as tx:
        calls = await tx.calls.of(number)
    for who in people:
        person = hachi.person(who)
        for call in calls:
            if call.person == person.account.email and call.asked_with is None:
                await calling.accept(hachi.program.desk, number, call.number, actor=Actor(person=person.id))


async def accept_newest(hachi: Hachi, number: int) -> None:
    """Whoever was called last accepts."""
    async with hachi.program.database.reading() as tx:
        call = (await tx.calls.of(number))[-1]
        person = (await tx.directory.slack_ids())[call.person]
    await calling.accept(hachi.program.desk, number, call.number, actor=Actor(person=person))


async def hand_over(hachi: Hachi, number: int) -> None:
    """The owner, Ada or Kenji, asks the other one to take over; what waits for an answer gets it first."""
    async with hachi.program.database.reading() as tx:
        calls = await tx.calls.of(number)
    if calls[-1].is_offer:
        await accept_newest(hachi, number)
        async with hachi.program.database.reading() as tx:
            calls = await tx.calls.of(number)
    (owner,) = holders(calls, Role.OWNER)
    giver, taker = ("ada", "kenji") if owner.startswith("ada") else ("kenji", "ada")
    await handing.hand_over(
        hachi.program.desk,
        number,
        Role.OWNER,
        to=hachi.person(taker).id,
        actor=ada(hachi, giver),
        request=uuid4().hex,
    )


async def escalate(hachi: Hachi, number: int) -> None:
    """Ada asks whether a service may be taken down, and waits so long for each answer."""
    await escalations.escalate(
        hachi.program.desk,
        number,
        about=About(direction=Direction.HIERARCHICAL, topic=Matter.SERVICE_DOWN.value),
        question="止めてよいですか",
        wait=A_QUESTION,
        actor=ada(hachi),
        request=uuid4().hex,
    )


async def be_absent(hachi: Hachi, who: str, *, since: datetime, until: datetime) -> None:
    """Somebody says that they are away."""
    person = hachi.person(who).id
    await roster_entries.add_absence(
        hachi.program.desk,
        person,
        since=since,
        until=until,
        reason="",
        actor=Actor(person=person),
        request=uuid4().hex,
    )


def ada(hachi: Hachi, instead: str = "ada") -> Actor:
    """The owner, or somebody else."""
    return Actor(person=hachi.person(instead).id)


async def tell(hachi: Hachi, number: int, symptom: str = "決済ができません") -> int:
    """Ada writes a customer update; answers its number."""
    desk, actor = hachi.program.desk, ada(hachi)
    prepared = await customer_updates.prepare(desk, number, actor=actor)
    said = Facts(symptom=symptom, affected="すべてのお客さま", changed=symptom)
    sent = await customer_updates.send(
        desk,
        number,
        customer_updates.Written(
            kind=Kind.PROGRESS if prepared.updates else Kind.FIRST,
            state=State.INVESTIGATING,
            facts={"ja": said, "en": replace(said, symptom=f"{symptom} (en)")},
            promise=prepared.promise,
            after_update=prepared.after_update,
        ),
        actor=actor,
        request=uuid4().hex,
    )
    return sent.number


async def change_severity(hachi: Hachi, number: int, *, grave: bool, by: str = "ada") -> None:
    level = Level.HIGH if grave else Level.MEDIUM
    assessment = Assessment(urgency=level, impact=level)
    await severity.change_severity(
        hachi.program.desk, number, assessment, reason="影響が変わった", actor=ada(hachi, by)
    )


async def link(hachi: Hachi, number: int, *, add: str = "", remove: str = "") -> None:
    """Hana adds or removes a customer."""
    await customers.change_customers(
        hachi.program.desk,
        number,
        added=[add] if add else [],
        removed=[remove] if remove else [],
        reason="確認済み",
        actor=Actor(person=hachi.person("hana").id),
        request=uuid4().hex,
    )


async def keep_severity(hachi: Hachi, number: int) -> None:
    """Ada decides that it stays as it is, whatever was suggested last."""
    async with hachi.program.database.reading() as tx:
        suggestions = (await tx.incidents.get(number, lock=False)).suggestions
    await severity.keep_severity(hachi.program.desk, number, len(suggestions), actor=ada(hachi))


async def change_state(hachi: Hachi, number: int, state: State) -> None:
    await lifecycle.change_state(hachi.program.desk, number, state=state, actor=ada(hachi))


async def resolve(hachi: Hachi, number: int, *, by: str = "ada") -> None:
    now = hachi.clock.now()
    ending = lifecycle.Ending(
        done={"ja": "設定を戻しました", "en": "We rolled the change back."},
        customer_action={},
        data_loss=DataLoss.NO,
        started_at=now - timedelta(minutes=30),
        ended_at=now,
    )
    await lifecycle.resolve(hachi.program.desk, number, ending, actor=ada(hachi, by), request=uuid4().hex)


async def reopen(hachi: Hachi, number: int, *, by: str = "ada") -> None:
    await lifecycle.reopen(
        hachi.program.desk, number, reason="まだ失敗する", actor=ada(hachi, by), request=uuid4().hex
    )


async def close(hachi: Hachi, number: int) -> None:
    await lifecycle.close(
        hachi.program.desk, number, cause="設定の誤り", actor=ada(hachi), request=uuid4().hex
    )
