"""For any sequence of commands, ticks, faults, deeds of people and crashes: when it is quiet, Slack shows the records.

`make test ARGS=tests/scenarios/test_convergence.py` with `HYPOTHESIS_PROFILE=long` looks for hours, each time elsewhere.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot import demo
from sandbox import Sandbox
from tests.scenarios.anything import FAULTS, METHODS, Anything
from tests.whole import MANIFEST, Hachi, TestClock

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

PEOPLE = st.sampled_from(["hana", "ada", "cho", "boss"])
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
    "decline",
)
BY_HAND = ("topic", "unpin", "delete", "rename", "leave", "archive")
WAITS = st.integers(0, 2)


class Whole(RuleBasedStateMachine):
    """One workspace, one database, one copy of the program at a time."""

    migrated: Path

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.world = self.run(self._start())

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    async def _start(self) -> Anything:
        clock = TestClock(STARTS_AT)
        sandbox = await Sandbox.start(
            manifest=MANIFEST, people=demo.PEOPLE, channels=demo.CHANNELS, clock=clock
        )
        file = shutil.copy(self.migrated, f"{self.folder.name}/hachi.db")
        hachi = Hachi(sandbox=sandbox, clock=clock, team=demo.TEAM, database_url=f"sqlite:///{file}")
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
        finally:
            self.runner.close()
            self.folder.cleanup()

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

    @precondition(lambda self: self.world.incidents)
    @rule(what=st.sampled_from(["hold", "status", "list"]), nth=st.integers(0, 2), who=PEOPLE)
    def command(self, what: str, nth: int, who: str) -> None:
        self.run(self.world.command(what, self._incident(nth), who))
        self.run(self.world.goes_on(0))

    @rule(nth=st.integers(0, 5))
    def delivered_again(self, nth: int) -> None:
        self.run(self.world.again(nth))

    @rule(minutes=st.sampled_from([1, 5, 10, 20, 90]), waits=WAITS)
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

    @rule(what=st.sampled_from(["lags", "catches up", "new connection", "restart", "quiet"]))
    def comes_round(self, what: str) -> None:
        match what:
            case "lags":
                self.world.history_lags()
            case "catches up":
                self.world.catches_up()
            case "new connection":
                self.run(self.world.new_connection())
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


@pytest.mark.timeout(0)
def test_when_it_is_quiet_slack_shows_what_the_records_say(migrated_file: Path) -> None:
    Whole.migrated = migrated_file
    run_state_machine_as_test(Whole, settings=PROFILE)
