"""Warnings of SLA deadlines: at 50 %, 80 % and the breach, each once a deadline; of several only the highest is shown."""

from dataclasses import replace

import pytest

from domain.incident import State
from domain.severity import Assessment, Level
from domain.sla import SlaKind, sla_clocks
from domain.sla_warnings import SlaWarning, next_warning_at, pressing, running, warn
from domain.team import Team
from tests.domain.people import incident, update
from tests.domain.times import at, clock_of

LOWER = Assessment(urgency=Level.HIGH, impact=Level.MEDIUM)


def shown(warnings: tuple[SlaWarning, ...]) -> list[str]:
    """`response 50`, `(…)` for what was overtaken, `!` for what comes late."""
    return [
        f"({one.kind} {one.step})" if one.overtaken else f"{one.kind} {one.step}{'!' * one.late}"
        for one in warnings
    ]


def raised(*moments: str, **facts: object) -> list[list[str]]:
    """What is raised at each of these moments, for an incident of severity 1 declared at 14:00 and told at 14:26."""
    before: tuple[SlaWarning, ...] = ()
    said = []
    for moment in moments:
        told = [update(1, sent_at="14:26")] if at(moment) >= at("14:26") else []
        seen = incident(**facts)  # type: ignore[arg-type]
        new = warn(running(seen, sla_clocks(seen, Team(), told, ())), before, now=at(moment))
        before += new
        said.append(shown(new))
    return said


@pytest.mark.parametrize(
    ("moments", "said"),
    [
        (("14:14:59", "14:15", "14:15", "14:24"), [[], ["response 50"], [], ["response 80"]]),
        (("14:25",), [["(response 50)", "response 80"]]),
        (("14:15", "14:30"), [["response 50"], []]),  # The response was given.
        (("16:00", "17:12", "18:00"), [["resolution 50"], ["resolution 80"], ["resolution 100"]]),
        (("17:20",), [["(resolution 50)", "resolution 80!"]]),
        (("19:00", "19:01"), [["(resolution 50)", "(resolution 80)", "resolution 100!"], []]),
    ],
)
def test_each_step_comes_once_and_after_a_stop_only_the_highest(
    moments: tuple[str, ...], said: list[list[str]]
) -> None:
    assert raised(*moments) == said


@pytest.mark.parametrize("state", [State.RESOLVED, State.CLOSED, State.WITHDRAWN])
def test_what_is_over_is_warned_of_no_more(state: State) -> None:
    assert raised("19:00", state=state) == [[]]


def test_another_severity_has_another_deadline_from_the_same_start_and_is_warned_of_anew() -> None:
    grave, lower = incident(), incident(assessment=LOWER)
    first = warn(running(grave, sla_clocks(grave, Team(), (), ())), (), now=at("14:15"))
    owed = running(lower, sla_clocks(lower, Team(), (), ()))
    assert warn(owed, first, now=at("14:20")) == ()
    assert clock_of(next_warning_at(owed, now=at("14:20")) or at("00:00")) == "14:30"
    assert shown(warn(owed, first, now=at("14:30"))) == ["response 50"]
    assert pressing(lower, sla_clocks(lower, Team(), (), ()), first, SlaKind.RESPONSE) is None
    # Back again: what was said of that deadline was said.
    assert warn(running(grave, sla_clocks(grave, Team(), (), ())), first, now=at("14:16")) == ()


def test_reopening_goes_on_where_it_was() -> None:
    open_again = replace(incident(), resolved_at=None)
    owed = running(open_again, sla_clocks(open_again, Team(), [update(1)], ()))
    before = warn(owed, (), now=at("16:00"))
    assert shown(warn(owed, before, now=at("17:12"))) == ["resolution 80"]
