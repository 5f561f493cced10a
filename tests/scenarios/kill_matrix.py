"""Really killing, and really stopping, a copy of the program at any call and any commit: what becomes of Slack?"""

import asyncio
import json
import mmap
import os
import signal
import struct
import sys
import traceback
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Literal

from sandbox import Fault
from sandbox.faults import Planted
from tests.delivery import commands
from tests.delivery.crash import SHOWING
from tests.delivery.truth import check, converge, ours, pass_next_wait
from tests.scenarios.kill_worker import CALL_RUNS_OUT
from tests.whole import Hachi

ROOT = Path(__file__).parent.parent.parent
OUTPUT = ROOT / "tests" / "output"
STEPS = ("opening a swarm", "raising a rung", CALL_RUNS_OUT, "telling customers", "resolving")
PASSES = {"raising a rung": commands.A_RUNG, CALL_RUNS_OUT: commands.A_CALL}
"""How much incident time passes in a step."""
ONCE_EACH = ("resolving", CALL_RUNS_OUT)
"""What can be done once with an incident."""
PAST_THE_LEASE = 15.1
PATIENCE_SECONDS = 60
STEPS_PER_INCIDENT = 5
"""So that a reminder is raised each time: after a few repeats they come once an hour."""

How = Literal["killed", "stopped"]
Where = Literal["before call", "after call", "before commit", "after commit"]
WHERE: tuple[Where, ...] = ("before call", "after call", "before commit", "after commit")


@dataclass(frozen=True)
class Point:
    """The instant at which a copy is struck: at its n-th call that shows something, or at its n-th commit."""

    where: Where
    nth: int

    @property
    def is_call(self) -> bool:
        return self.where.endswith("call")


@dataclass(frozen=True)
class Result:
    step: str
    how: How
    point: Point
    method: str
    """Of the call, where it is one."""
    struck: bool
    """Whether the copy came so far."""
    trouble: str
    calls: int
    """How many the copy made, and how many commits it said it made, where it came to its end."""
    commits: int


