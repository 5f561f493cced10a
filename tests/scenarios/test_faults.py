"""Whatever Slack does, in the end it shows what the records say: each card once, nobody pinged twice."""

import math

import pytest

from domain.incident import State
from sandbox import Fault
from tests.delivery import commands
from tests.delivery.truth import check, converge, look, of_card, ours, pass_next_wait
from tests.whole import Hachi

BRIEFING = "briefing"
OVERDUE = "reminder/update/1/1"
FIRST_UPDATE = "update/1"


def times_posted(hachi: Hachi, number: int, key: str) -> int:
    return len([one for _, found, one in ours(hachi, number) if found == key])


def looks(hachi: Hachi) -> int:
    """How often a conversation was read for cards whose posting had no known outcome."""
    return len([call for call in hachi.sandbox.calls if call.method == "conversations.history" and call.ok])


FAULTS = {
    "the answer is lost after the effect": Fault.reset_after(),
    "the connection breaks before the effect": Fault.reset_before(),
    "Slack hangs before the effect": Fault.hang_before(),
    "Slack hangs after the effect": Fault.hang_after(),
    "internal_error comes after the effect": Fault.error("internal_error", after_effect=True),
    "fatal_error comes before the effect": Fault.error("fatal_error"),
    "503 comes before the effect": Fault.http(503),
    "500 comes after the effect": Fault.http(500, after_effect=True),
    "429 asks for patience": Fault.rate_limited(7),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_each_card_is_posted_once_though(hachi: Hachi, fault: Fault) -> None:
    if fault.how == "hang":
        hachi.gives_up_after(0.15)
    planted = [
        hachi.sandbox.faults.add("chat.postMessage", fault, where=of_card(key))
        for key in (BRIEFING, OVERDUE, FIRST_UPDATE)
    ]
    number = await commands.declare(hachi)
    await converge(hachi)
    await hachi.later(minutes=10)
    await converge(hachi)
    await commands.tell(hachi, number)
    await converge(hachi)

    assert [one.used for one in planted] == [1, 1, 1]
    await check(hachi, number)


async def test_an_effect_that_lands_before_the_second_look_is_taken_for_our_own(hachi: Hachi) -> None:
    late = hachi.sandbox.faults.add("chat.postMessage", Fault.late_effect(), where=of_card(BRIEFING))
    number = await commands.declare(hachi)
    while not looks(hachi):
        await pass_next_wait(hachi)
    late.release()
    await converge(hachi)

    posts = [call for call in hachi.sandbox.calls if of_card(BRIEFING)(call.args)]
    assert len(posts) == 1
    await check(hachi, number)


@pytest.mark.parametrize(("key", "place"), [(BRIEFING, "inc-"), (FIRST_UPDATE, "customer-news")])
async def test_of_two_messages_with_one_key_the_younger_is_deleted_within_a_minute(
    hachi: Hachi, key: str, place: str
) -> None:
    def there() -> list[str]:
        return [one.ts for c, found, one in ours(hachi, number) if found == key and c.name.startswith(place)]

    def concerned(args: dict[str, object]) -> bool:
        channel = hachi.sandbox.workspace.channels.get(str(args["channel"]))
        return of_card(key)(args) and channel is not None and channel.name.startswith(place)

    late = hachi.sandbox.faults.add("chat.postMessage", Fault.late_effect(), where=concerned)
    number = await commands.declare(hachi)
    if key == FIRST_UPDATE:
        await converge(hachi)
        await commands.tell(hachi, number)
    while not there():
        await pass_next_wait(hachi)
    (elder,) = there()
    late.release()
    assert len(there()) == 2
    hachi.machine_waits(60.5)
    await hachi.settled()

    assert late.used == 1
    assert there() == [elder]
    await converge(hachi)
    await check(hachi, number, pings_per_rung=2)  # The second ping of a late effect cannot be taken back.


async def test_a_message_that_history_shows_late_is_not_taken_for_lost(hachi: Hachi) -> None:
    hachi.sandbox.history_lag = math.inf
    hachi.sandbox.faults.add("chat.postMessage", Fault.reset_after(), where=of_card(FIRST_UPDATE))
    number = await commands.declare(hachi)
    await converge(hachi)
    await commands.tell(hachi, number)
    while not looks(hachi):
        await pass_next_wait(hachi)
    hachi.sandbox.history_lag = 0.0
    await converge(hachi)

    told = [call for call in hachi.sandbox.calls if of_card(FIRST_UPDATE)(call.args)]
    assert len(told) == times_posted(hachi, number, FIRST_UPDATE)
    await check(hachi, number)


async def test_an_edit_of_unknown_outcome_is_sent_soon_and_once_more_after_30_seconds(hachi: Hachi) -> None:
    number = await commands.declare(hachi)
    await converge(hachi)
    seen = await look(hachi, number)
    ts = seen.shown[(BRIEFING, "swarm")].ts

    def edits() -> int:
        return len([c for c in hachi.sandbox.calls if c.method == "chat.update" and c.args["ts"] == ts])

    before = edits()
    hachi.sandbox.faults.add("chat.update", Fault.reset_after(), where=lambda args: args["ts"] == ts)
    await commands.change_state(hachi, number, State.IDENTIFIED)
    await hachi.settled()
    assert edits() == before + 1
    hachi.machine_waits(2.1)
    await hachi.settled()
    assert edits() == before + 2
    hachi.machine_waits(29)
    await hachi.settled()
    assert edits() == before + 3
    await converge(hachi)
    assert edits() == before + 3
    await check(hachi, number)


async def test_a_late_edit_that_overwrites_a_newer_one_is_put_right(hachi: Hachi) -> None:
    number = await commands.declare(hachi)
    await converge(hachi)
    ts = (await look(hachi, number)).shown[(BRIEFING, "swarm")].ts
    late = hachi.sandbox.faults.add("chat.update", Fault.late_effect(), where=lambda args: args["ts"] == ts)
    await commands.change_state(hachi, number, State.IDENTIFIED)
    await hachi.settled()
    hachi.machine_waits(2.1)
    await commands.change_state(hachi, number, State.MONITORING)
    await hachi.settled()
    message = next(one for _, key, one in ours(hachi, number) if key == BRIEFING)
    newest = message.text
    late.release()
    assert message.text != newest
    await converge(hachi)

    assert message.text == newest
    await check(hachi, number)


async def test_a_card_that_somebody_deleted_is_posted_anew_and_pinned(hachi: Hachi) -> None:
    number = await commands.declare(hachi)
    await converge(hachi)
    message = next(one for _, key, one in ours(hachi, number) if key == BRIEFING)
    hachi.sandbox.workspace.delete(message)
    await commands.change_state(hachi, number, State.IDENTIFIED)
    await converge(hachi)
    await check(hachi, number, pings_per_rung=2)
