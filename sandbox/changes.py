"""Tells whoever waits or watches that something in the workspace is different now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple, TypeVar

T = TypeVar("T")

PATIENCE_SECONDS = 20.0
"""So long one waits for what should come at once: a busy machine is not a failure."""


class Change(NamedTuple):
    """What changed: its kind, and the channel and person concerned (their ids) where there is one."""

    kind: str
    channel: str | None = None
    person: str | None = None


class Changes:
    """A stream of changes: queues for those who watch, a wake-up for those who wait."""

    def __init__(self) -> None:
        self._queues: list[asyncio.Queue[Change]] = []
        self._waiting: list[asyncio.Future[None]] = []

    def subscribe(self) -> asyncio.Queue[Change]:
        """A queue that gets every change from now on."""
        queue: asyncio.Queue[Change] = asyncio.Queue()
        self._queues.append(queue)
        return queue

    def unsubscribe(self, queue: asyncio.Queue[Change]) -> None:
        """The queue gets no more."""
        if queue in self._queues:
            self._queues.remove(queue)

    def tell(self, kind: str, channel: str | None = None, person: str | None = None) -> None:
        """Something people can see has changed."""
        for queue in self._queues:
            queue.put_nowait(Change(kind, channel, person))
        self.wake()

    def wake(self) -> None:
        """Something only a test can see has changed: a call ended, an envelope was acknowledged."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    # The caller's limit is the point (ASYNC109).
    async def changed(self, timeout: float = PATIENCE_SECONDS) -> None:  # noqa: ASYNC109
        """Wait for the next change. Raises TimeoutError after `timeout` seconds."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        async with asyncio.timeout(timeout):
            await future

    async def until(self, predicate: Callable[[], T], timeout: float = PATIENCE_SECONDS) -> T:  # noqa: ASYNC109
        """Wait until the predicate holds and return what it returned; it is asked again at every change.

        Raises TimeoutError after `timeout` seconds.
        """
        async with asyncio.timeout(timeout):
            while not (found := predicate()):
                future = asyncio.get_running_loop().create_future()
                self._waiting.append(future)
                await future
        return found
