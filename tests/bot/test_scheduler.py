"""The clock of one process: it goes on whatever the wall clock does, and ends without cutting anything short."""

import asyncio
from datetime import timedelta

import pytest

from bot.clock import machine_now
from bot.scheduler import ClockWatch, Jobs


@pytest.mark.parametrize(
    ("offsets", "jumps"),
    [
        ([0, 0.5, 1.2, 1.9], [False, False, False, False]),
        ([0, -3600, -3600], [False, True, False]),
        ([0, 3600, 0], [False, True, True]),
        ([0, 1.9, 3.8], [False, False, False]),
        ([0, 2.1], [False, True]),
    ],
    ids=["it drifts", "an hour back", "an hour ahead and back", "it is slewed", "just more than allowed"],
)
def test_a_jump_of_the_wall_clock_is_noticed_once(offsets: list[float], jumps: list[bool]) -> None:
    seen = iter([offsets[0], *offsets])
    noticed: list[int] = []
    watch = ClockWatch(lambda: noticed.append(1), lambda: next(seen))
    assert [watch.look() for _ in offsets] == jumps
    assert len(noticed) == sum(jumps)


async def test_jobs_that_would_wait_for_an_hour_run_at_once_after_a_jump() -> None:
    jobs, ran = Jobs(), asyncio.Event()

    async def work() -> None:
        ran.set()

    jobs.add(work, seconds=3600)
    jobs.start()
    [job] = jobs.scheduler.get_jobs()
    assert job.next_run_time > machine_now() + timedelta(minutes=50)
    jobs.all_now()
    await asyncio.wait_for(ran.wait(), 30)
    await jobs.stop()


async def test_what_is_under_way_when_the_process_stops_comes_to_its_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    jobs, began, may_end = Jobs(), asyncio.Event(), asyncio.Event()
    ended: list[str] = []

    async def work() -> None:
        began.set()
        await may_end.wait()
        ended.append("work")

    jobs.add(work, seconds=3600)
    jobs.start()
    jobs.all_now()
    await asyncio.wait_for(began.wait(), 30)
    stopping = asyncio.create_task(jobs.stop())
    await asyncio.sleep(0)
    may_end.set()
    await stopping
    assert ended == ["work"]
    assert caplog.records == []


async def test_what_takes_too_long_is_ended_without_a_word(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.scheduler.END_SECONDS", 0.0)
    jobs, began = Jobs(), asyncio.Event()

    async def work() -> None:
        began.set()
        await asyncio.Event().wait()

    jobs.add(work, seconds=3600)
    jobs.start()
    jobs.all_now()
    await asyncio.wait_for(began.wait(), 30)
    await jobs.stop()
    assert [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []
