"""Whoever waits for an answer is not kept for long; what they have set going goes on without hurry."""

import asyncio

import pytest

from storage.database import Database
from storage.waiting import in_time
from tests.domain.people import incident

LONG = 600.0


async def hang() -> None:
    async with in_time(LONG):
        await asyncio.get_running_loop().create_future()


async def test_all_that_one_person_waits_for_takes_from_the_same_seconds(database: Database) -> None:
    told, followed = asyncio.Event(), []

    async def follow() -> None:
        async with in_time(LONG):
            await told.wait()

    database.on_change = lambda number: followed.append(asyncio.create_task(follow()))
    database.answer_seconds = 0.01
    database.serve(somebody_is_waiting=True)
    async with database.transaction() as tx:
        await tx.incidents.add(incident())
    for _ in range(2):  # Of the second nothing is waited for any more.
        with pytest.raises(TimeoutError, match=r"within 0\.01 s"):
            await hang()
    told.set()
    await asyncio.gather(*followed)
    assert followed

    database.serve(somebody_is_waiting=False)
    hanging = asyncio.create_task(hang())
    done, _ = await asyncio.wait([hanging], timeout=0.02)
    assert not done
    hanging.cancel()