@dataclass
class Copies:
    """The process that makes copies, seen from the test."""

    process: asyncio.subprocess.Process
    slept: Path
    _said: dict[int, asyncio.Queue[dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(asyncio.Queue)
    )
    _jobs: Any = field(default_factory=count)
    _alive: set[int] = field(default_factory=set)

    async def make(self, **job: object) -> int:
        """Fork a copy; answers its process id."""
        number = -1 - next(self._jobs)
        self.let_sleep(0.0)
        assert self.process.stdin
        self.process.stdin.write(
            (json.dumps({"job": number, "slept": str(self.slept), **job}) + "\n").encode()
        )
        await self.process.stdin.drain()
        pid = int((await self._hears(number))["pid"])
        self._alive.add(pid)
        return pid

    async def ends(self, pid: int) -> tuple[bool, dict[str, Any]]:
        """Wait until it is stopped (True) or has ended; what it said before."""
        said: dict[str, Any] = {}
        while True:
            heard = await self._hears(pid)
            if "ended" in heard:
                self._alive.discard(pid)
            if "stopped" in heard or "ended" in heard:
                return "stopped" in heard, said
            said |= heard

    def end(self) -> None:
        """Whoever is still stopped would keep this process waiting."""
        for pid in self._alive:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def let_sleep(self, seconds: float) -> None:
        """So long have copies been stopped, by their own clocks."""
        with self.slept.open("r+b") as file, mmap.mmap(file.fileno(), 8) as shared:
            struct.pack_into("d", shared, 0, seconds)

    async def _hears(self, who: int) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._said[who].get()

    async def listen(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            heard = json.loads(line)
            self._said[heard.get("job", heard["pid"])].put_nowait(heard)


@asynccontextmanager
async def copies(folder: Path) -> AsyncIterator[Copies]:
    slept = folder / "slept"
    slept.write_bytes(bytes(8))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.scenarios.kill_worker",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    made = Copies(process, slept)
    listening = asyncio.create_task(made.listen())
    try:
        yield made
    finally:
        made.end()
        assert process.stdin
        process.stdin.close()
        await process.wait()
        await listening


class Strike:
    """What the test does to the copy's calls: counts them, and strikes at the n-th."""

    def __init__(self, hachi: Hachi, point: Point, how: How) -> None:
        self.hachi = hachi
        self.point = point
        self.pid = 0
        self.calls = 0
        self.method = ""
        self.signal = signal.SIGKILL if how == "killed" else signal.SIGSTOP
        after = point.where == "after call"
        if how == "stopped":
            fault = Fault.held(after_effect=after)
        else:
            fault = Fault.reset_after() if after else Fault.reset_before()
        self.planted: Planted = hachi.sandbox.faults.add("*", fault, times=None, where=self._strikes)

    def _strikes(self, args: dict[str, Any]) -> bool:
        method = self.hachi.sandbox.calls[-1].method
        if not self.pid or method not in SHOWING:
            return False
        self.calls += 1
        if not self.point.is_call or self.calls != self.point.nth:
            return False
        self.method = method
        os.kill(self.pid, self.signal)
        return True


@dataclass
class Matrix:
    """One workspace and one database on which copies are struck again and again."""

    hachi: Hachi
    copies: Copies
    how: How
    number: int = 0
    """The incident at hand."""
    steps_taken: int = 0

    async def strike(self, step: str, point: Point) -> Result:
        """Have a copy take the step, strike it at the point, let another go on, and compare the end with the truth."""
        hachi = self.hachi
        incident = await self._incident_for(step)
        if self.how == "killed":
            await hachi.stop()
        blow = Strike(hachi, point, self.how)
        blow.pid = await self.copies.make(
            step=step,
            incident=incident,
            point=point.where,
            nth=-1 if point.is_call else point.nth,
            signal=blow.signal,
            database_url=hachi.database_url,
            api_url=hachi.sandbox.api_url,
            bot_token=hachi.sandbox.bot_token,
            at=hachi.clock.at.isoformat(),
            people={who: hachi.person(who).id for who in ("hana", "ada")},
        )
        stopped, said = await self.copies.ends(blow.pid)
        blow.planted.remove()
        trouble = ""
        if self.how == "killed":
            await hachi.start()
        elif stopped:
            trouble = await self._take_over(blow)
        struck = bool(stopped or not said)
        if passed := PASSES.get(step):
            hachi.clock.advance(passed)  # As it was for the copy.
            await hachi.program.tick()
        try:
            await converge(hachi)
            await self._compare(step)
        except AssertionError as error:
            trouble = (
                trouble or f"{traceback.extract_tb(error.__traceback__)[-1].line} {error}".splitlines()[0]
            )
        if not struck and "error" in said:
            trouble = trouble or said["error"]
        return Result(step, self.how, point, blow.method, struck, trouble, blow.calls, said.get("commits", 0))

    async def _incident_for(self, step: str) -> int:
        """One the step can be taken for; once in a while a new one, and then the old one is done with."""
        steps_taken, self.steps_taken = self.steps_taken, self.steps_taken + 1
        if step == "opening a swarm":
            return 0
        if step in ONCE_EACH or steps_taken % STEPS_PER_INCIDENT == 0:
            if steps_taken and step != "resolving":
                # Where nobody has answered, whoever declared stands in for the duty manager.
                await commands.resolve(self.hachi, self.number, by="hana" if step == CALL_RUNS_OUT else "ada")
            self.number = await commands.declare(self.hachi)
            await converge(self.hachi)
        return self.number

    async def _take_over(self, blow: Strike) -> str:
        """The lease runs out, this copy goes on until it is quiet, and then the stopped one wakes up."""
        hachi = self.hachi
        hachi.machine_waits(PAST_THE_LEASE)
        for _ in range(60):
            if not await pass_next_wait(hachi):
                break
        else:
            return "it never became quiet while the other was stopped"
        self.copies.let_sleep(hachi._machine_ahead.total_seconds())
        blow.planted.release()
        os.kill(blow.pid, signal.SIGCONT)
        await self.copies.ends(blow.pid)
        return ""

    async def _compare(self, step: str) -> None:
        hachi = self.hachi
        async with hachi.program.database.reading() as tx:
            last = max((one.number for one in await tx.incidents.open()), default=0)
        if step == "opening a swarm":
            assert not list(ours(hachi, last + 1)), "there is something of an incident that is not recorded"
            assert last - self.number in (0, 1), "declared twice"
            self.number = last
        if self.number:
            # What was under way when its sender was stopped may land late, and a ping cannot be taken back.
            await check(hachi, self.number, pings_per_rung=2 if self.how == "stopped" else 1)

    async def all_points(self, step: str) -> AsyncIterator[Result]:
        """Strike at each call and each commit of the step, before and after it."""
        untouched = await self.strike(step, Point("before call", 0))
        assert not untouched.struck, untouched
        for where in WHERE:
            for nth in range(1, (untouched.calls if where.endswith("call") else untouched.commits) + 1):
                yield await self.strike(step, Point(where, nth))


def as_line(one: Result) -> str:
    """The point and what was found there."""
    return f"{one.step:18}{one.how:9}{one.point.where:15}{one.point.nth:>3}  {one.method:24}{_end(one)}"


def as_table(results: Sequence[Result]) -> str:
    """One line a point."""
    head = f"{'step':18}{'struck':9}{'where':15}{'n':>3}  {'call':24}end"
    return "\n".join([head, *map(as_line, results)])


def _end(result: Result) -> str:
    return result.trouble or ("as recorded" if result.struck else "as recorded (it ended before)")


def write_table(results: Sequence[Result], name: str) -> str:
    """Keep the table as test output, and answer it."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    table = as_table(results)
    (OUTPUT / f"{name.replace(' ', '-')}.txt").write_text(table + "\n", encoding="utf-8")
    return table
