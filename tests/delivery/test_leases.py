"""One at a time works on an incident; who was stopped, or is told to stop, leaves nothing behind but facts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Literal

import pytest
from aiohttp import ClientSession
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.program import Program, StartError
from delivery import reconcile
from delivery.reconcile import Reconciler
from delivery.slack import TIMEOUT_SECONDS, web_client
from domain.incident import State
from sandbox import Fault
from storage.database import Database, Transaction
from storage.tables import IncidentRow
from storage.trouble import DatabaseUnusableError, Trouble
from tests.delivery import commands
from tests.delivery.truth import check, converge, look, of_card, ours, pass_next_wait
from tests.whole import Hachi

LEASE = timedelta(minutes=2)
"""For a copy whose calls may take a minute."""


class Monotonic:
    """Seconds that a test can let pass, as they do for a process that was stopped."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def another(hachi: Hachi, monotonic: Monotonic | None = None) -> Reconciler:
    """As a second copy of the program would have it."""
    own = hachi.program.delivery.reconciler
    return Reconciler(records=own.records, carry_out=own.carry_out, monotonic=monotonic or Monotonic())


@asynccontextmanager
async def one_that_stands_still(hachi: Hachi, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Reconciler]:
    """A copy that is stopped in the middle of a call, which ends by no time-out, however busy the machine is."""
    monkeypatch.setattr(reconcile, "LEASE", LEASE)
    monkeypatch.setattr(reconcile, "RENEW_EVERY_SECONDS", 600)
    whole = another(hachi).carry_out
    async with ClientSession() as session:
        client = web_client(hachi.sandbox.bot_token, base_url=hachi.sandbox.api_url, session=session)
        carry_out = replace(whole, client=client, timeout=60, cosmetic_timeout=60)
        yield Reconciler(records=whole.records, carry_out=carry_out, monotonic=Monotonic())


def nobody_wakes(hachi: Hachi) -> None:
    """The program's own delivery sleeps; only those the test makes work."""
    hachi.program.database.on_change = lambda number: None


@dataclass(frozen=True)
class Work:
    """Who works on an incident, until when, and when it is taken up again."""

    lease_owner: str | None
    lease_until: datetime | None
    retry_at: datetime | None


async def row(hachi: Hachi, number: int) -> Work:
    async with hachi.program.database.reading() as tx:
        found = await tx.session.execute(
            select(IncidentRow.lease_owner, IncidentRow.lease_until, IncidentRow.retry_at).where(
                IncidentRow.number == number
            )
        )
        return Work(*found.one())


async def test_of_two_who_want_to_work_on_an_incident_one_does(hachi: Hachi) -> None:
    nobody_wakes(hachi)
    number = await commands.declare(hachi)
    one, other = another(hachi), another(hachi)
    assert sorted(await asyncio.gather(one.reconcile(number), other.reconcile(number))) == [False, True]
    hachi.program.database.on_change = hachi.program.delivery.wake
    await converge(hachi)
    await check(hachi, number)


async def test_one_process_works_on_an_incident_once_at_a_time_however_often_it_is_asked(
    hachi: Hachi,
) -> None:
    nobody_wakes(hachi)
    number = await commands.declare(hachi)
    copy = another(hachi)
    worked = await asyncio.gather(*(copy.reconcile(number) for _ in range(3)))
    assert sorted(worked) == [False, False, True]
    hachi.program.database.on_change = hachi.program.delivery.wake
    await converge(hachi)
    await check(hachi, number)


async def test_who_was_stopped_for_longer_than_the_lease_begins_no_call_any_more(hachi: Hachi) -> None:
    nobody_wakes(hachi)
    number = await commands.declare(hachi)
    clock = Monotonic()
    stopped = another(hachi, clock)
    held = hachi.sandbox.faults.add("conversations.create", Fault.held())
    working = asyncio.create_task(stopped.reconcile(number))
    await hachi.until(lambda: held.holding)
    clock.seconds += 8
    held.release()
    await working

    begun = [call.method for call in hachi.sandbox.calls]
    assert begun[-1] == "conversations.create"
    await converge(hachi)
    await check(hachi, number)


