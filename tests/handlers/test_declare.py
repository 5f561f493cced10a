"""Declaring, as people do it in Slack: by command, shortcut and message, in both languages."""

import asyncio

import pytest

from domain.customer_updates import LANGUAGES
from domain.severity import Severity
from domain.team import Customer, Product, Team
from sandbox import Fault
from sandbox.readable import readable
from tests.handlers.conftest import MakeWorkplace, Workplace
from tests.handlers.declare_form import (
    INPUTS,
    SPEAKERS,
    declared,
    foretold,
    opened,
    said,
    value,
)

# Opening


@pytest.mark.parametrize("text", ["", "declare", "new", "起票", "報告", "新規", "ＤＥＣＬＡＲＥ", "  起票　"])
async def test_every_name_of_the_command_opens_the_form(workplace: Workplace, text: str) -> None:
    hana = await opened(workplace, text=text)
    assert hana.view and hana.view["callback_id"] == "declare"
    assert [b["block_id"] for b in hana.view["blocks"] if b["type"] == "input"] == INPUTS


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("declare Card payments fail", "Card payments fail"),
        ("起票　カード決済が　失敗する", "カード決済が 失敗する"),
        ("new A & B < C > D", "A & B < C > D"),
        ("new @ben cannot log in", "@Ben Carter cannot log in"),
        ("new <!channel> is down", "<!channel> is down"),
        ("new 🔥🔥🔥", "🔥🔥🔥"),
        ("new تعطل الدفع", "تعطل الدفع"),
        ("new " + "長" * 400, "長" * 400),
    ],
)
async def test_the_title_typed_with_the_command_stands_in_the_form_as_it_was_typed(
    workplace: Workplace, typed: str, title: str
) -> None:
    await workplace.sandbox.person("ben").command("/incident", "help", "support")  # Hachi has met Ben.
    hana = await opened(workplace, text=typed)
    assert value(hana.view, "title") == title


async def test_a_global_shortcut_opens_the_form(workplace: Workplace) -> None:
    ada = workplace.sandbox.person("ada")
    await ada.shortcut("declare")
    view = await workplace.sandbox.until(lambda: ada.view)
    assert view["title"]["text"] == "Declare an incident"


async def test_a_message_carries_its_text_and_its_link_over(workplace: Workplace) -> None:
    hana, ben = workplace.sandbox.person("hana"), workplace.sandbox.person("ben")
    await ben.command("/incident", "help", "support")
    message = await hana.post("support", "\nカード決済が失敗する & 止まる\n@ben さん宛てに3件の報告")
    await hana.message_shortcut("declare_from_message", message)
    await workplace.sandbox.until(lambda: hana.view)
    assert value(hana.view, "title") == "カード決済が失敗する & 止まる"
    assert value(hana.view, "summary") == "カード決済が失敗する & 止まる\n@Ben Carter さん宛てに3件の報告"
    await hana.fill(urgency="high", impact="high")
    assert (await hana.submit()).closed
    incident = await declared(workplace)
    assert incident.source_link.endswith(f"/p{message.ts.replace('.', '')}")
    assert "\n" not in incident.title


async def test_a_message_that_hachi_may_not_see_is_declared_without_its_link(workplace: Workplace) -> None:
    hana = workplace.sandbox.person("hana")
    message = await hana.post("support", "x" * 5000)
    workplace.sandbox.faults.add("chat.getPermalink", Fault.error("channel_not_found"))
    await hana.message_shortcut("declare_from_message", message)
    await workplace.sandbox.until(lambda: hana.view)
    assert value(hana.view, "title") == "x" * 119 + "…"
    assert len(value(hana.view, "summary")) == 2000
    await hana.fill(urgency="low", impact="high")
    assert (await hana.submit()).closed
    assert (await declared(workplace)).source_link == ""


async def test_a_form_that_slack_does_not_open_is_told(workplace: Workplace) -> None:
    workplace.sandbox.faults.add("views.open", Fault.error("expired_trigger_id"))
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "起票", "support")
    message = await workplace.sandbox.until(lambda: [m for m in hana.messages("support") if m.by_app])
    assert "フォームを開けませんでした" in message[0].plain


