"""The clock of one process: a few jobs at intervals, none per incident, so that a restart forgets nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import machine_now, seconds_running
from bot.program import Program
from storage.trouble import DatabaseUnusableError

JUMP_SECONDS = 2.0
END_SECONDS = 1.0
"""So long a job that is under way may go on when the process stops."""

Work = Callable[[], Awaitable[object]]


class Jobs:
    """Interval jobs, one at a time each. Start them inside the running loop."""

    def __init__(self) -> None:
        self.scheduler = AsyncIOScheduler(
            timezone="UTC",
            # A busy loop may delay a tick, and then one is enough.
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        self._under_way: set[asyncio.Task[object]] = set()

    def add(self, work: Work, *, seconds: int) -> None:
        """Do this every so many seconds."""

        async def run() -> None:
            task = asyncio.ensure_future(work())
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
            # The scheduler cancels what it runs when it ends, be it in the middle of opening the database.
            # That the database cannot be used was said; what was to be done stays to be done.
            with suppress(asyncio.CancelledError, DatabaseUnusableError):
                await asyncio.shield(task)

        self.scheduler.add_job(run, "interval", seconds=seconds, id=getattr(work, "__name__", None))

    def start(self) -> None:
        self.scheduler.start()

    def all_now(self) -> None:
        """Whatever the wall clock says, every job runs at once and then at its intervals."""
        for job in self.scheduler.get_jobs():
            job.modify(next_run_time=machine_now())

    async def stop(self) -> None:
        """Begin none any more; those under way may end."""
        if not self.scheduler.running:
            return
        self.scheduler.pause()
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=END_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await asyncio.sleep(0)
        self.scheduler.shutdown(wait=False)


def jobs_of(program: Program) -> Jobs:
    """Sweep and poll every second; housekeeping every hour."""
    jobs = Jobs()
    jobs.add(program.tick, seconds=1)
    jobs.add(program.poll, seconds=1)
    jobs.add(program.refresh_homes, seconds=2)
    jobs.add(program.show_bulletins, seconds=1)
    jobs.add(program.retry_refused, seconds=3600)
    jobs.add(program.forget_old, seconds=3600)
    return jobs


class ClockWatch:
    """A wall clock set back by an hour would stop interval jobs for an hour: start them anew."""

    def __init__(self, jumped: Callable[[], None], offset: Callable[[], float] | None = None) -> None:
        self._jumped = jumped
        self._offset_now = offset or (lambda: machine_now().timestamp() - seconds_running())
        self._offset = self._offset_now()

    async def watch(self, pause: Callable[[float], Awaitable[None]]) -> None:
        """Look every second, for ever; by no job, which the wall clock would stop too."""
        while True:
            self.look()
            await pause(1.0)

    def look(self) -> bool:
        """Whether the wall clock has jumped since the last look."""
        offset = self._offset_now()
        jumped = abs(offset - self._offset) > JUMP_SECONDS
        self._offset = offset
        if jumped:
            self._jumped()
        return jumped
