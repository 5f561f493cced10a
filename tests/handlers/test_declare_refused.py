"""A declare form that is filled in wrongly, or not by hand: which field, what is wrong, and nothing is lost."""

from typing import Any

import pytest

from domain.customer_updates import LANGUAGES
from sandbox.readable import readable
from tests.handlers.conftest import Workplace
from tests.handlers.declare_form import SPEAKERS, declared, nothing_declared, opened, said, value

REFUSED: list[tuple[dict[str, Any], str, str, str]] = [
    ({"title": "   "}, "title", "件名を入力してください", "Enter a title"),
    ({"title": "　\n　"}, "title", "件名を入力してください", "Enter a title"),
    ({"title": "長" * 121}, "title", "120文字以内", "120 characters"),
    ({"summary": "x" * 2001}, "summary", "2000文字以内", "2000 characters"),
    ({"severity_override": "5"}, "override_reason", "入力してください", "Fill in"),
    ({"severity_override": "5", "override_reason": "  "}, "override_reason", "入力してください", "Fill in"),
    (
        {"severity_override": "5", "override_reason": "x" * 301},
        "override_reason",
        "300文字",
        "300 characters",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("typed", "field", "ja", "en"), REFUSED)
async def test_a_wrong_field_is_named_and_what_was_typed_stays(
    workplace: Workplace, language: str, typed: dict[str, Any], field: str, ja: str, en: str
) -> None:
    person = await opened(workplace, SPEAKERS[language])
    await person.fill(**{"title": "決済", "urgency": "high", "impact": "high"} | typed)
    answer = await person.submit()
    assert list(answer.errors) == [field]
    assert {"ja": ja, "en": en}[language] in answer.errors[field]
    for name in typed.keys() & {"title", "summary", "override_reason"}:
        assert value(person.view, name) == typed[name]
    assert await nothing_declared(workplace)


@pytest.mark.parametrize(
    "title", ["🔥", "تعطل الدفع بالبطاقات", "<!channel> & <@U123> </b>", "{number} %s {{x}}"]
)
async def test_an_odd_title_is_kept_as_it_is(workplace: Workplace, title: str) -> None:
    hana = await opened(workplace)
    await hana.fill(title=title, urgency="high", impact="high")
    assert (await hana.submit()).closed
    assert (await declared(workplace)).title == title
    answer = await hana.command("/incident", "一覧", "support")
    assert title in readable("", answer.blocks, (), tz="Asia/Tokyo", names={})
    assert "<!channel>" not in str(answer.blocks)


@pytest.mark.parametrize(
    ("field", "element", "why"),
    [
        ("urgency", {"type": "radio_buttons", "selected_option": {"value": "extreme"}}, "選択肢はありません"),
        ("urgency", {"type": "radio_buttons", "selected_option": None}, "選んでください"),
        ("impact", {"type": "plain_text_input", "value": "high"}, "選んでください"),
        (
            "impact_because",
            {"type": "checkboxes", "selected_options": [{"value": "boredom"}]},
            "選択肢はありません",
        ),
        (
            "severity_override",
            {"type": "static_select", "selected_option": {"value": "9"}},
            "選択肢はありません",
        ),
        ("category", {"type": "static_select", "selected_option": {"value": "magic"}}, "選択肢はありません"),
        ("product", {"type": "static_select", "selected_option": {"value": "rockets"}}, "登録されていません"),
        (
            "customers",
            {"type": "multi_static_select", "selected_options": [{"value": "nobody"}]},
            "登録されていません",
        ),
    ],
)
async def test_a_choice_the_form_never_offered_is_refused_at_its_field(
    workplace: Workplace, field: str, element: dict[str, Any], why: str
) -> None:
    hana = await opened(workplace)
    await hana.fill(title="決済", urgency="high", impact="high")
    payload = workplace.sandbox.interactions.submission(
        hana.account, workplace.sandbox.modals.stacks[hana.id][-1]
    )
    payload["view"]["state"]["values"][field][field] = element
    answer = await workplace.sandbox.way.deliver("interactive", payload)
    assert answer and answer["response_action"] == "errors"
    assert why in answer["errors"][field]
    assert await nothing_declared(workplace)


async def test_a_form_that_fails_for_our_own_fault_says_so_with_a_number_and_stays_open(
    workplace: Workplace, caplog: pytest.LogCaptureFixture
) -> None:
    hana = await opened(workplace)
    await hana.fill(title="決済", urgency="high", impact="high")
    await workplace.sandbox.until(lambda: "重要度1" in said(hana.view))
    async with workplace.desk.database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE incident RENAME TO gone")
    answer = await hana.submit()
    assert not answer.closed
    assert "エラー番号：" in answer.errors["title"]
    reference = answer.errors["title"].partition("エラー番号：")[2][:4]
    assert reference in caplog.text and "Traceback" in caplog.text
    assert value(hana.view, "title") == "決済"
