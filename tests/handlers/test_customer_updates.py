"""Telling customers, as people do it in Slack."""

from datetime import timedelta

import pytest

from domain.customer_updates import Delivery, Kind, Receipt
from domain.incident import State
from services import hints
from services.desk import Actor
from tests.handlers.conftest import MakeWorkplace, Workplace
from tests.handlers.told_team import (
    BOTH,
    FIRST,
    FIRST_EN,
    ONLY_ENGLISH,
    ONLY_JAPANESE,
    fields,
    form,
    incident_now,
    post_button,
    read,
    send_first,
    updates,
)


@pytest.fixture
async def workplace(make_workplace: MakeWorkplace) -> Workplace:
    return await make_workplace(ONLY_JAPANESE)


async def test_a_first_notice_goes_from_the_command_over_its_preview_to_the_record(
    workplace: Workplace,
) -> None:
    incident, swarm = await workplace.swarm("hana", product="payments", summary="決済できません。")
    hana = workplace.sandbox.person("hana")
    assert (await hana.command("/incident", "第一報", swarm)).ok
    view = await form(workplace, "hana", "update")
    assert view["title"]["text"] == "お客様へのご案内"
    assert fields(view)["kind"] == "first"
    assert fields(view)["symptom"] == "決済できません。"
    assert fields(view)["next_update"] == "14:22"
    assert "changed" not in fields(view)

    await hana.fill(**FIRST)
    assert (await hana.submit()).errors == {}
    preview = await form(workplace, "hana", "update_preview")
    assert "#acme-support（Acme 病院）" in read(preview)
    assert "対象・事象：「お支払いを完了できません」と表示されます。" in read(preview)
    assert "次回のご案内：14:22まで（進展がない場合もご案内いたします）" in read(preview)
    assert await updates(workplace, incident.number) == ()

    assert (await hana.submit()).closed
    assert hana.views == []
    (update,) = await updates(workplace, incident.number)
    assert (update.kind, update.author) == (Kind.FIRST, hana.id)
    assert update.facts["ja"].symptom == FIRST["symptom"]
    assert update.promise == workplace.clock.at + timedelta(minutes=20)


async def test_in_english_too(make_workplace: MakeWorkplace) -> None:
    workplace = await make_workplace(ONLY_ENGLISH)
    incident, swarm = await workplace.swarm("ada", by="ada", product="payments")
    ada = workplace.sandbox.person("ada")
    assert (await ada.command("/incident", "update", swarm)).ok
    view = await form(workplace, "ada", "update")
    assert view["title"]["text"] == "Customer update"
    await ada.fill(symptom="Nobody can pay.", affected="All merchants", next_update="in 15 min")
    await ada.submit()
    preview = await form(workplace, "ada", "update_preview")
    assert "#globex-support (Globex)" in read(preview)
    assert "What you may see: Nobody can pay." in read(preview)
    await ada.submit()
    (update,) = await updates(workplace, incident.number)
    assert update.promise == workplace.clock.at + timedelta(minutes=15)


async def test_the_form_asks_in_every_language_its_recipients_read(make_workplace: MakeWorkplace) -> None:
    workplace = await make_workplace(BOTH)
    incident, swarm = await workplace.swarm("hana", product="payments")
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "続報", swarm)
    view = await form(workplace, "hana", "update")
    assert {"symptom", "symptom_en", "doing", "doing_en"} <= set(fields(view))
    await hana.fill(**FIRST, **FIRST_EN)
    await hana.submit()
    preview = await form(workplace, "hana", "update_preview")
    assert "対象・事象：「お支払いを完了できません」と表示されます。" in read(preview)
    assert "What you may see: Buyers see an error and cannot pay." in read(preview)
    assert "文面がない" not in read(preview)
    await hana.submit()
    (update,) = await updates(workplace, incident.number)
    assert update.facts["en"].affected == FIRST_EN["affected_en"]


async def test_the_preview_says_which_language_has_no_words(make_workplace: MakeWorkplace) -> None:
    workplace = await make_workplace(BOTH)
    _, swarm = await workplace.swarm("hana", product="payments")
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "続報", swarm)
    await form(workplace, "hana", "update")
    await hana.fill(**FIRST)
    await hana.submit()
    preview = await form(workplace, "hana", "update_preview")
    assert "英語の文面がない項目は" in read(preview)


