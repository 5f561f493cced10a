"""Every "no" has words, and whoever says it gives the facts that its words need."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import pytest

from domain.customer_updates import Kind
from domain.incident import Role, State
from domain.refusals import Refusal, Why
from domain.severity import Severity
from templates.mrkdwn import Mrkdwn
from templates.refusals import refusal_text
from templates.words import Words, all_texts

ROOT = Path(__file__).parents[2]
ROOMS = ("domain", "services", "storage", "handlers", "delivery", "bot")
AT = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)
SLACK_DATE = re.compile(r"<!date[^>]*>")
JA, EN = Words("ja", "Asia/Tokyo"), Words("en", "Asia/Tokyo")
SAMPLES: dict[str, object] = {
    "number": 12,
    "title": "カード決済が失敗する",
    "state": State.IDENTIFIED,
    "severity": Severity.TWO,
    "kind": Kind.PROGRESS,
    "who": "U01",
    "author": "U01",
    "people": ("U01", "U02"),
    "roles": (Role.OWNER, Role.DUTY_MANAGER),
    "limit": 2,
    "length": 3,
    "typed": "あとで",
    "suggestion": "declare",
    "reference": "8F2C",
}


def sample(fact: str) -> object:
    return SAMPLES.get(fact, AT)


def facts_of(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def raised() -> Iterator[tuple[str, Why, set[str]]]:
    """Every place in the program that says no: where, why, and with which facts."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal"):
                    continue
                why, names = node.args[0], [keyword.arg for keyword in node.keywords]
                if isinstance(why, ast.Attribute) and None not in names:
                    facts = {name for name in names if name and name != "field"}
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", Why[why.attr], facts


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("words", [JA, EN], ids=["ja", "en"])
def test_every_refusal_has_words(why: Why, words: Words) -> None:
    needed = facts_of(all_texts(words.language)[f"refusals.{why.value}"][0]) - {"field", "command"}
    refusal = Refusal(why, field="reason", **{fact: sample(fact) for fact in needed})
    for said in (refusal_text(refusal, words, markup=True), refusal_text(refusal, words, markup=False)):
        assert said and "{" not in SLACK_DATE.sub("", said) and "None" not in said
        assert "<enum" not in said.lower() and State.IDENTIFIED.value not in said


def test_words_without_a_refusal_are_not_kept() -> None:
    assert {name.split(".")[1] for name in all_texts("en") if name.startswith("refusals.")} == {*Why}


@pytest.mark.parametrize(("where", "why", "facts"), list(raised()))
def test_whoever_says_no_gives_the_facts_its_words_need(where: str, why: Why, facts: set[str]) -> None:
    refusal = Refusal(why, field="title", **{fact: sample(fact) for fact in facts})
    assert refusal_text(refusal, JA, markup=False), where
    assert refusal_text(refusal, EN, markup=True), where


def test_a_field_error_is_plain_and_a_message_is_markup() -> None:
    refusal = Refusal(Why.ALREADY_RESOLVED, number=12, at=AT)
    plain, markup = refusal_text(refusal, JA, markup=False), refusal_text(refusal, JA, markup=True)
    assert "11/24 14:30に解決済みです" in plain and not isinstance(plain, Mrkdwn)
    assert "<!date^1795498200^{date_short_pretty} {time}|11/24 14:30>" in markup and isinstance(
        markup, Mrkdwn
    )


def test_what_was_typed_is_shown_and_never_acted_upon() -> None:
    refusal = Refusal(Why.TIME_UNREADABLE, field="next_update", typed="<!channel>")
    assert "「<!channel>」" in refusal_text(refusal, JA, markup=False)
    assert "「&lt;!channel&gt;」" in refusal_text(refusal, JA, markup=True)


def test_the_text_names_the_field_and_its_second_language() -> None:
    refusal = Refusal(Why.TEXT_TOO_LONG, field="workaround_en", limit=2000, length=2001)
    assert refusal_text(refusal, JA, markup=False).startswith("「回避策（英語）」")
    assert refusal_text(refusal, EN, markup=False).startswith("Keep “Workaround (English)” to 2000")


def test_a_missing_fact_about_customers_is_asked_for_in_its_own_words() -> None:
    assert refusal_text(Refusal(Why.TEXT_MISSING, field="changed_en"), JA, markup=False) == refusal_text(
        Refusal(Why.TEXT_MISSING, field="changed"), JA, markup=False
    )
    assert "続報（変化なし）" in refusal_text(Refusal(Why.TEXT_MISSING, field="changed"), JA, markup=False)


def test_a_withdrawn_incident_is_not_offered_to_be_reopened() -> None:
    over = Refusal(Why.INCIDENT_OVER, number=12, state=State.WITHDRAWN)
    assert "起票" in refusal_text(over, JA, markup=True) and "再オープン" not in refusal_text(
        over, JA, markup=True
    )
    assert "reopen" in refusal_text(
        Refusal(Why.INCIDENT_OVER, number=12, state=State.CLOSED), EN, markup=True
    )


def test_a_click_that_comes_late_is_answered_with_what_happened() -> None:
    facts = {"number": 3, "kind": Kind.PROGRESS, "author": "U01", "at": AT}
    answered = Refusal(Why.CYCLE_ANSWERED, **facts, next=AT)
    last = Refusal(Why.CYCLE_ANSWERED, **facts, next=None)
    assert "次回のご案内は14:30までです" in refusal_text(answered, JA, markup=False)
    assert "No further update is due" in refusal_text(last, EN, markup=False)


def test_the_command_is_called_what_the_workspace_calls_it() -> None:
    refusal = Refusal(Why.INCIDENT_NOT_HERE)
    assert "“/trouble list”" in refusal_text(refusal, EN, markup=False, command="/trouble")
