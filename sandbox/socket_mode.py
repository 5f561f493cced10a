"""Socket Mode: envelopes to the app over a websocket, and its acknowledgements.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
import uuid
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from aiohttp import WSMsgType, web

from sandbox.changes import Changes

Json = dict[str, Any]
EnvelopeType = Literal["slash_commands", "interactive", "events_api"]
CONNECTIONS = 10
ACK_SECONDS = 3.0
REDELIVERY = (0.1, 60.0, 300.0)


class NotAcknowledgedError(Exception):
    """The app did not answer in time, or was not there."""


class Way(Protocol):
    """A way for payloads to reach the app. Socket Mode is one; signed HTTP requests could be another."""

    async def deliver(self, kind: EnvelopeType, payload: Json, attempt: int = 0) -> Json | None:
        """Answers what came with the acknowledgement. Raises NotAcknowledgedError."""


@dataclass
class Delivery:
    """One envelope as it was sent, and when it was acknowledged (monotonic seconds)."""

    kind: EnvelopeType
    payload: Json
    attempt: int
    sent: float | None = None
    acknowledged: float | None = None
    answer: Json | None = None


@dataclass(eq=False)
class _Connection:
    socket: web.WebSocketResponse
    request: web.Request
    waiting: dict[str, asyncio.Future[Json | None]] = field(default_factory=dict)
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class SocketMode:
    """All websockets of the app. `deliveries` lists every envelope sent, oldest first; `given_up` counts lost events."""

    def __init__(
        self,
        app_id: str,
        changes: Changes,
        ack_seconds: float = ACK_SECONDS,
        redelivery: tuple[float, ...] = REDELIVERY,
    ) -> None:
        self.ack_seconds = ack_seconds
        self.redelivery = redelivery
        self.deliveries: list[Delivery] = []
        self.given_up = 0
        self._app_id = app_id
        self._changes = changes
        self._tickets: set[str] = set()
        self._connections: list[_Connection] = []
        self._turn = 0
        self._held: list[Json] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def connections(self) -> int:
        """How many websockets are open."""
        return len(self._connections)

    def ticket(self) -> str:
        """A one-time ticket for one connection."""
        ticket = secrets.token_hex(8)
        self._tickets.add(ticket)
        return ticket

    async def connected(self, count: int = 1, timeout: float = 10.0) -> None:  # noqa: ASYNC109
        """Wait until at least that many websockets are open. Raises TimeoutError."""
        await self._changes.until(lambda: len(self._connections) >= count, timeout)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One websocket, from its first frame to its last."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=404, text="no such connection")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        if len(self._connections) >= CONNECTIONS:
            await socket.send_json(_goodbye("too_many_websockets"))
            await socket.close()
            return socket
        connection = _Connection(socket, request)
        await socket.send_json(self._hello(len(self._connections) + 1))
        self._connections.append(connection)
        self._changes.tell("connection")
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._acknowledged(connection, frame.data)
        finally:
            self._forget(connection)
        return socket

    async def deliver(self, kind: EnvelopeType, payload: Json, attempt: int = 0) -> Json | None:
        """Send one envelope over any of the connections and wait for its acknowledgement.

        Raises NotAcknowledgedError after the deadline, or at once when the connection is lost or there is none.
        """
        delivery = Delivery(kind, payload, attempt)
        self.deliveries.append(delivery)
        self._changes.wake()
        if not self._connections:
            raise NotAcknowledgedError("dispatch_failed")
        self._turn += 1
        connection = self._connections[self._turn % len(self._connections)]
        envelope_id = str(uuid.uuid4())
        envelope: Json = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
        answered: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope_id] = answered
        try:
            delivery.sent = time.monotonic()
            async with asyncio.timeout(self.ack_seconds):
                await connection.socket.send_json(envelope)
                delivery.answer = await answered
        except TimeoutError:
            raise NotAcknowledgedError("operation_timeout") from None
        except ConnectionError:
            raise NotAcknowledgedError("dispatch_failed") from None
        finally:
            connection.waiting.pop(envelope_id, None)
        delivery.acknowledged = time.monotonic()
        self._changes.wake()
        return delivery.answer

    def event(self, payload: Json) -> None:
        """Deliver an event in the background, again and again until it is acknowledged or Slack gives up."""
        if self._held is not None:
            self._held.append(payload)
        else:
            self.run(self._event(payload))

    def hold_events(self) -> None:
        """Keep events back from now on: Slack promises neither when they come nor in which order."""
        self._held = self._held or []

    def let_events_go(self, *, newest_first: bool = False) -> None:
        """Deliver what was held, and hold no more."""
        held, self._held = self._held or [], None
        for payload in reversed(held) if newest_first else held:
            self.event(payload)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something in the background that ends with the sandbox."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _event(self, payload: Json) -> None:
        for attempt, delay in enumerate((0.0, *self.redelivery)):
            await asyncio.sleep(delay)
            try:
                await self.deliver("events_api", payload, attempt)
                return
            except NotAcknowledgedError:
                continue
        self.given_up += 1
        self._changes.wake()

    async def refresh(self, timeout: float = 10.0) -> None:  # noqa: ASYNC109
        """Ask every connection to make way for a new one, as Slack does every few hours.

        The old ones stay open until the app closes them; returns when each has a successor. Raises TimeoutError.
        """
        old = list(self._connections)
        for connection in old:
            await connection.socket.send_json(_goodbye("refresh_requested"))

        def replaced() -> bool:
            return len([new for new in self._connections if new not in old]) >= len(old)

        await self._changes.until(replaced, timeout)
        await self._close(old)

    async def drop(self) -> None:
        """Break every connection off without a word."""
        old = list(self._connections)
        for connection in old:
            if connection.request.transport is not None:
                connection.request.transport.abort()
        await asyncio.gather(*(connection.gone.wait() for connection in old))

    async def stop(self) -> None:
        """End all background work and all connections."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._close(list(self._connections))

    async def _close(self, connections: list[_Connection]) -> None:
        for connection in connections:
            with contextlib.suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(0.3):
                    await connection.socket.close()
            if connection in self._connections and connection.request.transport is not None:
                connection.request.transport.abort()
        await asyncio.gather(*(connection.gone.wait() for connection in connections))

    def _acknowledged(self, connection: _Connection, frame: str) -> None:
        try:
            content = json.loads(frame)
            envelope_id, payload = content["envelope_id"], content.get("payload")
        except (ValueError, TypeError, KeyError, AttributeError):
            return
        answered = connection.waiting.get(envelope_id)
        if answered is not None and not answered.done():
            answered.set_result(payload if isinstance(payload, dict) else None)

    def _forget(self, connection: _Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
        for answered in connection.waiting.values():
            if not answered.done():
                answered.set_exception(ConnectionResetError("the websocket is gone"))
        connection.gone.set()
        self._changes.tell("connection")

    def _hello(self, number: int) -> Json:
        return {
            "type": "hello",
            "num_connections": number,
            "debug_info": {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self._app_id},
        }


def _goodbye(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}
