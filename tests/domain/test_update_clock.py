"""The update clock, minute by minute: what is due when, what is raised, and what moves it."""

from dataclasses import replace

import pytest

from domain.severity import Severity
from domain.update_clock import (
    UpdateClock,
    delivered,
    minutes_late,
    next_at,
    rung_at,
    sent,
    severity_changed,
    start,
    stop,
    strike,
)
from tests.domain.ticking import CADENCE, raised, told
from tests.domain.times import at, clock_of, minutes

# When an update is due, and when it is warned of


def test_the_first_update_is_due_ten_minutes_after_the_declaration_and_warned_of_after_five() -> None:
    clock = start(cycle=1, at=at("14:00"), cadence=CADENCE)
    assert (clock.first, clock.due_at, clock.warn_at) == (True, at("14:10"), at("14:05"))


def test_from_then_on_it_is_due_when_the_last_update_promised() -> None:
    clock = told("14:07:20", "14:37:20")
    assert (clock.first, clock.cycle, clock.anchor) == (False, 2, at("14:07:20"))
    assert (clock.due_at, clock.warn_at) == (at("14:37:20"), at("14:27:20"))


@pytest.mark.parametrize(
    ("promise", "warned"),
    [
        ("14:06", "14:03"),  # Half the wait.
        ("14:20", "14:10"),  # Half the wait and ten minutes before are the same.
        ("14:19:58", "14:09:59"),
        ("14:20:02", "14:10:02"),
        ("14:30", "14:20"),
        ("15:00", "14:50"),
        ("+1 09:00", "+1 08:50"),
    ],
)
def test_the_warning_comes_ten_minutes_before_but_never_in_the_first_half_of_the_wait(
    promise: str, warned: str
) -> None:
    assert clock_of(told("14:00", promise).warn_at) == warned


def test_before_the_first_update_too_the_warning_waits_for_half_the_wait() -> None:
    cadence = replace(CADENCE, first=minutes(6))
    assert start(cycle=1, at=at("14:00"), cadence=cadence).warn_at == at("14:03")


# The ladder


def test_the_ladder_climbs_at_the_due_time_and_five_and_ten_minutes_after_it() -> None:
    clock = told("14:00", "14:30")
    assert [clock_of(rung_at(clock, rung, CADENCE)) for rung in range(4)] == [
        "14:20",
        "14:30",
        "14:35",
        "14:40",
    ]


def test_it_repeats_every_ten_minutes_six_times_and_every_hour_after_that() -> None:
    clock = told("14:00", "14:30")
    assert [clock_of(rung_at(clock, rung, CADENCE)) for rung in range(4, 13)] == [
        "14:50",
        "15:00",
        "15:10",
        "15:20",
        "15:30",
        "15:40",
        "16:40",
        "17:40",
        "18:40",
    ]


def test_repeats_further_apart_than_an_hour_do_not_come_closer_after_six() -> None:
    cadence = replace(CADENCE, repeat=minutes(90))
    clock = told("14:00", "14:30", cadence=cadence)
    gaps = [rung_at(clock, n + 1, cadence) - rung_at(clock, n, cadence) for n in range(4, 12)]
    assert set(gaps) == {minutes(90)}


@pytest.mark.parametrize(
    ("steps", "times"),
    [
        ((0,), ["14:20", "14:30", "14:40", "14:50"]),
        ((0, 5), ["14:20", "14:30", "14:35", "14:45"]),
        ((0, 5, 10, 20, 25), ["14:20", "14:30", "14:35", "14:40", "14:50", "14:55", "15:05", "15:15"]),
        ((2, 4), ["14:20", "14:32", "14:34", "14:44"]),
    ],
)
def test_a_ladder_may_have_more_or_fewer_steps(steps: tuple[int, ...], times: list[str]) -> None:
    cadence = replace(CADENCE, rungs=tuple(minutes(step) for step in steps))
    clock = told("14:00", "14:30", cadence=cadence)
    assert [clock_of(rung_at(clock, n, cadence)) for n in range(len(times))] == times


def test_each_rung_is_raised_at_its_time_and_no_second_before() -> None:
    _, said = raised(
        told("14:00", "14:30"), "14:19:59", "14:20", "14:29:59", "14:30", "14:34:59", "14:35", "14:40"
    )
    assert said == ["14:20 0", "14:30 1", "14:35 2", "14:40 3"]


def test_striking_twice_is_striking_once() -> None:
    once, said = raised(told("14:00", "14:30"), "14:20", "14:30")
    assert said == ["14:20 0", "14:30 1"]
    assert strike(once, CADENCE, now=at("14:30")) == (once, ())
    assert strike(once, CADENCE, now=at("14:34:59")) == (once, ())


