"""One works on an incident at a time: leases are taken, renewed, let go, and run out."""

import asyncio
from datetime import timedelta

from storage.database import Database
from storage.shown import Shown
from tests.domain.people import incident
from tests.domain.test_sla import of_severity
from tests.domain.times import at
from tests.whole import on_both_engines

NOW = at("14:00")
LEASE = timedelta(seconds=15)


async def declared(database: Database, **facts: object) -> int:
    async with database.transaction() as tx:
        return await tx.incidents.add(incident(**facts))


async def take(database: Database, number: int, owner: str, seconds: float = 0) -> bool:
    moment = NOW + timedelta(seconds=seconds)
    async with database.transaction() as tx:
        return await tx.shown.lease(number, owner=owner, at=moment, until=moment + LEASE)


async def dirty(database: Database, seconds: float = 0) -> list[int]:
    async with database.reading() as tx:
        return list(await tx.shown.dirty(at=NOW + timedelta(seconds=seconds), limit=10))


async def release(
    database: Database, number: int, owner: str, revision: int, retry_in: float | None = None
) -> None:
    retry_at = None if retry_in is None else NOW + timedelta(seconds=retry_in)
    async with database.transaction() as tx:
        await tx.shown.release(number, owner=owner, shown_revision=revision, retry_at=retry_at)


@on_both_engines
async def test_of_two_who_ask_one_gets_it_until_it_is_let_go(database: Database) -> None:
    number = await declared(database)
    assert await take(database, number, "a")
    assert not await take(database, number, "b", 1)
    assert await take(database, number, "a", 5)  # Renewed: 15 seconds from now.
    assert not await take(database, number, "b", 19.9)
    await release(database, number, "a", 1)
    assert await take(database, number, "b", 20)


@on_both_engines
async def test_of_many_who_ask_at_once_one_gets_it(database: Database) -> None:
    number = await declared(database)
    taken = await asyncio.gather(*(take(database, number, f"{n}") for n in range(10)))
    assert sum(taken) == 1


@on_both_engines
async def test_one_that_ran_out_can_be_taken_and_its_old_owner_can_let_go_of_nothing(
    database: Database,
) -> None:
    number = await declared(database)
    assert await take(database, number, "a")
    assert await take(database, number, "b", 15)
    await release(database, number, "a", 1)
    assert not await take(database, number, "c", 16)
    assert await dirty(database, 31) == [number]


@on_both_engines
async def test_dirty_are_those_nobody_holds_the_gravest_first(database: Database) -> None:
    mild = await declared(database, assessment=of_severity(3))
    grave = await declared(database, assessment=of_severity(1))
    held = await declared(database, assessment=of_severity(2))
    assert await take(database, held, "a")
    assert await dirty(database) == [grave, mild]
    assert await dirty(database, 15) == [grave, held, mild]


@on_both_engines
async def test_what_is_shown_is_clean_and_what_changed_meanwhile_is_not(database: Database) -> None:
    number = await declared(database)
    async with database.reading() as tx:
        seen = await tx.incidents.revision(number)
    await take(database, number, "a")
    async with database.transaction() as tx:
        await tx.incidents.save(await tx.incidents.get(number))
    await release(database, number, "a", seen)
    assert await dirty(database) == [number]
    await release_at_newest(database, number)
    assert await dirty(database) == []


async def release_at_newest(database: Database, number: int) -> None:
    await take(database, number, "a", 60)
    async with database.reading() as tx:
        newest = await tx.incidents.revision(number)
    await release(database, number, "a", newest)


@on_both_engines
async def test_what_has_to_wait_is_dirty_again_at_its_time_or_when_something_changes(
    database: Database,
) -> None:
    number = await declared(database)
    await take(database, number, "a")
    async with database.reading() as tx:
        newest = await tx.incidents.revision(number)
    await release(database, number, "a", newest, retry_in=30)
    assert await dirty(database, 29) == []
    assert await dirty(database, 30) == [number]
    async with database.transaction() as tx:
        await tx.incidents.save(await tx.incidents.get(number))
    assert await dirty(database, 1) == [number]


@on_both_engines
async def test_an_older_look_does_not_unsay_what_a_newer_one_has_shown(database: Database) -> None:
    number = await declared(database)
    await release_at_newest(database, number)
    await take(database, number, "a", 120)
    await release(database, number, "a", 0)
    async with database.reading() as tx:
        count = await tx.vitals.behind_count()
    assert count == 1  # Behind by its own account: it looks again, and loses nothing.


@on_both_engines
async def test_after_a_restart_of_the_only_process_nobody_holds_anything(database: Database) -> None:
    number = await declared(database)
    assert await take(database, number, "before the crash")
    async with database.transaction() as tx:
        await tx.shown.void_leases()
    assert await take(database, number, "after it", 1)


@on_both_engines
async def test_what_slack_refused_is_tried_again(database: Database) -> None:
    number, other = await declared(database), await declared(database)
    refused = Shown(key="topic", place="swarm", stopped="restricted_action", stopped_digest="…")
    async with database.transaction() as tx:
        await tx.shown.save(number, refused)
    await release_at_newest(database, number)
    await release_at_newest(database, other)
    assert await dirty(database) == []
    async with database.transaction() as tx:
        await tx.shown.wake_stopped()
    assert await dirty(database) == [number]
