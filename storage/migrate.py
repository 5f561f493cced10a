"""Bringing the database up to date, under a lock, before anything else uses it."""

import asyncio
import sqlite3
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.file import BUSY_MILLISECONDS

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
NEWEST = "0012"
"""The revision this program writes; a test compares it with the migrations."""
_LOCK = 0x48414348
"""Any number that is always the same: several copies may start at once."""


class NewerDatabaseError(RuntimeError):
    """The database was written by a newer Hachi."""


class Standing(StrEnum):
    """How a database stands to what this program writes."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


async def standing(database: Database) -> Standing:
    """Look, and change nothing."""
    _try_to_open(database)
    async with database.engine.connect() as connection:
        at = await connection.run_sync(_revision)
        if at is None:
            return Standing.EMPTY
        if at == NEWEST:
            return Standing.CURRENT
        return Standing.OLDER if at in await connection.run_sync(_known) else Standing.NEWER


MIGRATION_MILLISECONDS = 60_000
"""So long another process may be at it: longer than anybody who asks for something would wait."""
MODE_AGAIN_SECONDS = 0.02
"""Between two attempts to change the mode of a file that another process is about to change."""


async def migrate(database: Database) -> bool:
    """Whether anything had to be done. Raises NewerDatabaseError, SQLAlchemyError, sqlite3.Error, OSError."""
    _try_to_open(database)
    async with database.engine.connect() as connection:
        await connection.execution_options(hachi_writes=True)
        if database.is_sqlite:
            await connection.run_sync(_pragma, f"busy_timeout={MIGRATION_MILLISECONDS}")
            await _write_ahead(connection)
        try:
            async with connection.begin():
                if not database.is_sqlite:
                    for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
                        await connection.execute(text(f"SET LOCAL {name} = {MIGRATION_MILLISECONDS}"))
                    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                at = await connection.run_sync(_revision)
                if at == NEWEST:
                    return False
                await connection.run_sync(_upgrade, at)
                return True
        finally:
            if database.is_sqlite:
                await connection.run_sync(_pragma, f"busy_timeout={BUSY_MILLISECONDS}")


def _try_to_open(database: Database) -> None:
    """Raises sqlite3.Error, OSError. A failure of the async driver would leave its thread, and the process never end."""
    if database.is_sqlite:
        file = Path(database.engine.url.database or "")
        file.parent.mkdir(parents=True, exist_ok=True)
        sqlite3.connect(file).close()


async def _write_ahead(connection: AsyncConnection) -> None:
    """Outside a transaction, and once: the mode is the file's. Raises sqlite3.OperationalError."""
    now = asyncio.get_running_loop().time
    until = now() + MIGRATION_MILLISECONDS / 1000
    while True:
        try:
            return await connection.run_sync(_pragma, "journal_mode=WAL")
        except sqlite3.OperationalError as error:
            # Of several who change the mode at once SQLite refuses some without waiting, whatever the time-out.
            if "locked" not in str(error) or now() > until:
                raise
            await asyncio.sleep(MODE_AGAIN_SECONDS)


def _pragma(connection: Connection, setting: str) -> None:
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def config(connection: Connection) -> "Config":
    from alembic.config import Config  # Imported when needed: a start without migrations has no use for it.

    configured = Config()
    configured.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    configured.attributes["connection"] = connection
    return configured


def _upgrade(connection: Connection, at: str | None) -> None:
    from alembic import command

    if at is not None and at not in _known(connection):
        raise NewerDatabaseError(at)
    command.upgrade(config(connection), "head")


def _known(connection: Connection) -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(config(connection)).walk_revisions()}