def test_of_several_that_fell_due_only_the_highest_is_raised_and_the_others_are_overtaken() -> None:
    _, said = raised(told("14:00", "14:30"), "14:41")
    assert said == ["14:41 (0)", "14:41 (1)", "14:41 (2)", "14:41 3 late"]


def test_a_rung_found_within_two_minutes_is_not_called_late() -> None:
    clock, _ = raised(told("14:00", "14:30"), "14:20")
    assert raised(clock, "14:32")[1] == ["14:32 1"]
    assert raised(clock, "14:32:01")[1] == ["14:32:01 1 late"]


def test_after_a_long_absence_it_is_late_even_if_the_highest_rung_has_only_just_fallen_due() -> None:
    clock, _ = raised(told("14:00", "14:30"), "14:20")
    assert raised(clock, "14:40:10")[1][-1] == "14:40:10 3 late"


def test_the_clock_strikes_next_when_the_next_rung_is_due() -> None:
    clock = told("14:00", "14:30")
    assert next_at(clock, CADENCE) == at("14:20")
    clock, _ = raised(clock, "14:20", "14:30")
    assert next_at(clock, CADENCE) == at("14:35")


# An update on its way


def test_rungs_wait_a_minute_for_an_update_that_was_sent_and_no_longer() -> None:
    clock, _ = raised(told("14:00", "14:30"), "14:20")
    clock = sent(clock, at=at("14:29:30"))
    assert next_at(clock, CADENCE) == at("14:30:30")
    assert raised(clock, "14:30", "14:30:29", "14:30:30", "14:35")[1] == ["14:30:30 1", "14:35 2"]


def test_a_delivered_update_starts_the_next_wait_at_the_moment_it_was_sent() -> None:
    clock, _ = raised(told("14:00", "14:30"), "14:20")
    clock = sent(clock, at=at("14:29:30"))
    clock = delivered(clock, sent_at=at("14:29:30"), promise=at("14:59:30"), cadence=CADENCE)
    assert (clock.cycle, clock.anchor, clock.due_at, clock.undelivered_since) == (
        3,
        at("14:29:30"),
        at("14:59:30"),
        None,
    )


def test_one_that_was_delivered_minutes_later_is_still_anchored_where_it_was_sent() -> None:
    clock, _ = raised(told("14:00", "14:30"), "14:20")
    clock, said = raised(sent(clock, at=at("14:29")), "14:30", "14:35")
    clock = delivered(clock, sent_at=at("14:29"), promise=at("14:59"), cadence=CADENCE)
    assert said == ["14:30 1", "14:35 2"]
    assert raised(clock, "14:40", "14:49")[1] == ["14:49 0"]


def test_an_update_that_arrives_after_a_later_one_moves_nothing() -> None:
    clock = sent(sent(told("14:00", "14:30"), at=at("14:20")), at=at("14:25"))
    newer = delivered(clock, sent_at=at("14:25"), promise=at("14:55"), cadence=CADENCE)
    assert delivered(newer, sent_at=at("14:20"), promise=at("14:50"), cadence=CADENCE) == newer


def test_the_older_of_two_on_their_way_ends_its_wait_while_the_newer_one_is_still_awaited() -> None:
    clock = sent(sent(told("14:00", "14:30"), at=at("14:20")), at=at("14:25"))
    older = delivered(clock, sent_at=at("14:20"), promise=at("14:24"), cadence=CADENCE)
    assert (older.cycle, older.undelivered_since) == (3, at("14:25"))
    newer = delivered(older, sent_at=at("14:25"), promise=at("14:55"), cadence=CADENCE)
    assert (newer.cycle, newer.due_at, newer.undelivered_since) == (4, at("14:55"), None)


def test_two_updates_of_one_instant_each_end_a_wait_and_the_last_promise_holds() -> None:
    clock = told("14:00", "14:30")
    again = delivered(clock, sent_at=at("14:00"), promise=at("14:20"), cadence=CADENCE)
    assert (again.cycle, again.due_at) == (3, at("14:20"))


def test_an_update_sent_before_the_reopening_does_not_end_the_wait_after_it() -> None:
    reopened = start(cycle=4, at=at("15:00"), cadence=CADENCE)
    assert delivered(reopened, sent_at=at("14:59"), promise=at("15:29"), cadence=CADENCE) == reopened


# Severity, state, settings


def severities(clock: UpdateClock, old: int, new: int, now: str, first: int) -> UpdateClock:
    return severity_changed(
        clock,
        old=Severity(old),
        new=Severity(new),
        cadence=replace(CADENCE, first=minutes(first)),
        now=at(now),
    )


