"""When customers are added later, the criteria may say that the severity should be graver; a person decides."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.incident import Incident
from domain.severity import Assessment, Decision, Level, Severity, UrgentBecause
from domain.suggestions import customers_changed, kept, severity_decided
from domain.team import Customer, Team
from tests.domain.people import incident
from tests.domain.times import at

TEAM = Team(
    many_customers=3,
    customers={
        **{name: Customer(name=name) for name in ("a", "b", "c", "d")},
        **{name: Customer(name=name, tier="key") for name in ("K", "L")},
    },
)


def assessed(urgency: str = "medium", impact: str = "medium", **facts: object) -> Assessment:
    return Assessment(urgency=Level(urgency), impact=Level(impact), **facts)  # type: ignore[arg-type]


def changed(before: Incident, customers: str) -> Incident:
    """The incident with these customers, one a letter."""
    return customers_changed(before, replace(before, customers=tuple(customers)), TEAM, at=at("14:20"))


def said(one: Incident) -> str:
    """Every suggestion: the severity, why, and what became of it."""
    return " ".join(
        f"{one.severity}:{'+'.join(sorted(one.criteria))}:{one.decision}" for one in one.suggestions
    )


@pytest.mark.parametrize(
    ("before", "after", "levels", "suggested"),
    [
        ("", "a", "medium medium", ""),
        ("", "K", "medium medium", "2:key_customer:open"),
        ("", "K", "low low", "3:key_customer:open"),
        ("", "K", "high medium", ""),
        ("a", "ab", "medium medium", ""),
        ("ab", "abc", "medium medium", "2:many_customers:open"),
        ("ab", "abc", "medium high", ""),
        ("ab", "abK", "medium medium", "1:key_customer+many_customers:open"),
        ("K", "Ka", "medium medium", ""),
        ("K", "KL", "medium medium", "2:key_customer:open"),
        ("abcd", "abc", "medium medium", ""),
        ("abc", "abcd", "medium medium", ""),
        ("", "?", "medium medium", ""),
    ],
)
def test_key_customers_make_it_urgent_and_many_make_the_impact_high(
    before: str, after: str, levels: str, suggested: str
) -> None:
    was = incident(assessment=assessed(*levels.split()), customers=tuple(before))
    now = changed(was, after)
    assert said(now) == suggested
    assert now.assessment == was.assessment


def test_what_was_ticked_already_is_not_suggested() -> None:
    ticked = assessed("low", "low", urgent_because=(UrgentBecause.KEY_CUSTOMER,))
    assert said(changed(incident(assessment=ticked), "K")) == ""


def test_a_severity_put_in_the_place_of_the_computed_one_is_what_it_is_compared_with() -> None:
    milder = assessed("high", "high", override=Severity.THREE, override_reason="夜間")
    assert said(changed(incident(assessment=milder), "K")) == ""
    milder = assessed("low", "high", override=Severity.FOUR, override_reason="夜間")
    assert said(changed(incident(assessment=milder), "K")) == "1:key_customer:open"


def test_while_one_waits_only_a_further_reason_is_said_anew() -> None:
    one = changed(incident(assessment=assessed()), "K")
    assert said(changed(one, "KL")) == "2:key_customer:open"
    both = changed(one, "KLa")
    assert said(both) == "2:key_customer:stale 1:key_customer+many_customers:open"


def test_it_is_stale_once_the_customers_are_taken_off_again() -> None:
    one = changed(incident(assessment=assessed()), "aK")
    assert said(changed(one, "a")) == "2:key_customer:stale"
    assert said(changed(changed(one, "a"), "aK")) == "2:key_customer:stale 2:key_customer:open"


@pytest.mark.parametrize(
    ("levels", "decision"),
    [("high medium", Decision.TAKEN), ("high high", Decision.TAKEN), ("low medium", Decision.STALE)],
)
def test_a_change_of_severity_takes_it_or_sets_it_aside(levels: str, decision: Decision) -> None:
    one = changed(incident(assessment=assessed()), "K")
    decided = severity_decided(replace(one, assessment=assessed(*levels.split())), by="UADA", at=at("14:25"))
    (suggestion,) = decided.suggestions
    assert (suggestion.decision, suggestion.decided_by, suggestion.decided_at) == (
        decision,
        "UADA",
        at("14:25"),
    )


def test_keeping_the_severity_is_remembered_and_another_key_customer_asks_anew() -> None:
    as_it_is = kept(changed(incident(assessment=assessed()), "K"), by="UADA", at=at("14:25"))
    assert said(changed(as_it_is, "Ka")) == "2:key_customer:kept"
    assert said(changed(as_it_is, "KL")) == "2:key_customer:kept 2:key_customer:open"


@given(
    st.lists(st.sets(st.sampled_from("abcdKL")), max_size=8), st.sampled_from(Level), st.sampled_from(Level)
)
def test_whatever_customers_come_and_go_one_suggestion_waits_at_most_and_it_holds(
    steps: list[set[str]], urgency: Level, impact: Level
) -> None:
    now = incident(assessment=Assessment(urgency=urgency, impact=impact))
    for customers in steps:
        now = changed(now, "".join(sorted(customers)))
        waiting = [one for one in now.suggestions if one.decision is Decision.OPEN]
        assert len(waiting) <= 1
        assert [one.number for one in now.suggestions] == list(range(1, len(now.suggestions) + 1))
        for one in waiting:
            assert one.severity < now.severity
