"""Declaring opens a swarm: who is in it, what it says, and in how many round trips."""

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
    hachi.sandbox.latency = 0.15
    await hachi.declare(product="payments")

    calls = [call for call in hachi.sandbox.calls if call.method in SWARM_CALLS]
    opened = next(call for call in calls if call.method == "conversations.create")
    second = [call for call in calls if opened.finished <= call.started < opened.finished + 0.15]
    third = [call for call in calls if call.started >= opened.finished + 0.15]
    assert sorted({call.method for call in second}) == [
        "chat.postMessage",
        "conversations.invite",
        "conversations.setTopic",
    ]
    assert [call.method for call in third] == ["pins.add"]


SWARM_CALLS = {
    "conversations.create",
    "conversations.invite",
    "conversations.setTopic",
    "chat.postMessage",
    "chat.update",
    "pins.add",
}
