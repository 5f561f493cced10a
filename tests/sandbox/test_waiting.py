"""Waiting for the workspace to change, and watching it."""

from __future__ import annotations

import asyncio

import pytest

from sandbox import Change


async def test_a_watcher_hears_of_every_change(world):
    queue = world.sandbox.subscribe()
    await world.sandbox.person("hana").post("support", "x")
    assert await queue.get() == Change("message", world.sandbox.channel("support").id)
    world.sandbox.unsubscribe(queue)
    await world.sandbox.person("hana").post("support", "y")
    assert queue.empty()


async def test_until_gives_what_the_predicate_gave(world):
    hana = world.sandbox.person("hana")
    waiting = asyncio.create_task(world.sandbox.until(lambda: hana.messages("support")))
    await asyncio.sleep(0)
    message = await hana.post("support", "x")
    assert await waiting == [message]


async def test_waiting_ends_when_the_time_is_up(world):
    with pytest.raises(TimeoutError):
        await world.sandbox.changed(timeout=0.01)
    with pytest.raises(TimeoutError):
        await world.sandbox.until(lambda: False, timeout=0.01)


async def test_a_name_that_is_not_there_is_answered_with_those_that_are(world):
    with pytest.raises(LookupError, match="support, lobby, secret"):
        world.sandbox.channel("nowhere")
    with pytest.raises(LookupError, match="hana, ben, sita"):
        world.sandbox.person("nobody")
    with pytest.raises(LookupError, match="no modal open"):
        await world.sandbox.person("hana").submit()
