"""`hachi sandbox`: a Slack workspace on localhost with the bot in it, to try everything out in a browser."""

import asyncio
import os
import tempfile
from contextlib import AsyncExitStack
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
    if page:
        program.in_background(_guide(tour, sandbox, program))
    return sandbox, program


async def _guide(tour: Tour, sandbox: Sandbox, program: Program) -> None:
    while True:
        await tour.look(sandbox, program)
        await asyncio.sleep(1)


async def play(*, port: int, speed: float) -> None:
    """Runs until it is cancelled. Raises StartError."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="hachi-sandbox-"))
        sandbox, _ = await start(
            stack, port=port, clock=Clock(speed=speed), database_url=f"sqlite:///{folder}/sandbox.db"
        )
        click.echo(f"\n  {text('start.page', address=sandbox.page_url)}\n")
        log.info("The sandbox is ready.", speed=speed)
        await asyncio.Event().wait()
