"""The unit of work: all is kept or nothing, revisions count what was kept, and only then is anybody told."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from domain.customer_updates import Kind, Receipt, Recipient
from domain.incident import State
from domain.ladder import Reminder
from domain.refusals import Refusal, Why
from domain.timeline import Happened
from domain.update_clock import start, stop
from storage.clocks import Clocks
from storage.database import Database, DatabaseUrlError, driver_url
from storage.trouble import DatabaseUnusableError
from tests.domain.people import incident, update
from tests.domain.ticking import CADENCE
from tests.domain.times import at
from tests.whole import on_both_engines


async def declared(database: Database, title: str = "決済", **facts: object) -> int:
    async with database.transaction() as tx:
        return await tx.incidents.add(incident(title=title, **facts))


async def revision(database: Database, number: int) -> int:
    async with database.reading() as tx:
        return await tx.incidents.revision(number)


def reminder(rung: int, cycle: int = 1) -> Reminder:
    moment = at("14:30")
    return Reminder(cycle=cycle, rung=rung, fell_due_at=moment, raised_at=moment, due_at=moment)


@on_both_engines
async def test_what_was_written_is_read_back_as_it_was(database: Database) -> None:
    written = incident(title="<!channel> & 🔥\n'; DROP TABLE incident; --", customers=("acme",), private=True)
    async with database.transaction() as tx:
        number = await tx.incidents.add(written)
    async with database.reading() as tx:
        assert await tx.incidents.get(number, lock=False) == replace(written, number=number)


@on_both_engines
async def test_an_exception_leaves_nothing_behind_and_tells_nobody(database: Database) -> None:
    number = await declared(database)
    told: list[int] = []
    database.on_change = told.append
    with pytest.raises(RuntimeError):
        async with database.transaction() as tx:
            await tx.incidents.save(incident(State.MONITORING, number=number))
            await tx.timeline.add(number, Happened.JOINED, at=at("14:00"))
            await tx.clocks.save(number, start(cycle=1, at=at("14:00"), cadence=CADENCE), CADENCE)
            await tx.requests.answer("a request", at=at("14:00"), number=number)
            raise RuntimeError
    async with database.reading() as tx:
        assert (await tx.incidents.get(number, lock=False)).state is State.INVESTIGATING
        assert await tx.timeline.of(number) == ()
        assert await tx.clocks.all([number]) == {}
        assert await tx.requests.answered("a request") is None
    assert (await revision(database, number), told) == (1, [])


@on_both_engines
async def test_a_kept_change_counts_the_revision_once_however_much_it_changed(database: Database) -> None:
    number, other = await declared(database), await declared(database)
    before = await revision(database, number), await revision(database, other)
    async with database.transaction() as tx:
        await tx.incidents.save(incident(State.MONITORING, number=number))
        await tx.clocks.save(number, start(cycle=1, at=at("14:00"), cadence=CADENCE), CADENCE)
        await tx.reminders.add(number, reminder(0))
        await tx.customer_updates.add(number, update(1), [Recipient(place="news", language="ja")])
    assert (await revision(database, number), await revision(database, other)) == (before[0] + 1, before[1])


@on_both_engines
async def test_whoever_shows_it_is_told_after_it_is_kept(database: Database) -> None:
    told: list[int] = []
    database.on_change = told.append
    async with database.transaction() as tx:
        number = await tx.incidents.add(incident())
        assert told == []
    assert told == [number]
    async with database.transaction() as tx:
        await tx.timeline.add(number, Happened.JOINED, at=at("14:00"))  # Changes no screen.
    async with database.reading() as tx:
        await tx.incidents.get(number, lock=False)
    assert told == [number]


@on_both_engines
async def test_one_that_is_cut_short_anywhere_keeps_no_lock_though_its_error_is_still_held(
    database: Database,
) -> None:
    number = await declared(database)

    async def work() -> None:
        async with database.transaction() as tx:
            for _ in range(2):
                await tx.incidents.save(await tx.incidents.get(number))

    moments_left = -1
    errors: list[BaseException | None] = []

    def pass_moment(*_: object) -> None:
        nonlocal moments_left
        moments_left -= 1
        if moments_left == 0 and (task := asyncio.current_task()):
            task.cancel()

    for moment in ("begin", "before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(database.engine.sync_engine, moment, pass_moment)
    while None not in errors:
        moments_left = len(errors) + 1
        errors += await asyncio.gather(asyncio.create_task(work()), return_exceptions=True)
        moments_left = -1
        await work()
    assert len(errors) > 10
    assert all(isinstance(error, asyncio.CancelledError) for error in errors[:-1])


@on_both_engines
async def test_reading_keeps_nothing(database: Database) -> None:
    async with database.reading() as tx:
        await tx.incidents.add(incident())
    async with database.reading() as tx:
        assert await tx.incidents.open() == []


@on_both_engines
async def test_a_rung_cannot_be_raised_twice(database: Database) -> None:
    number = await declared(database)
    async with database.transaction() as tx:
        await tx.reminders.add(number, reminder(1))
    with pytest.raises(IntegrityError):
        async with database.transaction() as tx:
            await tx.reminders.add(number, reminder(1))
    async with database.transaction() as tx:
        await tx.reminders.add(number, reminder(1, cycle=2))


@on_both_engines
async def test_numbers_are_never_given_twice_even_when_many_declare_at_once(database: Database) -> None:
    numbers = await asyncio.gather(*(declared(database, f"{n}") for n in range(12)))
    assert len(set(numbers)) == 12


@on_both_engines
async def test_two_who_write_one_incident_at_once_both_count(database: Database) -> None:
    number = await declared(database)
    before = await revision(database, number)

    async def touch() -> None:
        async with database.transaction() as tx:
            one = await tx.incidents.get(number)
            await asyncio.sleep(0)
            await tx.incidents.save(replace(one, summary=one.summary + "x"))

    await asyncio.gather(*(touch() for _ in range(8)))
    async with database.reading() as tx:
        assert (await tx.incidents.get(number, lock=False)).summary == "x" * 8
    assert await revision(database, number) == before + 8


@on_both_engines
async def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="a moment needs a time zone"):
        await declared(database, declared_at=datetime(2026, 11, 24, 14))


@on_both_engines
async def test_an_unknown_incident_is_refused(database: Database) -> None:
    async with database.reading() as tx:
        with pytest.raises(Refusal) as refusal:
            await tx.incidents.get(404, lock=False)
    assert refusal.value.why is Why.INCIDENT_UNKNOWN


# Clocks that are due


@on_both_engines
async def test_due_clocks_are_found_the_longest_owed_first_and_stopped_ones_never(database: Database) -> None:
    numbers = [await declared(database) for _ in range(4)]
    async with database.transaction() as tx:
        for number, time in zip(numbers, ("14:02", "14:00", "14:01", "13:00"), strict=True):
            clock = start(cycle=1, at=at(time), cadence=CADENCE)  # Warned of five minutes later.
            await tx.clocks.save(number, stop(clock) if number == numbers[3] else clock, CADENCE)
    async with database.reading() as tx:
        assert await tx.clocks.next_strike() == at("14:05")
        assert not await tx.clocks.is_due(by=at("14:04:59"))
        assert await tx.clocks.is_due(by=at("14:05"))
    assert await claimed(database, "14:04:59") == []
    assert await claimed(database, "14:05") == [numbers[1]]
    assert await claimed(database, "14:06") == [numbers[1], numbers[2]]
    assert await claimed(database, "15:00", limit=2) == [numbers[1], numbers[2]]
    assert await claimed(database, "15:00") == [numbers[1], numbers[2], numbers[0]]


async def claimed(database: Database, by: str, *, limit: int = 9) -> list[int]:
    async with database.transaction() as tx:
        return list(await tx.clocks.claim_due(by=at(by), limit=limit))


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_of_two_copies_each_claims_clocks_the_other_has_not_without_waiting(database: Database) -> None:
    numbers = [await declared(database) for _ in range(4)]
    async with database.transaction() as tx:
        for number in numbers:
            await tx.clocks.save(number, start(cycle=1, at=at("14:00"), cadence=CADENCE), CADENCE)
    async with database.transaction() as busy:
        await busy.incidents.get(numbers[0])  # Somebody is changing this one.
        async with database.transaction() as one, database.transaction() as other:
            assert list(await one.clocks.claim_due(by=at("15:00"), limit=2)) == numbers[1:3]
            assert list(await other.clocks.claim_due(by=at("15:00"), limit=9)) == numbers[3:]


@on_both_engines
async def test_what_is_asked_every_second_is_answered_by_an_index_alone(database: Database) -> None:
    asked: list[tuple[str, Any]] = []
    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda _0, _1, statement, parameters, *_: asked.append((statement, parameters)),
    )
    async with database.reading() as tx:
        await tx.clocks.is_due(by=at("14:00"))
        await tx.shown.dirty(at=at("14:00"), limit=100)
        await tx.vitals.behind_count()
    queries = [(query, values) for query, values in asked if query.startswith("SELECT")]
    async with database.engine.connect() as connection:
        if not database.is_sqlite:  # A small table is read from end to end, however good its index.
            await connection.exec_driver_sql("SET enable_seqscan = off")
        for query, values in queries:
            explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
            plan = " ".join(str(row) for row in await connection.exec_driver_sql(explain + query, values))
            assert "ix_" in plan, (query, plan)
            assert "Seq Scan" not in plan, (query, plan)
            assert "SCAN" not in plan, (query, plan)
    assert len(queries) == 3


@on_both_engines
async def test_a_clock_is_read_back_as_it_was(database: Database) -> None:
    number = await declared(database)
    clock = replace(
        start(cycle=3, at=at("14:00"), cadence=CADENCE),
        next_rung=2,
        quiet_until=at("14:36"),
        snoozes=1,
        drafted=True,
        undelivered_since=at("14:20"),
    )
    async with database.transaction() as tx:
        await tx.clocks.save(number, clock, CADENCE)
    async with database.transaction() as tx:
        assert isinstance(tx.clocks, Clocks)
        assert await tx.clocks.get(number) == clock


# Reminders and receipts


@on_both_engines
async def test_a_reminder_may_be_shown_while_its_wait_is_open_and_no_higher_one_is_raised(
    database: Database,
) -> None:
    number = await declared(database)
    clock = start(cycle=1, at=at("14:00"), cadence=CADENCE)
    async with database.transaction() as tx:
        await tx.clocks.save(number, clock, CADENCE)
        await tx.reminders.add(number, reminder(0))
        assert await tx.reminders.still_true(number, cycle=1, rung=0)
        assert not await tx.reminders.still_true(number, cycle=1, rung=1)
        await tx.reminders.add(number, reminder(1))
        assert not await tx.reminders.still_true(number, cycle=1, rung=0)
        assert await tx.reminders.still_true(number, cycle=1, rung=1)
        await tx.clocks.save(number, replace(clock, cycle=2), CADENCE)
        assert not await tx.reminders.still_true(number, cycle=1, rung=1)
        await tx.clocks.save(number, stop(clock), CADENCE)
        assert not await tx.reminders.still_true(number, cycle=1, rung=1)


@on_both_engines
async def test_what_was_sent_stays_sent_whatever_is_said_of_it_later(database: Database) -> None:
    number = await declared(database)
    news = Recipient(place="news", language="ja")
    async with database.transaction() as tx:
        await tx.customer_updates.add(number, replace(update(1, Kind.FIRST), delivered_at=None), [news])
        (waiting,) = await tx.customer_updates.deliveries(number)
        failed = replace(waiting, receipt=Receipt.FAILED, error="is_archived", at=at("14:11"))
        sent = replace(waiting, receipt=Receipt.SENT, at=at("14:12"))
        assert await tx.customer_updates.receipt(number, failed)
        assert not await tx.customer_updates.receipt(number, failed)
        assert await tx.customer_updates.receipt(number, sent)
        assert not await tx.customer_updates.receipt(number, failed)
        assert await tx.customer_updates.deliveries(number) == (sent,)
        first = await tx.customer_updates.delivered(number, 1, at=at("14:12"))
        assert first
        assert first.delivered_at == at("14:12")
        assert await tx.customer_updates.delivered(number, 1, at=at("14:13")) is None


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///hachi.db", "sqlite+aiosqlite:///hachi.db"),
        ("postgresql://u:p@db/hachi", "postgresql+psycopg://u:p@db/hachi"),
        ("postgres://u:p@db/hachi", "postgresql+psycopg://u:p@db/hachi"),
        ("postgresql+asyncpg://u:p@db/hachi", "postgresql+psycopg://u:p@db/hachi"),
    ],
)
def test_a_plain_address_gets_its_driver(url: str, driver: str) -> None:
    assert driver_url(url) == driver


@pytest.mark.parametrize("url", ["", "hachi.db", "mysql://db/hachi", "sqlite://", "sqlite:///:memory:"])
def test_an_address_of_no_database_of_ours_is_refused(url: str) -> None:
    with pytest.raises(DatabaseUrlError):
        driver_url(url)


# Letting go


@on_both_engines
async def test_it_is_closed_when_those_who_use_it_are_done_and_then_for_good(database: Database) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work() -> int:
        async with database.transaction() as tx:
            begun.set()
            await go_on.wait()
            return await tx.incidents.add(incident())

    working = asyncio.create_task(work())
    await begun.wait()
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    with pytest.raises(DatabaseUnusableError, match="stopping"):
        await declared(database)
    go_on.set()
    assert await working == 1
    await closing


@on_both_engines
async def test_of_two_who_keep_something_under_one_name_one_does(database: Database) -> None:
    kept: list[tuple[str | None, str | None, bool]] = [
        (None, "one", True),
        (None, "two", False),
        ("two", "three", False),
        ("one", "three", True),
        ("three", None, True),
        ("three", None, False),
    ]
    for old, new, done in kept:
        async with database.transaction() as tx:
            assert await tx.vitals.swap("name", old, new) is done
