"""How grave an incident is: urgency × impact, what raises each, and what a person may put in its place."""

import pytest

from domain.severity import Assessment, ImpactBecause, Level, Severity, UrgentBecause

TABLE = """
            high  medium  low
    high       1       2    3
    medium     2       3    4
    low        3       4    5
"""
"""Urgency down, impact across."""

CELLS = [
    (urgency, impact, int(severity))
    for impacts in [TABLE.split()[:3]]
    for row in TABLE.strip().splitlines()[1:]
    for urgency, *severities in [row.split()]
    for impact, severity in zip(impacts, severities, strict=True)
]


def test_the_table_has_all_nine_cells() -> None:
    assert len(CELLS) == 9


@pytest.mark.parametrize(("urgency", "impact", "severity"), CELLS)
def test_severity_is_the_cell_of_urgency_and_impact(urgency: str, impact: str, severity: int) -> None:
    assert Assessment(urgency=Level(urgency), impact=Level(impact)).severity == severity


@pytest.mark.parametrize("because", UrgentBecause)
@pytest.mark.parametrize("chosen", Level)
def test_each_reason_alone_makes_it_urgent_whatever_was_chosen(chosen: Level, because: UrgentBecause) -> None:
    said = Assessment(urgency=chosen, impact=Level.LOW, urgent_because=(because,))
    assert (said.effective_urgency, said.severity) == (Level.HIGH, Severity.THREE)


@pytest.mark.parametrize("because", ImpactBecause)
@pytest.mark.parametrize("chosen", Level)
def test_each_reason_alone_makes_the_impact_high_whatever_was_chosen(
    chosen: Level, because: ImpactBecause
) -> None:
    said = Assessment(urgency=Level.LOW, impact=chosen, impact_because=(because,))
    assert (said.effective_impact, said.severity) == (Level.HIGH, Severity.THREE)


def test_a_reason_on_both_sides_is_the_gravest_there_is() -> None:
    said = Assessment(
        urgency=Level.LOW,
        impact=Level.LOW,
        urgent_because=(UrgentBecause.SPREADS,),
        impact_because=(ImpactBecause.INJURY,),
    )
    assert said.severity is Severity.ONE


@pytest.mark.parametrize("override", Severity)
def test_a_person_may_put_another_severity_in_its_place_and_the_computed_one_stays_known(
    override: Severity,
) -> None:
    said = Assessment(urgency=Level.MEDIUM, impact=Level.MEDIUM, override=override, override_reason="見解")
    assert (said.severity, said.computed) == (override, Severity.THREE)


@pytest.mark.parametrize("chosen", Level)
def test_real_damage_alone_makes_the_impact_high(chosen: Level) -> None:
    said = Assessment(urgency=Level.MEDIUM, impact=chosen, accident=True)
    assert (said.effective_impact, said.severity) == (Level.HIGH, Severity.TWO)