async def test_a_ready_sentence_needs_no_typing_in_any_language(make_workplace: MakeWorkplace) -> None:
    workplace = await make_workplace(BOTH)
    incident, swarm = await workplace.swarm("hana", product="payments")
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "続報", swarm)
    await form(workplace, "hana", "update")
    await hana.fill(**FIRST, **FIRST_EN, phrase="cause_found", doing_en="Ten people work on it.")
    await hana.submit()
    await hana.submit()
    (update,) = await updates(workplace, incident.number)
    assert update.facts["ja"].doing == "原因を特定し、復旧作業を進めております。"
    assert update.facts["en"].doing == (
        "We have found the cause and are working on the recovery.\nTen people work on it."
    )


async def test_a_ready_sentence_takes_the_place_of_what_was_said_last_time(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", product="payments")
    await send_first(workplace, swarm, phrase="checking")
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "続報", swarm)
    view = await form(workplace, "hana", "update")
    assert fields(view)["doing"] == "原因を調査しております。"
    await hana.fill(changed="原因がわかりました。", phrase="cause_found")
    await hana.submit()
    await hana.submit()
    assert (await updates(workplace, incident.number))[1].facts["ja"].doing == (
        "原因を特定し、復旧作業を進めております。"
    )


async def test_from_the_second_update_on_the_form_holds_what_was_said_and_asks_what_changed(
    workplace: Workplace,
) -> None:
    incident, swarm = await workplace.swarm("hana", product="payments")
    await send_first(workplace, swarm)
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "続報", swarm)
    view = await form(workplace, "hana", "update")
    assert fields(view)["kind"] == "progress"
    assert fields(view)["symptom"] == FIRST["symptom"]
    assert fields(view)["changed"] is None
    await hana.fill(changed="約6割が復旧しました。", state="monitoring")
    await hana.submit()
    preview = await form(workplace, "hana", "update_preview")
    assert "状態も変更します：調査中 → 経過観察中" in read(preview)
    await hana.submit()
    second = (await updates(workplace, incident.number))[1]
    assert (second.kind, second.state) == (Kind.PROGRESS, State.MONITORING)
    assert (await incident_now(workplace, incident.number)).state is State.MONITORING


async def test_nothing_typed_is_lost_while_the_kind_changes_to_and_fro(workplace: Workplace) -> None:
    _, swarm = await workplace.swarm("hana", product="payments")
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "続報", swarm)
    await form(workplace, "hana", "update")
    await hana.fill(**FIRST, next_update="20分後", kind="holding")
    view = await workplace.sandbox.until(lambda: hana.view if "symptom" not in fields(hana.view) else None)
    assert fields(view)["next_update"] == "20分後"
    assert "入力は必要ありません" in read(view)
    await hana.fill(kind="first")
    view = await workplace.sandbox.until(lambda: hana.view if "symptom" in fields(hana.view) else None)
    assert fields(view)["symptom"] == FIRST["symptom"]
    assert fields(view)["affected"] == FIRST["affected"]


async def test_the_form_shows_the_absolute_time_of_what_is_typed(workplace: Workplace) -> None:
    _, swarm = await workplace.swarm("hana", product="payments")
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "続報", swarm)
    assert "14:22* まで" in read(await form(workplace, "hana", "update"))
    await hana.fill(next_update="15分後")
    await workplace.sandbox.until(lambda: hana.view and "14:17* まで" in read(hana.view))
    await hana.fill(next_update="あとで")
    await workplace.sandbox.until(lambda: hana.view and "まだ読み取れていません" in read(hana.view))


async def test_a_time_is_read_in_the_zone_of_whoever_types_it(make_workplace: MakeWorkplace) -> None:
    workplace = await make_workplace(ONLY_ENGLISH)
    incident, swarm = await workplace.swarm("ben", by="ben", product="payments")
    ben = workplace.sandbox.person("ben")
    await ben.command("/incident", "update", swarm)
    assert fields(await form(workplace, "ben", "update"))["next_update"] == "05:22"
    await ben.fill(symptom="Nobody can pay.", affected="All merchants", next_update="5:10")
    await ben.submit()
    await ben.submit()
    (update,) = await updates(workplace, incident.number)
    assert update.promise == workplace.clock.at + timedelta(minutes=8)


