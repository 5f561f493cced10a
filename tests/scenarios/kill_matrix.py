"""Really killing, and really stopping, a copy of the program at any call and any commit: what becomes of Slack?"""

import os
import signal
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import text

from domain.incident import Role
from domain.roster import Answer
from domain.timeline import Happened
from sandbox import Fault
from sandbox.faults import Planted
from tests.delivery import commands
from tests.delivery.crash import SHOWING
from tests.delivery.truth import all_said, check, converge, ours, outside_incidents, pass_next_wait
from tests.scenarios.kill_copies import Copies
from tests.scenarios.kill_worker import CALL_RUNS_OUT, CONNECTIONS, HANDING_OVER, SHIFT_CHANGES
from tests.whole import Hachi

ROOT = Path(__file__).parent.parent.parent
OUTPUT = ROOT / "tests" / "output"
STEPS = (
    "opening a swarm",
    "raising a rung",
    CALL_RUNS_OUT,
    HANDING_OVER,
    SHIFT_CHANGES,
    "telling customers",
    "resolving",
)
PASSES = {
    "raising a rung": commands.A_RUNG,
    CALL_RUNS_OUT: commands.A_CALL,
    HANDING_OVER: commands.A_QUESTION,
    SHIFT_CHANGES: commands.A_DAY,
}
"""How much incident time passes in a step."""
RESOLVED_BY = {CALL_RUNS_OUT: "hana", HANDING_OVER: "cho"}
"""Where the owner may be another: whoever stands in for the duty manager, or the duty manager."""
ONCE_EACH = ("resolving", CALL_RUNS_OUT)
"""What can be done once with an incident."""
PAST_THE_LEASE = 15.1
TAKE_LOCKS = """
SELECT CASE WHEN state LIKE 'idle in transaction%' THEN pg_terminate_backend(pid) END
FROM pg_stat_activity
WHERE datname = current_database() AND application_name = :name AND state <> 'idle'
"""
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
    escalations: int = 0
    """Of the incident at hand."""

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
        passed = PASSES.get(step, timedelta())
        hachi.clock.advance(passed)  # As it does for the copy.
        stopped, said = await self.copies.ends(blow.pid)
        blow.planted.remove()
        trouble = ""
        if self.how == "killed":
            # Another goes on at once: had Hachi been away meanwhile, nothing would run out.
            hachi.clock.advance(-passed)
            await hachi.start()
            hachi.clock.advance(passed)
        elif stopped:
            trouble = await self._take_over(blow, step)
        struck = bool(stopped or not said)
        if passed:
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
        if step == SHIFT_CHANGES:
            await self._leave_hours_uncovered()
            return 0
        if step in ONCE_EACH or steps_taken % STEPS_PER_INCIDENT == 0:
            if steps_taken and step != "resolving":
                await commands.resolve(self.hachi, self.number, by=RESOLVED_BY.get(step, "ada"))
            self.number, self.escalations = await commands.declare(self.hachi), 0
            if step == HANDING_OVER:
                await commands.accept(self.hachi, self.number, "ada", "kenji", "mei", "sato", "cho")
            await converge(self.hachi)
        if step == HANDING_OVER:
            await commands.hand_over(self.hachi, self.number)
            await commands.escalate(self.hachi, self.number)
            self.escalations += 1
            await converge(self.hachi)
        return self.number

    async def _leave_hours_uncovered(self) -> None:
        """Some days ahead, in the last of which nobody is a duty manager for two hours."""
        await self.hachi.program.tick()  # Whoever is on duty before is noted.
        since = self.hachi.clock.at + 6 * commands.A_DAY
        await commands.be_absent(self.hachi, "cho", since=since, until=since + timedelta(hours=2))

    async def _take_over(self, blow: Strike, step: str) -> str:
        """The lease runs out, this copy goes on until it is quiet, and then the stopped one wakes up."""
        hachi = self.hachi
        await self._take_its_locks()
        hachi.machine_waits(PAST_THE_LEASE)
        for _ in range(60):
            if not await pass_next_wait(hachi):
                break
        else:
            return "it never became quiet while the other was stopped"
        if step == SHIFT_CHANGES:
            await hachi.program.tick()
            await all_said(hachi)
        self.copies.let_sleep(hachi._machine_ahead.total_seconds())
        blow.planted.release()
        os.kill(blow.pid, signal.SIGCONT)
        await self.copies.ends(blow.pid)
        return ""

    async def _take_its_locks(self) -> None:
        """As PostgreSQL does by itself when somebody stands still in the middle of a transaction."""
        if self.hachi.program.database.is_sqlite:
            return
        left = True
        while left:  # What is under way in the server comes to its end first.
            async with self.hachi.program.database.reading() as tx:
                left = bool((await tx.session.execute(text(TAKE_LOCKS), {"name": CONNECTIONS})).all())

    async def _compare(self, step: str) -> None:
        hachi = self.hachi
        if step == SHIFT_CHANGES:
            await self._compare_roster()
        if step == HANDING_OVER:
            await self._compare_escalations()
        if step == "opening a swarm":
            async with hachi.program.database.reading() as tx:
                kept = {one.number for one in await tx.incidents.open() if one.number > self.number}
            assert len(kept) <= 1, "declared twice"
            before, self.number = self.number, max(kept, default=self.number)
            # A server gives no number twice, though its incident was never kept.
            missing = set(range(before + 1, self.number + 3)) - kept
            assert not any(list(ours(hachi, one)) for one in missing), "shown, not recorded"
        if self.number:
            # What was under way when its sender was stopped may land late, and a ping cannot be taken back.
            await check(hachi, self.number, pings_per_rung=2 if self.how == "stopped" else 1)

    async def _compare_roster(self) -> None:
        """Each day one comes on duty, and there are two more hours without anybody."""
        await all_said(self.hachi)
        self.hachi.rewind()
        said = outside_incidents(self.hachi)
        assert all(len(messages) == 1 for messages in said.values()), "said twice"
        kinds = Counter(key.partition("/")[0] for key in said)
        assert kinds == {"shift": self.steps_taken, "coverage": self.steps_taken}, kinds
        *before, newest = [
            messages[0] for key, messages in sorted(said.items()) if key.startswith("coverage")
        ]
        assert "責任者" not in newest.plain and "当番マネージャーがいません" in newest.plain
        assert all("新しいメッセージ" in one.plain for one in before)

    async def _compare_escalations(self) -> None:
        """Each went to the next once; the role is held by one person, whoever it is."""
        hachi = self.hachi
        async with hachi.program.database.reading() as tx:
            newest = (await tx.escalations.of(self.number))[-1]
        if newest.waiting and len(newest.asks) == 1:  # All was lost, and Hachi's absence is nobody's delay.
            hachi.clock.advance(commands.A_QUESTION)
            await hachi.program.tick()
            await converge(hachi)
        async with hachi.program.database.reading() as tx:
            calls, asked = await tx.calls.of(self.number), await tx.escalations.of(self.number)
            happened = [entry.kind for entry in await tx.timeline.of(self.number)]
        assert [len(one.asks) for one in asked] == [2] * self.escalations, "asked the next not once"
        assert happened.count(Happened.ESCALATED_TO_NEXT) == self.escalations
        owners = [one.answer for one in calls if one.role is Role.OWNER]
        assert owners.count(Answer.ACCEPTED) == 1, owners

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
