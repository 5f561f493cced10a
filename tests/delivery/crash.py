"""Killing the program in the middle of its work: from that instant it records nothing and calls nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sandbox import Fault
from tests.whole import Hachi

SHOWING = frozenset(
    {
        "conversations.create",
        "conversations.invite",
        "conversations.setTopic",
        "chat.postMessage",
        "chat.update",
        "pins.add",
    }
)


class Killed(asyncio.CancelledError):
    """A dead process has no database, and writes no log."""


class Kill:
    """Strikes at the n-th call that shows something, just before or just after its effect."""

    def __init__(self, hachi: Hachi, *, at_call: int, after_effect: bool) -> None:
        self.hachi = hachi
        self.calls = 0
        self.at_call = at_call
        self.struck = False
        fault = Fault.reset_after() if after_effect else Fault.reset_before()
        self._planted = hachi.sandbox.faults.add("*", fault, times=None, where=self._strikes)
        self._methods = hachi.sandbox.calls

    def _strikes(self, args: dict[str, Any]) -> bool:
        if self.struck or self._methods[-1].method not in SHOWING:
            return False
        self.calls += 1
        if self.calls != self.at_call:
            return False
        self.struck = True
        self._die()
        return True

    def _die(self) -> None:
        program = self.hachi.program
        program.database.transaction = _no_database  # type: ignore[method-assign]
        program.database.reading = _no_database  # type: ignore[method-assign]
        # Not cancelled: a connection cut short inside the process would keep its lock, as none does in a dead one.
        program.client.api_call = _no_slack  # type: ignore[method-assign]
        program._beat = None

    async def bury(self) -> None:
        """Free what the operating system would free: sockets and the lock on the file. Start anew."""
        self._planted.remove()
        self.hachi.program._beat = None  # A tick that was under way may have come to its end.
        await self.hachi.restart()


@asynccontextmanager
async def _no_database(**_: Any) -> AsyncIterator[Any]:
    raise Killed
    yield


async def _no_slack(*_: Any, **__: Any) -> Any:
    raise Killed
