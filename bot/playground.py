"""`hachi sandbox`: a Slack workspace on localhost with the bot in it, to try everything out in a browser."""

import asyncio
import os
import tempfile
from contextlib import AsyncExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path

import click
import structlog

from bot import demo
from bot.clock import Clock
from bot.program import Program, StartError
from bot.run import database_opened, running
from bot.terminal import text
from bot.tour import Tour
from domain.team import Team
from sandbox import ChannelSpec, PersonSpec, Sandbox
from storage.database import Database

log = structlog.get_logger(__name__)

MANIFEST = Path(__file__).parent.parent / "manifest.yml"
DEFAULT_PORT = 8700
PATIENCE_SECONDS = 2.0
"""So long a step waits for a Slack that is slow."""


async def start(
    stack: AsyncExitStack,
    *,
    port: int,
    clock: Clock,
    database_url: str,
    team: Team = demo.TEAM,
    people: tuple[PersonSpec, ...] = demo.PEOPLE,
    channels: tuple[ChannelSpec, ...] = demo.CHANNELS,
    page: bool = True,
) -> tuple[Sandbox, Program]:
    """A workspace and a bot connected to it over its sockets; everything is undone by the stack.

    Raises StartError.
    """
    tour = Tour()
    try:
        sandbox = await Sandbox.start(
            port=port,
            manifest=MANIFEST,
            people=people,
            channels=channels,
            clock=clock,
            page=page,
            tour=tour.steps() if page else (),
            title="Hachi",
        )
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise StartError(str(text("start.port_sandbox", port=port, why=why))) from error
    stack.push_async_callback(sandbox.stop)
    program = Program(
        team=team,
        clock=clock,
        database=Database(database_url),
        bot_token=sandbox.bot_token,
        api_url=sandbox.api_url,
    )
    stack.push_async_callback(program.database.close)
    stack.push_async_callback(program.stop)
    with database_opened():
        await program.start()
    await running(program, stack, app_token=sandbox.app_token)
    if isinstance(clock, SteppingClock):
        program.in_background(clock.walk(program))
    if page:
        program.in_background(_guide(tour, sandbox, program))
    return sandbox, program


class SteppingClock(Clock):
    """Asked to jump, it walks: what falls due on the way happens in its turn, as it would have."""

    STEP = timedelta(minutes=1)

    def __init__(self, *, speed: float = 1.0, starts_at: datetime | None = None) -> None:
        super().__init__(speed=speed, starts_at=starts_at)
        self._ahead = timedelta()
        self._asked = asyncio.Event()

    def advance(self, by: timedelta) -> None:
        if by < timedelta():
            raise ValueError("time does not run backwards")
        self._ahead += by
        self._asked.set()

    async def walk(self, program: Program) -> None:
        """Take the steps asked for, and let the program do its work after each."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            while self._ahead:
                step = min(self.STEP, self._ahead)
                self._ahead -= step
                super().advance(step)
                await program.tick()
                with suppress(TimeoutError):
                    await asyncio.wait_for(program.delivery.until_quiet(), PATIENCE_SECONDS)


async def _guide(tour: Tour, sandbox: Sandbox, program: Program) -> None:
    while True:
        await tour.look(sandbox, program)
        await program.pause(1)


async def play(*, port: int, speed: float) -> None:
    """Runs until it is cancelled. Raises StartError."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="hachi-sandbox-"))
        sandbox, _ = await start(
            stack, port=port, clock=SteppingClock(speed=speed), database_url=f"sqlite:///{folder}/sandbox.db"
        )
        click.echo(f"\n  {text('start.page', address=sandbox.page_url)}\n")
        log.info("The sandbox is ready.", speed=speed)
        await asyncio.Event().wait()
