"""The clock of one process: a few jobs at intervals, none per incident, so that a restart forgets nothing."""

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import machine_now, seconds_running
from bot.program import Program

JUMP_SECONDS = 2.0


def scheduler(program: Program) -> AsyncIOScheduler:
    """Sweep and poll every second; housekeeping every hour. Start it inside the running loop."""
    made = AsyncIOScheduler(
        timezone="UTC",
        # A busy loop may delay a tick, and then one is enough.
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
    )
    made.add_job(program.tick, "interval", seconds=1, id="tick")
    made.add_job(program.poll, "interval", seconds=1, id="poll")
    made.add_job(program.retry_refused, "interval", hours=1, id="retry_refused")
    made.add_job(program.forget_old, "interval", hours=1, id="forget_old")
    return made


class ClockWatch:
    """A wall clock set back by an hour would stop interval jobs for an hour: start them anew."""

    def __init__(self, jobs: AsyncIOScheduler) -> None:
        self.jobs = jobs
        self._offset = _offset()

    def look(self) -> bool:
        """Whether the wall clock has jumped since the last look."""
        offset = _offset()
        jumped = abs(offset - self._offset) > JUMP_SECONDS
        self._offset = offset
        if jumped:
            for job in self.jobs.get_jobs():
                job.modify(next_run_time=machine_now())
        return jumped


def _offset() -> float:
    return machine_now().timestamp() - seconds_running()
