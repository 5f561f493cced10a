"""Who is on duty when, who is called for an incident, and who is next in line."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.incident import Role
from domain.roster import Call, candidates, fill, missing_skills, next_for, on_duty
from domain.team import Customer, Person, Product, Rotation, Team
from tests.domain.people import calls, incident
from tests.domain.times import at

WEEKDAYS = "Mon Tue Wed Thu Fri Sat Sun".split()


def rotation(members: str, hand_over: str, since: str) -> Rotation:
    """`Mon 09:00`, or `09:00` for every day."""
    *day, clock = hand_over.split()
    return Rotation(
        members=tuple(members.split()),
        hand_over_weekday=WEEKDAYS.index(day[0]) if day else None,
        hand_over_at=time.fromisoformat(clock),
        since=date.fromisoformat(since),
    )


def duty(turns: Rotation, moment: str, zone: str = "Asia/Tokyo") -> str:
    when = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return on_duty(turns, at=when, timezone=zone)[0]


# Turns


@pytest.mark.parametrize(
    ("moment", "who"),
    [
        ("2026-01-05 08:59", "cho"),  # The Monday it begins, before nine: the turn before.
        ("2026-01-05 09:00", "ada"),
        ("2026-01-11 23:59", "ada"),
        ("2026-01-12 08:59", "ada"),
        ("2026-01-12 09:00", "ben"),
        ("2026-01-19 09:00", "cho"),
        ("2026-01-26 09:00", "ada"),
        ("2026-02-01 12:00", "ada"),
        ("2026-02-02 09:00", "ben"),
        ("2028-02-29 12:00", "ben"),
    ],
)
def test_a_weekly_turn_is_handed_over_on_its_day_at_its_hour(moment: str, who: str) -> None:
    assert duty(rotation("ada ben cho", "Mon 09:00", "2026-01-05"), moment) == who


def test_a_rotation_that_begins_between_hand_overs_keeps_its_first_member_until_the_first_one() -> None:
    turns = rotation("ada ben", "Mon 09:00", "2026-01-07")
    assert [duty(turns, f"2026-01-{day:02} 12:00") for day in (7, 11, 12, 18, 19)] == [
        "ada",
        "ada",
        "ben",
        "ben",
        "ada",
    ]


def test_a_daily_turn_changes_every_day_at_its_hour_over_the_end_of_a_month_and_a_leap_day() -> None:
    turns = rotation("ada ben", "18:00", "2028-02-27")
    assert [duty(turns, f"2028-{day} 18:00") for day in ("02-27", "02-28", "02-29", "03-01", "03-02")] == [
        "ada",
        "ben",
        "ada",
        "ben",
        "ada",
    ]
    assert duty(turns, "2028-03-01 17:59") == "ada"


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize("hour", ["09:00", "02:30", "00:00"])
def test_for_a_year_every_hour_has_one_on_duty_and_the_turn_changes_once_a_week_at_its_hour_by_the_wall(
    zone: str, hour: str
) -> None:
    turns = rotation("ada ben cho", f"Sun {hour}", "2026-01-04")
    moment = datetime(2026, 1, 4, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    changes, before = [], on_duty(turns, at=moment, timezone=zone)[0]
    for _ in range(365 * 48):
        moment += timedelta(minutes=30)
        now = on_duty(turns, at=moment, timezone=zone)[0]
        if now != before:
            changes.append(moment.astimezone(ZoneInfo(zone)))
            before = now
    assert len(changes) == 52
    assert {change.weekday() for change in changes} == {6}
    # Half past two is on no wall on the day clocks are set forward: then it is half past three.
    shown = {f"{change:%H:%M}" for change in changes}
    assert shown - {"03:30"} == {hour}
    assert len([change for change in changes if f"{change:%H:%M}" != hour]) <= 1


def test_everybody_is_called_in_turn_beginning_with_whoever_is_on_duty() -> None:
    turns = rotation("ada ben cho", "Mon 09:00", "2026-01-05")
    when = datetime(2026, 1, 13, tzinfo=UTC)
    assert on_duty(turns, at=when, timezone="Asia/Tokyo") == ("ben", "cho", "ada")


@pytest.mark.parametrize(
    "standing",
    [
        Rotation(members=("ada", "ben")),
        Rotation(members=("ada", "ben"), hand_over_at=time(9)),
        Rotation(members=("ada", "ben"), since=date(2020, 1, 1)),
    ],
)
def test_without_a_hand_over_the_first_one_is_always_on_duty(standing: Rotation) -> None:
    assert on_duty(standing, at=at("14:00"), timezone="Asia/Tokyo") == ("ada", "ben")


def test_nobody_takes_turns_in_an_empty_rotation() -> None:
    assert on_duty(rotation("", "Mon 09:00", "2026-01-05"), at=at("14:00"), timezone="Asia/Tokyo") == ()


# Filling the roles

TEAM = Team(
    people=(
        Person(who="ada", roles=(Role.OWNER,), skills=("payments",)),
        Person(who="kenji", roles=(Role.OWNER, Role.EXPERT), skills=("payments", "network")),
        Person(who="mei", roles=(Role.EXPERT,), skills=("database",)),
        Person(who="jun", roles=(Role.EXPERT,), skills=("payments", "database")),
    ),
    rotations={
        Role.SERVICE_LEVEL_MANAGER: Rotation(members=("sato", "sita")),
        Role.DUTY_MANAGER: Rotation(members=("cho",)),
    },
    products={
        "payments": Product(name="決済", skills=("payments", "database")),
        "mail": Product(name="メール", skills=("smtp",)),
        "plain": Product(name="ほか"),
    },
    customers={
        "acme": Customer(name="Acme", service_level_manager="sita"),
        "globex": Customer(name="Globex", service_level_manager="sita"),
        "initech": Customer(name="Initech", service_level_manager="taro"),
        "none": Customer(name="None"),
    },
)


def roles(team: Team = TEAM, *, unknown: tuple[str, ...] = (), **facts: Any) -> dict[str, str]:
    """Role by role who is called; `*` stands in."""
    places = fill(incident(declared_by="hana", **facts), team, at=at("14:00"), unknown=unknown)
    said: dict[str, list[str]] = {}
    for place in places:
        said.setdefault(place.role.value, []).append(place.person + ("*" if place.stands_in else ""))
    return {role: " ".join(people) for role, people in said.items()}


def test_each_role_is_filled_from_the_roster() -> None:
    assert roles(product="payments") == {
        "owner": "ada",
        "expert": "jun",
        "service_level_manager": "sato",
        "duty_manager": "cho",
    }


def test_the_owner_comes_first_and_the_experts_after() -> None:
    places = fill(incident(product="payments"), TEAM, at=at("14:00"))
    assert [place.role for place in places] == [
        Role.OWNER,
        Role.EXPERT,
        Role.SERVICE_LEVEL_MANAGER,
        Role.DUTY_MANAGER,
    ]


def test_few_experts_cover_all_skills_together_and_each_knows_for_which() -> None:
    without_jun = fill(incident(product="payments"), TEAM, at=at("14:00"), unknown=("jun",))
    experts = {place.person: place.skills for place in without_jun if place.role is Role.EXPERT}
    assert experts == {"kenji": ("payments",), "mei": ("database",)}


def test_the_owner_is_called_as_an_expert_only_where_nobody_else_has_the_skill() -> None:
    assert roles(product="payments", unknown=("jun", "kenji"))["expert"] == "mei"


def test_an_expert_on_duty_is_called_before_another_with_the_same_skill() -> None:
    turn = {**TEAM.rotations, Role.EXPERT: Rotation(members=("mei", "kenji"))}
    product = {**TEAM.products, "db": Product(name="DB", skills=("database",))}
    team = replace(TEAM, rotations=turn, products=product)
    assert roles(team, product="db")["expert"] == "mei"


@pytest.mark.parametrize("product", [None, "plain", "mail", "gone"])
def test_without_a_skill_to_look_for_or_anybody_who_has_it_no_expert_is_called(product: str | None) -> None:
    assert "expert" not in roles(product=product)


@pytest.mark.parametrize(
    ("customers", "managers"),
    [
        ((), "sato"),
        (("acme",), "sita"),
        (("acme", "globex"), "sita"),
        (("acme", "initech"), "sita taro"),
        (("none",), "sato"),
        (("gone", "initech"), "taro"),
    ],
)
def test_service_level_managers_are_the_customers_own_each_once_or_whoever_is_on_duty(
    customers: tuple[str, ...], managers: str
) -> None:
    assert roles(customers=customers)["service_level_manager"] == managers


def test_whoever_slack_does_not_know_is_passed_over() -> None:
    assert roles(unknown=("ada", "sato"), customers=()) == {
        "owner": "kenji",
        "service_level_manager": "sita",
        "duty_manager": "cho",
    }
    assert roles(unknown=("sita",), customers=("acme",))["service_level_manager"] == "sato"


def test_whoever_declared_stands_in_where_nobody_was_found() -> None:
    assert roles(Team()) == {"owner": "hana*", "service_level_manager": "hana*", "duty_manager": "hana*"}


def test_a_rotation_comes_before_those_who_have_the_role_anyway_and_names_nobody_twice() -> None:
    team = replace(TEAM, rotations={Role.OWNER: Rotation(members=("kenji", "ben"))})
    assert candidates(team, Role.OWNER, at=at("14:00")) == ("kenji", "ben", "ada")


# Who is missing, who is next


def test_the_skills_nobody_has_are_named() -> None:
    payments = incident(product="payments")
    assert missing_skills(payments, TEAM, ()) == ("payments", "database")
    assert missing_skills(payments, TEAM, ("ada", "nobody")) == ("database",)
    assert missing_skills(payments, TEAM, ("ada", "mei")) == ()
    assert missing_skills(incident(), TEAM, ()) == ()


@pytest.mark.parametrize(
    ("role", "asked", "following"),
    [
        ("owner", "ada", "kenji"),
        ("owner", "ada kenji", None),
        ("duty_manager", "cho", None),
        ("service_level_manager", "sato", "sita"),
        ("service_level_manager", "taro", "sato"),
    ],
)
def test_the_next_in_line_is_called_once(role: str, asked: str, following: str | None) -> None:
    (call,) = calls(**{role: asked.split()[0]})
    assert next_for(call, TEAM, asked=asked.split(), at=at("14:00")) == following


def test_the_next_expert_has_one_of_the_skills_the_first_was_called_for() -> None:
    call = Call(number=1, role=Role.EXPERT, person="mei", called_at=at("14:00"), skills=("database",))
    assert next_for(call, TEAM, asked=["mei"], at=at("14:00")) == "jun"
    assert next_for(call, TEAM, asked=["mei", "jun"], at=at("14:00")) is None
