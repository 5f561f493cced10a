"""When Slack takes few messages a minute, those go first that matter most."""

from sandbox import Call
from sandbox.limits import SPECIAL, WINDOW, RateLimits
from tests.delivery import commands
from tests.whole import Hachi

POST = "chat.postMessage"
PLACES = {"declared": 0, "briefing": 1, "call": 1, "reminder": 2, "announcement": 3}


class Seconds:
    """They pass when they are told to, for Slack and for whoever waits for it."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def used_up(seconds: Seconds) -> RateLimits:
    """Slack's limits, where this minute's messages are gone: from the next second on five become free each second."""
    limits, most = RateLimits(seconds), SPECIAL[POST]
    for n in range(most):
        seconds.at = 1 + WINDOW * n / most
        assert limits.retry_after(POST, None, f"C{n}") is None
    seconds.at = WINDOW
    return limits


def kind(call: Call) -> str:
    return str(call.args["metadata"]["event_payload"]["key"]).split("/")[1]


async def test_answers_then_new_swarms_then_reminders_then_the_rest(hachi: Hachi) -> None:
    await hachi.declare()
    seconds = Seconds()
    hachi.sandbox.server.limits = used_up(seconds)
    hachi.program.gate.monotonic = seconds
    before = len(hachi.sandbox.calls)
    hachi.clock.advance(commands.A_RUNG)
    await hachi.program.tick()
    await commands.declare(hachi, "検索が遅い")
    for _ in range(12):
        await hachi.settled()
        hachi.machine_waits(1)
        seconds.at += 1
    posts = [call for call in hachi.sandbox.calls[before:] if call.method == POST]
    assert any(call.error == "ratelimited" for call in posts)
    shown = [kind(call) for call in posts if call.ok]
    assert set(shown) >= set(PLACES)
    assert [PLACES[one] for one in shown] == sorted(PLACES[one] for one in shown), shown
