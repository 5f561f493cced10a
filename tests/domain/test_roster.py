"""Who is called for an incident, at which hour, and who is next in line."""

from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from domain.call_hours import CallHours
from domain.duty import Leave, Override, Roster
from domain.incident import Role
from domain.roster import Answer, Call, candidates, fill, missing_skills, next_for, whom_to_call
from domain.severity import Assessment, Level, Severity
from domain.team import Customer, Person, Product, Rotation, Team
from domain.working_hours import WorkingHours
from tests.domain.people import calls, incident
from tests.domain.times import at, clock_of

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
    roster = Roster(team=team, unknown=unknown)
    places = fill(incident(declared_by="hana", **facts), roster, at=at("14:00"))
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
    places = fill(incident(product="payments"), Roster(team=TEAM), at=at("14:00"))
    assert [place.role for place in places] == [
        Role.OWNER,
        Role.EXPERT,
        Role.SERVICE_LEVEL_MANAGER,
        Role.DUTY_MANAGER,
    ]


def test_few_experts_cover_all_skills_together_and_each_knows_for_which() -> None:
    without_jun = fill(incident(product="payments"), Roster(team=TEAM, unknown=("jun",)), at=at("14:00"))
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
    assert roles(unknown=("sita",), customers=("acme", "initech"))["service_level_manager"] == "taro sato"


def test_whoever_declared_stands_in_where_nobody_was_found() -> None:
    assert roles(Team()) == {"owner": "hana*", "service_level_manager": "hana*", "duty_manager": "hana*"}


def test_a_rotation_comes_before_those_who_have_the_role_anyway_and_names_nobody_twice() -> None:
    team = replace(TEAM, rotations={Role.OWNER: Rotation(members=("kenji", "ben"))})
    assert candidates(Roster(team=team), Role.OWNER, at=at("14:00")) == ("kenji", "ben", "ada")


# Who is missing, who is next


def test_the_skills_nobody_has_are_named() -> None:
    payments = incident(product="payments")
    assert missing_skills(payments.product, TEAM, ()) == ("payments", "database")
    assert missing_skills(payments.product, TEAM, ("ada", "nobody")) == ("database",)
    assert missing_skills(payments.product, TEAM, ("ada", "mei")) == ()
    assert missing_skills(None, TEAM, ()) == ()


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
    assert next_for(call, Roster(team=TEAM), asked=asked.split(), at=at("14:00")) == following


def test_the_next_expert_has_one_of_the_skills_the_first_was_called_for() -> None:
    call = Call(number=1, role=Role.EXPERT, person="mei", called_at=at("14:00"), skills=("database",))
    assert next_for(call, Roster(team=TEAM), asked=["mei"], at=at("14:00")) == "jun"
    assert next_for(call, Roster(team=TEAM), asked=["mei", "jun"], at=at("14:00")) is None


# Absent, replaced, busy, backup


def expert(team: Team = TEAM, product: str = "payments", **known: Any) -> str:
    places = fill(incident(product=product), Roster(team=team, **known), at=at("14:00"))
    return " ".join(place.person for place in places if place.role is Role.EXPERT)


def away(person: str, since: str = "13:00", until: str = "15:00") -> Leave:
    return Leave(person=person, since=at(since), until=at(until))


def test_an_absent_person_is_not_called_in_any_role_and_is_nobodys_next() -> None:
    gone = tuple(map(away, ("ada", "jun", "sato", "sita", "cho")))
    roster = Roster(team=TEAM, leaves=gone)
    places = fill(incident(product="payments", customers=("acme",)), roster, at=at("14:00"))
    assert {place.person for place in places if not place.stands_in} == {"kenji", "mei"}
    assert {place.role for place in places if place.stands_in} == {
        Role.SERVICE_LEVEL_MANAGER,
        Role.DUTY_MANAGER,
    }
    (call,) = calls(owner="kenji")
    assert next_for(call, roster, asked=["kenji"], at=at("14:59")) is None
    assert next_for(call, roster, asked=["kenji"], at=at("15:00")) == "ada"


def test_who_took_over_is_called_first_and_who_gave_the_duty_away_last() -> None:
    team = replace(TEAM, people=(), rotations={Role.OWNER: Rotation(members=("ada", "ben"))})
    given = Override(rotation="owner", who="hana", instead_of="ada", since=at("13:00"), until=at("15:00"))
    roster = Roster(team=team, overrides=(given,))
    assert candidates(roster, Role.OWNER, at=at("14:00")) == ("hana", "ben", "ada")
    assert candidates(roster, Role.OWNER, at=at("15:00")) == ("ada", "ben")


def test_everybody_on_the_shift_comes_before_the_backup_and_that_before_the_shifts_to_come() -> None:
    rotation = Rotation(
        members=(("ada", "ben"), "cho"), backup=Rotation(members=(("dan", "ada"),)), role=Role.OWNER
    )
    other = Rotation(members=("eve",), role=Role.OWNER)
    team = Team(
        people=(Person(who="fay", roles=(Role.OWNER,)),), rotations={"first": rotation, "second": other}
    )
    assert candidates(Roster(team=team), Role.OWNER, at=at("14:00")) == tuple(
        "ada ben eve dan cho fay".split()
    )


