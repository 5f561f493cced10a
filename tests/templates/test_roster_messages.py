"""What the roster makes known, as people read it: hours without anybody on duty, and what is open at a hand-over."""

import pytest
from syrupy.assertion import SnapshotAssertion

from domain.coverage import Uncovered
from domain.customer_updates import LANGUAGES
from domain.incident import Role
from sandbox.block_kit import checked_blocks
from sandbox.readable import readable
from templates.blocks import Block
from templates.coverage import coverage_blocks, coverage_text
from templates.shift_changes import handover_blocks
from templates.words import Words
from tests.templates.records import (
    FIRST_WAIT,
    NAMES,
    PEOPLE,
    SECOND_WAIT,
    TEAM,
    Line,
    after,
    incident,
)
from tests.templates.test_customer_update_form import TextSnapshot


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TextSnapshot)


def span(since: int, until: int, **facts: object) -> Uncovered:
    return Uncovered(**{"role": Role.EXPERT, "since": after(since), "until": after(until), **facts})  # type: ignore[arg-type]


DAY = 24 * 60
SPANS = (
    span(0, 3 * DAY, role=Role.OWNER, begun=True),
    span(2 * DAY, 3 * DAY, role=Role.DUTY_MANAGER),
    span(5 * DAY, 8 * DAY, skill="database", goes_on=True),
    span(0, 8 * DAY, skill="<network>", begun=True, goes_on=True),
)


def as_read(blocks: list[Block]) -> str:
    checked_blocks(blocks)
    return readable("", blocks, (), tz="Asia/Tokyo", names=NAMES) + "\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_hours_without_anybody(language: str, snapshot: SnapshotAssertion) -> None:
    words = Words(language, "Asia/Tokyo")
    said = [as_read(coverage_blocks(words, SPANS))]
    said += [as_read(coverage_blocks(words, SPANS * 10))[-200:]]
    said += [as_read(coverage_blocks(words, ())), as_read(coverage_blocks(words, (), replaced=True))]
    assert "\n".join(said) == snapshot


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ja", "11/26（木）14:02 ～ 11/27（金）14:02：当番マネージャーがいません"),
        ("en", "Thu 26 Nov 14:02 – Fri 27 Nov 14:02: nobody as Duty manager"),
    ],
)
def test_as_plain_text_the_days_of_the_week_are_named(language: str, said: str) -> None:
    assert coverage_text(SPANS[1], Words(language, "Asia/Tokyo")) == said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", ["at once", "late", "nothing open"])
def test_whoever_comes_on_duty(case: str, language: str, snapshot: SnapshotAssertion) -> None:
    lines = [Line(incident(), FIRST_WAIT), Line(incident(number=13, title="検索が遅い"), SECOND_WAIT)]
    blocks = handover_blocks(
        Words(language, "Asia/Tokyo", NAMES),
        role=Role.OWNER,
        since=after(9),
        went=("U0BEN", "cho@example.com"),
        listed=[] if case == "nothing open" else lines,
        team=TEAM,
        people=PEOPLE,
        now=after(90 if case == "late" else 9),
        command="/incident",
    )
    assert as_read(blocks) == snapshot
