"""Sweeping: many incidents in one transaction, and each by itself when one of them fails."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sized
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import TypeVar

from services.desk import Desk
from storage.database import Transaction
from storage.trouble import DatabaseUnusableError

BATCH = 200
"""So many rows in one transaction: whoever wants to write meanwhile waits for it."""

Claimed = TypeVar("Claimed", bound=Sized)


async def sweep_due(
    desk: Desk,
    is_due: Callable[[Transaction, datetime], Awaitable[bool]],
    batch: Callable[[Desk, datetime, Transaction, bool], Awaitable[Claimed]],
    *,
    recorded: Callable[[Claimed], None] = lambda claimed: None,
) -> None:
    """Batch after batch, until nothing is due any more.

    `batch` claims at most BATCH of what is due by a moment, works on it (with its last argument true on each incident
    `apart`), and answers what it claimed; `recorded` is told of that once it is kept. Raises DatabaseUnusableError.
    """
    while True:
        now = desk.now()
        async with desk.database.reading() as tx:
            if not await is_due(tx, now):
                return
        claimed, one_by_one = await _in_one(desk, partial(batch, desk, now))
        recorded(claimed)
        if len(claimed) < BATCH or one_by_one:
            return


async def _in_one(
    desk: Desk, work: Callable[[Transaction, bool], Awaitable[Claimed]]
) -> tuple[Claimed, bool]:
    """What the work answers, and whether it had to be done one by one.

    It is done in one transaction; should that fail, in another with each incident `apart`: one whose records are
    damaged must not keep all others from being swept. Raises DatabaseUnusableError.
    """
    try:
        async with desk.database.transaction() as tx:
            return await work(tx, False), False
    except DatabaseUnusableError:
        raise
    except Exception:  # Which incident it was is found, and said, below.
        async with desk.database.transaction() as tx:
            return await work(tx, True), True


@asynccontextmanager
async def apart(desk: Desk, tx: Transaction, number: int) -> AsyncIterator[None]:
    """What fails in here is undone and told, and the rest is kept; the incident is left to the next sweep."""
    try:
        async with tx.apart():
            yield
    except DatabaseUnusableError:
        raise
    except Exception as error:
        desk.on_failure(number, error)
