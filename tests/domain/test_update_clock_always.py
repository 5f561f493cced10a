"""What holds of the update clock whatever people do and whenever it is asked."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cadence import Cadence
from domain.refusals import Refusal
from domain.update_clock import (
    DELIVERY_GRACE,
    Raised,
    UpdateClock,
    delivered,
    drafting,
    next_at,
    rung_at,
    sent,
    snooze,
    start,
    strike,
)
from tests.domain.times import at, minutes

STEADY = settings(deadline=None, derandomize=True, database=None)
"""The same examples on every machine, however slow it is."""
BEGAN = at("14:00")
SECONDS = st.integers(0, 4 * 3600)
PASSES = st.lists(st.integers(0, 1500), min_size=1, max_size=25)
"""Seconds between one look at the clock and the next."""


@st.composite
def cadences(draw: st.DrawFn) -> Cadence:
    steps = sorted(draw(st.sets(st.integers(0, 30), min_size=1, max_size=5)))
    return Cadence(
        first=minutes(draw(st.integers(1, 30))),
        first_warn_before=minutes(draw(st.integers(0, 15))),
        every=minutes(draw(st.integers(1, 60))),
        warn_before=minutes(draw(st.integers(0, 30))),
        rungs=tuple(minutes(step) for step in steps),
        repeat=minutes(draw(st.integers(1, 90))),
        snooze=minutes(draw(st.integers(1, 15))),
        drafting=minutes(draw(st.integers(1, 15))),
        snoozes=draw(st.integers(0, 3)),
    )


def began(cadence: Cadence) -> UpdateClock:
    return start(cycle=1, at=BEGAN, cadence=cadence)


def struck_at(
    clock: UpdateClock, cadence: Cadence, passes: list[int]
) -> tuple[UpdateClock, list[Raised], datetime]:
    now, rungs = BEGAN, []
    for seconds in passes:
        now += timedelta(seconds=seconds)
        clock, found = strike(clock, cadence, now=now)
        rungs += found
    return clock, rungs, now


@STEADY
@given(cadences())
def test_the_rungs_of_a_wait_are_due_one_after_the_other(cadence: Cadence) -> None:
    times = [rung_at(began(cadence), rung, cadence) for rung in range(20)]
    assert times == sorted(times)
    assert times[0] <= began(cadence).due_at


@STEADY
@given(cadences(), st.integers(1, 7200), st.integers(0, 3600))
def test_a_warning_comes_in_the_second_half_of_the_wait(
    cadence: Cadence, promised_in: int, sent_after: int
) -> None:
    sent_at = BEGAN + timedelta(seconds=sent_after)
    promise = sent_at + timedelta(seconds=promised_in)
    clock = delivered(began(cadence), sent_at=sent_at, promise=promise, cadence=cadence)
    assert sent_at + (promise - sent_at) / 2 <= clock.warn_at <= promise


@STEADY
@given(cadences(), PASSES)
def test_however_often_it_is_asked_each_rung_is_raised_once_and_in_order(
    cadence: Cadence, passes: list[int]
) -> None:
    clock, rungs, _ = struck_at(began(cadence), cadence, passes)
    assert [rung.rung for rung in rungs] == list(range(clock.next_rung))


@STEADY
@given(cadences(), PASSES)
def test_asking_often_and_asking_once_at_the_end_raise_the_same_rungs(
    cadence: Cadence, passes: list[int]
) -> None:
    often, rungs, now = struck_at(began(cadence), cadence, passes)
    once, at_once = strike(began(cadence), cadence, now=now)
    assert [rung.rung for rung in rungs] == [rung.rung for rung in at_once]
    assert often == once


@STEADY
@given(cadences(), PASSES)
def test_nothing_is_raised_before_it_is_due_and_nothing_that_is_due_is_left(
    cadence: Cadence, passes: list[int]
) -> None:
    clock, rungs, now = struck_at(began(cadence), cadence, passes)
    assert all(rung.fell_due_at <= now for rung in rungs)
    assert rung_at(clock, clock.next_rung, cadence) > now


@STEADY
@given(cadences(), SECONDS)
def test_of_those_raised_together_all_but_the_highest_are_overtaken(cadence: Cadence, seconds: int) -> None:
    _, rungs = strike(began(cadence), cadence, now=BEGAN + timedelta(seconds=seconds))
    assert [rung.overtaken for rung in rungs] == [True] * (len(rungs) - 1) + [False] * bool(rungs)


@STEADY
@given(cadences(), PASSES, st.data())
def test_the_clock_strikes_at_next_at_and_at_no_time_before(
    cadence: Cadence, passes: list[int], data: st.DataObject
) -> None:
    clock, _, now = struck_at(began(cadence), cadence, passes)
    clock = _pressed(clock, cadence, now, data)
    following = next_at(clock, cadence)
    assert following is not None
    assert strike(clock, cadence, now=following - timedelta(microseconds=1))[1] == ()
    assert strike(clock, cadence, now=following)[1] != ()


@STEADY
@given(cadences(), PASSES, st.data())
def test_quiet_delays_a_rung_to_its_end_at_most_and_moves_nothing_else(
    cadence: Cadence, passes: list[int], data: st.DataObject
) -> None:
    clock, _, now = struck_at(began(cadence), cadence, passes)
    quiet = _pressed(clock, cadence, now, data)
    longest = now + max(cadence.snooze, cadence.drafting, DELIVERY_GRACE)
    following = next_at(quiet, cadence)
    assert following is not None
    assert following <= max(rung_at(clock, clock.next_rung, cadence), longest)
    untouched = {"quiet_until": None, "snoozes": 0, "drafted": False, "undelivered_since": None}
    assert replace(quiet, **untouched) == replace(clock, **untouched)


@STEADY
@given(cadences(), st.lists(st.tuples(st.integers(0, 900), st.sampled_from("snooze draft look".split()))))
def test_presses_are_counted_to_their_limit_and_never_beyond(
    cadence: Cadence, presses: list[tuple[int, str]]
) -> None:
    clock, now, snoozed, drafted = began(cadence), BEGAN, 0, 0
    for seconds, press in presses:
        now += timedelta(seconds=seconds)
        clock, _ = strike(clock, cadence, now=now)
        try:
            if press == "snooze":
                clock, snoozed = snooze(clock, cadence, now=now), snoozed + 1
            elif press == "draft":
                clock, drafted = drafting(clock, cadence, now=now), drafted + 1
        except Refusal:
            continue
    assert (clock.snoozes, clock.drafted) == (snoozed, drafted == 1)
    assert snoozed <= cadence.snoozes
    assert drafted <= 1


@STEADY
@given(cadences(), st.lists(st.integers(1, 3600), min_size=1, max_size=6), st.randoms())
def test_updates_that_arrive_in_any_order_leave_the_promise_of_the_last_one_sent(
    cadence: Cadence, gaps: list[int], shuffled: object
) -> None:
    updates, moment = [], BEGAN
    for gap in gaps:
        moment += timedelta(seconds=gap)
        updates.append((moment, moment + cadence.every))
    last_sent, last_promise = updates[-1]
    clock = began(cadence)
    for sent_at, _ in updates:
        clock = sent(clock, at=sent_at)
    shuffled.shuffle(updates)  # type: ignore[attr-defined]
    for sent_at, promise in updates:
        clock = delivered(clock, sent_at=sent_at, promise=promise, cadence=cadence)
    assert (clock.anchor, clock.due_at, clock.undelivered_since) == (last_sent, last_promise, None)


def _pressed(clock: UpdateClock, cadence: Cadence, now: datetime, data: st.DataObject) -> UpdateClock:
    """Perhaps somebody presses a button, or sends an update that has not arrived yet."""
    for ask in data.draw(st.lists(st.sampled_from([snooze, drafting, sent]), max_size=3)):
        try:
            clock = sent(clock, at=now) if ask is sent else ask(clock, cadence, now=now)
        except Refusal:
            continue
    return clock
