"""A fresh workspace for each test, and the real clients that talk to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import ChannelSpec, PersonSpec, Sandbox

PEOPLE = (
    PersonSpec("hana", name="花", locale="ja-JP", tz="Asia/Tokyo", email="hana@example.com"),
    PersonSpec("ben", name="Ben Carter", email="ben@example.com"),
    PersonSpec("sita", name="Sita Rao", email="sita@example.com"),
)
CHANNELS = (
    ChannelSpec("support", members=("hana", "ben"), bot=True),
    ChannelSpec("lobby", members=("hana", "ben", "sita")),
    ChannelSpec("secret", members=("hana",), private=True),
)


class Seconds:
    """A monotonic clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """The sandbox and a client of its Web API."""

    sandbox: Sandbox
    client: AsyncWebClient
    http: aiohttp.ClientSession
    seconds: Seconds

    async def raw(self, method: str, **request: Any) -> dict[str, Any]:
        """Call a method without the SDK's good manners."""
        async with self.http.post(self.sandbox.api_url + method, **request) as answer:
            body: dict[str, Any] = await answer.json()
            return body

    async def error(self, method: str, **args: Any) -> str:
        """The error code of a call, or an empty string."""
        headers = {"Authorization": f"Bearer {self.sandbox.bot_token}"}
        form = {key: str(value) for key, value in args.items()}
        body = await self.raw(method, data=form, headers=headers)
        return str(body.get("error", ""))


MakeWorld = Callable[..., Awaitable[World]]


@pytest.fixture
async def make_world() -> AsyncIterator[MakeWorld]:
    opened: list[World] = []

    async def make(**options: Any) -> World:
        seconds = Seconds()
        defaults: dict[str, Any] = {"people": PEOPLE, "channels": CHANNELS, "monotonic": seconds}
        sandbox = await Sandbox.start(**(defaults | options))
        http = aiohttp.ClientSession()
        client = AsyncWebClient(sandbox.bot_token, base_url=sandbox.api_url, session=http, retry_handlers=[])
        world = World(sandbox, client, http, seconds)
        opened.append(world)
        return world

    yield make
    for world in opened:
        await world.http.close()
        await world.sandbox.stop()


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    return await make_world()


RunApp = Callable[[World], Awaitable[AsyncApp]]


@pytest.fixture
async def connect() -> AsyncIterator[Callable[[AsyncApp, World], Awaitable[AsyncSocketModeHandler]]]:
    """Connects a Bolt app to the sandbox by Socket Mode."""
    handlers: list[AsyncSocketModeHandler] = []

    async def start(app: AsyncApp, world: World) -> AsyncSocketModeHandler:
        handler = AsyncSocketModeHandler(app, world.sandbox.app_token, ping_interval=0.2)
        handlers.append(handler)
        await handler.connect_async()
        await world.sandbox.socket_mode.connected()
        return handler

    yield start
    for handler in handlers:
        tasks = [handler.client.message_processor, handler.client.message_receiver]
        tasks.append(handler.client.current_session_monitor)
        await handler.close_async()
        await asyncio.gather(*(task for task in tasks if task), return_exceptions=True)


@pytest.fixture
def bolt() -> Callable[[World], AsyncApp]:
    """Makes a Bolt app for the sandbox."""
    return lambda world: AsyncApp(name="app", client=world.client)
