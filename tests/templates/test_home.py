"""What the Home tab says, and what Hachi says about itself, in both languages."""

import pytest
from syrupy.assertion import SnapshotAssertion

from domain.customer_updates import LANGUAGES
from domain.incident import State
from sandbox.block_kit import checked_view
from sandbox.readable import readable
from templates.blocks import Block
from templates.health import behind_blocks
from templates.home import home_view
from templates.words import Words, all_texts
from tests.templates.records import (
    DECLARED_AT,
    FIRST_WAIT,
    NAMES,
    PEOPLE,
    SECOND_WAIT,
    TEAM,
    Line,
    after,
    incident,
)
from tests.templates.test_oncall import ROSTER

LINES = (
    Line(incident(), FIRST_WAIT),
    Line(incident(number=13, state=State.MONITORING, title="検索が遅い"), SECOND_WAIT),
)


def said(blocks: list[Block]) -> str:
    return readable("", blocks, [], tz="Asia/Tokyo", names=NAMES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("lines", "minutes", "behind"),
    [((), 1, False), (LINES, 1, False), (LINES[:1], 14, False), (LINES, 60, True)],
    ids=["nothing open", "on time", "one late", "two late and Hachi too"],
)
def test_the_home_tab(
    lines: tuple[Line, ...], minutes: int, behind: bool, language: str, snapshot: SnapshotAssertion
) -> None:
    view = home_view(
        lines,
        TEAM,
        PEOPLE,
        Words(language, "Asia/Tokyo", NAMES),
        behind=behind,
        now=after(minutes),
        command="/incident",
        roster=ROSTER,
        reader="U0BEN",
    )
    checked_view(view, ("home",))
    assert said(view["blocks"]) == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_warning_and_its_end(language: str, snapshot: SnapshotAssertion) -> None:
    words = Words(language, "Asia/Tokyo", NAMES)
    texts = [said(behind_blocks(words, since=DECLARED_AT, until=until)) for until in (None, after(7))]
    assert texts == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_wrong_is_said_with_its_mend(language: str, snapshot: SnapshotAssertion) -> None:
    texts = all_texts(language)
    found = {name: texts[name][0] for name in sorted(texts) if name.startswith("health.")}
    assert {f"{name}.mend" for name in ("slack", "database", "tick", "clock", "queue")} <= {
        name.removeprefix("health.") for name in found
    }
    assert found == snapshot
