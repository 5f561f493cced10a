"""Who has come on duty since somebody looked last: only the newest change counts, and a clock set back is none."""

from datetime import date, datetime, time

import pytest

from domain.duty import Leave, Override, Roster
from domain.shift_changes import Noted, shift_change
from domain.team import Rotation, Team
from tests.domain.times import at, clock_of

DAILY = Rotation(members=("ada", ("ben", "cho")), hand_over_at=time(9), since=date(2026, 11, 24))
"""Ada from Tuesday at nine; Ben and Cho together from Wednesday."""


def changed(on: str, since: str, now: str, *entered: Leave | Override) -> str:
    """Who came, who went and when, as a copy sees it that looked last at `since`."""
    roster = Roster(
        team=Team(rotations={"owner": DAILY}),
        leaves=tuple(one for one in entered if isinstance(one, Leave)),
        overrides=tuple(one for one in entered if isinstance(one, Override)),
    )
    found = shift_change("owner", roster, Noted(on=tuple(on.split()), at=at(since)), now=at(now))
    if found is None:
        return "nothing"
    return f"{clock_of(found.since)} +{' '.join(found.came)} -{' '.join(found.went)}"


@pytest.mark.parametrize(
    ("on", "since", "now", "what"),
    [
        ("ada", "10:00", "18:00", "nothing"),
        ("ada", "10:00", "+1 08:59", "nothing"),
        ("ada", "10:00", "+1 09:00", "+1 09:00 +ben cho -ada"),
        ("ada", "10:00", "+1 12:00", "+1 09:00 +ben cho -ada"),
        ("ada", "10:00", "+2 12:00", "nothing"),  # Back where it was: nobody need be told anything.
        ("ada", "10:00", "+3 12:00", "+3 09:00 +ben cho -ada"),
        ("ada", "10:00", "+30 12:00", "nothing"),
        ("ada", "10:00", "+31 12:00", "+31 09:00 +ben cho -ada"),
        ("ben cho", "+1 10:00", "+1 09:30", "nothing"),
        ("ada", "+1 10:00", "+1 09:30", "nothing"),  # The clock was set back.
        ("dan", "10:00", "11:00", "11:00 +ada -dan"),  # The settings are others.
        ("cho", "+1 10:00", "+1 11:00", "+1 11:00 +ben -"),
    ],
)
def test_only_the_newest_change_counts(on: str, since: str, now: str, what: str) -> None:
    assert changed(on, since, now) == what


def span(since: str, until: str) -> dict[str, datetime]:
    return {"since": at(since), "until": at(until)}


def test_a_take_over_its_end_and_an_absence_are_changes_too() -> None:
    taken = Override(rotation="owner", who="dan", **span("12:00", "14:00"))
    assert changed("ada", "10:00", "12:30", taken) == "12:00 +dan -ada"
    assert changed("dan", "12:30", "14:05", taken) == "14:00 +ada -dan"
    away = Leave(person="ben", **span("+1 12:00", "+1 13:00"))
    assert changed("ben cho", "+1 10:00", "+1 12:00", away) == "+1 12:00 + -ben"
    assert changed("cho", "+1 12:00", "+1 13:00", away) == "+1 13:00 +ben -"
