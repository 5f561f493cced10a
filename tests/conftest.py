"""Fixtures for tests of the whole program."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot import demo
from domain.team import Team
from sandbox import Sandbox
from storage.database import Database
from storage.migrate import migrate
from tests.postgres import Server, running_server
from tests.whole import MANIFEST, PATIENCE_SECONDS, PATIENT_TEAM, TOKYO, Hachi, TestClock


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once() -> Iterator[None]:
    """Each test has an engine of its own, and each would put the same statements into SQL: a tenth of all computing."""
    kept: list[Engine] = []

    def create(url: str, **options: Any) -> AsyncEngine:
        engine = create_async_engine(url, **options, query_cache_size=2000)
        made = engine.sync_engine
        if made.dialect.name != "sqlite":
            return engine  # What that dialect knows, it learns from its first connection.
        if kept and getattr(kept[0].dialect, "default_isolation_level", None):
            made.dialect, made._compiled_cache = kept[0].dialect, kept[0]._compiled_cache
        else:
            kept[:] = [made]
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("storage.database.create_async_engine", create)
        yield


@pytest.fixture
def team() -> Team:
    """The demonstration team, with patience for those it calls; a test module may give another."""
    return PATIENT_TEAM


@pytest.fixture
def starts_at() -> datetime:
    """14:00 in Tokyo on a working day."""
    return datetime(2026, 11, 24, 14, 0, tzinfo=TOKYO).astimezone(UTC)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server for this test process."""
    with running_server() as server:
        yield server


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """`sqlite`, unless a test is marked with `tests.whole.on_both_engines`."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that is up to date: copied in no time, where bringing one up to date takes a tenth of a second."""
    file = tmp_path_factory.mktemp("migrated") / "hachi.db"

    async def make() -> None:
        database = Database(f"sqlite:///{file}")
        await migrate(database)
        await database.close()

    asyncio.run(make())
    return file


@pytest.fixture
def database_url(engine: str, tmp_path: Path, migrated_file: Path, request: pytest.FixtureRequest) -> str:
    """A database of the test's own, up to date."""
    if engine == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        return server.new_database()
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'hachi.db')}"


@pytest.fixture
def empty_database_url(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A database that no program has used yet."""
    if engine == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        return server.new_database(empty=True)
    return f"sqlite:///{tmp_path}/empty.db"


@pytest.fixture
async def hachi(database_url: str, team: Team, starts_at: datetime) -> AsyncIterator[Hachi]:
    """One copy of the whole program, connected to a workspace of its own."""
    clock = TestClock(starts_at)
    sandbox = await Sandbox.start(
        manifest=MANIFEST,
        people=demo.PEOPLE,
        channels=demo.CHANNELS,
        clock=clock,
        ack_seconds=PATIENCE_SECONDS,  # A busy machine is not a failure.
    )
    program = Hachi(sandbox=sandbox, clock=clock, team=team, database_url=database_url)
    await program.start()
    try:
        yield program
    finally:
        await program.stop()
        await sandbox.stop()
        await asyncio.sleep(0)
