"""The database is brought up to date once, whoever comes first, and never by an older program."""

import asyncio
import sqlite3
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from storage.database import Database
from storage.migrate import MIGRATIONS, MODE_AGAIN_SECONDS, NEWEST, NewerDatabaseError, config, migrate
from storage.tables import Base
from tests.whole import on_both_engines, patient_database

ROOT = Path(__file__).parents[2]
MIGRATE = """
import asyncio, sys
from storage.database import Database
from storage.migrate import migrate

async def main():
    database = Database(sys.argv[1], reach_seconds=20)
    print(await migrate(database))
    await database.close()

asyncio.run(main())
"""


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Base.metadata))


@on_both_engines
async def test_the_migrations_make_the_tables_the_program_speaks_of(database: Database) -> None:
    async with database.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_the_program_writes_the_newest_revision_and_there_is_one(database: Database) -> None:
    async with database.engine.connect() as connection:
        scripts = await connection.run_sync(lambda one: ScriptDirectory.from_config(config(one)).get_heads())
    assert scripts == [NEWEST]


def test_every_migration_says_in_its_first_line_what_for() -> None:
    for file in sorted((MIGRATIONS / "versions").glob("*.py")):
        assert file.read_text("utf-8").startswith('"""'), file.name


@on_both_engines
async def test_migrating_twice_is_migrating_once(empty_database_url: str) -> None:
    database = patient_database(empty_database_url)
    assert [await migrate(database), await migrate(database)] == [True, False]
    await database.close()


@on_both_engines
async def test_five_that_start_at_once_in_one_process_migrate_once(empty_database_url: str) -> None:
    databases = [patient_database(empty_database_url) for _ in range(5)]
    done = await asyncio.gather(*(migrate(database) for database in databases))
    for database in databases:
        await database.close()
    assert sorted(done) == [False, False, False, False, True]


async def test_a_file_whose_mode_cannot_be_changed_now_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite refuses at once, without its time-out, while another is about to write to a file not yet written ahead."""
    other = sqlite3.connect(tmp_path / "empty.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    rested = []

    async def rest(seconds: float) -> None:
        rested.append(seconds)
        other.close()

    monkeypatch.setattr("storage.migrate.asyncio.sleep", rest)
    database = patient_database(f"sqlite:///{tmp_path / 'empty.db'}")
    assert await migrate(database)
    assert rested == [MODE_AGAIN_SECONDS]
    await database.close()


@on_both_engines
async def test_three_processes_that_start_at_once_migrate_once(empty_database_url: str) -> None:
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            MIGRATE,
            empty_database_url,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(3)
    ]
    said = [(await one.communicate(), one.returncode) for one in started]
    assert [(errors.decode()[-500:], status) for (_, errors), status in said] == [("", 0)] * 3
    assert sorted(out.decode().strip() for (out, _), _ in said) == ["False"] * 2 + ["True"]


@on_both_engines
async def test_a_database_of_a_newer_program_is_refused_and_left_as_it_is(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerDatabaseError, match="9999"):
        await migrate(database)
    async with database.engine.connect() as connection:
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


@on_both_engines
async def test_a_migration_that_fails_leaves_no_half_made_tables(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr("alembic.op.f", fails)
        with pytest.raises(RuntimeError):
            await migrate(empty)
    async with empty.engine.connect() as connection:
        assert await connection.run_sync(lambda one: inspect(one).get_table_names()) == []
    assert await migrate(empty)


async def test_an_sqlite_file_is_written_ahead_so_that_readers_and_the_writer_do_not_wait(
    database: Database,
) -> None:
    async with database.engine.connect() as connection:
        assert (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar() == "wal"
        assert (await connection.exec_driver_sql("PRAGMA synchronous")).scalar() == 2
        assert (await connection.exec_driver_sql("PRAGMA foreign_keys")).scalar() == 1
