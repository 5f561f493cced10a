"""Whatever is typed or clicked on the way to customers: a clear answer, and nothing sent by accident."""

from typing import Any

import pytest

from domain.severity import Level
from tests.handlers.conftest import MakeWorkplace, Workplace
from tests.handlers.told_team import (
    BOTH,
    FIRST,
    ONLY_JAPANESE,
    fields,
    form,
    last_said,
    post_button,
    read,
    send_first,
    updates,
)


@pytest.fixture
async def workplace(make_workplace: MakeWorkplace) -> Workplace:
    return await make_workplace(ONLY_JAPANESE)


REFUSED: list[tuple[dict[str, Any], str, str, str]] = [
    ({"symptom": "  "}, "symptom", "何が起きているかを入力", "Say what customers see"),
    ({"affected": "\n"}, "affected", "「確認中」と入力できます", "Say who is affected"),
    ({"symptom": "長" * 2001}, "symptom", "2000文字以内", "to 2000 characters"),
    ({"workaround": "長" * 2500}, "workaround", "現在2500文字", "it has 2500"),
    ({"next_update": "あとで"}, "next_update", "入力：「あとで」", "you typed “あとで”"),
    ({"next_update": "  "}, "next_update", "読み取れませんでした", "could not be read"),
    ({"next_update": "25:99"}, "next_update", "読み取れませんでした", "could not be read"),
    ({"next_update": "13:30"}, "next_update", "過ぎています", "in the past"),
    ({"next_update": "0分後"}, "next_update", "過ぎています", "in the past"),
    ({"next_update": "15:30"}, "next_update", "11/24 14:22までの時刻", "by 11/24 14:22"),
    ({"next_update": "明日 9:00"}, "next_update", "当番マネージャーに送信を", "ask the duty manager"),
    ({"next_update": "9999時間後"}, "next_update", "読み取れませんでした", "could not be read"),
    ({"next_update": "😀"}, "next_update", "読み取れませんでした", "could not be read"),
]


@pytest.mark.parametrize("reader", ["hana", "ada"])
@pytest.mark.parametrize(("typed", "field", "in_japanese", "in_english"), REFUSED)
async def test_what_cannot_be_sent_is_refused_at_its_field(
    workplace: Workplace, reader: str, typed: dict[str, str], field: str, in_japanese: str, in_english: str
) -> None:
    incident, swarm = await workplace.swarm("hana", "ada", product="payments")
    person = workplace.sandbox.person(reader)
    await person.command("/incident", "update", swarm)
    await form(workplace, reader, "update")
    await person.fill(**{**FIRST, **typed})
    result = await person.submit()
    assert (in_japanese if reader == "hana" else in_english) in result.errors[field]
    assert fields(await form(workplace, reader, "update"))[field] == typed[field]
    assert await updates(workplace, incident.number) == ()


async def test_progress_without_a_change_is_told_the_other_kind(workplace: Workplace) -> None:
    _, swarm = await workplace.swarm("hana", product="payments")
    await send_first(workplace, swarm)
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "update", swarm)
    await form(workplace, "hana", "update")
    await hana.fill(changed="　")
    assert "「続報（変化なし）」を選んで" in (await hana.submit()).errors["changed"]


async def test_a_second_language_names_its_own_field(make_workplace: MakeWorkplace) -> None:
    workplace = await make_workplace(BOTH)
    _, swarm = await workplace.swarm("hana", product="payments")
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "update", swarm)
    await form(workplace, "hana", "update")
    await hana.fill(**FIRST, doing_en="x" * 2001)
    assert "「対応状況（英語）」" in (await hana.submit()).errors["doing_en"]
    await hana.fill(doing_en="", symptom="", affected="")
    assert "何が起きているか" in (await hana.submit()).errors["symptom"]


async def test_the_duty_manager_may_promise_a_later_time(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("cho", product="payments")
    cho = workplace.sandbox.person("cho")
    await cho.command("/incident", "update", swarm)
    await form(workplace, "cho", "update")
    await cho.fill(**FIRST, next_update="明日 9:00")
    await cho.submit()
    await cho.submit()
    assert len(await updates(workplace, incident.number)) == 1


@pytest.mark.parametrize(
    "typed",
    [
        "<!channel> <!here> <@U012345> <https://evil.example|ok>",
        "&amp; & < >",
        "{{ 7 * 7 }} {% raw %}",
        "مرحبا 😀",
    ],
)
async def test_what_is_typed_reaches_the_preview_as_typed(workplace: Workplace, typed: str) -> None:
    incident, swarm = await workplace.swarm("hana", product="payments")
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "update", swarm)
    await form(workplace, "hana", "update")
    await hana.fill(symptom=typed, affected=typed, workaround=typed)
    await hana.submit()
    preview = await form(workplace, "hana", "update_preview")
    assert f"対象・事象：{typed}" in read(preview)
    markup = str([block["text"]["text"] for block in preview["blocks"] if block["type"] == "section"])
    markup = markup.replace("<!date", "")
    assert not [active for active in ("<!", "<@", "<http") if active in markup]
    await hana.submit()
    assert (await updates(workplace, incident.number))[0].facts["ja"].symptom == typed


