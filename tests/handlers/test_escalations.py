"""Escalating by form, and answering: what is refused, and how it is mended."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from domain.escalations import Escalation
from domain.matters import Matter
from domain.team import Team
from tests.handlers.conftest import TEAM, MakeWorkplace, Workplace
from tests.handlers.test_commands import ask
from tests.handlers.told_team import fields, form, last_said, post_button

DECIDING = replace(
    TEAM,
    escalation=("sita@example.com",),
    decisions={Matter.COMPENSATION: ("cho@example.com", "sita@example.com")},
)


@pytest.fixture
async def workplace(make_workplace: MakeWorkplace) -> Workplace:
    return await make_workplace(DECIDING)


async def escalations(workplace: Workplace, number: int) -> tuple[Escalation, ...]:
    async with workplace.desk.database.reading() as tx:
        return await tx.escalations.of(number)


async def escalated(workplace: Workplace, swarm: Any, **filled: Any) -> Any:
    """What became of the form, filled in by Hana."""
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "エスカレーション", swarm)
    await form(workplace, "hana", "escalate")
    await hana.fill(**{"about": "compensation", "question": "返金してよいですか", **filled})
    return await hana.submit()


@pytest.mark.parametrize(
    ("typed", "about"),
    [
        ("escalate", None),
        ("escalate database", "skill:database"),
        ("エスカレーション 決済", "product:payments"),
        ("escalate 補償・返金", "compensation"),
        ("escalate Going Public", "going_public"),
    ],
)
async def test_the_form_opens_with_what_was_typed(
    workplace: Workplace, typed: str, about: str | None
) -> None:
    _, swarm = await workplace.swarm("hana")
    await workplace.sandbox.person("hana").command("/incident", typed, swarm)
    view = await form(workplace, "hana", "escalate")
    assert (fields(view)["about"], fields(view)["deadline"]) == (about, "14:07")


@pytest.mark.parametrize(
    ("filled", "field", "said"),
    [
        ({"deadline": "あとで"}, "deadline", "時刻を読み取れませんでした"),
        ({"deadline": "14:03"}, "deadline", "5分以上先"),
        ({"deadline": "11/27 14:00"}, "deadline", "24時間以内"),
        ({"question": "　"}, "question", "「相談内容」を入力"),
        ({"question": "あ" * 2001}, "question", "2000"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field(
    workplace: Workplace, filled: dict[str, str], field: str, said: str
) -> None:
    incident, swarm = await workplace.swarm("hana")
    assert said in (await escalated(workplace, swarm, **filled)).errors[field]
    assert await escalations(workplace, incident.number) == ()


async def test_where_nobody_could_be_asked_the_mend_is_said(make_workplace: MakeWorkplace) -> None:
    workplace = await make_workplace(Team())
    _, swarm = await workplace.swarm("hana")
    assert "decisions" in await ask(workplace, "hana", "エスカレーション", swarm)


async def test_sent_twice_it_is_asked_once_and_of_two_answers_the_first_counts(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", "cho", "sita")
    hana, cho, sita = (workplace.sandbox.person(who) for who in ("hana", "cho", "sita"))
    await hana.command("/incident", "escalate", swarm)
    await form(workplace, "hana", "escalate")
    await hana.fill(about="compensation", question="返金してよいですか")
    await asyncio.gather(hana.submit(), hana.submit(), return_exceptions=True)
    value = f"{incident.number}/1"
    assert [one.person for one in (await escalations(workplace, incident.number))[0].asks] == [
        "cho@example.com"
    ]

    # Whoever was not asked is told so; Cho can't now, so Sita is asked, and both write an answer.
    await hana.click("escalation.answer", post_button(workplace, swarm, "escalation.answer", value))
    await workplace.sandbox.until(lambda: "ほかの方宛て" in last_said(workplace, "hana", swarm))
    for _ in range(2):
        await cho.click("escalation.decline", post_button(workplace, swarm, "escalation.decline", value))
    for person in (cho, sita):
        await person.click("escalation.answer", post_button(workplace, swarm, "escalation.answer", value))
        await form(workplace, person.account.handle, "escalation_answer")
        await person.fill(answer=f"{person.account.handle}: はい")
    first, second = await asyncio.gather(cho.submit(), sita.submit())
    (kept,) = await escalations(workplace, incident.number)
    assert len(kept.asks) == 2
    assert sorted([first.closed, second.closed]) == [False, True]
    late = second if first.closed else first
    assert "回答済みです" in str(late.errors) or "answered at" in str(late.errors)
    assert kept.reply == ("cho: はい" if first.closed else "sita: はい")
    assert kept.due_at is None


async def test_only_members_escalate_and_only_those_asked_see_a_private_incident(
    workplace: Workplace,
) -> None:
    incident, _ = await workplace.swarm("hana", private=True)
    number = incident.number
    assert "見つかりません" in await ask(workplace, "yuki", f"escalate {number}", "support")
    button = post_button(workplace, workplace.sandbox.channel("support"), "escalation.answer", f"{number}/1")
    await workplace.sandbox.person("yuki").click("escalation.answer", button)
    support = workplace.sandbox.channel("support")
    await workplace.sandbox.until(lambda: last_said(workplace, "yuki", support))
    assert incident.title not in last_said(workplace, "yuki", support)
