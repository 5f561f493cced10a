"""Whether somebody waits for what is asked of a server, and for how much longer."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Waiting:
    """Somebody who asked for something; all that is asked of the server for it takes from the same seconds."""

    seconds: float
    used: float = 0.0


_waiting: ContextVar[Waiting | None] = ContextVar("waiting", default=None)
"""Of the request a task serves, and the tasks it begins; None where it is the clock, or delivery, that asks."""


def begin_request(seconds: float | None) -> None:
    """From here on this task works for somebody whom the server may keep for so long in all, or for nobody."""
    _waiting.set(None if seconds is None else Waiting(seconds))


@contextmanager
def for_nobody() -> Iterator[None]:
    """What is begun in here outlives the request: whoever asked does not wait for it."""
    token = _waiting.set(None)
    try:
        yield
    finally:
        _waiting.reset(token)


@asynccontextmanager
async def in_time(longest: float) -> AsyncIterator[None]:
    """For as long as whoever waits still can, or for `longest` seconds where nobody does. Raises TimeoutError."""
    waiting, now = _waiting.get() or Waiting(longest), asyncio.get_running_loop().time
    began = now()
    try:
        async with asyncio.timeout(waiting.seconds - waiting.used) as limit:
            yield
    except TimeoutError as error:
        if limit.expired():
            raise TimeoutError(f"the server did not answer within {waiting.seconds} s") from error
        raise
    finally:
        waiting.used += now() - began
