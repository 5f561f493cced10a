"""Slack at its worst: throttled, broken, slow, silent, late."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from sandbox import Fault


def posts(world) -> list[str]:
    return [message.text for message in world.sandbox.channel("support").messages]


async def post(world, text: str = "x", limit: float = 5.0):
    channel = world.sandbox.channel("support").id
    async with asyncio.timeout(limit):
        return await world.client.chat_postMessage(channel=channel, text=text)


async def test_a_throttled_call_has_no_effect_and_says_how_long(world):
    world.sandbox.faults.add("chat.postMessage", Fault.rate_limited(retry_after=2))
    with pytest.raises(SlackApiError) as refused:
        await post(world)
    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "2"
    assert refused.value.response["error"] == "ratelimited"
    assert posts(world) == []
    await post(world)
    assert posts(world) == ["x"]


@pytest.mark.parametrize(
    ("fault", "raised", "effect"),
    [
        (Fault.error("internal_error"), SlackApiError, 0),
        (Fault.error("internal_error", after_effect=True), SlackApiError, 1),
        (Fault.http(503), SlackApiError, 0),
        (Fault.http(503, after_effect=True), SlackApiError, 1),
        (Fault.reset_before(), aiohttp.ClientError, 0),
        (Fault.reset_after(), aiohttp.ClientError, 1),
        (Fault.hang_before(), TimeoutError, 0),
        (Fault.hang_after(), TimeoutError, 1),
    ],
)
async def test_a_fault_strikes_before_or_after_the_effect(world, fault, raised, effect):
    planted = world.sandbox.faults.add("chat.postMessage", fault)
    silent = raised is TimeoutError
    with pytest.raises(raised):
        await post(world, limit=0.2 if silent else 5.0)
    await world.sandbox.until(lambda: len(posts(world)) == effect)
    assert planted.used == 1
    assert not world.sandbox.calls[-1].ok
    await post(world)
    assert len(posts(world)) == effect + 1


async def test_an_effect_may_come_late(world):
    late = world.sandbox.faults.add("chat.postMessage", Fault.late_effect())
    with pytest.raises(aiohttp.ClientError):
        await post(world)
    await post(world, "y")
    assert (posts(world), late.holding) == (["y"], 1)
    late.release()
    assert posts(world) == ["y", "x"]


@pytest.mark.parametrize(("after_effect", "order"), [(False, ["y", "x"]), (True, ["x", "y"])])
async def test_a_call_may_be_held_until_the_test_lets_it_go_on(world, after_effect, order):
    held = world.sandbox.faults.add("chat.postMessage", Fault.held(after_effect=after_effect))
    posting = asyncio.create_task(post(world))
    await world.sandbox.until(lambda: held.holding)
    await post(world, "y")
    assert not posting.done()
    held.release()
    await posting
    assert posts(world) == order


async def test_a_slow_call_succeeds(world):
    world.sandbox.faults.add("*", Fault.slow(0.05))
    started = time.monotonic()
    await post(world)
    assert time.monotonic() - started >= 0.05
    assert posts(world) == ["x"]


async def test_a_fault_strikes_as_often_and_where_it_is_told_to(world):
    faults = world.sandbox.faults
    twice = faults.add(
        "chat.postMessage", Fault.error("fatal_error"), times=2, where=lambda args: args["text"] == "a"
    )
    await post(world, "b")
    for _ in range(2):
        with pytest.raises(SlackApiError):
            await post(world, "a")
    await post(world, "a")
    assert (twice.used, posts(world)) == (2, ["b", "a"])
    always = faults.add("*", Fault.error("fatal_error"), times=None)
    for _ in range(3):
        with pytest.raises(SlackApiError):
            await post(world)
    always.remove()
    await post(world)
    faults.add("*", Fault.http(500))
    faults.off()
    await post(world)


async def test_every_call_takes_the_latency(world):
    world.sandbox.latency = 0.05
    started = time.monotonic()
    await asyncio.gather(*(post(world) for _ in range(10)))
    assert time.monotonic() - started >= 0.05
    assert all(call.finished - call.started >= 0.05 for call in world.sandbox.calls)


async def test_the_sandbox_stops_at_once_with_calls_in_the_air(make_world):
    world = await make_world()
    world.sandbox.faults.add("*", Fault.hang_before(), times=None)
    hanging = asyncio.create_task(world.client.auth_test())
    await world.sandbox.until(lambda: world.sandbox.calls)
    started = time.monotonic()
    await world.sandbox.stop()
    assert time.monotonic() - started < 1.0
    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)


async def test_published_limits_hold_a_channel_to_a_message_a_second(make_world):
    world = await make_world(published_rate_limits=True)
    for _ in range(5):
        await post(world)
    with pytest.raises(SlackApiError, match="429"):
        await post(world)
    await world.client.chat_postMessage(channel=world.sandbox.person("hana").id, text="other channel")
    world.seconds.now += 1
    await post(world)


async def test_published_limits_hold_a_method_to_its_tier(make_world):
    world = await make_world(published_rate_limits=True)
    for number in range(20):
        await world.client.conversations_create(name=f"inc-{number}")
    with pytest.raises(SlackApiError) as refused:
        await world.client.conversations_create(name="inc-20")
    assert refused.value.response.headers["Retry-After"] == "60"
    world.seconds.now += 60
    await world.client.conversations_create(name="inc-20")