@pytest.mark.parametrize(
    ("rotation", "busy", "called"),
    [
        # On duty first, whoever has more of the skills otherwise.
        (None, {}, "jun"),
        (Rotation(members=(("kenji", "mei"),)), {}, "kenji mei"),
        (Rotation(members=("kenji",)), {}, "kenji mei"),
        (Rotation(members=("mei",), backup=Rotation(members=("kenji",))), {}, "mei kenji"),
        # Of equals, whoever is in fewer open swarms.
        (Rotation(members=(("mei", "jun2"),)), {"mei": 1}, "jun2 kenji"),
        (Rotation(members=(("mei", "jun2"),)), {"mei": 1, "jun2": 2}, "mei kenji"),
        (None, {"jun": 1}, "jun"),
        (None, {"jun": 1, "jun3": 0}, "jun3"),
    ],
)
def test_experts_are_those_on_duty_then_those_with_more_of_the_skills_then_those_with_less_to_do(
    rotation: Rotation | None, busy: dict[str, int], called: str
) -> None:
    more = (
        Person(who="jun2", skills=("database",)),
        *([Person(who="jun3", skills=("payments", "database"))] if "jun3" in busy else []),
    )
    team = replace(TEAM, people=(*TEAM.people, *more))
    if rotation:
        team = replace(team, rotations={**TEAM.rotations, Role.EXPERT: rotation})
    assert expert(team, open_swarms=busy) == called


def test_never_ten_people_with_the_same_skill() -> None:
    crowd = tuple(Person(who=f"db{n}", skills=("database",)) for n in range(10))
    team = replace(TEAM, people=(*crowd, Person(who="pay", skills=("payments",))))
    assert expert(team) == "db0 pay"


# At which hour

DAYTIME = WorkingHours(weekdays=frozenset(range(5)), opens=time(8), closes=time(20), timezone="Asia/Tokyo")
CALM = Assessment(urgency=Level.MEDIUM, impact=Level.MEDIUM)  # Severity 3.


def planned(declared: str, *always: Role, by: str = "hana", **facts: Any) -> list[str]:
    """Of each place: role, person, `*` stands in, and when they are called."""
    hours = {Severity.THREE: CallHours(hours=DAYTIME, always=always)}
    team = replace(TEAM, call_hours=hours)
    told = incident(product="payments", assessment=CALM, declared_by=by, **facts)
    return [
        f"{place.role.value} {place.person}{'*' * place.stands_in}"
        + (f" {clock_of(place.call_at)}" if place.call_at else "")
        for place in fill(told, Roster(team=team), at=at(declared))
    ]


def test_within_the_hours_everybody_is_called_at_once() -> None:
    assert planned("19:59") == [
        "owner ada",
        "expert jun",
        "service_level_manager sato",
        "duty_manager cho",
    ]


def test_at_night_whoever_declared_stands_in_and_the_others_are_called_in_the_morning() -> None:
    assert planned("20:00") == [
        "owner hana*",
        "owner ada +1 08:00",
        "expert jun +1 08:00",
        "service_level_manager hana*",
        "service_level_manager sato +1 08:00",
        "duty_manager hana*",
        "duty_manager cho +1 08:00",
    ]


def test_before_a_weekend_the_morning_is_that_of_the_next_working_day() -> None:
    assert planned("+3 23:00")[1] == "owner ada +6 08:00"  # Friday to Monday.


def test_some_roles_are_called_at_any_hour_and_who_declares_is_there_already() -> None:
    assert planned("03:00", Role.OWNER, Role.EXPERT, by="cho") == [
        "owner ada",
        "expert jun",
        "service_level_manager cho*",
        "service_level_manager sato 08:00",
        "duty_manager cho",
    ]


def test_other_severities_are_not_concerned() -> None:
    hours = {Severity.THREE: CallHours(hours=DAYTIME)}
    places = fill(incident(), Roster(team=replace(TEAM, call_hours=hours)), at=at("03:00"))
    assert not any(place.call_at for place in places)


@pytest.mark.parametrize(
    ("known", "called"),
    [
        ({}, "ada"),
        ({"leaves": (away("ada"),)}, "kenji"),
        ({"unknown": ("ada", "kenji", "jun")}, None),
        (
            {"overrides": (Override(rotation="owner", who="mei", since=at("13:00"), until=at("15:00")),)},
            "mei",
        ),
    ],
)
def test_when_the_hour_has_come_whoever_is_on_duty_then_is_called(
    known: dict[str, Any], called: str | None
) -> None:
    team = replace(TEAM, rotations={Role.OWNER: Rotation(members=("ada", "kenji"))})
    call = Call(number=2, role=Role.OWNER, person="ada", called_at=at("08:00"), answer=Answer.PLANNED)
    assert whom_to_call(call, incident(), Roster(team=team, **known), asked=(), at=at("14:00")) == called


def test_an_expert_foreseen_who_can_come_is_called_and_another_with_the_skill_otherwise() -> None:
    call = Call(number=2, role=Role.EXPERT, person="mei", called_at=at("08:00"), skills=("database",))
    assert whom_to_call(call, incident(), Roster(team=TEAM), asked=(), at=at("14:00")) == "mei"
    absent = Roster(team=TEAM, leaves=(away("mei"),))
    assert whom_to_call(call, incident(), absent, asked=(), at=at("14:00")) == "jun"
    assert whom_to_call(call, incident(), absent, asked=("jun",), at=at("14:00")) is None