async def test_back_from_the_preview_everything_is_still_there(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", product="payments")
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "続報", swarm)
    await form(workplace, "hana", "update")
    await hana.fill(**FIRST)
    await hana.submit()
    await form(workplace, "hana", "update_preview")
    await hana.close_view()
    view = await form(workplace, "hana", "update")
    assert fields(view)["symptom"] == FIRST["symptom"]
    await hana.fill(symptom="決済できない状態です。")
    await hana.submit()
    await hana.submit()
    (update,) = await updates(workplace, incident.number)
    assert update.facts["ja"].symptom == "決済できない状態です。"


async def test_choosing_resolved_leads_to_the_resolve_form_and_back(workplace: Workplace) -> None:
    _, swarm = await workplace.swarm("ada", by="ada", product="payments")
    ada = workplace.sandbox.person("ada")
    await ada.command("/incident", "update", swarm)
    await form(workplace, "ada", "update")
    await ada.fill(symptom="Nobody can pay.", affected="All", state="resolved")
    assert (await form(workplace, "ada", "resolve"))["title"]["text"] == "Resolve"
    await ada.close_view()
    assert fields(await form(workplace, "ada", "update"))["symptom"] == "Nobody can pay."
    assert (await ada.submit()).errors == {}
    await form(workplace, "ada", "resolve")


async def test_the_receipts_name_who_was_reached_and_who_was_not(make_workplace: MakeWorkplace) -> None:
    workplace = await make_workplace(BOTH)
    incident, swarm = await workplace.swarm("hana", product="payments")
    await send_first(workplace, swarm)
    async with workplace.desk.database.transaction() as tx:
        sent, failed = await tx.customer_updates.deliveries(incident.number)
        for delivery, receipt, error in (
            (sent, Receipt.SENT, ""),
            (failed, Receipt.FAILED, "channel_not_found"),
        ):
            news = Delivery(
                number=1,
                recipient=delivery.recipient,
                receipt=receipt,
                at=workplace.clock.at,
                error=error,
            )
            await tx.customer_updates.receipt(incident.number, news)
    card = post_button(workplace, swarm, "update.recipients", f"{incident.number}/1")
    await workplace.sandbox.person("hana").click("update.recipients", card)
    said = read(await form(workplace, "hana", "update_recipients"))
    assert "2件（送信済み1件・送信中0件・失敗1件）" in said
    assert "#acme-support（Acme 病院）" in said
    assert "#globex-support（Globex）　送信できませんでした。チャンネルが見つかりません" in said


async def test_what_an_expert_said_stands_in_the_draft_and_no_ready_sentence_replaces_it(
    workplace: Workplace,
) -> None:
    incident, swarm = await workplace.swarm("hana", product="payments")
    hana = workplace.sandbox.person("hana")
    actor = Actor(person=hana.id, channel_id=swarm.id)
    for text in ("予備の設備があります。", "The standby is warm."):
        await hints.hint(workplace.desk, incident.number, text, actor=actor, request=text)
    await hana.command("/incident", "続報", swarm)
    view = await form(workplace, "hana", "update")
    assert fields(view)["doing"] == "予備の設備があります。"
    assert "翻訳してご記入ください" in read(view)
    assert "The standby is warm." in read(view)
    await hana.fill(**FIRST, phrase="switching")
    await hana.submit()
    await hana.submit()
    assert (await updates(workplace, incident.number))[0].facts["ja"].doing == (
        "予備の設備への切り替えを進めております。\n予備の設備があります。"
    )


async def test_from_the_panel_to_the_sent_update(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", product="payments")
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "", swarm)
    await form(workplace, "hana", "panel")
    await hana.click("update.write")
    await form(workplace, "hana", "update")
    await hana.fill(**FIRST)
    await hana.submit()
    await form(workplace, "hana", "update_preview")
    assert (await hana.submit()).closed
    assert hana.views == []
    assert len(await updates(workplace, incident.number)) == 1
