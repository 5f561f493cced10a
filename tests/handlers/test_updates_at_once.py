"""Several people telling customers at the same time, or one of them twice: one update goes out, and all see it."""

import asyncio

import pytest

from tests.handlers.conftest import MakeWorkplace, Workplace
from tests.handlers.told_team import (
    FIRST,
    ONLY_JAPANESE,
    fields,
    form,
    post_button,
    read,
    send_first,
    updates,
)


@pytest.fixture
async def workplace(make_workplace: MakeWorkplace) -> Workplace:
    return await make_workplace(ONLY_JAPANESE)


async def test_whoever_was_slower_sees_the_other_update_and_sends_after_all(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", "yuki", product="payments")
    hana, yuki = workplace.sandbox.person("hana"), workplace.sandbox.person("yuki")
    await hana.command("/incident", "続報", swarm)
    await form(workplace, "hana", "update")
    await yuki.command("/incident", "続報", swarm)
    await form(workplace, "yuki", "update")
    await hana.fill(symptom="花の文面", affected="全社")
    await yuki.fill(symptom="雪の文面", affected="全社")
    await hana.submit()
    await hana.submit()
    workplace.clock.passes(1)
    assert (await yuki.submit()).closed is False
    view = await workplace.sandbox.until(lambda: yuki.view if "花の文面" in read(yuki.view) else None)
    assert "第1報（第一報）を送信済みです" in read(view)
    assert fields(view)["symptom"] == "雪の文面"
    await yuki.fill(kind="progress", changed="影響が広がりました。")
    await yuki.submit()
    await form(workplace, "yuki", "update_preview")
    await yuki.submit()
    said = [update.facts["ja"].symptom for update in await updates(workplace, incident.number)]
    assert said == ["花の文面", "雪の文面"]


async def test_an_update_sent_while_the_preview_was_open_is_shown_too(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", "yuki", product="payments")
    hana, yuki = workplace.sandbox.person("hana"), workplace.sandbox.person("yuki")
    for person, handle in ((hana, "hana"), (yuki, "yuki")):
        await person.command("/incident", "続報", swarm)
        await form(workplace, handle, "update")
        await person.fill(symptom=f"{handle}の文面", affected="全社")
        await person.submit()
        await form(workplace, handle, "update_preview")
    await hana.submit()
    await yuki.submit()
    assert "入力中に" in read(await form(workplace, "yuki", "update_not_sent"))
    assert len(await updates(workplace, incident.number)) == 1
    await workplace.sandbox.until(lambda: "hanaの文面" in read(yuki.views[0]))
    await yuki.close_view()
    view = await form(workplace, "yuki", "update")
    assert fields(view)["symptom"] == "yukiの文面"
    await yuki.fill(kind="progress", changed="影響が広がりました。")
    await yuki.submit()
    await yuki.submit()
    assert len(await updates(workplace, incident.number)) == 2


async def test_two_people_who_send_in_the_same_instant_send_one_update(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", "yuki", product="payments")
    people = [workplace.sandbox.person(handle) for handle in ("hana", "yuki")]
    for person in people:
        await person.command("/incident", "続報", swarm)
        await form(workplace, person.account.handle, "update")
        await person.fill(**FIRST)
        await person.submit()
        await form(workplace, person.account.handle, "update_preview")
    await asyncio.gather(*(person.submit() for person in people))
    assert len(await updates(workplace, incident.number)) == 1


async def test_a_preview_submitted_twice_sends_once(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", product="payments")
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "続報", swarm)
    await form(workplace, "hana", "update")
    await hana.fill(**FIRST)
    await hana.submit()
    await form(workplace, "hana", "update_preview")
    await asyncio.gather(hana.submit(), hana.submit(), return_exceptions=True)
    assert len(await updates(workplace, incident.number)) == 1


async def test_a_button_of_a_wait_that_was_answered_shows_the_answer_and_opens_the_form(
    workplace: Workplace,
) -> None:
    incident, swarm = await workplace.swarm("hana", "yuki", product="payments")
    card = post_button(workplace, swarm, "update.write", f"{incident.number}/1")
    await send_first(workplace, swarm)
    workplace.clock.passes(3)
    yuki = workplace.sandbox.person("yuki")
    assert (await yuki.click("update.write", card)).ok
    view = await form(workplace, "yuki", "update")
    assert "14:02" in read(view)
    assert "第1報（第一報）を送信済みです" in read(view)
    assert FIRST["symptom"] in read(view)
