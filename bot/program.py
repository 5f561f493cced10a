"""The whole program, wired: records, rules, Slack in and Slack out, and the clock that drives it."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.middleware.authorization.async_single_team_authorization import AsyncSingleTeamAuthorization
from slack_sdk.web.async_client import AsyncWebClient

import handlers
from bot.clock import Clock, machine_now, seconds_running
from bot.metrics import Metrics
from bot.reach import Reach
from delivery.bulletins import Bulletins
from delivery.carry_out import CarryOut
from delivery.directory import Matching
from delivery.drawn import ONCE, drawn
from delivery.home import HomeTabs
from delivery.reconcile import Delivery, Reconciler
from delivery.records import Records
from delivery.slack import Gate, Outcome, http_session, web_client
from domain.absence import NOTICED
from domain.team import Team
from handlers.front import Front
from handlers.readers import Readers
from services import calls, coverage, escalations, reminders, roster_entries, shift_changes, sla, vitals
from services.desk import Desk
from storage.database import Database, DatabaseInUseError
from storage.migrate import migrate
from storage.trouble import DatabaseUnusableError
from templates.coverage import coverage_text
from templates.words import Words

log = structlog.get_logger(__name__)

KEEP_DRAFTS = timedelta(days=2)
KEEP_REQUESTS = timedelta(days=7)
LONGEST_MATCH_WAIT_SECONDS = 600.0
BEAT_SECONDS = 5.0
BACKGROUND_SECONDS = 0.3
DATABASE_WAIT_SECONDS = 5.0


class StartError(Exception):
    """The program cannot start; the message says why and what to do."""


@dataclass(kw_only=True)
class Program:
    """One copy of Hachi. `start` it, let `tick` and `poll` be called, `stop` it."""

    team: Team
    clock: Clock
    database: Database
    bot_token: str = field(repr=False)
    api_url: str
    signing_secret: str = field(default="", repr=False)
    machine_now: Callable[[], datetime] = machine_now
    gate: Gate = field(default_factory=lambda: Gate(seconds_running))

    client: AsyncWebClient = field(init=False)
    app: AsyncApp = field(init=False)
    desk: Desk = field(init=False)
    delivery: Delivery = field(init=False)
    home_tabs: HomeTabs = field(init=False)
    bulletins: Bulletins = field(init=False)
    matching: Matching = field(init=False)
    metrics: Metrics = field(default_factory=Metrics, init=False)
    reach: Reach = field(default_factory=lambda: Reach(seconds_running), init=False)
    ticked_at: float | None = field(default=None, init=False)
    """Monotonic seconds."""
    identity: dict[str, Any] = field(default_factory=dict, init=False)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack, init=False)
    _background: set[asyncio.Task[None]] = field(default_factory=set, init=False)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _beat: tuple[float, datetime] | None = field(default=None, init=False)
    _roster_looked_at: datetime | None = field(default=None, init=False)

    async def start(self) -> None:
        """Bring the records up to date and wire everything; nothing is asked of Slack yet but who we are.

        Raises StartError, NewerDatabaseError.
        """
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise

    async def _start(self) -> None:
        self._stack.push_async_callback(self.database.close)
        self.database.on_trouble = _say_trouble
        self._hold_database()
        await migrate(self.database)
        if self.database.is_sqlite:
            async with self.database.transaction() as tx:
                await tx.shown.void_leases()  # There is no other process on this file.
        await self.look_at_the_clock()
        session = await self._stack.enter_async_context(http_session())
        self.client = web_client(self.bot_token, base_url=self.api_url, session=session)
        self.desk = Desk(
            database=self.database,
            team=self.team,
            now=self.clock.now,
            on_raised=self.metrics.raised,
            on_failure=_say_failure,
        )
        await self._notice_absence()
        self.app = AsyncApp(
            name="hachi",  # Bolt would read the whole call stack to find one.
            client=self.client,
            signing_secret=self.signing_secret or None,
            request_verification_enabled=bool(self.signing_secret),
            logger=None,
        )
        handlers.register(self.app, Front(desk=self.desk, readers=Readers(self.desk)))
        await self._wire_delivery()
        await sla.look_at_all(self.desk)
        await self.retry_refused()
        await self._say_uncovered()

    async def _wire_delivery(self) -> None:
        """Everything that changes something in Slack, none of which has begun yet."""
        records = Records(
            database=self.database, team=self.team, now=self.clock.now, machine_now=self.machine_now
        )
        carry_out = CarryOut(
            client=self.client, records=records, gate=self.gate, bot_user_id=await self._bot_user_id()
        )
        self.gate.heard = self._heard
        self.delivery = Delivery(
            reconciler=Reconciler(records=records, carry_out=carry_out, monotonic=seconds_running)
        )
        self.home_tabs = HomeTabs(
            desk=self.desk, client=self.client, gate=self.gate, machine_now=self.machine_now
        )
        self.bulletins = Bulletins(
            desk=self.desk,
            client=self.client,
            gate=self.gate,
            machine_now=self.machine_now,
            draw=drawn(self.desk),
            once=ONCE,
        )
        self.database.on_change = self.delivery.wake
        self._stack.push_async_callback(self.delivery.stop)
        self.matching = Matching(
            client=self.client, database=self.database, team=self.team, now=self.clock.now
        )

    async def _say_uncovered(self) -> None:
        words = Words("en", self.team.timezone)
        for span in await coverage.look(self.desk):
            mend = words.plain("coverage.next")
            log.warning("Nobody is on duty.", when=coverage_text(span, words), mend=mend)

    def _hold_database(self) -> None:
        try:
            self.database.hold()
        except DatabaseInUseError as error:
            raise StartError(
                f"DATABASE_URL: another Hachi is working on {error}. Stop it first, or name another file; "
                "several copies at once need PostgreSQL."
            ) from error
        except OSError as error:
            raise StartError(
                f"DATABASE_URL: the folder of the database cannot be written to ({error.strerror}). "
                "Name a file in a folder that can."
            ) from error

    async def _bot_user_id(self) -> str:
        """Who we are in Slack; remembered, so that a start does not depend on Slack's answer."""
        try:
            answer = await self.client.auth_test()
        except Exception as error:
            async with self.database.reading() as tx:
                remembered = await tx.directory.recall("bot_user_id")
            if remembered is None:
                raise StartError(
                    f"Slack did not say who this bot is ({error}). Check SLACK_BOT_TOKEN."
                ) from error
            return remembered
        self.identity = {"team": answer["team"], "user": answer["user"]}
        for one in self.app._async_middleware_list:
            if isinstance(one, AsyncSingleTeamAuthorization):
                one.auth_test_result = answer  # It would ask once more, while the first person waits.
        workspace = str(answer["team_id"])
        async with self.database.transaction() as tx:
            before = await tx.directory.recall("team_id")
            if before not in (None, workspace):
                raise StartError(
                    f"This database belongs to the workspace {before}, the token to {workspace}. "
                    "Use another DATABASE_URL, or the token of the right workspace."
                )
            await tx.directory.remember("team_id", workspace)
            await tx.directory.remember("bot_user_id", str(answer["user_id"]))
        return str(answer["user_id"])

    async def tick(self) -> None:
        """What is owed by now? Called every second; asking twice changes nothing."""
        with suppress(DatabaseUnusableError):  # It was said; what is owed stays owed.
            if self.database.trouble:
                await self.database.check()
            if self.ticked_at and seconds_running() - self.ticked_at > NOTICED.total_seconds():
                await self._notice_absence()  # The process stood still.
            await calls.sweep(self.desk)  # First: it may change whom a reminder is for.
            await escalations.sweep(self.desk)
            await reminders.sweep(self.desk)
            await sla.sweep(self.desk)
            await self._look_at_the_roster()
            self.ticked_at = seconds_running()
            await self._say_alive()

    async def _look_at_the_roster(self) -> None:
        """Each minute: has anybody come on duty, and will anybody be?"""
        minute, before = self.desk.now().replace(second=0, microsecond=0), self._roster_looked_at
        if minute == before:
            return
        self._roster_looked_at = minute
        at = self.machine_now()
        try:
            await roster_entries.sweep(self.desk)
            await shift_changes.sweep(self.desk, machine_now=at)
            if before is None or minute.replace(minute=0) != before.replace(minute=0):
                await coverage.sweep(self.desk, machine_now=at)
        except DatabaseUnusableError:
            raise
        except Exception as error:  # Reminders do not wait for it.
            log.error("The roster could not be looked at; it is tried again in a minute.", exc_info=error)

    async def _notice_absence(self) -> None:
        away = await vitals.notice_absence(self.desk, machine_now=self.machine_now())
        if away:
            log.warning("Hachi was away; it is on the timelines.", since=away.since.isoformat())

    async def _say_alive(self, *, at_once: bool = False) -> None:
        now, seconds = self.desk.now(), seconds_running()
        if self._beat and not at_once:
            before, told = self._beat
            if seconds - before < BEAT_SECONDS and abs((now - told).total_seconds()) < BEAT_SECONDS:
                return
        await vitals.beat(self.desk, vitals.SWEPT, machine_now=self.machine_now())
        self._beat = (seconds, now)

    async def look_at_the_clock(self) -> None:
        """At the start, and when the machine's clock has jumped: nothing waits for hours because it was set back."""
        with suppress(DatabaseUnusableError):
            async with self.database.transaction() as tx:
                await tx.vitals.clock_was_set_back(at=self.machine_now())

    def _heard(self, method: str, outcome: Outcome) -> None:
        self.metrics.called(method, outcome)
        self.reach.heard(outcome)

    async def poll(self) -> None:
        """Take up what waits: after a restart, a crash of another copy, or Slack's request for patience."""
        with suppress(DatabaseUnusableError):
            await self.delivery.poll()

    async def refresh_homes(self) -> None:
        """Draw the Home tabs anew that somebody has open, where something has changed."""
        with suppress(DatabaseUnusableError):
            await self.home_tabs.refresh()

    async def show_bulletins(self) -> None:
        """Post and edit what is said outside incidents."""
        with suppress(DatabaseUnusableError):
            await self.bulletins.show()

    async def match(self) -> None:
        """Find the people and channels of the settings in Slack, and see now and then who came, left or was lost."""
        first = True
        while True:
            try:
                wait = await self.matching.run()
                if first:  # Who is unknown to Slack leaves hours without anybody.
                    first, self._roster_looked_at = False, None
            except DatabaseUnusableError:
                wait = DATABASE_WAIT_SECONDS
            await self.pause(min(wait or math.inf, LONGEST_MATCH_WAIT_SECONDS))

    async def retry_refused(self) -> None:
        """Once an hour: perhaps somebody has mended what Slack refused."""
        async with self.database.transaction() as tx:
            await tx.shown.wake_stopped()

    async def forget_old(self) -> None:
        async with self.database.transaction() as tx:
            now = self.clock.now()
            await tx.drafts.forget(before=now - KEEP_DRAFTS)
            await tx.requests.forget(before=now - KEEP_REQUESTS)

    def in_background(self, work: Awaitable[None]) -> None:
        """Run beside everything else, until done or stopped."""

        async def run() -> None:
            try:
                await work
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.error("Background work failed.", exc_info=error)

        task = asyncio.create_task(run())
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def pause(self, seconds: float) -> None:
        """For what runs in the background: wait, or end here if the process stops meanwhile."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        if self._stopping.is_set():
            raise asyncio.CancelledError

    async def stop(self) -> None:
        """Let go of everything within seconds; what was under way is found out after the next start."""
        self._stopping.set()
        try:
            if self._background:
                # What waits ends by itself; what is in the middle of something gets a moment.
                await asyncio.wait(list(self._background), timeout=BACKGROUND_SECONDS)
            late = list(self._background)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
            if self._beat:
                with suppress(Exception):  # The last beat that was noted is seconds old.
                    await self._say_alive(at_once=True)
        finally:
            await self._stack.aclose()  # Even when cut short: the file must be free for the next start.


def _say_failure(number: int, error: Exception) -> None:
    log.error(
        "An incident could not be swept; it is tried again every second.", incident=number, exc_info=error
    )


def _say_trouble(trouble: DatabaseUnusableError | None) -> None:
    if trouble is None:
        log.info("The database can be used again.")
        return
    mend = Words("en", "UTC").plain(f"database.mend.{trouble.trouble.value}")
    log.warning("The database cannot be used; nothing is recorded.", why=str(trouble), mend=mend)
