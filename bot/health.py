"""How this copy does: is it ready, is anything behind, and who says so. Runs outside the scheduler it watches."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.clock import seconds_running
from bot.program import Program
from bot.reach import Connected
from bot.terminal import text
from services import behind, vitals

LOOK_EVERY_SECONDS = 5.0
OLDEST_TICK_SECONDS = 10.0
LARGEST_OFFSET_SECONDS = 2.0
LONGEST_SLACK_ABSENCE_SECONDS = 120.0
OLDEST_BEHIND_SECONDS = 300.0
WARN_AFTER_SECONDS = 60.0
"""So long no copy looked at what is due before the incidents channel is told."""
DATABASE_SECONDS = 3.0
WATCHED = 1000

log = structlog.get_logger(__name__)


@dataclass(kw_only=True)
class Health:
    program: Program
    connected: Connected
    database_seconds: float = DATABASE_SECONDS
    """So long the database may take for everything that is measured."""
    database: str | None = "not yet"
    """What is wrong with the database; None when it can be used."""
    offset: float | None = None
    """Seconds that this machine's clock is ahead of the database's."""
    swept_ago: float | None = None
    """Seconds since any copy looked at what is due."""
    behind: int | None = None
    """Incidents whose screens are behind their records."""
    oldest_behind: float = 0.0
    _looked_at: datetime | None = None
    _reached: bool = True
    _reached_at: float = field(default_factory=seconds_running)
    _behind_since: dict[tuple[int, int], float] = field(default_factory=dict)

    @property
    def tick_age(self) -> float | None:
        """Seconds since this copy looked at what is due."""
        at = self.program.ticked_at
        return None if at is None else seconds_running() - at

    @property
    def slack_absence(self) -> float:
        """Seconds since Slack was last reached."""
        return seconds_running() - self._reached_at

    async def watch(self) -> None:
        """Look every few seconds, for ever."""
        while True:
            try:
                await self.look()
            except Exception as error:  # What watches must outlive what it watches.
                log.warning("The watch over Hachi failed; it goes on.", error=type(error).__name__)
            await self.program.pause(LOOK_EVERY_SECONDS)

    async def look(self) -> None:
        """Measure everything once, and see to it that people know."""
        now, before = self.program.machine_now(), self._looked_at
        self._looked_at = now
        await self._look_at_slack()
        await self.look_at_database()
        if self.database is None:
            await self._note_slack()
            if before and (now - before).total_seconds() > WARN_AFTER_SECONDS:
                return  # This machine slept, or its clock jumped: the next tick may well put it right.
            await behind.note(self.program.desk, behind=self.is_behind, machine_now=now)
            await self.program.show_bulletins()  # The scheduler may be what stands still.

    @property
    def is_behind(self) -> bool:
        """Whether people must look after the deadlines themselves."""
        swept = self.swept_ago or 0.0
        return swept > WARN_AFTER_SECONDS or self.oldest_behind > OLDEST_BEHIND_SECONDS

    async def look_at_database(self) -> None:
        """Can it be used, is our clock its clock, and how far has everything come?"""
        program = self.program
        try:
            async with asyncio.timeout(self.database_seconds):
                await program.database.check()
                async with program.database.reading() as tx:
                    before = program.machine_now()
                    theirs = await tx.vitals.now()
                    ours = before + (program.machine_now() - before) / 2
                    swept = await vitals.last_beat(tx, vitals.SWEPT)
                    waiting = await tx.vitals.behind(limit=WATCHED)
                    self.behind = await tx.vitals.behind_count()
        except Exception as error:
            self.database = str(error) or type(error).__name__
            return
        self.database = None
        self.offset = (ours - theirs) / timedelta(seconds=1)
        self.swept_ago = (ours - swept.machine) / timedelta(seconds=1) if swept else None
        at = seconds_running()
        known = self._behind_since
        self._behind_since = {
            item: known.get(item, at) for item in ((one.number, one.shown_revision) for one in waiting)
        }
        self.oldest_behind = at - min(self._behind_since.values(), default=at)

    async def wrong(self) -> Mapping[str, Mapping[str, str]]:
        """What is not right, and the mend, by what it is; empty when ready."""
        await self._look_at_slack()
        await self.look_at_database()
        found: dict[str, dict[str, str]] = {}

        def note(name: str, said: str, **facts: object) -> None:
            found[name] = {"wrong": str(text(said, **facts)), "mend": str(text(f"health.{name}.mend"))}

        if self.database is not None:
            note("database", "health.database", why=self.database)
        age = self.tick_age
        if age is None:
            note("tick", "health.tick.never")
        elif age > OLDEST_TICK_SECONDS:
            note("tick", "health.tick", seconds=round(age))
        if self.slack_absence > LONGEST_SLACK_ABSENCE_SECONDS:
            note("slack", "health.slack", seconds=round(self.slack_absence))
        if self.database is None and abs(self.offset or 0.0) > LARGEST_OFFSET_SECONDS:
            note("clock", "health.clock", seconds=round(self.offset or 0.0, 1))
        if self.database is None and self.oldest_behind > OLDEST_BEHIND_SECONDS:
            note("queue", "health.queue", seconds=round(self.oldest_behind))
        return found

    def figures(self) -> Mapping[str, float | int | None]:
        """What was measured, for whoever looks at `/readyz`."""
        return {
            "tick_age_seconds": _tenths(self.tick_age),
            "slack_absence_seconds": _tenths(self.slack_absence),
            "database_offset_seconds": _tenths(self.offset),
            "incidents_behind": self.behind,
            "oldest_behind_seconds": _tenths(self.oldest_behind),
        }

    def show(self) -> None:
        """Let Prometheus ask for what was measured."""
        show = self.program.metrics.show
        show("hachi_last_tick_age_seconds", "Since this copy looked at what is due.", lambda: self.tick_age)
        show("hachi_last_sweep_age_seconds", "Since any copy did.", lambda: self.swept_ago)
        show("hachi_slack_absence_seconds", "Since Slack was last reached.", lambda: self.slack_absence)
        show(
            "hachi_database_offset_seconds",
            "This machine's clock, ahead of the database's.",
            lambda: self.offset,
        )
        show("hachi_incidents_behind", "Incidents that Slack does not show as recorded.", lambda: self.behind)
        show("hachi_oldest_behind_seconds", "The longest of them.", lambda: self.oldest_behind)
        show(
            "hachi_reconciling",
            "Incidents being brought up to date now.",
            lambda: float(self.program.delivery.busy),
        )

    async def _look_at_slack(self) -> None:
        self._reached = not self.program.reach.failing and await self.connected()
        if self._reached:
            self._reached_at = seconds_running()

    async def _note_slack(self) -> None:
        """Write down, for every copy, that Slack was reached, or that nobody has reached it."""
        desk, now = self.program.desk, self.program.machine_now()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.database_seconds):
                if self._reached:
                    await vitals.slack_is_reached(desk, machine_now=now)
                else:
                    await vitals.slack_is_away(desk, machine_now=now)


def _tenths(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