async def test_a_form_that_a_shortcut_could_not_open_is_told_in_a_direct_message(
    workplace: Workplace,
) -> None:
    workplace.sandbox.faults.add("views.open", Fault.error("expired_trigger_id"), times=2)
    ada = workplace.sandbox.person("ada")
    await ada.shortcut("declare")
    message = await workplace.sandbox.until(ada.dm)
    assert "could not be opened" in message[0].plain


async def test_a_team_without_settings_sees_no_empty_menus(make_workplace: MakeWorkplace) -> None:
    workplace = await make_workplace(team=Team())
    hana = await opened(workplace)
    assert hana.view
    assert {b["block_id"] for b in hana.view["blocks"]} & {"product", "customers"} == set()
    await hana.fill(title="決済", urgency="high", impact="high")
    line = await foretold(workplace, hana, "重要度1")
    assert "担当者未定のため代行：責任者、SLA担当、当番マネージャー" in line
    assert (await hana.submit()).closed


async def test_of_many_customers_the_key_ones_come_first_and_the_form_says_so(
    make_workplace: MakeWorkplace,
) -> None:
    customers = {f"c{n}": Customer(name=f"顧客{n}", tier="key" if n > 110 else "") for n in range(150)}
    products = {f"p{n}": Product(name=f"製品{n}") for n in range(101)}
    workplace = await make_workplace(team=Team(customers=customers, products=products))
    hana = await opened(workplace)
    assert hana.view
    block = next(b for b in hana.view["blocks"] if b["block_id"] == "customers")
    assert [one["value"] for one in block["element"]["options"]][:2] == ["c111", "c112"]
    assert "150件のうち100件" in block["hint"]["text"]


# The live line


async def test_before_both_levels_are_chosen_the_line_says_what_will_appear(workplace: Workplace) -> None:
    hana = await opened(workplace)
    await hana.fill(urgency="high")
    assert "緊急度と影響度を選ぶと" in said(hana.view)


async def test_the_line_follows_every_choice(workplace: Workplace) -> None:
    hana = await opened(workplace)
    await hana.fill(title="決済が失敗", urgency="low", impact="medium")
    await foretold(workplace, hana, "重要度4", "通常のお問い合わせとして対応します")
    await hana.fill(urgent_because=["spreads", "key_customer"])
    line = await foretold(workplace, hana, "重要度2（中）", "影響度：中")
    assert "緊急度：高（「影響が急速に広がるおそれがある」「重要顧客に影響している" in line
    await hana.fill(impact_because=["money"])
    line = await foretold(
        workplace, hana, "重要度1（高）", "初回応答Nov 24, 2026 14:32まで・解決Nov 24, 2026 18:02まで"
    )
    assert "第一報：14:12まで" in line
    await hana.fill(product="payments", customers=["acme"])
    line = await foretold(workplace, hana, "技術担当：payments、database")
    assert workplace.id("ben") in line
    await hana.fill(severity_override="3")
    await foretold(workplace, hana, "重要度3（低）", "本来は重要度1。手動で変更")
    assert value(hana.view, "title") == "決済が失敗"
    assert hana.view and hana.view["state"]["values"]["customers"]["customers"]["selected_options"]


async def test_quick_choices_end_with_the_line_for_the_last_one(workplace: Workplace) -> None:
    workplace.sandbox.latency = 0.05
    hana = await opened(workplace)
    await hana.fill(urgency="low", impact="low")
    await hana.fill(urgency="medium")
    await hana.fill(urgency="high")
    await hana.fill(impact="high")
    await foretold(workplace, hana, "重要度1")
    await asyncio.sleep(0.3)  # The answers to the earlier choices have come by now.
    assert "重要度1" in said(hana.view)


async def test_closing_the_form_while_the_line_is_made_disturbs_nobody(workplace: Workplace) -> None:
    hana = await opened(workplace)
    workplace.sandbox.latency = 0.1
    await hana.fill(urgency="high", impact="high")
    await hana.close_view()
    await workplace.sandbox.until(lambda: [c for c in workplace.sandbox.calls if c.error == "not_found"])
    assert not hana.dm()


