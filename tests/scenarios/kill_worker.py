"""A process that makes copies of the program, each a process of its own that can really be killed or stopped.

Everything is loaded once and then forked, so that a copy is there in a tenth of a second. It is told what to do by lines
of JSON, and answers by such lines: what each copy says, and when it was stopped or ended.
"""

import asyncio
import gc
import json
import logging
import mmap
import os
import signal
import struct
import sys
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import structlog
from sqlalchemy import event
from sqlalchemy.orm import Session

from bot import demo
from bot.program import Program
from delivery.slack import Gate
from domain.team import HandOverMessages, Team
from services import escalations
from tests.delivery import commands
from tests.whole import PATIENT_TEAM, Hachi, TestClock, patient_database

CALL_RUNS_OUT = "a call runs out"
HANDING_OVER = "handing over"
SHIFT_CHANGES = "a shift changes"
CONNECTIONS = "a copy"
"""What its connections to PostgreSQL are called."""
NAMED = f"SET application_name = '{CONNECTIONS}'; SET idle_in_transaction_session_timeout = 0"
"""A stopped copy may hold locks, which PostgreSQL takes away after a while: the test does so at once."""


@dataclass(frozen=True)
class Person:
    id: str


def team_of(step: str) -> Team:
    """Only where the step is a call that runs out, calls do; only where it is a change of shift, shifts change."""
    if step == SHIFT_CHANGES:
        rotations = {**PATIENT_TEAM.rotations, "owner": commands.DAILY}
        return replace(PATIENT_TEAM, rotations=rotations, hand_over_messages=HandOverMessages.ALWAYS)
    return demo.TEAM if step == CALL_RUNS_OUT else PATIENT_TEAM


@dataclass
class Copy:
    """As much of `tests.whole.Hachi` as commands need, on a workspace that is elsewhere."""

    job: dict[str, Any]
    slept: mmap.mmap
    """How long the copy was stopped, in seconds of machine time: written by the test."""
    clock: TestClock = field(init=False)
    program: Program = field(init=False)
    commits: int = 0
    struck: bool = False

    async def start(self) -> None:
        self.clock = TestClock(datetime.fromisoformat(self.job["at"]))
        database = patient_database(self.job["database_url"])
        if not database.is_sqlite:
            event.listen(database.engine.sync_engine, "connect", _name_connection)
        self.program = Program(
            team=team_of(self.job["step"]),
            clock=self.clock,  # type: ignore[arg-type]
            database=database,
            bot_token=self.job["bot_token"],
            api_url=self.job["api_url"],
            machine_now=lambda: datetime.now(UTC) + timedelta(seconds=self._slept()),  # noqa: TID251
            gate=Gate(monotonic=self._monotonic),
        )
        await self.program.start()
        self.program.delivery.reconciler.monotonic = self._monotonic
        event.listen(database.engine.sync_engine, "commit", lambda connection: self._strike("before commit"))
        event.listen(Session, "after_commit", lambda session: self._strike("after commit"))

    def person(self, handle: str) -> Person:
        return Person(self.job["people"][handle])

    async def act(self) -> None:
        """Take the step, and show it in Slack as far as that can be done now."""
        await STEPS[self.job["step"]](cast(Hachi, self), self.job["incident"])
        await self.program.delivery.until_quiet()

    def _strike(self, point: str) -> None:
        self.commits += point == "before commit"
        if self.job["point"] == point and self.job["nth"] == self.commits and not self.struck:
            self.struck = True
            os.kill(os.getpid(), self.job["signal"])

    def _slept(self) -> float:
        return float(struct.unpack_from("d", self.slept)[0])

    def _monotonic(self) -> float:
        return time.monotonic() + self._slept()


async def _declare(hachi: Hachi, _: int) -> None:
    await commands.declare(hachi)


async def _raise(hachi: Hachi, _: int) -> None:
    hachi.clock.advance(commands.A_RUNG)
    await hachi.program.tick()


async def _let_calls_run_out(hachi: Hachi, _: int) -> None:
    hachi.clock.advance(commands.A_CALL)
    await hachi.program.tick()


async def _hand_over(hachi: Hachi, number: int) -> None:
    """While a role is accepted, an escalation goes to the next."""
    hachi.clock.advance(commands.A_QUESTION)
    await asyncio.gather(escalations.sweep(hachi.program.desk), commands.accept_newest(hachi, number))


async def _change_shifts(hachi: Hachi, _: int) -> None:
    """Whoever comes on duty is told, and the incidents channel of hours without anybody."""
    hachi.clock.advance(commands.A_DAY)
    await hachi.program.tick()
    await hachi.program.show_bulletins()


async def _tell(hachi: Hachi, number: int) -> None:
    await commands.tell(hachi, number)


STEPS = {
    "opening a swarm": _declare,
    "raising a rung": _raise,
    CALL_RUNS_OUT: _let_calls_run_out,
    HANDING_OVER: _hand_over,
    SHIFT_CHANGES: _change_shifts,
    "telling customers": _tell,
    "resolving": commands.resolve,
}


def _name_connection(connection: Any, record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(NAMED)
    cursor.close()
    connection.commit()


def _say(fd: int, **said: object) -> None:
    os.write(fd, (json.dumps(said) + "\n").encode())


def _live(job: dict[str, Any], fd: int) -> None:
    with open(job["slept"], "r+b") as file:  # noqa: PTH123
        copy = Copy(job, mmap.mmap(file.fileno(), 8))

    async def run() -> None:
        await copy.start()
        begun = copy.commits
        try:
            await copy.act()
            _say(fd, pid=os.getpid(), commits=copy.commits - begun)
        except Exception as error:  # Who was stopped for long finds locks and leases gone.
            _say(fd, pid=os.getpid(), error=repr(error))
        await copy.program.stop()

    asyncio.run(run())


def main() -> None:
    fd = os.dup(1)
    os.dup2(2, 1)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    gc.freeze()

    def reap(*_: object) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
            except ChildProcessError:
                return
            if pid == 0:
                return
            _say(fd, pid=pid, **({"stopped": True} if os.WIFSTOPPED(status) else {"ended": status}))

    signal.signal(signal.SIGCHLD, reap)
    for line in sys.stdin:
        job = json.loads(line)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                _live(job, fd)
            finally:
                os._exit(0)
        _say(fd, job=job["job"], pid=pid)


if __name__ == "__main__":
    main()
