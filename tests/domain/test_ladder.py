"""Whom each rung of the ladder pings, names, and writes to."""

import pytest

from domain.incident import Role
from domain.ladder import (
    Reminder,
    ReminderState,
    direct_messages,
    holders,
    named_before,
    people_of_rung,
    pinged_by,
)
from domain.team import Team
from tests.domain.people import calls
from tests.domain.times import at

TEAM = Team(escalation=("boss", "chief"))
PEOPLE = calls(owner="ada", expert="mei,kenji", service_level_manager="sato,sita", duty_manager="cho")


def ladder(rungs: str) -> list[Reminder]:
    """`0 1 (2) 3`: the rungs of one cycle, those in brackets overtaken."""
    return [
        Reminder(
            cycle=2,
            rung=int(rung.strip("()")),
            fell_due_at=at("14:30"),
            raised_at=at("14:30"),
            due_at=at("14:30"),
            state=ReminderState.OVERTAKEN if rung.startswith("(") else ReminderState.RAISED,
        )
        for rung in rungs.split()
    ]


def told(rungs: str) -> tuple[str, str, str]:
    """Of the last of these rungs: who is pinged, who is only named, who gets a direct message."""
    all_of_cycle = ladder(rungs)
    last = all_of_cycle[-1]
    pinged = pinged_by(last, all_of_cycle, PEOPLE, TEAM, declared_by="hana")
    named = named_before(last, pinged, PEOPLE, TEAM, declared_by="hana")
    return (
        " ".join(pinged),
        " ".join(named),
        " ".join(direct_messages(last, pinged, PEOPLE, declared_by="hana")),
    )


@pytest.mark.parametrize(
    ("rungs", "pinged", "named", "direct"),
    [
        ("0", "ada", "", ""),
        ("0 1", "ada cho", "", "ada"),
        ("0 1 2", "ada sato sita", "cho", "ada sato sita"),
        ("0 1 2 3", "ada boss chief", "cho sato sita", "ada boss chief"),
        ("0 1 2 3 4", "ada boss chief", "cho sato sita", "ada boss chief"),
        ("0 1 2 3 4 5 6 7", "ada boss chief", "cho sato sita", "ada boss chief"),
        # Whoever a rung should have pinged and did not, the one after it pings.
        ("(0) 1", "ada cho", "", "ada"),
        ("(0) (1) 2", "ada sato sita cho", "", "ada sato sita cho"),
        ("0 1 (2) 3", "ada boss chief sato sita", "cho", "ada boss chief sato sita"),
        ("(0) (1) (2) (3) 4", "ada boss chief cho sato sita", "", "ada boss chief cho sato sita"),
        ("0 (1) 2 3", "ada boss chief cho", "sato sita", "ada boss chief cho"),
    ],
)
def test_who_learns_of_a_rung(rungs: str, pinged: str, named: str, direct: str) -> None:
    assert told(rungs) == (pinged, named, direct)


@pytest.mark.parametrize(("rungs", "pinged"), [("0", "ada"), ("0 1", "ada cho"), ("0 1 2", "ada sato sita")])
def test_where_the_swarms_channel_is_lost_everybody_learns_of_it_in_person(rungs: str, pinged: str) -> None:
    last = ladder(rungs)[-1]
    assert direct_messages(last, pinged.split(), PEOPLE, declared_by="hana", swarm_is_lost=True) == tuple(
        pinged.split()
    )


def test_what_was_overtaken_in_another_wait_pings_nobody_in_this_one() -> None:
    other = [
        Reminder(
            cycle=1,
            rung=1,
            fell_due_at=at("14:00"),
            raised_at=at("14:00"),
            due_at=at("14:00"),
            state=ReminderState.OVERTAKEN,
        )
    ]
    (last,) = ladder("2")
    assert pinged_by(last, [*other, last], PEOPLE, TEAM, declared_by="hana") == ("ada", "sato", "sita")


def test_nobody_is_pinged_twice_who_has_two_roles() -> None:
    (last,) = ladder("1")
    alone = calls(owner="ada", duty_manager="ada", service_level_manager="ada")
    assert pinged_by(last, [last], alone, TEAM, declared_by="hana") == ("ada",)


def test_without_escalation_contacts_the_last_rungs_still_ping_the_owner() -> None:
    (last,) = ladder("4")
    assert pinged_by(last, [last], PEOPLE, Team(), declared_by="hana") == ("ada",)


def test_a_role_is_held_by_everybody_called_for_it_who_has_not_declined() -> None:
    handed_on = calls(owner="-ada,kenji", expert="mei,-jun", duty_manager="-cho")
    assert holders(handed_on, Role.OWNER) == ("kenji",)
    assert holders(handed_on, Role.EXPERT) == ("mei",)
    assert holders(handed_on, Role.DUTY_MANAGER) == ()
    assert people_of_rung(1, handed_on, TEAM, declared_by="hana") == ("kenji",)
