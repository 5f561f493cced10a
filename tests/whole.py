"""The whole program on a sandbox workspace: real Bolt, real sockets, a real database, and a clock the test sets."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from sqlalchemy import func, select

from bot import demo
from bot.program import Program
from delivery.slack import Gate
from domain.call_time_outs import CallTimeOuts
from domain.team import Team
from sandbox import Channel, Message, Person, Sandbox
from storage.database import Database
from storage.tables import IncidentRow

TOKYO = ZoneInfo("Asia/Tokyo")
MANIFEST = Path(__file__).parent.parent / "manifest.yml"

PATIENCE_SECONDS = 20.0
"""So long a test waits for a server that is there, on a machine with much else to do."""

PATIENT_TEAM = replace(demo.TEAM, call_time_out=CallTimeOuts(default=timedelta(days=30), by_severity={}))
"""The demonstration team, where nobody's call runs out while a story is told about something else."""

on_both_engines = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
"""The same test on SQLite and on PostgreSQL."""


def patient_database(url: str) -> Database:
    """One whose server is waited for."""
    return Database(url, reach_seconds=PATIENCE_SECONDS, answer_seconds=PATIENCE_SECONDS)


def wait_for_answers(app: AsyncApp) -> None:
    """Bolt itself would give up after three seconds."""
    for listener in app._async_listeners:
        listener.ack_timeout = int(PATIENCE_SECONDS)


class TestClock:
    """Time that moves only when it is told to; both incident time and machine time."""

    __test__ = False

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.speed = 0.0

    def now(self) -> datetime:
        return self.at

    def set_speed(self, speed: float) -> None:
        self.speed = speed

    def advance(self, by: timedelta) -> None:
        self.at += by


@dataclass(kw_only=True)
class Hachi:
    """The program as a test sees it."""

    sandbox: Sandbox
    clock: TestClock
    team: Team
    database_url: str
    slack_seconds: float | None = None
    """So long Slack's silence is waited out, where it is not as long as in earnest."""
    ping_seconds: float = 10.0
    """So often the socket is looked at."""
    program: Program = field(init=False)
    _machine_ahead: timedelta = timedelta()
    _running: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self) -> None:
        """Start one copy and connect it; nothing ticks by itself."""
        self.program = Program(
            team=self.team,
            clock=self.clock,  # type: ignore[arg-type]
            database=patient_database(self.database_url),
            bot_token=self.sandbox.bot_token,
            api_url=self.sandbox.api_url,
            machine_now=self.machine_now,
            gate=Gate(monotonic=lambda: self.machine_now().timestamp()),
        )
        await self.program.start()
        wait_for_answers(self.program.app)
        self._running = AsyncExitStack()
        self._running.push_async_callback(self.program.stop)
        if self.slack_seconds is not None:
            self.gives_up_after(self.slack_seconds)
        handler = AsyncSocketModeHandler(
            self.program.app,
            self.sandbox.app_token,
            web_client=self.program.client,
            ping_interval=self.ping_seconds,
        )
        await handler.connect_async()  # type: ignore[no-untyped-call]
        self._running.push_async_callback(handler.close_async)
        await self.program.matching.run()

    async def stop(self) -> None:
        await self._running.aclose()

    async def restart(self) -> None:
        """Stop this copy and start another on the same records."""
        await self.stop()
        await self.start()

    def gives_up_after(self, seconds: float) -> None:
        """Take Slack's silence for a lost answer after so long, so that a test need not wait."""
        reconciler = self.program.delivery.reconciler
        reconciler.carry_out = replace(reconciler.carry_out, timeout=seconds, cosmetic_timeout=seconds)

    def machine_now(self) -> datetime:
        """The machine's time, ahead by what the test let pass."""
        return datetime.now(UTC) + self._machine_ahead  # noqa: TID251

    def machine_waits(self, seconds: float) -> None:
        """Let machine time pass: leases, look-ups and Slack's requests for patience run by it."""
        self._machine_ahead += timedelta(seconds=seconds)

    def rewind(self) -> None:
        """When it is quiet: machine time is the machine's again."""
        self._machine_ahead = timedelta()

    async def settled(self) -> None:
        """Wait until Slack shows what the records say, as far as that can be done now."""
        await self.program.delivery.until_quiet()

    async def at(self, clock: str) -> None:
        """Let it be that time today (`14:30` or `14:30:20`, Tokyo), tick once, and wait until Slack shows it."""
        # On PostgreSQL a sweep leaves what is being worked on to the next one, and here is but one.
        await self.settled()
        hours, minutes, *seconds = (int(part) for part in clock.split(":"))
        local = self.clock.at.astimezone(TOKYO)
        self.clock.at = local.replace(
            hour=hours, minute=minutes, second=seconds[0] if seconds else 0, microsecond=0
        ).astimezone(UTC)
        await self.tick()

    async def later(self, **length: float) -> None:
        """Let so much incident time pass (`minutes=5`), tick once, and wait until Slack shows it."""
        await self.settled()
        self.clock.advance(timedelta(**length))
        await self.tick()

    async def tick(self) -> None:
        """Let what is due be swept, and wait until Slack shows what came of it.

        On PostgreSQL a sweep leaves what is being worked on to the next, a second later: it follows here at once.
        """
        await self.settled()
        before, now = -1, await self._revisions()
        while before != now:
            await self.program.tick()
            await self.settled()
            before, now = now, await self._revisions()

    async def _revisions(self) -> int:
        """How often anything has changed; on SQLite, where no sweep has to leave anything, it is not asked."""
        if self.program.database.is_sqlite:
            return 0
        async with self.program.database.reading() as tx:
            return await tx.session.scalar(select(func.sum(IncidentRow.revision))) or 0

    def person(self, who: str) -> Person:
        return self.sandbox.person(who)

    async def declare(
        self,
        title: str = "カード決済が失敗する",
        *,
        by: str = "hana",
        urgency: str = "high",
        impact: str = "high",
        **fields: object,
    ) -> Channel | None:
        """Declare through the form as a person does; answers the swarm's channel."""
        person = self.person(by)
        before = set(self.sandbox.workspace.channels)
        await person.command("/incident", f"declare {title}", channel="support")
        await self.sandbox.until(lambda: person.view)
        await person.fill(urgency=urgency, impact=impact, **fields)
        result = await person.submit()
        assert not result.errors, result.errors
        await self.settled()
        made = [
            channel
            for key, channel in self.sandbox.workspace.channels.items()
            if key not in before and channel.name.startswith("inc-")
        ]
        return made[0] if made else None

    def members(self, channel: Channel) -> set[str]:
        """Who is in a channel, by handle; the bot itself left out."""
        accounts = (self.sandbox.workspace.account(member) for member in channel.members)
        return {account.handle for account in accounts if not account.is_bot}

    def cards(self, channel: Channel | str, by: str = "hana") -> list[str]:
        """What the app's messages in a channel say."""
        return [message.plain for message in self.messages(channel, by)]

    def messages(self, channel: Channel | str, by: str = "hana") -> list[Message]:
        return [message for message in self.person(by).messages(channel) if message.by_app]

    async def until(self, predicate: Callable[[], object]) -> None:
        await self.sandbox.until(predicate)


def buttons(message: Message) -> Sequence[str]:
    """The words on a message's buttons."""
    return [button.text for button in message.buttons]
