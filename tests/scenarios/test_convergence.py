"""For any sequence of commands, ticks, faults, deeds of people and crashes: when it is quiet, Slack shows the records.

`make test ARGS=tests/scenarios/test_convergence.py` with `HYPOTHESIS_PROFILE=long` looks for hours, each time elsewhere.
"""

import asyncio
import logging
import os
import shutil
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from structlog.testing import capture_logs

from bot import demo
from domain.incident import Role
from sandbox import Sandbox
from tests.delivery import commands
from tests.postgres import Server
from tests.scenarios.anything import Anything
from tests.scenarios.slack_faults import FAULTS, HANGS_SECONDS, METHODS
from tests.whole import MANIFEST, Hachi, TestClock, on_both_engines

OUTPUT = Path(__file__).parent.parent / "output"
TEAM = replace(demo.TEAM, rotations={**demo.TEAM.rotations, Role.OWNER: commands.DAILY})
STARTS_AT = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
_COMMON: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": True}
PROFILES = {
    # A failure is shown as it was found: making it smaller takes minutes.
    "default": settings(
        max_examples=6,
        stateful_step_count=12,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        **_COMMON,
    ),
    "long": settings(
        max_examples=100_000, stateful_step_count=20, database=None, phases=[Phase.generate], **_COMMON
    ),
}
PROFILE = PROFILES.get(os.environ.get("HYPOTHESIS_PROFILE", ""), PROFILES["default"])
ON_POSTGRESQL = settings(PROFILE, max_examples=max(1, PROFILE.max_examples // 6))
"""A few: what differs there, others lean on more."""

PEOPLE = st.sampled_from(["hana", "ada", "kenji", "mei", "sato", "cho", "boss"])
REQUESTS = (
    "tell",
    "hold",
    "draft",
    "snooze",
    "graver",
    "link",
    "unlink",
    "keep",
    "milder",
    "identified",
    "monitoring",
    "investigating",
    "resolve",
    "reopen",
    "close",
    "withdraw",
    "join",
    "accept",
    "decline",
    "hand over",
    "escalate",
    "answer",
    "pass on",
    "do",
    "skip",
    "undo",
    "explain",
)
ROSTER = ("away", "take over", "ask to swap", "agree", "disagree")
BY_HAND = ("topic", "unpin", "delete", "rename", "leave", "archive")
COMES_ROUND = (
    "lags",
    "catches up",
    "new connection",
    "broken off",
    "events are held",
    "events come",
    "restart",
    "quiet",
)
WAITS = st.integers(0, 2)


class Failures(logging.Handler):
    """What the program logs as a failure of its own; there must be none."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[object] = []
        self._logs = capture_logs()
        self._structured = self._logs.__enter__()
        logging.getLogger("handlers").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))

    def none(self) -> None:
        said = [*self.said, *(one for one in self._structured if one["log_level"] in ("error", "critical"))]
        assert not said, said

    def close(self) -> None:
        logging.getLogger("handlers").removeHandler(self)
        self._logs.__exit__(None, None, None)
        super().close()


class Whole(RuleBasedStateMachine):
    """One workspace, one database, one copy of the program at a time."""

    new_database: Callable[[], str]
    runs = 0
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.failures = Failures()
        self.runner = asyncio.Runner()
        self.world = self.run(self._start())

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    async def _start(self) -> Anything:
        clock = TestClock(STARTS_AT)
        sandbox = await Sandbox.start(
            manifest=MANIFEST, people=demo.PEOPLE, channels=demo.CHANNELS, clock=clock
        )
        hachi = Hachi(
            sandbox=sandbox,
            clock=clock,
            team=TEAM,
            database_url=self.new_database(),
            slack_seconds=HANGS_SECONDS,
            ping_seconds=0.5,
        )
        await hachi.start()
        return Anything(hachi)

    def teardown(self) -> None:
        async def end() -> None:
            try:
                await self.world.quiet()
            finally:
                await self.world.hachi.stop()
                await self.world.hachi.sandbox.stop()
                await asyncio.sleep(0)

        try:
            self.run(end())
            self.failures.none()
        finally:
            self.failures.close()
            self.runner.close()
            type(self).runs += 1
            OUTPUT.mkdir(parents=True, exist_ok=True)
            done = f"{self.runs} runs, {self.steps} steps\n"
            (OUTPUT / f"convergence-{os.getpid()}.txt").write_text(done, encoding="utf-8")

    @invariant()
    def counted(self) -> None:
        type(self).steps += 1

    @initialize(grave=st.booleans(), waits=WAITS)
    def first(self, grave: bool, waits: int) -> None:
        self.run(self.world.declare(grave=grave, private=False, product="payments"))
        self.run(self.world.goes_on(waits))

    @precondition(lambda self: len(self.world.incidents) < 3)
    @rule(
        grave=st.booleans(),
        private=st.booleans(),
        product=st.sampled_from(["payments", "orders", None]),
        waits=WAITS,
    )
    def declare(self, grave: bool, private: bool, product: str | None, waits: int) -> None:
        self.run(self.world.declare(grave=grave, private=private, product=product))
        self.run(self.world.goes_on(waits))

    @precondition(lambda self: self.world.incidents)
    @rule(what=st.sampled_from(REQUESTS), nth=st.integers(0, 2), who=PEOPLE, waits=WAITS)
    def ask(self, what: str, nth: int, who: str, waits: int) -> None:
        self.run(self.world.ask(what, self._incident(nth), who))
        self.run(self.world.goes_on(waits))

    @rule(what=st.sampled_from(ROSTER), who=PEOPLE)
    def change_roster(self, what: str, who: str) -> None:
        self.run(self.world.change_roster(what, who))
        self.run(self.world.goes_on(0))

    @precondition(lambda self: self.world.incidents)
    @rule(what=st.sampled_from(["hold", "status", "list"]), nth=st.integers(0, 2), who=PEOPLE)
    def command(self, what: str, nth: int, who: str) -> None:
        self.run(self.world.command(what, self._incident(nth), who))
        self.run(self.world.goes_on(0))

    @precondition(lambda self: len(self.world.incidents) < 3)
    @rule(who=PEOPLE, sure=st.booleans(), waits=WAITS)
    def declare_with_the_form(self, who: str, sure: bool, waits: int) -> None:
        self.run(self.world.declare_with_the_form(who, sure=sure))
        self.run(self.world.goes_on(waits))

    @rule(nth=st.integers(0, 200), who=PEOPLE, submits=st.booleans(), waits=WAITS)
    def press(self, nth: int, who: str, submits: bool, waits: int) -> None:
        self.run(self.world.press(nth, who, submits=submits))
        self.run(self.world.goes_on(waits))

    @rule(nth=st.integers(0, 200))
    def delivered_again(self, nth: int) -> None:
        self.run(self.world.again(nth))

    @rule(minutes=st.sampled_from([-180, 1, 5, 10, 20, 90, 600]), waits=WAITS)
    def minutes_pass(self, minutes: int, waits: int) -> None:
        self.run(self.world.minutes_pass(minutes))
        self.run(self.world.goes_on(waits))

    @rule(
        how=st.sampled_from(list(FAULTS)),
        method=st.sampled_from(METHODS),
        after=st.integers(0, 5),
        times=st.integers(1, 3),
    )
    def slack_goes_wrong(self, how: str, method: str, after: int, times: int) -> None:
        self.world.goes_wrong(how, method, after=after, times=times)

    @rule(what=st.sampled_from(COMES_ROUND))
    def comes_round(self, what: str) -> None:
        match what:
            case "lags":
                self.world.history_lags()
            case "catches up":
                self.world.catches_up()
            case "new connection":
                self.run(self.world.wire.new_connection())
            case "broken off":
                self.run(self.world.wire.broken_off())
            case "events are held":
                self.world.wire.hold_events()
            case "events come":
                self.world.wire.let_events_go()
                self.run(self.world.goes_on(0))
            case "restart":
                self.run(self.world.restart())
                self.run(self.world.goes_on(0))
            case _:
                self.run(self.world.quiet())

    @precondition(lambda self: self.world.incidents)
    @rule(what=st.sampled_from(BY_HAND), nth=st.integers(0, 2), which=st.integers(0, 20))
    def somebody_changes_slack(self, what: str, nth: int, which: int) -> None:
        self.world.change_slack(what, self._incident(nth), which)

    @rule(at_call=st.integers(1, 8), after_effect=st.booleans())
    def dies_soon(self, at_call: int, after_effect: bool) -> None:
        self.world.dies_soon(at_call, after_effect=after_effect)

    def _incident(self, nth: int) -> int:
        return self.world.incidents[nth % len(self.world.incidents)]


@pytest.fixture
def new_database(
    engine: str, migrated_file: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Callable[[], str]:
    """Makes a database of each run's own."""
    if engine == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        return server.new_database
    files = count(1)
    return lambda: f"sqlite:///{shutil.copy(migrated_file, tmp_path / f'{next(files)}.db')}"


@pytest.mark.timeout(0)
@on_both_engines
def test_when_it_is_quiet_slack_shows_what_the_records_say(
    engine: str, new_database: Callable[[], str]
) -> None:
    class OnThis(Whole):
        pass

    OnThis.new_database = staticmethod(new_database)
    run_state_machine_as_test(OnThis, settings=PROFILE if engine == "sqlite" else ON_POSTGRESQL)
