"""Noting what has happened in Slack though the database does not answer at once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from storage.trouble import DatabaseUnusableError

T = TypeVar("T")

INSIST_SECONDS = (0.0, 0.6, 1.2, 2.4)
"""Between the attempts to note a post; a database that did not answer is asked again after half a second."""


async def insist(noting: Callable[[], Awaitable[T]]) -> T:
    """Note what became of a post though the database does not answer at once.

    Whoever was stopped for long finds every connection cut and every time-out over; and where another copy has taken
    over and posted too, nobody else knows of this message. Raises DatabaseUnusableError.
    """
    for seconds in INSIST_SECONDS:
        try:
            return await noting()
        except DatabaseUnusableError:
            await asyncio.sleep(seconds)
    return await noting()
