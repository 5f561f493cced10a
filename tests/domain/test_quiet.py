"""Asking for quiet: a snooze or "I am drafting" holds reminders back, and moves nothing else."""

from dataclasses import replace
from datetime import datetime

import pytest

from domain.refusals import Refusal, Why
from domain.update_clock import UpdateClock, delivered, drafting, snooze
from tests.domain.ticking import CADENCE, raised, told
from tests.domain.times import at, minutes


def refused(why: Why, ask: object, clock: UpdateClock, now: datetime) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        ask(clock, CADENCE, now=now)  # type: ignore[operator]
    assert refusal.value.why is why
    return refusal.value


def test_a_snooze_at_14_31_is_silence_until_14_36_then_rung_2_and_rung_3_at_14_40() -> None:
    clock, said = raised(told("14:00", "14:30"), "14:20", "14:30")
    clock = snooze(clock, CADENCE, now=at("14:31"))
    assert clock.quiet_until == at("14:36")
    clock, said = raised(clock, "14:35", "14:35:59", "14:36", "14:39:59", "14:40")
    assert said == ["14:36 2", "14:40 3"]


def test_quiet_moves_neither_the_due_time_nor_the_rungs_after_it() -> None:
    clock, _ = raised(told("14:00", "14:30"), "14:20", "14:30")
    quiet = snooze(clock, CADENCE, now=at("14:31"))
    assert (quiet.due_at, quiet.warn_at, quiet.cycle, quiet.next_rung) == (
        clock.due_at,
        clock.warn_at,
        clock.cycle,
        clock.next_rung,
    )


def test_when_quiet_ends_the_highest_rung_that_is_due_is_raised_and_the_lower_ones_are_overtaken() -> None:
    clock, _ = raised(told("14:00", "14:30"), "14:20", "14:30")
    clock = snooze(clock, CADENCE, now=at("14:34"))
    clock = snooze(clock, CADENCE, now=at("14:38"))
    assert raised(clock, "14:39", "14:43")[1] == ["14:43 (2)", "14:43 3"]


def test_a_rung_that_quiet_held_back_is_not_late() -> None:
    clock, _ = raised(told("14:00", "14:30"), "14:20", "14:30")
    clock = snooze(clock, CADENCE, now=at("14:34"))
    assert raised(clock, "14:39")[1] == ["14:39 2"]


def test_but_it_is_late_when_nobody_was_there_at_the_end_of_the_quiet() -> None:
    clock, _ = raised(told("14:00", "14:30"), "14:20", "14:30")
    clock = snooze(clock, CADENCE, now=at("14:34"))
    assert raised(clock, "14:45")[1] == ["14:45 (2)", "14:45 3 late"]


def test_a_snooze_is_given_twice_a_cycle() -> None:
    clock = snooze(told("14:00", "14:30"), CADENCE, now=at("14:16"))
    clock = snooze(clock, CADENCE, now=at("14:22"))
    no = refused(Why.SNOOZES_USED_UP, snooze, clock, at("14:28"))
    assert no.facts == {"limit": 2, "due": at("14:30")}


def test_drafting_is_said_once_a_cycle_and_does_not_use_up_a_snooze() -> None:
    clock, _ = raised(told("14:00", "14:30"), "14:20", "14:30")
    clock = drafting(clock, CADENCE, now=at("14:31"))
    assert (clock.quiet_until, clock.drafted, clock.snoozes) == (at("14:36"), True, 0)
    refused(Why.DRAFTING_USED_UP, drafting, clock, at("14:37"))
    assert snooze(clock, CADENCE, now=at("14:37")).snoozes == 1


@pytest.mark.parametrize(
    ("drafted_at", "snoozed_at", "quiet_until"),
    [("14:31", "14:33", "14:38"), ("14:33", "14:31", "14:38")],
)
def test_of_drafting_and_snooze_the_later_counts(drafted_at: str, snoozed_at: str, quiet_until: str) -> None:
    clock, _ = raised(told("14:00", "14:30"), "14:20", "14:30")
    clock = drafting(clock, CADENCE, now=at(drafted_at))
    clock = snooze(clock, CADENCE, now=at(snoozed_at))
    assert clock.quiet_until == at(quiet_until)


def test_a_short_quiet_does_not_cut_a_long_one_short() -> None:
    cadence = replace(CADENCE, drafting=minutes(10), snooze=minutes(2))
    clock, _ = raised(told("14:00", "14:30"), "14:20", "14:30")
    clock = drafting(clock, cadence, now=at("14:31"))
    assert snooze(clock, cadence, now=at("14:34")).quiet_until == at("14:41")


@pytest.mark.parametrize("ask", [snooze, drafting])
def test_a_press_with_nothing_due_is_answered_with_the_next_reminder_and_not_counted(ask: object) -> None:
    clock, _ = raised(told("14:00", "14:30"), "14:20")
    no = refused(Why.NEXT_REMINDER_LATER, ask, clock, at("14:24:59"))
    assert no.facts == {"next": at("14:30")}
    assert (clock.snoozes, clock.drafted, clock.quiet_until) == (0, False, None)


@pytest.mark.parametrize("now", ["14:25", "14:29:59", "14:30"])
def test_a_press_is_taken_when_a_rung_would_come_within_its_five_minutes(now: str) -> None:
    clock, _ = raised(told("14:00", "14:30"), "14:20")
    assert snooze(clock, CADENCE, now=at(now)).snoozes == 1


def test_nothing_due_is_said_even_to_somebody_who_has_used_up_both() -> None:
    clock, _ = raised(replace(told("14:00", "14:30"), snoozes=2, drafted=True), "14:20", "14:30", "14:35")
    clock, _ = raised(clock, "14:40")
    refused(Why.NEXT_REMINDER_LATER, snooze, clock, at("14:41"))
    refused(Why.SNOOZES_USED_UP, snooze, clock, at("14:46"))


def test_the_next_wait_starts_with_both_snoozes_and_drafting_again_and_without_quiet() -> None:
    used = replace(told("14:00", "14:30"), snoozes=2, drafted=True, quiet_until=at("14:36"), next_rung=2)
    fresh = delivered(used, sent_at=at("14:33"), promise=at("15:03"), cadence=CADENCE)
    assert (fresh.snoozes, fresh.drafted, fresh.quiet_until, fresh.next_rung) == (0, False, None, 0)
