"""Who is asked in an escalation, until when, and what an answer changes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.escalations import (
    About,
    Ask,
    Direction,
    Escalation,
    ask_next,
    deciders,
    replied,
    settled,
    wait_until,
)
from domain.matters import Matter
from domain.refusals import Refusal
from domain.roster import Answer
from domain.team import Team
from tests.domain.times import at, minutes

SIGNS = {
    Answer.WAITING: "?",
    Answer.ACCEPTED: "+",
    Answer.DECLINED: "-",
    Answer.UNANSWERED: "!",
    Answer.TAKEN: "x",
}


def escalation(*people: str) -> Escalation:
    """The last of these people is waited for; those before did not answer."""
    made = Escalation(
        number=1,
        about=About(direction=Direction.HIERARCHICAL, topic="compensation"),
        question="?",
        asked_by="U1",
        asked_at=at("14:00"),
        wait=minutes(20),
    )
    for person in people:
        made = ask_next(settled(made, Answer.UNANSWERED, at=at("14:20")), person, at=at("14:00"))
    return made


def shown(one: Escalation) -> str:
    return " ".join(f"{ask.person}{SIGNS[ask.answer]}" for ask in one.asks)


@pytest.mark.parametrize(
    ("deadline", "said"),
    [
        ("14:04", "deadline_too_soon"),
        ("14:05", 5),  # Asked at 14:00:30, as the clock on the wall shows it.
        ("14:06", 6),
        ("23:59", 599),
    ],
)
def test_an_answer_has_five_minutes_at_least_and_a_day_at_most(deadline: str, said: str | int) -> None:
    now = at("14:00") + timedelta(seconds=30)
    if isinstance(said, int):
        assert wait_until(at(deadline), now=now) == minutes(said) - timedelta(seconds=30)
        return
    with pytest.raises(Refusal) as refused:
        wait_until(at(deadline), now=now)
    assert refused.value.why.value == said


def test_beyond_a_day_nobody_waits() -> None:
    assert wait_until(at("14:00") + timedelta(hours=24), now=at("14:00")) == timedelta(hours=24)
    with pytest.raises(Refusal):
        wait_until(at("14:01") + timedelta(hours=24), now=at("14:00"))


def test_who_may_decide_is_asked_in_the_order_of_the_settings_and_else_the_last_resort() -> None:
    team = Team(escalation=("boss", "chair"), decisions={Matter.COMPENSATION: ("cfo",)})
    assert deciders("compensation", team) == ("cfo",)
    assert deciders("going_public", team) == ("boss", "chair")


def test_one_after_the_other_is_asked_and_the_first_answer_ends_it_be_it_late() -> None:
    asked = escalation("ada", "ben")
    assert shown(asked) == "ada! ben?"
    assert asked.due_at == at("14:20")
    late = replied(asked, "yes", by="UADA", person="ada", at=at("14:30"))
    assert (shown(late), late.due_at, late.reply) == ("ada+ benx", None, "yes")


def test_where_nobody_is_left_nothing_is_waited_for() -> None:
    asked = ask_next(settled(escalation("ada"), Answer.DECLINED, at=at("14:10")), None, at=at("14:10"))
    assert (shown(asked), asked.due_at, asked.nobody_left_at) == ("ada-", None, at("14:10"))


@pytest.mark.parametrize(
    ("reached", "until"), [(None, "14:20"), ("14:00", "14:20"), ("14:01", "14:20"), ("14:10", "14:30")]
)
def test_who_can_read_it_late_has_the_whole_time_from_then_on(reached: str | None, until: str) -> None:
    one = replace(escalation("ada"), reached_at=at(reached) if reached else None)
    assert one.deadline == at(until)
    assert one.asks == (Ask(person="ada", at=at("14:00")),)
