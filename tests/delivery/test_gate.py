"""Patience: what Slack asked to leave alone is left alone, and a channel it throttled gets one message a second."""

from delivery.slack import CHANNEL_SECONDS, NARROW_SECONDS, Done, Gate, Outcome, Slack, Throttled

POST = "chat.postMessage"


class Seconds:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at

    def enters(self, gate: Gate, times: int, channel: str = "C1") -> int:
        """How many of so many calls at once go through."""
        return sum(not gate.enter(POST, channel) for _ in range(times))


def test_nobody_is_held_up_before_slack_asks_for_patience() -> None:
    seconds = Seconds()
    assert seconds.enters(Gate(seconds), 50) == 50


def test_a_throttled_channel_waits_as_long_as_asked_and_then_takes_one_at_a_time() -> None:
    seconds = Seconds()
    gate = Gate(seconds)
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


async def test_a_call_that_has_to_wait_is_not_made_and_nobody_hears_of_it() -> None:
    seconds = Seconds()
    gate = Gate(seconds)
    heard: list[tuple[str, Outcome]] = []
    gate.heard = lambda method, outcome: heard.append((method, outcome))
    made: list[str] = []

    class Answer:
        data: dict[str, str] = {}  # noqa: RUF012

    async def call() -> Answer:
        made.append("call")
        return Answer()

    slack = Slack(client=None, gate=gate)  # type: ignore[arg-type]
    gate.close(POST, 3.0, "C1")
    assert await slack.ask(POST, call, channel="C1") == Throttled(3.0, "waiting")
    assert (made, heard) == ([], [])
    seconds.at += 3.0
    assert await slack.ask(POST, call, channel="C1") == Done({})
    assert (made, heard) == (["call"], [(POST, Done({}))])
