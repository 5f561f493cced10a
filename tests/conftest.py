"""Fixtures for tests of the whole program."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import demo
from domain.team import Team
from sandbox import Sandbox
from tests.postgres import Server, running_server
from tests.whole import MANIFEST, TOKYO, Hachi, TestClock


@pytest.fixture
def team() -> Team:
    """The demonstration team; a test module may give another."""
    return demo.TEAM


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


@pytest.fixture
def database_url(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A database of the test's own."""
    if engine == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        return server.new_database()
    return f"sqlite:///{tmp_path}/hachi.db"


@pytest.fixture
async def hachi(database_url: str, team: Team, starts_at: datetime) -> AsyncIterator[Hachi]:
    """One copy of the whole program, connected to a workspace of its own."""
    clock = TestClock(starts_at)
    sandbox = await Sandbox.start(manifest=MANIFEST, people=demo.PEOPLE, channels=demo.CHANNELS, clock=clock)
    program = Hachi(sandbox=sandbox, clock=clock, team=team, database_url=database_url)
    await program.start()
    try:
        yield program
    finally:
        await program.stop()
        await sandbox.stop()
        await asyncio.sleep(0)
