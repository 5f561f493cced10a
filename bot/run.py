"""Running the program until it is told to stop: connected to Slack, or on the sandbox."""

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock, seconds_running
from bot.config import Config, read_config
from bot.health import Health
from bot.http import serve, web_app
from bot.program import Program, StartError
from bot.reach import Connected, always
from bot.scheduler import ClockWatch, jobs_of
from bot.settings import Mode, Settings
from bot.terminal import text, why_unusable
from storage.database import Database
from storage.migrate import NewerDatabaseError
from storage.trouble import DatabaseUnusableError
from templates import notices

log = structlog.get_logger(__name__)

REBUILD_AFTER_SECONDS = 15.0


class Connection:
    """Socket Mode, and the watch over it: a stale address is thrown away instead of tried for ever."""

    def __init__(self, program: Program, app_token: str) -> None:
        self.handler = TimedHandler(program, app_token)
        self._program = program
        self.client = self.handler.client
        self._last_connected = seconds_running()

    async def open(self) -> None:
        """Keep trying until Slack answers; the program does its other work meanwhile."""
        while True:
            try:
                await self.handler.connect_async()  # type: ignore[no-untyped-call]
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.warning("Slack could not be reached; trying again.", error=type(error).__name__)
                await self._program.pause(5)
            else:
                return

    async def is_connected(self) -> bool:
        return self.client.current_session is not None and await self.client.is_connected()

    async def watch(self) -> None:
        """Called every few seconds."""
        if await self.is_connected():
            self._last_connected = seconds_running()
        elif seconds_running() - self._last_connected > REBUILD_AFTER_SECONDS:
            self.client.wss_uri = None

    async def close(self) -> None:
        await self.handler.close_async()  # type: ignore[no-untyped-call]


class TimedHandler(AsyncSocketModeHandler):
    """Measures how long Slack waits for each acknowledgement."""

    def __init__(self, program: Program, app_token: str) -> None:
        super().__init__(program.app, app_token, web_client=program.client)
        self._acknowledged = program.metrics.acknowledged

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        began = seconds_running()
        try:
            await super().handle(client, req)
        except ConnectionError:  # Slack delivers what nobody acknowledged to another connection.
            log.info("The connection went before an acknowledgement.", kind=req.type)
            return
        self._acknowledged(req.type, seconds_running() - began)


async def running(program: Program, stack: AsyncExitStack, *, app_token: str) -> Health:
    """Start the program's clock, its connection and the watch over both; everything is undone by the stack."""
    jobs = jobs_of(program)
    connected: Connected = always
    if app_token:
        connection = Connection(program, app_token)
        jobs.add(connection.watch, seconds=5)
        program.in_background(connection.open())
        stack.push_async_callback(connection.close)
        connected = connection.is_connected
    # Not jobs: whoever looks after the scheduler must not run by it.
    health = Health(program=program, connected=connected)

    def jumped() -> None:
        jobs.all_now()
        program.in_background(program.look_at_the_clock())

    watch = ClockWatch(jumped)
    program.in_background(watch.watch(program.pause))
    program.in_background(program.match())
    program.in_background(asyncio.to_thread(notices.prepare))
    jobs.start()
    stack.push_async_callback(jobs.stop)
    await program.tick()
    program.in_background(health.watch())
    return health


async def run(settings: Settings) -> None:
    """`hachi run` on Slack itself. Runs until it is cancelled. Raises StartError, ConfigError."""
    config = read_config(settings.config)
    warn(config, settings.config)
    async with AsyncExitStack() as stack:
        program = Program(
            team=config.team,
            clock=Clock(),
            database=Database(settings.database_url),
            bot_token=settings.bot_token,
            api_url=settings.api_url,
            signing_secret=settings.signing_secret if settings.mode is Mode.HTTP else "",
        )
        stack.push_async_callback(program.database.close)
        stack.push_async_callback(program.stop)
        with database_opened():
            await program.start()
        socket = settings.mode is Mode.SOCKET
        health = await running(program, stack, app_token=settings.app_token if socket else "")
        health.show()
        await _listen(health, settings, stack)
        log.info("Hachi is ready.", workspace=program.identity.get("team"), mode=settings.mode.value)
        try:
            await asyncio.Event().wait()
        finally:
            log.info("Hachi stops.")


async def _listen(health: Health, settings: Settings, stack: AsyncExitStack) -> None:
    if settings.http_port is None:
        return
    app = web_app(health, slack_path=settings.mode is Mode.HTTP)
    try:
        runner, port = await serve(app, settings.http_host, settings.http_port)
    except OSError as error:
        address = f"{settings.http_host}:{settings.http_port}"
        why = os.strerror(error.errno) if error.errno else str(error)
        raise StartError(str(text("start.port_http", address=address, why=why))) from error
    stack.push_async_callback(runner.cleanup)
    log.info("HTTP is served.", address=f"http://{settings.http_host}:{port}/")


def warn(config: Config, path: Path | None) -> None:
    for warning in config.warnings:
        log.warning(
            "Something in the settings is not as it was meant.",
            file=str(warning.file or path),
            what=str(warning),
        )


@contextmanager
def database_opened() -> Iterator[None]:
    """What keeps the database from being opened becomes a StartError."""
    try:
        yield
    except NewerDatabaseError as error:
        raise StartError(str(text("start.database_newer", revision=error))) from error
    except (DatabaseUnusableError, SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StartError(str(text("start.database", **why_unusable(error)))) from error
