"""Telling customers with one tap that nothing has changed, as people do it in Slack."""

import asyncio

import pytest

from domain.customer_updates import Kind
from tests.handlers.conftest import MakeWorkplace, Workplace
from tests.handlers.told_team import (
    ONLY_JAPANESE,
    delivered,
    fields,
    form,
    last_said,
    post_button,
    read,
    readable_in_tokyo,
    send_first,
    updates,
)


@pytest.fixture
async def workplace(make_workplace: MakeWorkplace) -> Workplace:
    return await make_workplace(ONLY_JAPANESE)


async def test_one_tap_says_that_nothing_has_changed(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", product="payments")
    await send_first(workplace, swarm)
    workplace.clock.passes(15)
    hana = workplace.sandbox.person("hana")
    answer = await hana.command("/incident", "継続", swarm)
    assert "第2報（変化なし）を14:17に送信しました" in readable_in_tokyo(answer.text)
    assert "14:37までです" in readable_in_tokyo(answer.text)
    assert (await updates(workplace, incident.number))[1].kind is Kind.HOLDING


async def test_the_button_answers_by_the_card_alone(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", product="payments")
    card = post_button(workplace, swarm, "update.hold", f"{incident.number}/1")
    assert (await workplace.sandbox.person("hana").click("update.hold", card)).ok
    assert [update.kind for update in await updates(workplace, incident.number)] == [Kind.HOLDING]
    assert last_said(workplace, "hana", swarm) == ""


async def test_the_second_click_on_the_same_reminder_is_told_who_was_first(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", "yuki", product="payments")
    card = post_button(workplace, swarm, "update.hold", f"{incident.number}/1")
    hana, yuki = workplace.sandbox.person("hana"), workplace.sandbox.person("yuki")
    await asyncio.gather(hana.click("update.hold", card), yuki.click("update.hold", card))
    assert len(await updates(workplace, incident.number)) == 1
    said = last_said(workplace, "hana", swarm) + last_said(workplace, "yuki", swarm)
    assert "14:02に@花さんが第1報" in said or "14:02に@雪さんが第1報" in said


async def test_the_third_in_a_row_asks_for_one_fact(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", product="payments")
    hana = workplace.sandbox.person("hana")
    for _ in range(2):
        assert "送信しました" in (await hana.command("/incident", "hold", swarm)).text
        await delivered(workplace, incident.number)
        workplace.clock.passes(20)
    card = post_button(workplace, swarm, "update.hold", f"{incident.number}/3")
    assert (await hana.click("update.hold", card)).ok
    view = await form(workplace, "hana", "update")
    assert "変化のないご案内が続いています" in read(view)
    assert fields(view)["kind"] == "progress"
    await hana.fill(kind="holding")
    await workplace.sandbox.until(lambda: "symptom" not in fields(hana.view))
    await hana.submit()
    assert "変わりはなく" in read(await form(workplace, "hana", "update_preview"))
    await hana.submit()
    assert len(await updates(workplace, incident.number)) == 3


async def test_the_duty_manager_confirms_the_third_with_one_tap(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", "cho", product="payments")
    hana, cho = workplace.sandbox.person("hana"), workplace.sandbox.person("cho")
    for _ in range(2):
        await hana.command("/incident", "hold", swarm)
        await delivered(workplace, incident.number)
        workplace.clock.passes(20)
    card = post_button(workplace, swarm, "update.confirm", f"{incident.number}/3")
    await cho.click("update.confirm", card)
    authors = [update.author for update in await updates(workplace, incident.number)]
    assert authors == [hana.id, hana.id, cho.id]


async def test_one_tap_in_the_panel_is_answered_there(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", product="payments")
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "", swarm)
    await form(workplace, "hana", "panel")
    await hana.click("update.hold")
    assert "第1報（変化なし）を" in read(await form(workplace, "hana", "notice"))
    assert len(await updates(workplace, incident.number)) == 1


async def test_the_command_asks_for_one_fact_too(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", product="payments")
    hana = workplace.sandbox.person("hana")
    for _ in range(3):
        await hana.command("/incident", "hold", swarm)
    assert "変化のないご案内が続いています" in read(await form(workplace, "hana", "update"))
    assert len(await updates(workplace, incident.number)) == 2
