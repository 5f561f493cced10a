"""What a person reads who asks: list, status, panel, timeline, help; in both languages and every state."""

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from domain.customer_updates import LANGUAGES
from domain.incident import State
from domain.severity import Assessment, Level
from domain.timeline import Entry, Happened
from sandbox.block_kit import checked_view
from templates.answers import help_answer, help_now, list_answer, status_answer, timeline_answer
from templates.blocks import Block, modal
from templates.forms.notice import notice_view
from templates.forms.panel import panel
from templates.words import Words
from tests.templates.records import (
    DECLARED_AT,
    FIRST_WAIT,
    NAMES,
    PEOPLE,
    SECOND_WAIT,
    TEAM,
    Line,
    after,
    checklist,
    incident,
    stages,
)

COMMAND = "/incident"


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


def words(language: str) -> Words:
    return Words(language, "Asia/Tokyo", NAMES)


def check(blocks: list[Block]) -> None:
    """Slack takes these blocks, in a message or a form."""
    checked_view(modal("x", "x", blocks, close="x"))
    assert len(blocks) <= 50
    assert sum(len(str(block)) for block in blocks) < 20_000


LINES = (
    Line(incident(), FIRST_WAIT),
    Line(incident(number=13, state=State.MONITORING, title="検索が遅い"), SECOND_WAIT),
    Line(
        incident(
            number=14,
            swarm=False,
            private=True,
            channel_id=None,
            assessment=Assessment(urgency=Level.LOW, impact=Level.LOW),
        ),
        None,
        (),
    ),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list(language: str, snapshot: SnapshotAssertion) -> None:
    blocks = list_answer(LINES, TEAM, PEOPLE, words(language), now=after(9), command=COMMAND)
    check(blocks)
    assert blocks == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_empty_list_says_what_will_appear(language: str, snapshot: SnapshotAssertion) -> None:
    assert list_answer((), TEAM, PEOPLE, words(language), now=after(9), command=COMMAND) == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_late_ones_come_first_and_say_so_in_words(language: str, snapshot: SnapshotAssertion) -> None:
    blocks = list_answer(LINES, TEAM, PEOPLE, words(language), now=after(60 * 5), command=COMMAND)
    assert blocks == snapshot


def test_an_update_is_not_late_in_the_minute_it_is_due() -> None:
    def line(minutes: float) -> str:
        blocks = list_answer(LINES[:1], TEAM, PEOPLE, words("ja"), now=after(minutes), command=COMMAND)
        return str(blocks[1]["text"]["text"])

    assert "遅れ" not in line(10.9)
    assert "1分遅れ" in line(11)


def test_a_long_list_says_how_many_more_there_are() -> None:
    many = [Line(incident(number=n, title="長" * 120), FIRST_WAIT) for n in range(1, 61)]
    blocks = list_answer(many, TEAM, PEOPLE, words("ja"), now=after(9), command=COMMAND)
    check(blocks)
    assert "60件" in blocks[0]["text"]["text"]
    assert "ほかに35件" in blocks[-1]["elements"][0]["text"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stage", stages())
def test_the_status(language: str, stage: str, snapshot: SnapshotAssertion) -> None:
    blocks = status_answer(stages()[stage], TEAM, words(language), now=after(29), command=COMMAND)
    check(blocks)
    assert blocks == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stage", stages())
def test_the_panel(language: str, stage: str, snapshot: SnapshotAssertion) -> None:
    shown = stages()[stage]
    steps = checklist(shown.incident)
    view = panel("draft", shown, TEAM, words(language), now=after(9), command=COMMAND, checklist=steps)
    checked_view(view)
    assert view == snapshot


ENTRIES = (
    Entry(at=DECLARED_AT, kind=Happened.DECLARED, actor="U0HANA", facts={"severity": 1, "reason": ""}),
    Entry(at=DECLARED_AT, kind=Happened.CALLED, facts={"who": "ben@example.com", "role": "expert"}),
    Entry(
        at=after(8),
        kind=Happened.UPDATE_SENT,
        actor="U0CHO",
        facts={"number": 1, "kind": "first", "late": 0, "promise": after(28).isoformat()},
    ),
    Entry(at=after(29), kind=Happened.REOPENED, actor="U0ADA", facts={"reason": "<!channel> & again"}),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_timeline(language: str, snapshot: SnapshotAssertion) -> None:
    blocks = timeline_answer(incident(), ENTRIES, PEOPLE, words(language))
    check(blocks)
    assert blocks == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_timeline_shows_the_newest_and_says_how_many_it_leaves_out(language: str) -> None:
    entries = [replace(ENTRIES[3], at=after(n), facts={"reason": f"第{n}回<&>" * 30}) for n in range(400)]
    blocks = timeline_answer(incident(title="長" * 120), entries, PEOPLE, words(language))
    check(blocks)
    shown = "".join(block["text"]["text"] for block in blocks[2:])
    assert "第399回" in shown and "第0回" not in shown
    hidden = 400 - sum(f"第{n}回" in shown for n in range(400))
    assert str(hidden) in blocks[1]["elements"][0]["text"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stage", [None, "declared", "resolved"])
def test_help(language: str, stage: str | None, snapshot: SnapshotAssertion) -> None:
    commands = [("declare", {"ja": "起票", "en": "declare"}[language]), ("list", "list"), ("help", "help")]
    said = words(language)
    shown = stages()[stage] if stage else None
    now = shown and help_now(shown, checklist(shown.incident), TEAM, said, now=after(9), command=COMMAND)
    blocks = help_answer(commands, now or (), said, command=COMMAND)
    check(blocks)
    assert blocks == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notice(language: str, snapshot: SnapshotAssertion) -> None:
    view = notice_view("<!channel> & x", words(language))
    checked_view(view)
    assert view == snapshot
