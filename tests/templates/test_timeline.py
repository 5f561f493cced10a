"""The timeline reads as sentences in both languages."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.timeline import Entry, Happened
from templates.timeline import timeline_text
from templates.words import Words, all_texts

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)
JA, EN = Words("ja", "Asia/Tokyo"), Words("en", "Asia/Tokyo")
KEPT: dict[str, object] = {
    "who": "U02",
    "before": "U03",
    "asker": "U01",
    "role": "expert",
    "number": 3,
    "text": "予備の設備へ切り替えています",
    "kind": "progress",
    "late": 4,
    "severity": 2,
    "rung": 2,
    "cycle": 3,
    "until": AT.isoformat(),
    "reason": "待機中",
    "cause": "設備の故障",
    "channel": "C01",
    "place": "acme-support",
    "error": "is_archived",
    "what": "topic",
    "sla": "response",
    "step": 80,
    "due": AT.isoformat(),
    "customers": ["みなと薬局"],
}


def kept(happened: Happened, fact: str) -> object:
    if fact in ("old", "new"):
        return "identified" if happened is Happened.STATE_CHANGED else 3
    return KEPT.get(fact)


def added() -> Iterator[tuple[str, Happened, set[str]]]:
    """Every place that writes to the timeline: where, what happened, and with which facts."""
    for room in ("services", "delivery"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("timeline.add"):
                    happened = node.args[1]
                    names = {keyword.arg for keyword in node.keywords if keyword.arg}
                    if isinstance(happened, ast.Attribute):
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", Happened[happened.attr], names


@pytest.mark.parametrize(("where", "happened", "names"), list(added()))
def test_whoever_writes_to_the_timeline_gives_the_facts_its_words_need(
    where: str, happened: Happened, names: set[str]
) -> None:
    facts = {name: kept(happened, name) for name in names - {"at", "actor"}}
    entry = Entry(at=AT, kind=happened, actor="U01" if "actor" in names else None, facts=facts)
    for words in (JA, EN):
        said = timeline_text(entry, words)
        assert said and "None" not in said, where


@pytest.mark.parametrize("happened", Happened)
def test_every_kind_of_entry_has_words(happened: Happened) -> None:
    assert f"timeline.{happened.value}" in all_texts("ja")


def test_records_become_words() -> None:
    changed = Entry(
        at=AT, kind=Happened.STATE_CHANGED, actor="U01", facts={"old": "investigating", "new": "identified"}
    )
    assert timeline_text(changed, JA) == "<@U01>さんが状態を変更しました：調査中 → 原因特定。"
    raised = Entry(
        at=AT, kind=Happened.SEVERITY_CHANGED, actor="U01", facts={"old": 3, "new": 1, "reason": "全社に拡大"}
    )
    assert (
        timeline_text(raised, JA)
        == "<@U01>さんが重要度を変更しました：重要度3（低） → 重要度1（高）（理由：全社に拡大）。"
    )
    snoozed = Entry(
        at=AT, kind=Happened.SNOOZED, actor="U01", facts={"until": AT.isoformat(), "reason": "on a call"}
    )
    assert timeline_text(snoozed, EN).endswith("|14:30> (reason: on a call).")


def test_an_update_says_whether_it_kept_the_promise() -> None:
    sent = {"number": 3, "kind": "holding"}
    on_time = Entry(at=AT, kind=Happened.UPDATE_SENT, actor="U01", facts={**sent, "late": 0})
    late = Entry(at=AT, kind=Happened.UPDATE_SENT, actor="U01", facts={**sent, "late": 4})
    assert "（期限内）" in timeline_text(on_time, JA) and "（4分遅れ）" in timeline_text(late, JA)
    assert "on time" in timeline_text(on_time, EN) and "4 min late" in timeline_text(late, EN)


def test_a_declaration_by_itself_names_nobody() -> None:
    entry = Entry(at=AT, kind=Happened.DECLARED, facts={"severity": 1})
    assert timeline_text(entry, JA) == "インシデントが起票されました（重要度1（高））。"