@pytest.mark.parametrize(
    ("old", "new", "first", "now", "due"),
    [
        (3, 1, 6, "14:00", "14:06"),  # The graver severity's first.
        (3, 1, 6, "14:01", "14:06"),
        (3, 1, 6, "14:04", "14:09"),  # Never earlier than five minutes from the rise.
        (3, 1, 6, "14:09", "14:14"),
        (1, 3, 20, "14:04", "14:20"),  # A fall gives the milder one's time.
    ],
)
def test_a_first_update_follows_the_severity(old: int, new: int, first: int, now: str, due: str) -> None:
    declared = start(cycle=1, at=at("14:00"), cadence=CADENCE)
    assert clock_of(severities(declared, old, new, now, first).due_at) == due


def test_the_warning_follows_the_due_time() -> None:
    declared = start(cycle=1, at=at("14:00"), cadence=CADENCE)
    assert severities(declared, 3, 1, "14:01", 6).warn_at == at("14:03")


def test_a_fall_after_a_rise_takes_back_none_of_the_time_the_rise_gave() -> None:
    declared = start(cycle=1, at=at("14:00"), cadence=CADENCE)
    risen = severities(declared, 3, 1, "14:08", 10)
    assert (clock_of(risen.due_at), clock_of(severities(risen, 1, 3, "14:12", 10).due_at)) == (
        "14:13",
        "14:13",
    )


def test_a_first_update_that_is_overdue_stays_overdue() -> None:
    declared = start(cycle=1, at=at("14:00"), cadence=CADENCE)
    assert severities(declared, 3, 1, "14:10", 6) == declared
    assert severities(declared, 1, 3, "14:11", 60) == declared


@pytest.mark.parametrize(("old", "new"), [(3, 1), (1, 3)])
def test_what_customers_were_promised_does_not_move(old: int, new: int) -> None:
    promised = told("14:00", "14:30")
    assert severities(promised, old, new, "14:05", 1) == promised


def test_nothing_moves_once_it_has_stopped() -> None:
    stopped = stop(start(cycle=1, at=at("14:00"), cadence=CADENCE))
    assert severities(stopped, 3, 1, "14:01", 6) == stopped


def test_another_cadence_moves_the_steps_still_to_come_and_never_the_due_time() -> None:
    clock, _ = raised(told("14:00", "14:30"), "14:20", "14:30")
    slower = replace(CADENCE, every=minutes(60), rungs=(minutes(0), minutes(15)))
    assert raised(clock, "14:35", "14:45", cadence=slower)[1] == ["14:45 2"]
    assert clock.due_at == at("14:30")


# The end, and taking it up again


def test_a_stopped_clock_never_strikes() -> None:
    stopped = stop(replace(told("14:00", "14:30"), quiet_until=at("14:50")))
    assert next_at(stopped, CADENCE) is None
    assert strike(stopped, CADENCE, now=at("+1 14:30")) == (stopped, ())


def test_the_final_update_delivered_after_the_end_starts_no_ladder() -> None:
    stopped = stop(sent(told("14:00", "14:30"), at=at("14:25")))
    ended = delivered(stopped, sent_at=at("14:25"), promise=at("14:25"), cadence=CADENCE)
    assert strike(ended, CADENCE, now=at("16:00"))[1] == ()


def test_reopening_is_a_wait_for_a_first_update_from_that_moment() -> None:
    reopened = start(cycle=5, at=at("16:00"), cadence=CADENCE)
    assert raised(reopened, "16:05", "16:10", "16:15", "16:20")[1] == [
        "16:05 0",
        "16:10 1",
        "16:15 2",
        "16:20 3",
    ]


# On time


@pytest.mark.parametrize(
    ("sent_at", "due", "late"),
    [
        ("14:29:59", "14:30", 0),
        ("14:30:59", "14:30", 0),  # The same minute is on time.
        ("14:31:00", "14:30", 1),
        ("14:31:00", "14:30:59", 1),
        ("14:34:30", "14:30:45", 4),
        ("15:30", "14:30", 60),
        ("14:00", "14:30", 0),
    ],
)
def test_on_time_compares_minutes_as_people_read_them(sent_at: str, due: str, late: int) -> None:
    assert minutes_late(sent_at=at(sent_at), due_at=at(due), cadence=CADENCE) == late


@pytest.mark.parametrize(
    ("sent_at", "late"), [("14:30:20", 0), ("14:30:21", 1), ("14:31:20", 1), ("14:32:20", 2)]
)
def test_a_cadence_below_a_minute_compares_seconds(sent_at: str, late: int) -> None:
    quick = replace(CADENCE, every=minutes(0.5))
    assert minutes_late(sent_at=at(sent_at), due_at=at("14:30:20"), cadence=quick) == late
