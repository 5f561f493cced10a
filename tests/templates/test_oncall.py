"""The roster, its forms, and what people are told about their duties, in both languages."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from domain.customer_updates import LANGUAGES
from domain.duty import Duty, OnDuty
from domain.incident import Role
from domain.oncall import OncallView, Rota, Turn
from domain.roster_entries import EntryKind, EntryState, RosterEntry
from domain.team import Rotation, Team
from sandbox.block_kit import checked_blocks, checked_view
from sandbox.readable import readable
from services.roster_notices import Notice
from templates.blocks import Block
from templates.forms.oncall import absent_form, swap_form, take_over_form
from templates.oncall import oncall_view
from templates.roster_notices import notice_blocks
from templates.words import Words
from tests.templates.records import DECLARED_AT, NAMES, PEOPLE, after

TEAM = Team(
    rotations={
        "owner": Rotation(members=("ada@example.com", "ben@example.com")),
        "payments_on_call": Rotation(members=(("ben@example.com", "cho@example.com"),), role=Role.EXPERT),
        "duty_manager": Rotation(members=("cho@example.com",)),
    }
)
WEEK = timedelta(days=7)


def duty(since: datetime, until: datetime, first: str, backup: str = "") -> Duty:
    people = [tuple(f"{who}@example.com" for who in names.split()) for names in (first, backup)]
    return Duty(since=since, until=until, on=OnDuty(first=people[0], backup=people[1]))


def entry(number: int, kind: EntryKind, **facts: Any) -> RosterEntry:
    made = RosterEntry(
        number=number,
        kind=kind,
        person="U0BEN",
        rotation="owner",
        instead_of="U0ADA",
        since=after(60),
        until=after(180),
        entered_by="U0BEN",
        entered_at=DECLARED_AT,
    )
    return replace(made, **facts)


LEAVE = entry(1, EntryKind.LEAVE, rotation="", instead_of=None, person="U0ADA", reason="通院 <!channel>")
TAKE_OVER = entry(2, EntryKind.TAKE_OVER)
SWAP = entry(3, EntryKind.SWAP, state=EntryState.ASKED, swapped_with=4, entered_by="U0ADA")
OTHER = entry(
    4,
    EntryKind.SWAP,
    state=EntryState.ASKED,
    swapped_with=3,
    person="U0ADA",
    instead_of="U0BEN",
    since=after(1440),
    until=after(2880),
    entered_by="U0ADA",
)
ROSTER = OncallView(
    rotas=(
        Rota(
            name="owner",
            role=Role.OWNER,
            now=duty(DECLARED_AT, after(600), "ada", "cho"),
            next=duty(after(600), after(1200), "ben"),
        ),
        Rota(
            name="payments_on_call",
            role=Role.EXPERT,
            now=duty(DECLARED_AT, after(60), "ben cho"),
            next=duty(after(60), after(120), ""),
        ),
        Rota(name="duty_manager", role=Role.DUTY_MANAGER, now=duty(DECLARED_AT, after(9999), ""), next=None),
    ),
    standing={Role.SERVICE_LEVEL_MANAGER: ("sita@example.com",)},
    entries=(
        LEAVE,
        TAKE_OVER,
        replace(TAKE_OVER, number=7, rotation="payments_on_call", instead_of=None),
        SWAP,
        OTHER,
        replace(LEAVE, number=8, person="U0HANA", entered_by="U0HANA", reason=""),
    ),
    people=PEOPLE,
    now=DECLARED_AT,
)
EMPTY = OncallView(rotas=(), standing={}, entries=(), people={}, now=DECLARED_AT)


def words_in(language: str) -> Words:
    return Words(language, "Asia/Tokyo", NAMES)


def said(blocks: list[Block]) -> str:
    return readable("", blocks, [], tz="Asia/Tokyo", names=NAMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_roster(language: str, snapshot: SnapshotAssertion) -> None:
    words = words_in(language)
    view = oncall_view(ROSTER, TEAM, words, reader="U0BEN", done=words("oncall.done_absent"))
    checked_view(view, ("modal",))
    assert said(view["blocks"]) == snapshot
    empty = oncall_view(EMPTY, Team(), words, reader="U0BEN")
    checked_view(empty, ("modal",))
    assert said(empty["blocks"]) == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_forms(language: str, snapshot: SnapshotAssertion) -> None:
    words = words_in(language)
    turns = [
        Turn(rotation=rotation, who=who, since=after(60), until=after(60) + WEEK)
        for rotation, who in (("owner", "U0ADA"), ("payments_on_call", "U0BEN"))
    ]
    forms = [
        take_over_form(TEAM, words, who="U0BEN", since=DECLARED_AT, until=after(480)),
        swap_form(turns[:1], turns[1:], TEAM, words),
        absent_form(words, person="U0BEN", since=DECLARED_AT, until=after(480)),
    ]
    for form in forms:
        checked_view(form, ("modal",))
    assert [said(form["blocks"]) for form in forms] == snapshot
    options = [
        block["element"].get("options") for form in forms for block in form["blocks"] if "element" in block
    ]
    assert [[one["text"]["text"] for one in found] for found in options if found] == snapshot


@dataclass(frozen=True)
class Told:
    notice: Notice
    entry: RosterEntry
    by: str = "U0ADA"
    other: RosterEntry | None = field(default=None)


TOLD = [
    Told(Notice.RELIEVED, TAKE_OVER, by="U0BEN"),
    Told(Notice.RELIEVED, replace(TAKE_OVER, entered_by="U0CHO"), by="U0CHO"),
    Told(Notice.ON_DUTY, TAKE_OVER),
    Told(Notice.ABSENT, LEAVE, by="U0CHO"),
    *(
        Told(notice, replace(SWAP, state=state), other=OTHER)
        for notice in (Notice.SWAP_ASKED, Notice.SWAP_DECIDED)
        for state in EntryState
    ),
    *(Told(Notice.UNDONE, one) for one in (TAKE_OVER, LEAVE, SWAP)),
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_people_are_told(language: str, snapshot: SnapshotAssertion) -> None:
    texts = []
    for one in TOLD:
        words = words_in(language)
        blocks = notice_blocks(one.notice.value, one.entry, TEAM, words, by=one.by, other=one.other)
        checked_blocks(blocks)
        texts.append(said(blocks))
    assert texts == snapshot
