"""Answering a call, and joining without one."""

import asyncio

import pytest

from domain.incident import Role
from domain.roster import Answer, Call
from tests.handlers.conftest import Workplace
from tests.handlers.told_team import last_said, post_button


async def calls(workplace: Workplace, number: int) -> tuple[Call, ...]:
    async with workplace.desk.database.reading() as tx:
        return await tx.calls.of(number)


async def the_call(workplace: Workplace, number: int, role: Role) -> Call:
    return next(call for call in await calls(workplace, number) if call.role is role)


async def test_accepting_twice_is_accepting_once(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", "ada")
    call = await the_call(workplace, incident.number, Role.OWNER)
    card = post_button(workplace, swarm, "call.accept", f"{incident.number}/{call.number}")
    ada = workplace.sandbox.person("ada")
    answers = await asyncio.gather(ada.click("call.accept", card), ada.click("call.accept", card))
    assert [answer.ok for answer in answers] == [True, True]
    assert (await the_call(workplace, incident.number, Role.OWNER)).answer is Answer.ACCEPTED
    assert last_said(workplace, "ada", swarm) == ""


async def test_declining_calls_the_next_and_cannot_be_taken_back(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", "ada", product="payments")
    call = await the_call(workplace, incident.number, Role.OWNER)
    value = f"{incident.number}/{call.number}"
    ada = workplace.sandbox.person("ada")
    await ada.click("call.decline", post_button(workplace, swarm, "call.decline", value))
    owners = [one for one in await calls(workplace, incident.number) if one.role is Role.OWNER]
    assert [one.answer for one in owners] == [Answer.DECLINED, Answer.ACCEPTED]
    assert owners[1].stands_in
    await ada.click("call.accept", post_button(workplace, swarm, "call.accept", value))
    await workplace.sandbox.until(lambda: "This call is over" in last_said(workplace, "ada", swarm))


async def test_a_call_is_answered_by_whom_it_is_for(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", "ada")
    call = await the_call(workplace, incident.number, Role.OWNER)
    card = post_button(workplace, swarm, "call.accept", f"{incident.number}/{call.number}")
    await workplace.sandbox.person("hana").click("call.accept", card)
    await workplace.sandbox.until(lambda: "宛てです" in last_said(workplace, "hana", swarm))
    assert (await the_call(workplace, incident.number, Role.OWNER)).answer is Answer.WAITING


async def test_joining_answers_with_the_way_there(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana")
    support = workplace.sandbox.channel("support")
    card = post_button(workplace, support, "incident.join", f"{incident.number}/1")
    await workplace.sandbox.person("yuki").click("incident.join", card)
    await workplace.sandbox.until(lambda: "招待しました" in last_said(workplace, "yuki", support))
    assert swarm.id in last_said(workplace, "yuki", support) or swarm.name in last_said(
        workplace, "yuki", support
    )
    async with workplace.desk.database.reading() as tx:
        assert await tx.incidents.joined(incident.number) == (workplace.id("yuki"),)


async def test_joining_before_there_is_a_channel(workplace: Workplace) -> None:
    incident = await workplace.incident()
    support = workplace.sandbox.channel("support")
    card = post_button(workplace, support, "incident.join", f"{incident.number}/1")
    await workplace.sandbox.person("ada").click("incident.join", card)
    await workplace.sandbox.until(lambda: "is being opened" in last_said(workplace, "ada", support))


@pytest.mark.parametrize("value", ["", "12", "99/1", "1/99", "one/two", "1/1/1", "1; drop table incident"])
@pytest.mark.parametrize("action", ["call.accept", "call.decline"])
async def test_a_button_with_a_strange_value_is_answered(
    workplace: Workplace, action: str, value: str
) -> None:
    _, swarm = await workplace.swarm("hana")
    card = post_button(workplace, swarm, action, value)
    assert (await workplace.sandbox.person("hana").click(action, card)).ok
    await workplace.sandbox.until(lambda: last_said(workplace, "hana", swarm))
    assert "エラー番号" not in last_said(workplace, "hana", swarm)
