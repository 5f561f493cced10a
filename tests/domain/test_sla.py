"""The SLA clocks: by when customers are answered, by when it is resolved, and when the answer counts."""

from dataclasses import replace

import pytest

from domain.customer_updates import Receipt
from domain.severity import Assessment, Level, Severity
from domain.sla import SlaClocks, sla_clocks
from domain.team import Team
from tests.domain.people import incident, receipt, update
from tests.domain.times import at, clock_of


def of_severity(number: int) -> Assessment:
    return Assessment(urgency=Level.HIGH, impact=Level.HIGH, override=Severity(number), override_reason="…")


@pytest.mark.parametrize(
    ("severity", "response_by", "resolution_by"),
    [(1, "14:30", "18:00"), (2, "15:00", "22:00"), (3, "16:00", "+7 14:00")],
)
def test_both_run_from_the_declaration(severity: int, response_by: str, resolution_by: str) -> None:
    clocks = sla_clocks(incident(assessment=of_severity(severity)), Team(), (), ())
    assert clocks
    assert (clock_of(clocks.response_by), clock_of(clocks.resolution_by)) == (response_by, resolution_by)
    assert clocks.responded_at is None


@pytest.mark.parametrize("severity", [4, 5])
def test_an_ordinary_case_has_none(severity: int) -> None:
    assert sla_clocks(incident(assessment=of_severity(severity)), Team(), (), ()) is None


def responded(customers: tuple[str, ...], *deliveries: object) -> str | None:
    told = (update(1, sent_at="14:10"), update(2, sent_at="14:40"))
    clocks: SlaClocks | None = sla_clocks(
        incident(customers=customers),
        Team(),
        told,
        deliveries,  # type: ignore[arg-type]
    )
    assert clocks
    return clock_of(clocks.responded_at) if clocks.responded_at else None


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
    assert clocks.responded_at is None
    assert clocks.response_by == at("14:30")
