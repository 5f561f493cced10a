"""Hours without anybody on duty for a role, or for a skill that a product needs."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.coverage import uncovered
from domain.duty import Leave, Override, Roster, on_duty
from domain.incident import Role
from domain.team import Person, Product, Rotation, Team
from tests.domain.times import at, clock_of

WEEK = (at("00:00"), at("+7 00:00"))
NIGHTS = Rotation(members=("ada", "ben"), hand_over_at=time(9), since=date(2026, 11, 24))
"""Ada from Tuesday at nine, Ben from Wednesday, and so on."""
PEOPLE = (
    Person(who="ada", skills=("payments",)),
    Person(who="ben", skills=("payments", "database")),
    Person(who="cho", roles=(Role.DUTY_MANAGER,)),
)


def away(who: str, since: str, until: str) -> Leave:
    return Leave(person=who, since=at(since), until=at(until))


def gaps(team: Team, *leaves: Leave, overrides: tuple[Override, ...] = (), unknown: str = "") -> list[str]:
    roster = Roster(team=team, leaves=leaves, overrides=overrides, unknown=frozenset(unknown.split()))
    return [
        f"{one.skill or one.role}: {clock_of(one.since)} – {clock_of(one.until)}"
        for one in uncovered(roster, since=WEEK[0], until=WEEK[1])
    ]


def test_nothing_is_missing_where_nothing_is_set_up() -> None:
    assert gaps(Team()) == []


def test_a_role_that_takes_turns_is_covered_by_whoever_is_on_duty() -> None:
    team = Team(rotations={"owner": NIGHTS})
    assert gaps(team) == []
    assert gaps(team, away("ada", "12:00", "+1 18:00")) == ["owner: 12:00 – +1 09:00"]
    assert gaps(team, away("ada", "+1 09:00", "+2 09:00")) == []


def test_a_backup_or_whoever_takes_over_covers_it_too() -> None:
    gone = away("ada", "00:00", "+7 00:00")
    backed = Rotation(
        members=("ada",), hand_over_at=time(9), since=date(2026, 11, 24), backup=Rotation(members=("dan",))
    )
    assert gaps(Team(rotations={"owner": backed}), gone) == []
    assert gaps(Team(rotations={"owner": backed}), gone, away("dan", "10:00", "11:00")) == [
        "owner: 10:00 – 11:00"
    ]
    instead = Override(rotation="owner", who="eve", since=at("10:00"), until=at("+6 09:00"))
    alone = Rotation(members=("ada",), hand_over_at=time(9), since=date(2026, 11, 24))
    both = Rotation(members=("ada", "ben"), hand_over_at=time(9), since=date(2026, 11, 24))
    assert gaps(Team(rotations={"owner": both}), gone, overrides=(instead,)) == [
        "owner: 09:00 – 10:00",
        "owner: +6 09:00 – +7 00:00",
    ]
    assert len(gaps(Team(rotations={"owner": alone}), gone)) == 1


def test_whoever_stands_in_all_the_time_is_there_unless_absent() -> None:
    team = Team(people=PEOPLE)
    assert gaps(team) == []
    assert gaps(team, away("cho", "+1 22:00", "+2 06:00")) == ["duty_manager: +1 22:00 – +2 06:00"]
    assert gaps(team, unknown="cho") == ["duty_manager: 00:00 – +7 00:00"]
    standing = Team(rotations={"owner": Rotation(members=("ada", "ben"))})
    assert gaps(standing, away("ada", "10:00", "12:00")) == []
    assert gaps(standing, away("ada", "10:00", "12:00"), away("ben", "11:00", "13:00")) == [
        "owner: 11:00 – 12:00"
    ]


@pytest.mark.parametrize(
    ("skills", "missing"),
    [
        ("payments", []),
        ("network", ["network: 00:00 – +7 00:00"]),
        (
            "payments database",
            ["database: 09:00 – +1 09:00", "database: +2 09:00 – +3 09:00", "database: +4 09:00 – +5 09:00"],
        ),
    ],
)
def test_a_products_skills_are_covered_by_the_experts_on_duty(skills: str, missing: list[str]) -> None:
    product = {"shop": Product(name="Shop", skills=tuple(skills.split()))}
    experts = Team(people=PEOPLE, products=product, rotations={"expert": NIGHTS})
    assert gaps(experts)[: len(missing)] == missing
    assert bool(gaps(experts)) == bool(missing)
    # Experts who take no turns are called at any hour.
    assert gaps(Team(people=PEOPLE, products=product)) == [one for one in missing if "network" in one]


MOMENTS = st.integers(0, 7 * 24).map(lambda hours: WEEK[0] + timedelta(hours=hours))
LEAVES = st.builds(
    lambda who, since, hours: Leave(person=who, since=since, until=since + timedelta(hours=hours)),
    st.sampled_from(["ada", "ben", "dan"]),
    MOMENTS,
    st.integers(1, 72),
)
OVERRIDES = st.builds(
    lambda who, instead_of, since, hours: Override(
        rotation="owner", who=who, instead_of=instead_of, since=since, until=since + timedelta(hours=hours)
    ),
    st.sampled_from(["eve", "ben"]),
    st.sampled_from([None, "ada"]),
    MOMENTS,
    st.integers(1, 72),
)


@settings(max_examples=60)
@given(st.lists(LEAVES, max_size=6), st.lists(OVERRIDES, max_size=3), MOMENTS)
def test_at_every_instant_it_is_uncovered_exactly_when_nobody_is_on_duty(
    leaves: list[Leave], overrides: list[Override], moment: datetime
) -> None:
    turns = Rotation(
        members=("ada", "ben"),
        hand_over_at=time(9),
        since=date(2026, 11, 1),
        backup=Rotation(members=("dan",)),
    )
    roster = Roster(team=Team(rotations={"owner": turns}), leaves=tuple(leaves), overrides=tuple(overrides))
    found = uncovered(roster, since=WEEK[0], until=WEEK[1])
    inside = any(one.since <= moment < one.until for one in found)
    if moment < WEEK[1]:
        assert inside == (not on_duty("owner", roster, at=moment).everybody)
    assert all(one.since < one.until for one in found)
    assert all(earlier.until < later.since for earlier, later in pairwise(found))
