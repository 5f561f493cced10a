"""The SLA clocks: by when customers are answered, by when it is resolved, and when the answer counts."""

from dataclasses import replace
from datetime import date, time

import pytest

from domain.customer_updates import Receipt
from domain.incident import State
from domain.severity import Assessment, Level, Severity
from domain.sla import SlaClocks, sla_clocks
from domain.team import Customer, SlaPlan, SlaTarget, Team
from domain.working_hours import WorkingHours
from tests.domain.people import incident, receipt, update
from tests.domain.times import at, clock_of, minutes


def of_severity(number: int) -> Assessment:
    return Assessment(urgency=Level.HIGH, impact=Level.HIGH, override=Severity(number), override_reason="…")


@pytest.mark.parametrize(
    ("severity", "response_by", "resolution_by"),
    [(1, "14:30", "18:00"), (2, "15:00", "22:00"), (3, "16:00", "+7 14:00")],
)
def test_both_run_from_the_declaration(severity: int, response_by: str, resolution_by: str) -> None:
    clocks = sla_clocks(incident(assessment=of_severity(severity)), Team(), (), ())
    assert clocks
    assert (clock_of(clocks.response.by), clock_of(clocks.resolution.by)) == (response_by, resolution_by)
    assert clocks.response.met_at is None


@pytest.mark.parametrize("severity", [4, 5])
def test_an_ordinary_case_has_none(severity: int) -> None:
    assert sla_clocks(incident(assessment=of_severity(severity)), Team(), (), ()) is None


def met(clocks: SlaClocks) -> str | None:
    """When the last of those who are owed a response had it."""
    at_all = [clock.met_at for clock in clocks.responses]
    return None if None in at_all else clock_of(max(filter(None, at_all)))


def responded(customers: tuple[str, ...], *deliveries: object) -> str | None:
    told = (update(1, sent_at="14:10"), update(2, sent_at="14:40"))
    clocks: SlaClocks | None = sla_clocks(
        incident(customers=customers),
        Team(),
        told,
        deliveries,  # type: ignore[arg-type]
    )
    assert clocks
    return met(clocks)


def test_with_nobody_linked_the_first_update_that_reached_anybody_is_the_response() -> None:
    assert responded(()) == "14:10"


def test_a_response_is_owed_to_each_customer_and_met_when_the_last_one_has_it() -> None:
    one = receipt(1, "acme", "acme")
    assert responded(("acme",), one) == "14:10"
    assert responded(("acme", "globex"), one) is None
    assert responded(("acme", "globex"), one, receipt(2, "globex", "globex")) == "14:40"
    assert responded(("acme", "globex"), receipt(1, "shared", "acme", "globex")) == "14:10"


@pytest.mark.parametrize("what", [Receipt.WAITING, Receipt.FAILED])
def test_what_has_not_arrived_is_no_response(what: Receipt) -> None:
    assert responded(("acme",), receipt(1, "acme", "acme", receipt=what)) is None
    arrived_later = receipt(2, "acme", "acme")
    assert responded(("acme",), receipt(1, "acme", "acme", receipt=what), arrived_later) == "14:40"


def test_the_first_update_that_arrived_counts_whatever_came_after_it() -> None:
    assert responded(("acme",), receipt(2, "acme", "acme"), receipt(1, "acme", "acme")) == "14:10"


def test_an_update_nobody_received_does_not_meet_the_response() -> None:
    lost = replace(update(1), delivered_at=None)
    clocks = sla_clocks(incident(), Team(), (lost,), ())
    assert clocks
    assert met(clocks) is None
    assert clocks.response.by == at("14:30")


GOLD = SlaPlan(targets={Severity.ONE: SlaTarget(response=minutes(15), resolution=minutes(120))})
OFFICE = SlaPlan(
    targets={Severity.ONE: SlaTarget(response=minutes(60), resolution=minutes(8 * 60))},
    hours=WorkingHours(
        weekdays=frozenset(range(5)),
        opens=time(9),
        closes=time(18),
        timezone="Asia/Tokyo",
        holidays={date(2026, 11, 25)},
    ),
)
BOUGHT = Team(
    sla_plans={"gold": GOLD, "office": OFFICE},
    customers={
        "acme": Customer(name="Acme", sla="gold"),
        "globex": Customer(name="Globex", sla="office"),
        "minato": Customer(name="みなと"),
    },
)
"""Declared on a Tuesday at 14:00; Wednesday is a holiday."""


@pytest.mark.parametrize(
    ("customers", "response_by", "resolution_by"),
    [
        ((), "14:30", "18:00"),
        (("minato",), "14:30", "18:00"),
        (("somebody unknown",), "14:30", "18:00"),
        (("acme",), "14:15", "16:00"),
        (("globex",), "15:00", "+2 13:00"),
        (("minato", "globex"), "14:30", "18:00"),
        (("globex", "minato", "acme"), "14:15", "16:00"),
    ],
)
def test_the_strictest_plan_of_the_affected_customers_counts(
    customers: tuple[str, ...], response_by: str, resolution_by: str
) -> None:
    clocks = sla_clocks(incident(customers=customers), BOUGHT, (), ())
    assert clocks
    assert (clock_of(clocks.response.by), clock_of(clocks.resolution.by)) == (response_by, resolution_by)


def test_a_severity_that_a_plan_leaves_out_has_no_target() -> None:
    assert sla_clocks(incident(customers=("acme",), assessment=of_severity(2)), BOUGHT, (), ()) is None


def test_each_step_falls_due_when_so_much_of_the_time_is_used_up() -> None:
    clocks = sla_clocks(incident(customers=("globex",)), BOUGHT, (), ())
    assert clocks
    assert [clock_of(step) for step in clocks.resolution.steps] == ["18:00", "+2 11:24", "+2 13:00"]


@pytest.mark.parametrize(
    ("told", "shown_by", "late"),
    [
        ({}, "14:15", False),
        ({"acme": "14:10"}, "14:30", False),
        ({"acme": "14:20"}, "14:30", False),
        ({"acme": "14:10", "minato": "14:29"}, "14:15", False),
        ({"acme": "14:20", "minato": "14:29"}, "14:15", True),
        ({"minato": "14:40", "acme": "14:10"}, "14:30", True),
    ],
)
def test_the_response_shown_is_the_next_still_owed_and_each_customer_is_late_by_their_own_plan(
    told: dict[str, str], shown_by: str, late: bool
) -> None:
    updates = [update(n, sent_at=sent) for n, sent in enumerate(told.values(), 1)]
    deliveries = [receipt(n, who, who) for n, who in enumerate(told, 1)]
    clocks = sla_clocks(incident(customers=("acme", "minato")), BOUGHT, updates, deliveries)
    assert clocks
    assert (clock_of(clocks.response.by), clocks.response.late) == (shown_by, late)


def test_the_resolution_is_met_by_resolving_and_runs_on_after_reopening() -> None:
    resolved = sla_clocks(incident(State.RESOLVED, resolved_at=at("18:01")), Team(), (), ())
    reopened = sla_clocks(incident(resolved_at=None), Team(), (), ())
    assert resolved
    assert reopened
    assert (resolved.resolution.late, reopened.resolution.met_at) == (True, None)
    assert resolved.resolution.by == reopened.resolution.by == at("18:00")
