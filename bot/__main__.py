"""The command line: `hachi run`, `sandbox`, `check`, `migrate`."""

import asyncio
import gc
import signal
import sys
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import click

from bot.logs import set_up
from bot.terminal import text

USAGE_ERROR = 2


@click.group(help="Hachi brings people into one channel, and news to customers every 20 to 30 minutes.")
@click.version_option(package_name="hachi", message="%(version)s")
def main() -> None:
    gc.disable()  # Loading leaves no garbage behind, and looking for it takes a fifth of the start.
    set_up(pretty=sys.stderr.isatty())


@main.command(
    help="Start the bot: on Slack with tokens in the environment or .env, in a sandbox without any."
)
def run() -> None:
    from bot.settings import (  # Imported when needed: each command starts with what it uses.
        Mode,
        read_settings,
    )

    settings = _or_exit(read_settings)
    if settings.mode is Mode.NONE:
        click.echo(str(text("start.sandbox")))
        _sandbox(port=None, speed=1.0)
    else:
        from bot.run import run as run_on_slack

        _start(run_on_slack(settings))


@main.command(help="Try Hachi out in the browser, in a Slack workspace of its own on this machine.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the page; 0 takes a free one.")
@click.option("--speed", type=click.FloatRange(0, 3600), default=1.0, help="Incident seconds a real second.")
def sandbox(port: int | None, speed: float) -> None:
    _sandbox(port=port, speed=speed)


@main.command(
    help="Say what is wrong with tokens, scopes, channels, people, database and config, and the mend."
)
@click.option("--create", is_flag=True, help="Also create what only trying can tell: channels, one to test.")
def check(create: bool) -> None:
    from bot.check import check as check_everything

    sys.exit(1 if asyncio.run(check_everything(create=create)) else 0)


@main.command(help="Bring the database up to date and stop.")
def migrate() -> None:
    from bot.run import database_opened
    from bot.settings import read_settings
    from storage.database import Database
    from storage.migrate import migrate as bring_up_to_date

    settings = _or_exit(read_settings)

    async def work() -> None:
        database = Database(settings.database_url)
        try:
            with database_opened():
                changed = await bring_up_to_date(database)
        finally:
            await database.close()
        click.echo(str(text("start.migrated" if changed else "start.migrated_already")))

    _start(work())


def _sandbox(*, port: int | None, speed: float) -> None:
    from bot.playground import DEFAULT_PORT, play

    _start(play(port=DEFAULT_PORT if port is None else port, speed=speed))


def _start(work: Coroutine[Any, Any, None]) -> None:
    """Run until done or told to stop; what cannot be started is said in one line, with exit status 2."""
    from bot.config import ConfigError
    from bot.program import StartError

    try:
        asyncio.run(_until_stopped(work))
    except (StartError, ConfigError) as error:
        _exit(str(error))


async def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """SIGINT and SIGTERM end it in order, however far it has come; a second one ends it at once."""
    gc.freeze()
    gc.enable()
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()

    def stop(name: signal.Signals) -> None:
        loop.remove_signal_handler(name)
        task.cancel()

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop, name)
    with suppress(asyncio.CancelledError):
        await task


def _or_exit(read: Any) -> Any:
    from bot.settings import SettingsError

    try:
        return read()
    except SettingsError as error:
        _exit(str(error))


def _exit(message: str) -> None:
    click.echo(str(text("start.cannot", why=message)), err=True)
    sys.exit(USAGE_ERROR)


if __name__ == "__main__":
    main()
