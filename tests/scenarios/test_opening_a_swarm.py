"""Declaring opens a swarm: who is in it, what it says, and in how many round trips."""

import asyncio
from collections import Counter

from sandbox import Fault
from tests.whole import Hachi, on_both_engines


@on_both_engines
async def test_declaring_opens_a_channel_with_everybody_called_and_whoever_declared(hachi: Hachi) -> None:
    channel = await hachi.declare(product="payments")

    assert channel is not None
    assert channel.name == "inc-1-カード決済が失敗する"
    assert hachi.members(channel) == {"hana", "ada", "kenji", "mei", "sato", "cho"}


async def test_people_are_in_and_can_read_the_briefing_after_two_round_trips_and_all_is_done_after_three(
    hachi: Hachi,
) -> None:
    def begun() -> list[str]:
        return [call.method for call in hachi.sandbox.calls if call.method in SWARM_CALLS]

    first = hachi.sandbox.faults.add("conversations.create", Fault.held())
    second = {method: hachi.sandbox.faults.add(method, Fault.held(), times=None) for method in TOGETHER}
    declaring = asyncio.create_task(hachi.declare(product="payments"))

    await hachi.until(lambda: first.holding)
    assert begun() == ["conversations.create"]

    first.release()
    # The briefing, the announcement, a message to whoever declared, and one to each of five people called.
    at_once = {"conversations.invite": 1, "conversations.setTopic": 1, "chat.postMessage": 8}
    await hachi.until(lambda: {method: held.holding for method, held in second.items()} == at_once)
    assert Counter(begun()) == {"conversations.create": 1} | at_once

    for held in second.values():
        held.release()
    await declaring
    assert begun()[11:] == ["pins.add"]


TOGETHER = ("conversations.invite", "conversations.setTopic", "chat.postMessage")
SWARM_CALLS = {
    "conversations.create",
    "conversations.invite",
    "conversations.setTopic",
    "chat.postMessage",
    "chat.update",
    "pins.add",
}


async def test_slack_is_asked_once_a_start_who_we_are_and_nobody_waits_for_it(hachi: Hachi) -> None:
    await hachi.person("hana").command("/incident", "list", channel="support")
    assert [call.method for call in hachi.sandbox.calls].count("auth.test") == 1