async def test_open_incidents_of_the_same_product_are_shown_with_a_way_to_join(workplace: Workplace) -> None:
    await workplace.swarm("ada", product="payments", title="カード決済 <!channel> & 障害")
    await workplace.incident(title="秘密", product="payments", private=True)
    await workplace.incident(title="別の製品", product="search")
    hana = await opened(workplace)
    await hana.fill(urgency="high", impact="high", product="payments")
    await foretold(workplace, hana, "技術担当")
    shown = said(hana.view, "look_alike")
    assert "#1 カード決済 <!channel> & 障害" in shown
    assert "こちらに参加する" in shown
    assert "秘密" not in shown and "別の製品" not in shown


# Submitting


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_complete_form_becomes_an_incident(workplace: Workplace, language: str) -> None:
    person = await opened(workplace, SPEAKERS[language])
    await person.fill(
        title="  Card   payments fail ",
        summary="An error <here> & there",
        urgency="medium",
        urgent_because=["escalates"],
        impact="low",
        impact_because=["reputation", "injury"],
        category="software",
        product="payments",
        customers=["acme", "globex"],
        language="en",
        private=["yes"],
        severity_override="2",
        override_reason="Only two customers",
    )
    assert (await person.submit()).closed
    assert person.view is None
    incident = await declared(workplace)
    assert incident.title == "Card payments fail"
    assert incident.summary == "An error <here> & there"
    assert incident.severity is Severity.TWO
    assert incident.assessment.computed is Severity.ONE
    assert incident.customers == ("acme", "globex")
    assert (incident.product, incident.category, incident.language) == ("payments", "software", "en")
    assert incident.private and incident.swarm
    assert incident.declared_by == person.id


async def test_the_three_required_fields_are_enough(workplace: Workplace) -> None:
    hana = await opened(workplace)
    await hana.fill(title="決済", urgency="high", impact="low")
    assert (await hana.submit()).closed
    incident = await declared(workplace)
    assert (incident.language, incident.category, incident.private) == ("ja", "other", False)


async def test_an_ordinary_case_is_answered_in_the_form_with_what_comes_next(workplace: Workplace) -> None:
    hana = await opened(workplace)
    await hana.fill(title="設定の質問", urgency="low", impact="low")
    await hana.submit()
    assert hana.view and hana.view["title"]["text"] == "登録しました"
    shown = readable("", hana.view["blocks"], (), tz="Asia/Tokyo", names={})
    assert "#1 設定の質問" in shown
    assert "/incident クローズ 1" in shown
    assert not (await declared(workplace)).swarm


async def test_an_ordinary_case_gets_a_swarm_when_asked_for(workplace: Workplace) -> None:
    hana = await opened(workplace)
    await hana.fill(title="設定の質問", urgency="low", impact="low", swarm_anyway=["yes"])
    assert (await hana.submit()).closed
    assert (await declared(workplace)).swarm


async def test_submitting_twice_declares_once(workplace: Workplace) -> None:
    hana = await opened(workplace)
    await hana.fill(title="決済", urgency="high", impact="high")
    payload = workplace.sandbox.interactions.submission(
        hana.account, workplace.sandbox.modals.stacks[hana.id][-1]
    )
    await asyncio.gather(*(workplace.sandbox.way.deliver("interactive", payload) for _ in range(3)))
    async with workplace.desk.database.reading() as tx:
        assert len(await tx.incidents.open()) == 1


async def test_a_form_whose_draft_was_cleared_away_is_still_taken(workplace: Workplace) -> None:
    hana = await opened(workplace)
    async with workplace.desk.database.transaction() as tx:
        workplace.clock.passes(60 * 24 * 400)
        await tx.drafts.forget(before=workplace.clock())
    await hana.fill(title="決済", urgency="high", impact="high")
    assert (await hana.submit()).closed


async def test_joining_a_look_alike_from_the_form_is_answered_and_loses_nothing(workplace: Workplace) -> None:
    await workplace.swarm("ada", product="payments")
    hana = await opened(workplace)
    await hana.fill(title="決済", urgency="high", impact="high", product="payments")
    await foretold(workplace, hana, "技術担当")
    await hana.click("incident.join", value="1/0")
    async with workplace.desk.database.reading() as tx:
        assert await tx.incidents.joined(1) == (hana.id,)
    await workplace.sandbox.until(lambda: len(hana.views) == 2 or hana.dm())
    assert value(hana.views[0], "title") == "決済"