async def test_texts_at_the_limit_are_shown_whole(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", product="payments")
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "update", swarm)
    await form(workplace, "hana", "update")
    await hana.fill(**dict.fromkeys(("symptom", "affected", "doing", "workaround"), "<" * 1999 + "終"))
    await hana.submit()
    preview = await form(workplace, "hana", "update_preview")
    assert read(preview).count("終") == 4
    await hana.submit()
    assert len(await updates(workplace, incident.number)) == 1


@pytest.mark.parametrize("command", ["update", "hold", "severity", "resolve", "close", "reopen", "withdraw"])
async def test_a_command_outside_a_swarm_says_where_to_use_it(workplace: Workplace, command: str) -> None:
    hana = workplace.sandbox.person("hana")
    assert "対応チャンネルで" in (await hana.command("/incident", command, "support")).text
    assert "#99は見つかりません" in (await hana.command("/incident", f"{command} 99", "support")).text
    assert hana.view is None


@pytest.mark.parametrize("command", ["update", "hold", "severity", "resolve", "withdraw"])
async def test_an_outsider_is_told_to_join_first(workplace: Workplace, command: str) -> None:
    incident, _ = await workplace.swarm("hana")
    yuki = workplace.sandbox.person("yuki")
    answer = await yuki.command("/incident", f"{command} {incident.number}", "support")
    assert "参加してから" in answer.text
    assert yuki.view is None
    assert await updates(workplace, incident.number) == ()


@pytest.mark.parametrize("command", ["update", "hold", "severity", "resolve", "close", "reopen", "withdraw"])
async def test_a_private_incident_is_unknown_outside(workplace: Workplace, command: str) -> None:
    incident, _ = await workplace.swarm("hana", private=True, title="役員の不正")
    yuki = workplace.sandbox.person("yuki")
    answer = await yuki.command("/incident", f"{command} {incident.number}", "support")
    assert "見つかりません" in answer.text
    assert "役員" not in answer.text
    assert yuki.view is None


async def test_an_ordinary_case_has_no_updates(workplace: Workplace) -> None:
    incident = await workplace.incident(urgency=Level.LOW, impact=Level.LOW)
    hana = workplace.sandbox.person("hana")
    for command in ("update", "hold"):
        answer = await hana.command("/incident", f"{command} {incident.number}", "support")
        assert "通常のお問い合わせとして対応" in answer.text


ACTIONS = [
    "update.write",
    "update.hold",
    "update.confirm",
    "update.recipients",
    "reminder.drafting",
    "reminder.snooze",
    "incident.join",
    "incident.resolve",
    "incident.severity",
    "incident.change_state",
    "incident.close",
    "incident.reopen",
    "incident.withdraw",
]


@pytest.mark.parametrize("value", ["", "nonsense", "99/1"])
@pytest.mark.parametrize("action", ACTIONS)
async def test_a_button_that_means_nothing_any_more_is_answered(
    workplace: Workplace, action: str, value: str
) -> None:
    _, swarm = await workplace.swarm("hana")
    card = post_button(workplace, swarm, action, value)
    assert (await workplace.sandbox.person("hana").click(action, card)).ok
    said = await workplace.sandbox.until(lambda: last_said(workplace, "hana", swarm))
    assert "見つかりません" in said


async def test_a_click_a_year_later_finds_the_incident_over(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("cho", by="cho")
    cho = workplace.sandbox.person("cho")
    await cho.command("/incident", "withdraw", swarm)
    await form(workplace, "cho", "withdraw")
    await cho.fill(reason="誤報")
    await cho.submit()
    workplace.clock.passes(60 * 24 * 365)
    for action in ("update.write", "update.hold", "reminder.drafting", "reminder.snooze", "incident.join"):
        before = len(cho.messages(swarm))
        card = post_button(workplace, swarm, action, f"{incident.number}/1")
        await cho.click(action, card)
        await workplace.sandbox.until(lambda seen=before: len(cho.messages(swarm)) == seen + 2)
        assert "取り下げられています" in last_said(workplace, "cho", swarm)


@pytest.mark.parametrize(
    ("command", "callback_id", "filled"),
    [
        ("update", "update", FIRST),
        ("resolve", "resolve", {"done": "切り替えました。"}),
        ("severity", "severity", {"reason": "落ち着いた"}),
        ("withdraw", "withdraw", {"reason": "誤報"}),
    ],
)
async def test_a_form_whose_draft_was_forgotten_says_so(
    workplace: Workplace, command: str, callback_id: str, filled: dict[str, str]
) -> None:
    incident, swarm = await workplace.swarm("cho", product="payments")
    cho = workplace.sandbox.person("cho")
    await cho.command("/incident", command, swarm)
    await form(workplace, "cho", callback_id)
    if callback_id == "resolve":
        await cho.fill(data_loss="no")
    await cho.fill(**filled)
    async with workplace.desk.database.transaction() as tx:
        workplace.clock.passes(60)
        await tx.drafts.forget(before=workplace.clock.at)
    assert "この下書きは残っていません" in next(iter((await cho.submit()).errors.values()))
    assert await updates(workplace, incident.number) == ()
