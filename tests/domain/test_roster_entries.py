"""What may be entered on the roster, and what each mistake is told."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.duty import Leave, Override, Roster, on_duty
from domain.refusals import Refusal, Why
from domain.roster_entries import (
    EntryKind,
    EntryState,
    RosterEntry,
    check_override,
    check_span,
    roster_of,
)
from domain.team import Rotation, Team
from tests.domain.times import at

TEAM = Team(rotations={"owner": Rotation(members=("ada",)), "expert": Rotation(members=(("eve", "fay"),))})
ROSTER = Roster(
    team=TEAM,
    leaves=(Leave(person="gil", since=at("20:00"), until=at("+1 08:00")),),
    overrides=(Override(rotation="owner", who="ben", since=at("18:00"), until=at("19:00")),),
)


def refused(**changed: Any) -> str:
    """What an override from 15:00 to 17:00 is told, with the field; empty where nothing is wrong."""
    new = Override(
        **{"rotation": "owner", "who": "cho", "since": at("15:00"), "until": at("17:00"), **changed}
    )
    try:
        check_override(new, ROSTER, now=at("14:00"))
    except Refusal as refusal:
        return f"{refusal.why.value} {refusal.field}"
    return ""


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, ""),
        ({"since": at("13:00")}, ""),  # From now on: it began an hour ago.
        ({"rotation": "gone"}, "rotation_unknown rotation"),
        ({"until": at("15:00")}, "span_backwards until"),
        ({"since": at("12:00"), "until": at("14:00")}, "span_over until"),
        ({"until": at("+400 15:00")}, "span_too_long until"),
        ({"who": "ada", "instead_of": "ada"}, "instead_of_oneself instead_of"),
        ({"who": "ada"}, "on_duty_already who"),
        ({"instead_of": "eve"}, "not_on_duty instead_of"),
        ({"rotation": "expert"}, "whose_duty instead_of"),
        ({"rotation": "expert", "instead_of": "eve"}, ""),
        ({"who": "gil", "until": at("21:00"), "since": at("19:00")}, "person_absent who"),
        ({"who": "gil", "until": at("20:00"), "since": at("19:00")}, ""),
        ({"until": at("18:01")}, "override_overlaps since"),
        ({"until": at("18:00")}, ""),
        ({"since": at("18:30"), "until": at("20:00")}, "override_overlaps since"),
        ({"since": at("18:30"), "until": at("20:00"), "instead_of": "ada"}, "override_overlaps since"),
        # Whoever stands in may be replaced in turn.
        ({"since": at("18:30"), "until": at("18:45"), "instead_of": "ben"}, ""),
    ],
)
def test_what_is_wrong_with_a_take_over_is_named_with_its_field(changed: dict[str, Any], told: str) -> None:
    assert refused(**changed) == told


def test_an_absence_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        check_span(at("15:00"), at("14:30"), now=at("14:00"))
    assert (refusal.value.why, refusal.value.field) == (Why.SPAN_BACKWARDS, "until")


def entry(kind: EntryKind, **facts: Any) -> RosterEntry:
    made = RosterEntry(
        kind=kind,
        person="UBEN",
        since=at("15:00"),
        until=at("17:00"),
        entered_by="UBEN",
        entered_at=at("14:00"),
    )
    return replace(made, **facts)


def first(moment: datetime, *entries: RosterEntry) -> str:
    ids = {"ada": "UADA", "ben": "UBEN", "ben-too": "UBEN"}
    team = replace(TEAM, rotations={"owner": Rotation(members=("ada", "ben", "ben-too"))})
    return " ".join(on_duty("owner", roster_of(team, entries, slack_ids=ids), at=moment).first)


@pytest.mark.parametrize(
    ("entered", "on"),
    [
        ([], "ada"),
        ([entry(EntryKind.TAKE_OVER, rotation="owner")], "ben"),  # By the first name the settings give them.
        ([entry(EntryKind.TAKE_OVER, rotation="owner", person="UHANA")], "UHANA"),
        ([entry(EntryKind.SWAP, rotation="owner", instead_of="UADA")], "ben"),
        ([entry(EntryKind.SWAP, rotation="owner", instead_of="UADA", state=EntryState.ASKED)], "ada"),
        ([entry(EntryKind.SWAP, rotation="owner", instead_of="UADA", state=EntryState.DECLINED)], "ada"),
        ([entry(EntryKind.TAKE_OVER, rotation="owner", state=EntryState.UNDONE)], "ada"),
        ([entry(EntryKind.TAKE_OVER, rotation="gone")], "ada"),  # The settings have changed since.
        ([entry(EntryKind.LEAVE, person="UADA")], ""),
    ],
)
def test_what_counts_of_what_was_entered(entered: list[RosterEntry], on: str) -> None:
    assert first(at("16:00"), *entered) == on
    assert first(at("17:00"), *entered) == "ada"


def test_open_swarms_count_for_one_person_under_whatever_name() -> None:
    ids = {"ada": "UADA"}
    roster = roster_of(TEAM, [], slack_ids=ids, open_swarms={"ada": 1, "UADA": 2, "UZOE": 1})
    assert roster.open_swarms == {"ada": 3, "UZOE": 1}
