"""Which times hold: what the state sets, before what the severity sets, before the default."""

from dataclasses import fields

import pytest

from domain.cadence import Cadence, CadencePart, CadenceTable
from domain.incident import WORKING, State
from domain.severity import Severity
from tests.domain.times import minutes

SHIPPED = CadenceTable()


@pytest.mark.parametrize(
    ("state", "severity", "first", "every", "warn_before"),
    [
        ("investigating", 1, 10, 20, 5),
        ("identified", 1, 10, 20, 5),
        ("monitoring", 1, 10, 30, 5),
        ("investigating", 2, 10, 30, 10),
        ("identified", 3, 10, 30, 10),
        ("monitoring", 2, 10, 30, 10),
        ("investigating", 5, 10, 30, 10),
    ],
)
def test_the_times_that_ship(state: str, severity: int, first: int, every: int, warn_before: int) -> None:
    cadence = SHIPPED.of(state, Severity(severity))
    assert (cadence.first, cadence.every, cadence.warn_before) == (
        minutes(first),
        minutes(every),
        minutes(warn_before),
    )


def test_what_ships_for_everything_else() -> None:
    cadence = SHIPPED.of("investigating", Severity.THREE)
    assert cadence.first_warn_before == minutes(5)
    assert cadence.rungs == (minutes(0), minutes(5), minutes(10))
    assert (cadence.repeat, cadence.snooze, cadence.drafting) == (minutes(10), minutes(5), minutes(5))
    assert (cadence.snoozes, cadence.holdings) == (2, 2)


def test_state_goes_before_severity_and_severity_before_the_default_each_value_by_itself() -> None:
    table = CadenceTable(
        default=Cadence(every=minutes(25), repeat=minutes(15)),
        by_severity={Severity.ONE: CadencePart(every=minutes(20), first=minutes(8), snoozes=1)},
        by_state={"monitoring": CadencePart(every=minutes(45), first=minutes(12))},
    )
    cadence = table.of("monitoring", Severity.ONE)
    assert (cadence.every, cadence.first, cadence.snoozes, cadence.repeat) == (
        minutes(45),
        minutes(12),
        1,
        minutes(15),
    )
    assert table.of("monitoring", Severity.TWO).snoozes == 2
    assert table.of("identified", Severity.TWO).every == minutes(25)


def test_every_time_can_be_set_for_a_state_or_a_severity() -> None:
    assert set(CadencePart.__annotations__) == {field.name for field in fields(Cadence)}


@pytest.mark.parametrize("state", [*WORKING, State.REPORTED])
@pytest.mark.parametrize("severity", Severity)
def test_customers_never_wait_longer_than_half_an_hour_by_what_ships(
    state: State, severity: Severity
) -> None:
    assert minutes(20) <= SHIPPED.of(state.value, severity).every <= minutes(30)
