"""Patience: what Slack asked to leave alone is left alone, a channel it throttled gets one message a second, and a
method that opens again opens to those first who matter most."""

import pytest

from bot.clock import machine_now
from delivery.order import turn
from delivery.plan import Edit, OpenChannel, Post
from delivery.slack import (
    CHANNEL_SECONDS,
    NARROW_SECONDS,
    TURN_SECONDS,
    Done,
    Gate,
    Outcome,
    Slack,
    Throttled,
)
from storage.shown import Shown
from templates.cards.card import SWARM, Card

POST = "chat.postMessage"


class Seconds:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at

    def enters(self, gate: Gate, times: int, channel: str = "C1", turn: int = 0) -> int:
        """How many of so many calls at once go through."""
        return sum(not gate.enter(POST, channel, turn) for _ in range(times))


def crowded(gate: Gate, channel: str = "C1") -> None:
    """Several messages have just gone there."""
    for _ in range(5):
        gate.sent(POST, channel)


def test_nobody_is_held_up_before_slack_asks_for_patience() -> None:
    seconds = Seconds()
    assert seconds.enters(Gate(seconds), 50) == 50


def test_a_throttled_channel_waits_as_long_as_asked_and_then_takes_one_at_a_time() -> None:
    seconds = Seconds()
    gate = Gate(seconds)
    crowded(gate)
    gate.close(POST, 3.0, "C1")
    assert seconds.enters(gate, 50) == 0
    assert seconds.enters(gate, 50, "C2") == 50
    seconds.at += 3.0
    for _ in range(5):
        assert seconds.enters(gate, 50) == 1
        seconds.at += CHANNEL_SECONDS
    seconds.at += NARROW_SECONDS
    assert seconds.enters(gate, 50) == 50


def test_a_method_waits_everywhere() -> None:
    seconds = Seconds()
    gate = Gate(seconds)
    gate.close(POST, 3.0)
    assert seconds.enters(gate, 5, "C2") == 0
    seconds.at += 3.0
    assert seconds.enters(gate, 5, "C2") == 5


def test_where_two_that_got_no_crowd_of_messages_are_refused_the_whole_workspace_waits() -> None:
    """Slack limits both, and does not say which of them it was; others may write to a channel, too."""
    seconds = Seconds()
    gate = Gate(seconds)
    for channel in ("C1", "C2"):
        crowded(gate, channel)
        gate.close(POST, 3.0, channel)
        assert seconds.enters(gate, 5, channel) == 0
    assert seconds.enters(gate, 5, "C3") == 5

    seconds.at += 60.0  # All that is long ago.
    gate.close(POST, 3.0, "C1")
    assert (seconds.enters(gate, 5, "C1"), seconds.enters(gate, 5, "C3")) == (0, 5)
    seconds.at += 3.0
    gate.close(POST, 3.0, "C2")
    assert seconds.enters(gate, 5, "C3") == 5
    gate.close(POST, 3.0, "C3")
    assert seconds.enters(gate, 5, "C4") == 0
    seconds.at += 3.0
    assert seconds.enters(gate, 5, "C4") == 5


def test_an_earlier_request_for_patience_outlives_a_shorter_one() -> None:
    seconds = Seconds()
    gate = Gate(seconds)
    gate.close(POST, 30.0)
    gate.close(POST, 1.0)
    assert gate.seconds_closed(POST) == 30.0


def test_who_matters_less_leaves_the_method_to_the_others_for_a_while() -> None:
    seconds = Seconds()
    gate = Gate(seconds)
    assert [seconds.enters(gate, 5, turn=turn) for turn in range(4)] == [5, 5, 5, 5]
    gate.close(POST, 3.0)
    seconds.at += 3.0
    for open_to in range(4):
        assert [bool(seconds.enters(gate, 5, turn=turn)) for turn in range(4)] == [
            turn <= open_to for turn in range(4)
        ]
        seconds.at += TURN_SECONDS
    gate.close(POST, 1.0)  # Slack had no more for now: they begin anew.
    seconds.at += 1.0
    assert [seconds.enters(gate, 5, turn=turn) for turn in range(4)] == [5, 0, 0, 0]


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("declared", 0),
        ("briefing", 1),
        ("call/owner/1", 1),
        ("reminder/update/1/1", 2),
        ("update/3", 2),
        ("sla/response/50/U1", 2),
        ("announcement", 3),
    ],
)
def test_the_order_of_messages(key: str, place: int) -> None:
    """Answers to people, new swarms, reminders and customer updates, the rest."""
    card = Card(key, SWARM, ())
    assert turn(Post(Shown(key=key, place=SWARM), card, "C1")) == place


@pytest.mark.parametrize(("pings", "place"), [(True, 0), (False, 1)])
def test_what_somebody_answered_is_brought_up_to_date_before_what_is_there_to_be_read(
    pings: bool, place: int
) -> None:
    card = Card("call/owner/1", SWARM, (), pings=pings)
    assert turn(Edit(Shown(key=card.key, place=SWARM), card, "C1", "1.0")) == place


def test_what_all_need_a_method_for_alike_has_one_turn() -> None:
    assert turn(OpenChannel(Shown(key="channel", place=SWARM))) == 0


async def test_a_call_that_has_to_wait_is_not_made_and_nobody_hears_of_it() -> None:
    seconds = Seconds()
    gate = Gate(seconds)
    heard: list[tuple[str, Outcome]] = []
    gate.heard = lambda method, outcome: heard.append((method, outcome))
    made: list[str] = []

    class Answer:
        headers: dict[str, str] = {}  # noqa: RUF012
        data: dict[str, str] = {}  # noqa: RUF012

    async def call() -> Answer:
        made.append("call")
        return Answer()

    slack = Slack(client=None, gate=gate, machine_now=machine_now)  # type: ignore[arg-type]
    crowded(gate)
    gate.close(POST, 3.0, "C1")
    assert await slack.ask(POST, call, channel="C1") == Throttled(3.0, "waiting")
    assert (made, heard) == ([], [])
    seconds.at += 3.0
    assert await slack.ask(POST, call, channel="C1") == Done({})
    assert (made, heard) == (["call"], [(POST, Done({}))])
