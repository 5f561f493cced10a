"""Asking for quiet, as people do it in Slack."""

import pytest

from domain.timeline import Happened
from tests.handlers.conftest import MakeWorkplace, Workplace
from tests.handlers.told_team import (
    ONLY_JAPANESE,
    delivered,
    form,
    last_said,
    post_button,
    read,
    send_first,
)


@pytest.fixture
async def workplace(make_workplace: MakeWorkplace) -> Workplace:
    return await make_workplace(ONLY_JAPANESE)


async def test_whoever_drafts_is_told_until_when_it_is_quiet(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", "ada")
    workplace.clock.passes(6)
    for handle, said in (("hana", "14:13まで通知を止めます"), ("ada", "“I am drafting” can be used once")):
        card = post_button(workplace, swarm, "reminder.drafting", f"{incident.number}/1")
        person = workplace.sandbox.person(handle)
        assert (await person.click("reminder.drafting", card)).ok
        await workplace.sandbox.until(lambda who=handle, text=said: text in last_said(workplace, who, swarm))


async def test_a_press_before_any_reminder_is_near_is_answered_with_the_next_one(
    workplace: Workplace,
) -> None:
    incident, swarm = await workplace.swarm("hana")
    await send_first(workplace, swarm)
    await delivered(workplace, incident.number)
    card = post_button(workplace, swarm, "reminder.drafting", f"{incident.number}/2")
    await workplace.sandbox.person("hana").click("reminder.drafting", card)
    await workplace.sandbox.until(
        lambda: "次のリマインダーは14:17です" in last_said(workplace, "hana", swarm)
    )


async def test_a_snooze_asks_for_the_reason_and_answers_where_it_was_pressed(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana")
    workplace.clock.passes(6)
    card = post_button(workplace, swarm, "reminder.snooze", f"{incident.number}/1")
    hana = workplace.sandbox.person("hana")
    assert (await hana.click("reminder.snooze", card)).ok
    view = await form(workplace, "hana", "snooze")
    assert "5分だけ通知を止めます" in read(view)
    await hana.fill(reason="結果待ち <!channel> & {{ 7 * 7 }}")
    assert (await hana.submit()).closed
    await workplace.sandbox.until(lambda: "14:13まで通知を止めました" in last_said(workplace, "hana", swarm))
    async with workplace.desk.database.reading() as tx:
        entries = await tx.timeline.of(incident.number)
    (entry,) = [entry for entry in entries if entry.kind is Happened.SNOOZED]
    assert entry.facts["reason"] == "結果待ち <!channel> & {{ 7 * 7 }}"


async def test_a_reason_of_blanks_or_a_thousand_letters_is_refused_at_its_field(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana")
    workplace.clock.passes(6)
    card = post_button(workplace, swarm, "reminder.snooze", f"{incident.number}/1")
    hana = workplace.sandbox.person("hana")
    await hana.click("reminder.snooze", card)
    await form(workplace, "hana", "snooze")
    for reason, said in (("   ", "「理由」を入力してください"), ("長" * 1000, "300文字以内")):
        await hana.fill(reason=reason)
        assert said in (await hana.submit()).errors["reason"]


async def test_the_third_snooze_is_refused_before_a_reason_is_asked_for(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana")
    workplace.clock.passes(6)
    hana = workplace.sandbox.person("hana")
    for _ in range(2):
        card = post_button(workplace, swarm, "reminder.snooze", f"{incident.number}/1")
        await hana.click("reminder.snooze", card)
        await form(workplace, "hana", "snooze")
        await hana.fill(reason="結果待ち")
        assert (await hana.submit()).closed
        workplace.clock.passes(5)
    card = post_button(workplace, swarm, "reminder.snooze", f"{incident.number}/1")
    await hana.click("reminder.snooze", card)
    await workplace.sandbox.until(lambda: "再通知は2回まで使えます" in last_said(workplace, "hana", swarm))
    assert hana.view is None


@pytest.mark.parametrize("action", ["reminder.drafting", "reminder.snooze", "update.hold"])
async def test_a_button_of_an_answered_wait_says_who_answered_it(workplace: Workplace, action: str) -> None:
    incident, swarm = await workplace.swarm("hana")
    card = post_button(workplace, swarm, action, f"{incident.number}/1")
    await send_first(workplace, swarm)
    await delivered(workplace, incident.number)
    workplace.clock.passes(400)
    await workplace.sandbox.person("hana").click(action, card)
    await workplace.sandbox.until(lambda: "14:02に" in last_said(workplace, "hana", swarm))
    assert "第1報" in last_said(workplace, "hana", swarm)


async def test_the_wait_may_end_while_the_reason_is_being_typed(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", "yuki")
    workplace.clock.passes(6)
    card = post_button(workplace, swarm, "reminder.snooze", f"{incident.number}/1")
    yuki = workplace.sandbox.person("yuki")
    await yuki.click("reminder.snooze", card)
    await form(workplace, "yuki", "snooze")
    await send_first(workplace, swarm)
    await delivered(workplace, incident.number)
    await yuki.fill(reason="結果待ち")
    assert "第1報" in (await yuki.submit()).errors["reason"]
