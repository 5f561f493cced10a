"""What an incident may be called, and what may be done with it in which state."""

from datetime import datetime
from typing import Any

import pytest

from domain.incident import (
    OPEN,
    REASON_LIMIT,
    TEXT_LIMIT,
    TITLE_LIMIT,
    State,
    check_can_close,
    check_can_reopen,
    check_can_resolve,
    check_open,
    check_resolution,
    reason_of,
    title_of,
)
from domain.refusals import Refusal, Why
from tests.domain.people import incident
from tests.domain.times import at

TWO, THREE = at("14:00"), at("15:00")
FLAG_OF_WALES = "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"


def why(ask: Any, *arguments: Any, **facts: Any) -> Why | None:
    """The code of the "no", or None when it is allowed."""
    try:
        ask(*arguments, **facts)
    except Refusal as refusal:
        return refusal.why
    return None


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("  カード決済が　失敗する\n", "カード決済が 失敗する"),
        ("🔥🔥🔥", "🔥🔥🔥"),
        ("👩‍💻が困っています", "👩‍💻が困っています"),
        (f"{FLAG_OF_WALES} site down", f"{FLAG_OF_WALES} site down"),
        ("الدفع لا يعمل", "الدفع لا يعمل"),
        ("می‌خواهم", "می‌خواهم"),
        ("<!channel> & <b>", "<!channel> & <b>"),
        # Signs nobody sees, which would turn round or hide what stands beside the title
        ("pay\u202egnp.exe", "paygnp.exe"),
        ("\u2067مرحبا\u2069 down", "مرحبا down"),
        ("\u200fشكرا\u200e", "شكرا"),
        ("a\x00b\x1b[31mc\x7f", "ab[31mc"),
        ("\ufefftitle\u200b", "title"),
        ("half\ud83d a sign", "half a sign"),
        ("line\u2028two", "line two"),
        ("tab\tand\x85next line", "tab and next line"),
    ],
)
def test_a_title_is_one_line_of_what_can_be_seen(typed: str, title: str) -> None:
    assert title_of(typed) == title


@pytest.mark.parametrize("typed", ["", "   ", "　\n", "\u202e\u2066", "\u200b", "\u200d", "\x00", "\u0301"])
def test_a_title_of_nothing_that_can_be_seen_is_missing(typed: str) -> None:
    with pytest.raises(Refusal) as refusal:
        title_of(typed)
    assert (refusal.value.why, refusal.value.field) == (Why.TITLE_MISSING, "title")


def test_a_title_has_a_limit_and_the_answer_says_which() -> None:
    assert title_of("長" * TITLE_LIMIT) == "長" * TITLE_LIMIT
    with pytest.raises(Refusal) as refusal:
        title_of("長" * (TITLE_LIMIT + 1))
    assert (refusal.value.why, refusal.value.field) == (Why.TITLE_TOO_LONG, "title")
    assert refusal.value.facts == {"limit": TITLE_LIMIT, "length": TITLE_LIMIT + 1}


def test_a_reason_is_asked_for_and_has_a_limit() -> None:
    assert reason_of("  誤検知  ") == "誤検知"
    assert why(reason_of, " \n　") is Why.REASON_MISSING
    assert why(reason_of, "長" * REASON_LIMIT) is None
    assert why(reason_of, "長" * (REASON_LIMIT + 1)) is Why.TEXT_TOO_LONG


TABLE = [
    # state, anything else, resolve, close, reopen
    (State.REPORTED, None, None, Why.NOT_RESOLVED_YET, Why.INCIDENT_NOT_OVER),
    (State.INVESTIGATING, None, None, Why.NOT_RESOLVED_YET, Why.INCIDENT_NOT_OVER),
    (State.IDENTIFIED, None, None, Why.NOT_RESOLVED_YET, Why.INCIDENT_NOT_OVER),
    (State.MONITORING, None, None, Why.NOT_RESOLVED_YET, Why.INCIDENT_NOT_OVER),
    (State.RESOLVED, Why.INCIDENT_OVER, Why.ALREADY_RESOLVED, None, None),
    (State.CLOSED, Why.INCIDENT_OVER, Why.INCIDENT_OVER, Why.ALREADY_CLOSED, None),
    (State.WITHDRAWN, Why.INCIDENT_OVER, Why.INCIDENT_OVER, Why.INCIDENT_OVER, Why.INCIDENT_NOT_OVER),
]


@pytest.mark.parametrize(("state", "anything", "resolve", "close", "reopen"), TABLE)
def test_what_may_be_done_in_each_state(
    state: State, anything: Why | None, resolve: Why | None, close: Why | None, reopen: Why | None
) -> None:
    one = incident(state)
    assert (why(check_open, one), why(check_can_resolve, one)) == (anything, resolve)
    assert (why(check_can_close, one), why(check_can_reopen, one)) == (close, reopen)


def test_the_table_has_every_state_and_open_are_those_customers_wait_in() -> None:
    assert [row[0] for row in TABLE] == list(State)
    assert {row[0] for row in TABLE if row[1] is None} == OPEN


def test_an_ordinary_case_is_resolved_by_closing_it() -> None:
    assert why(check_can_close, incident(State.INVESTIGATING, swarm=False)) is None


def ending(
    done: str = "切り替えました",
    started_at: datetime = TWO,
    ended_at: datetime = THREE,
    customer_action: str = "",
) -> Why | None:
    return why(
        check_resolution,
        done=done,
        started_at=started_at,
        ended_at=ended_at,
        now=THREE,
        customer_action=customer_action,
    )


def test_an_end_says_what_was_done_and_lies_between_the_start_and_now() -> None:
    assert ending() is None
    assert ending(started_at=at("15:00")) is None
    assert ending(done=" 　") is Why.TEXT_MISSING
    assert ending(done="長" * (TEXT_LIMIT + 1)) is Why.TEXT_TOO_LONG
    assert ending(customer_action="長" * (TEXT_LIMIT + 1)) is Why.TEXT_TOO_LONG
    assert ending(ended_at=at("15:00:01")) is Why.TIME_IN_THE_FUTURE
    assert ending(started_at=at("14:30"), ended_at=at("14:29")) is Why.END_BEFORE_START
