"""The command line: `hachi run`, `sandbox`, `check`, `migrate`."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

import click

from bot.logs import set_up

USAGE_ERROR = 2


@click.group(help="Hachi brings people into one channel, and news to customers every 20 to 30 minutes.")
@click.version_option(package_name="hachi", message="%(version)s")
def main() -> None:
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
        click.echo(
            "No Slack token is set, so Hachi starts in its sandbox. README.md says how to connect Slack."
        )
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
def check() -> None:
    from bot.check import check as check_everything

    sys.exit(asyncio.run(check_everything()))


@main.command(help="Bring the database up to date and stop.")
def migrate() -> None:
    from bot.settings import read_settings
    from storage.database import Database
    from storage.migrate import migrate as bring_up_to_date

    settings = _or_exit(read_settings)

    async def work() -> None:
        database = Database(settings.database_url)
        try:
            changed = await bring_up_to_date(database)
        finally:
            await database.close()
        click.echo("The database was brought up to date." if changed else "The database is up to date.")

    _start(work())


def _sandbox(*, port: int | None, speed: float) -> None:
    from bot.playground import DEFAULT_PORT, play

    _start(play(port=DEFAULT_PORT if port is None else port, speed=speed))


def _start(work: Coroutine[Any, Any, None]) -> None:
    """Run until done; what cannot be started is said in one line, with exit status 2."""
    from bot.config import ConfigError
    from bot.program import StartError
    from storage.migrate import NewerDatabaseError

    try:
        asyncio.run(work)
    except (StartError, ConfigError) as error:
        _exit(str(error))
    except NewerDatabaseError as error:
        _exit(
            f"DATABASE_URL: this database was written by a newer Hachi ({error}). Start that version, or name another."
        )


def _or_exit(read: Any) -> Any:
    from bot.settings import SettingsError

    try:
        return read()
    except SettingsError as error:
        _exit(str(error))


def _exit(message: str) -> None:
    click.echo(f"Hachi cannot start. {message}", err=True)
    sys.exit(USAGE_ERROR)


if __name__ == "__main__":
    main()
