"""Sweeping: many incidents in one transaction, and each by itself when one of them fails."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from services.desk import Desk
from storage.database import Transaction
from storage.trouble import DatabaseUnusableError

BATCH = 200
"""So many rows in one transaction: whoever wants to write meanwhile waits for it."""

Result = TypeVar("Result")


async def in_one(desk: Desk, work: Callable[[Transaction, bool], Awaitable[Result]]) -> tuple[Result, bool]:
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