async def cut(database: Database, what: Literal["transaction", "reading"], *, times: int) -> None:
    """The next ones find their connections gone; returns when they have."""
    whole, found, left = getattr(database, what), asyncio.Event(), count(times - 1, -1)

    @asynccontextmanager
    async def without(**_: object) -> AsyncIterator[Transaction]:
        if next(left) == 0:
            setattr(database, what, whole)
            found.set()
        raise DatabaseUnusableError(Trouble.AWAY, "the connection was cut")
        yield

    setattr(database, what, without)
    await found.wait()


@pytest.mark.parametrize("end", ["answered", "answered, connection cut", "work broken off"])
async def test_what_a_stopped_copy_posts_late_is_deleted_by_itself(
    hachi: Hachi, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    nobody_wakes(hachi)
    number = await commands.declare(hachi)
    async with one_that_stands_still(hachi, monkeypatch) as stopped:
        held = hachi.sandbox.faults.add("chat.postMessage", Fault.held(), where=of_card("briefing"))
        working = asyncio.create_task(stopped.reconcile(number))
        await hachi.until(lambda: held.holding)
        hachi.machine_waits(LEASE.total_seconds() + 0.1)
        while await pass_next_wait(hachi):
            pass
        match end:
            case "answered, connection cut":
                cutting = asyncio.create_task(cut(hachi.program.database, "transaction", times=2))
                await asyncio.sleep(0)
                held.release()
                await cutting
            case "work broken off":
                cutting = asyncio.create_task(cut(hachi.program.database, "reading", times=1))
                await asyncio.sleep(0)
                stopped.wake(number)
                await cutting
                held.release()
            case _:
                held.release()
        with suppress(DatabaseUnusableError):
            await working

    hachi.program.database.on_change = hachi.program.delivery.wake
    await converge(hachi)
    assert [call for call in hachi.sandbox.calls if call.method == "chat.delete"]
    await check(hachi, number, pings_per_rung=2)


async def test_a_post_of_a_stopped_copy_whose_answer_is_lost_is_looked_for(hachi: Hachi) -> None:
    number = await commands.declare(hachi)
    await converge(hachi)
    shown = (await look(hachi, number)).shown[("briefing", "swarm")]
    call = next(call for call in hachi.sandbox.calls if of_card("briefing")(call.args))
    await hachi.program.client.chat_postMessage(**call.args)
    await hachi.program.delivery.reconciler.records.unknown(number, replace(shown, ts=None))
    await converge(hachi)
    await check(hachi, number, pings_per_rung=2)


async def test_an_edit_that_a_stopped_copy_makes_late_is_put_right_by_whoever_took_over(
    hachi: Hachi, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await commands.declare(hachi)
    await converge(hachi)
    nobody_wakes(hachi)
    briefing = next(one for _, key, one in ours(hachi, number) if key == "briefing")
    async with one_that_stands_still(hachi, monkeypatch) as stopped:
        held = hachi.sandbox.faults.add(
            "chat.update", Fault.held(), where=lambda args: args["ts"] == briefing.ts
        )
        await commands.change_state(hachi, number, State.IDENTIFIED)
        working = asyncio.create_task(stopped.reconcile(number))
        await hachi.until(lambda: held.holding)
        hachi.machine_waits(LEASE.total_seconds() + 0.1)
        await commands.change_state(hachi, number, State.MONITORING)
        while await pass_next_wait(hachi):
            pass
        newest = briefing.text
        held.release()
        await working
    assert briefing.text != newest

    await converge(hachi)
    assert briefing.text == newest
    await check(hachi, number)


async def test_the_first_topic_that_a_stopped_copy_sets_late_is_put_right(
    hachi: Hachi, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody_wakes(hachi)
    number = await commands.declare(hachi)
    async with one_that_stands_still(hachi, monkeypatch) as stopped:
        held = hachi.sandbox.faults.add("conversations.setTopic", Fault.held())
        working = asyncio.create_task(stopped.reconcile(number))
        await hachi.until(lambda: held.holding)
        hachi.machine_waits(LEASE.total_seconds() + 0.1)
        await commands.change_severity(hachi, number, grave=False)
        while await pass_next_wait(hachi):
            pass
        held.release()
        await working
    await converge(hachi)
    await check(hachi, number, pings_per_rung=2)


async def test_a_lease_is_renewed_while_the_work_goes_on(
    hachi: Hachi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "RENEW_EVERY_SECONDS", 0.02)
    nobody_wakes(hachi)
    number = await commands.declare(hachi)
    held = hachi.sandbox.faults.add("conversations.create", Fault.held())
    working = asyncio.create_task(another(hachi).reconcile(number))
    await hachi.until(lambda: held.holding)
    first = (await row(hachi, number)).lease_until
    assert first is not None
    async with asyncio.timeout(60):
        while ((await row(hachi, number)).lease_until or first) <= first:
            pass
    held.release()
    await working
    assert (await row(hachi, number)).lease_owner is None


async def test_a_failure_of_our_own_is_said_once_and_tried_again_less_and_less_often(
    hachi: Hachi, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no such word")

    whole = reconcile.screen
    monkeypatch.setattr(reconcile, "screen", broken)
    with capture_logs() as logs:
        begun = hachi.machine_now()
        number = await commands.declare(hachi)
        for wait in (5, 10, 20, 40, 60, 60):
            await hachi.settled()
            ended = hachi.machine_now()
            await hachi.settled()
            retry_at = (await row(hachi, number)).retry_at
            assert retry_at is not None
            assert begun <= retry_at - timedelta(seconds=wait) <= ended
            begun = hachi.machine_now()
            hachi.machine_waits((retry_at - begun).total_seconds())
    assert len([one for one in logs if one["log_level"] == "error"]) == 6

    monkeypatch.setattr(reconcile, "screen", whole)
    await converge(hachi)
    await check(hachi, number)


async def test_stopping_lets_calls_under_way_end(hachi: Hachi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "FINISH_SECONDS", 60)
    held = hachi.sandbox.faults.add("chat.postMessage", Fault.held(), times=None)
    number = await commands.declare(hachi)
    await hachi.until(lambda: held.holding)
    stopping = asyncio.create_task(hachi.stop())
    while not hachi.program.delivery.reconciler.stopping:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0)
    held.release()
    await stopping
    hachi.sandbox.faults.off()
    looked = len([c for c in hachi.sandbox.calls if c.method == "conversations.history"])
    await hachi.start()
    await converge(hachi)
    assert len([c for c in hachi.sandbox.calls if c.method == "conversations.history"]) == looked
    await check(hachi, number)


async def test_stopping_does_not_wait_for_a_slack_that_never_answers(
    hachi: Hachi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "FINISH_SECONDS", 0.1)
    hachi.sandbox.faults.add("chat.postMessage", Fault.hang_after(), times=None)
    number = await commands.declare(hachi)
    await hachi.until(lambda: [c for c in hachi.sandbox.calls if c.method == "chat.postMessage"])
    async with asyncio.timeout(TIMEOUT_SECONDS - 1):
        await hachi.stop()
    hachi.sandbox.faults.off()
    await hachi.start()
    await converge(hachi)
    await check(hachi, number)


async def test_a_second_process_on_the_same_file_is_refused(hachi: Hachi, tmp_path: Path) -> None:
    def second() -> Program:
        return Program(
            team=hachi.team,
            clock=hachi.clock,  # type: ignore[arg-type]
            database=Database(hachi.database_url),
            bot_token=hachi.sandbox.bot_token,
            api_url=hachi.sandbox.api_url,
        )

    with pytest.raises(StartError, match=r"another Hachi is working on .*hachi\.db"):
        await second().start()
    await hachi.stop()
    following = second()
    await following.start()
    await following.stop()
    await hachi.start()


async def test_a_start_on_sqlite_voids_every_lease(hachi: Hachi) -> None:
    nobody_wakes(hachi)
    number = await commands.declare(hachi)
    async with hachi.program.database.transaction() as tx:
        at = hachi.machine_now()
        assert await tx.shown.lease(number, owner="dead", at=at, until=at + reconcile.LEASE)
    await hachi.restart()
    await hachi.settled()
    assert [one for _, key, one in ours(hachi, number) if key == "briefing"]
