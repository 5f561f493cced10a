"""Handing over a role by command and by form: who is asked, and every way in which it cannot be done."""

import asyncio

import pytest

from domain.incident import Role
from domain.roster import Answer
from domain.severity import Level
from handlers.assign import role_named
from services import calls as calling
from services.desk import Actor
from tests.handlers.conftest import Workplace
from tests.handlers.test_commands import ask
from tests.handlers.told_team import form, last_said, post_button


async def held(workplace: Workplace, number: int) -> list[str]:
    """Of each call: role, person, answer; those of the roster left out."""
    async with workplace.desk.database.reading() as tx:
        found = await tx.calls.of(number)
    return [
        f"{one.role.value} {one.person.partition('@')[0]} {one.answer.value}" for one in found if one.asked_by
    ]


async def accepted(workplace: Workplace, number: int, role: Role, who: str) -> None:
    async with workplace.desk.database.reading() as tx:
        call = next(one for one in await tx.calls.of(number) if one.role is role)
    await calling.accept(workplace.desk, number, call.number, actor=Actor(person=workplace.id(who)))


@pytest.mark.parametrize(
    ("typed", "role"),
    [
        ("owner", Role.OWNER),
        ("責任者", Role.OWNER),
        ("Technical Expert", Role.EXPERT),
        ("技術担当", Role.EXPERT),
        ("ＳＬＡ担当", Role.SERVICE_LEVEL_MANAGER),
        ("sla manager", Role.SERVICE_LEVEL_MANAGER),
        ("当番マネージャー", Role.DUTY_MANAGER),
        ("duty_manager", Role.DUTY_MANAGER),
        ("", None),
    ],
)
def test_a_role_has_the_names_people_use(typed: str, role: Role | None) -> None:
    assert role_named(typed) is role


@pytest.mark.parametrize("order", ["assign {person} owner", "担当 責任者 {person}"])
async def test_the_next_person_is_asked_whichever_is_named_first(workplace: Workplace, order: str) -> None:
    incident, swarm = await workplace.swarm("hana", "ada")
    ben = f"<@{workplace.id('ben')}|ben>"
    said = await ask(workplace, "hana", order.format(person=ben), swarm)
    assert "引き継ぎを依頼しました" in said and "5分以内" in said
    assert await held(workplace, incident.number) == ["owner ben waiting"]


async def test_whoever_takes_a_role_has_it_at_once_be_it_in_the_same_second_as_another(
    workplace: Workplace,
) -> None:
    incident, swarm = await workplace.swarm("hana", "ada", "yuki")
    await accepted(workplace, incident.number, Role.OWNER, "ada")
    await asyncio.gather(
        ask(workplace, "yuki", "assign @me owner", swarm), ask(workplace, "hana", "担当 自分 責任者", swarm)
    )
    answers = await held(workplace, incident.number)
    assert sorted(one.rpartition(" ")[2] for one in answers) == ["accepted", "handed_over"]


async def test_a_form_asks_for_what_was_not_typed_and_asks_once_however_often_it_is_sent(
    workplace: Workplace,
) -> None:
    incident, swarm = await workplace.swarm("hana", "ada")
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "担当 責任者", swarm)
    await form(workplace, "hana", "assign")
    await hana.fill(person=workplace.id("ben"), note="業者の折り返し待ち")
    answers = await asyncio.gather(hana.submit(), hana.submit(), return_exceptions=True)
    assert any(getattr(answer, "closed", False) for answer in answers)
    assert await held(workplace, incident.number) == ["owner ben waiting"]
    button = post_button(workplace, swarm, "incident.assign", f"{incident.number}/1")
    await hana.click("incident.assign", button)
    await form(workplace, "hana", "assign")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("@ghost owner", "was not found in Slack"),
        ("<@{ben}> captain", "no role “captain”"),
        ("<@{ben}> <@{cho}> owner", "one person"),
        ("<@{bot}> owner", "is an app"),
        ("<@{gone}> owner", "deactivated"),
        ("<@U0NOBODY> owner", "was not found in Slack"),
        ("<@{ada}> owner", "already been asked"),
    ],
)
async def test_what_cannot_be_done_is_said_with_the_mend(workplace: Workplace, typed: str, said: str) -> None:
    incident, swarm = await workplace.swarm("hana", "ada", "ben")
    workplace.sandbox.workspace.account(workplace.id("yuki")).deactivated = True
    ids = {one: workplace.id(one) for one in ("ada", "ben", "cho")}
    ids |= {"gone": workplace.id("yuki"), "bot": workplace.sandbox.bot_user_id}
    assert said in await ask(workplace, "ben", f"assign {typed.format(**ids)}", swarm)
    assert await held(workplace, incident.number) == []


async def test_one_hand_over_at_a_time_and_only_whoever_asked_may_ask_another(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", "ada", "ben")
    await accepted(workplace, incident.number, Role.OWNER, "ada")
    ben, cho, yuki, ada = (f"<@{workplace.id(who)}>" for who in ("ben", "cho", "yuki", "ada"))
    assert "has the role already" in await ask(workplace, "ben", f"assign {ada} owner", swarm)
    await ask(workplace, "ada", f"assign {cho} owner", swarm)
    assert "already been asked" in await ask(workplace, "ada", f"assign {cho} owner", swarm)
    assert "has asked" in await ask(workplace, "ben", f"assign {yuki} owner", swarm)
    await ask(workplace, "ada", f"assign {ben} owner", swarm)
    assert await held(workplace, incident.number) == ["owner cho called_off", "owner ben waiting"]


async def test_a_role_is_handed_over_by_members_and_only_while_there_is_work(workplace: Workplace) -> None:
    incident, _ = await workplace.swarm("hana", "ada")
    cho = f"<@{workplace.id('cho')}>"
    number = incident.number
    assert "対応メンバーだけ" in await ask(workplace, "yuki", f"assign {number} {cho} owner", "support")
    assert "責任者になりました" in await ask(workplace, "yuki", f"assign {number} @me owner", "support")
    secret, _ = await workplace.swarm("hana", private=True, title="非公開の件")
    assert "見つかりません" in await ask(workplace, "yuki", f"assign {secret.number} @me owner", "support")
    case = await workplace.incident(title="問い合わせ", urgency=Level.LOW, impact=Level.LOW)
    assert "通常のお問い合わせ" in await ask(workplace, "hana", f"assign {case.number} @me owner", "support")


async def test_a_declined_hand_over_calls_nobody_else(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", "ada", "ben")
    await accepted(workplace, incident.number, Role.OWNER, "ada")
    await ask(workplace, "ada", f"assign <@{workplace.id('ben')}> owner", swarm)
    async with workplace.desk.database.reading() as tx:
        offer = (await tx.calls.of(incident.number))[-1]
    card = post_button(workplace, swarm, "call.decline", f"{incident.number}/{offer.number}")
    await workplace.sandbox.person("ben").click("call.decline", card)
    async with workplace.desk.database.reading() as tx:
        owners = [one for one in await tx.calls.of(incident.number) if one.role is Role.OWNER]
    assert [one.answer for one in owners] == [Answer.ACCEPTED, Answer.DECLINED]
    card = post_button(workplace, swarm, "call.accept", f"{incident.number}/{offer.number}")
    await workplace.sandbox.person("ben").click("call.accept", card)
    await workplace.sandbox.until(lambda: "This call is over" in last_said(workplace, "ben", swarm))
