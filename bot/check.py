"""`hachi check`: what is wrong between the settings, Slack and the database, and how to mend it. It says no secret."""

import os
import secrets
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from datetime import datetime, timedelta
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from bot.check_slack import Slack, Workspace
from bot.clock import machine_now
from bot.config import ConfigError, read_config
from bot.findings import Finding, fine, note, wrong
from bot.settings import Mode, Settings, examine_settings
from bot.terminal import why_unusable, words
from delivery.slack import http_session, web_client
from domain.coverage import uncovered
from domain.duty import Roster
from domain.team import Team
from services.coverage import DAYS_AHEAD
from storage.database import Database
from storage.migrate import Standing, standing
from storage.trouble import DatabaseUnusableError
from templates.coverage import coverage_text
from templates.words import Words


async def check(*, create: bool = False, now: Callable[[], datetime] = machine_now) -> int:
    """Print each finding as it is made; how many have to be mended.

    `create` also makes what only trying can tell: missing channels, and a test channel that is archived at once.
    """
    said = words()
    to_mend = 0
    async with aclosing(_findings(create, now)) as findings:
        async for finding in findings:
            click.echo(finding.line(said))
            to_mend += finding.is_wrong
    click.echo(said.plain("check.to_mend", n=to_mend) if to_mend else said.plain("check.all_fine"))
    return to_mend


async def _findings(create: bool, now: Callable[[], datetime]) -> AsyncGenerator[Finding]:
    settings, problems = examine_settings()
    for problem in problems:
        yield wrong("setting", problem=problem)
    if settings.mode is Mode.NONE and not problems:
        yield wrong("no_token")
    team = Team()
    try:
        config = read_config(settings.config)
    except ConfigError as error:
        for found in error.problems:
            yield wrong("config", file=found.file or error.path, problem=found)
    else:
        team = config.team
        if settings.config is None:
            yield note("no_config")
        else:
            yield fine("config", file=settings.config)
        for found in config.warnings:
            yield note("config_ignored", file=found.file or settings.config, problem=found)
        for what in _uncovered(team, now()):
            yield note("uncovered", what=what)
    workspace = None
    async with http_session() as session:
        client = web_client(settings.bot_token, base_url=settings.api_url, session=session)
        slack = Slack(client=client, settings=settings, team=team, now=now)
        async for finding in slack.findings(create):
            yield finding
        workspace = slack.workspace
    async for finding in _database(settings, workspace):
        yield finding


def _uncovered(team: Team, at: datetime) -> list[str]:
    """The hours of the next week with nobody on duty, as far as the settings tell: what people entered is not known."""
    reader = Words(words().language, team.timezone)
    found = uncovered(Roster(team=team), since=at, until=at + timedelta(days=DAYS_AHEAD))
    held = {skill for person in team.people for skill in person.skills}
    # A skill that nobody has is named with its line.
    return [coverage_text(one, reader) for one in found if not one.skill or one.skill in held]


class _TriedOnlyError(Exception):
    """Takes back what was written to see whether it can be."""


async def _database(settings: Settings, workspace: Workspace | None) -> AsyncIterator[Finding]:
    database = Database(settings.database_url)
    try:
        file = Path(database.engine.url.database or "") if database.is_sqlite else None
        if file and not file.exists():
            # Looking would make the file.
            there = next(folder for folder in file.resolve().parents if folder.exists())
            makes = there.is_dir() and os.access(there, os.W_OK)
            yield note("database_none_yet", file=file) if makes else wrong("database_folder", folder=there)
            return
        at = await standing(database)
        match at:
            case Standing.EMPTY | Standing.OLDER:
                yield note(f"database_{at.value}")
            case Standing.NEWER:
                yield wrong("database_newer")
            case Standing.CURRENT:
                yield fine("database")
        if at is not Standing.CURRENT:
            return
        try:
            async with database.transaction() as tx:
                belongs_to = await tx.directory.recall("team_id")
                await tx.directory.remember("check", secrets.token_hex(4))
                await tx.session.flush()
                raise _TriedOnlyError
        except _TriedOnlyError:
            yield fine("database_writable")
        except DatabaseUnusableError as error:
            if not error.trouble.concerns_writing:
                raise
            yield wrong("database_read_only", **why_unusable(error))
            return
        if workspace and belongs_to not in (None, workspace.id):
            yield wrong("database_other_workspace", theirs=belongs_to, ours=workspace.id)
    except (DatabaseUnusableError, SQLAlchemyError, sqlite3.Error, OSError) as error:
        yield wrong("database", **why_unusable(error))
    finally:
        await database.close()
