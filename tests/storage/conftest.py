"""Databases of the test's own: up to date, or empty."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.migrate import migrate
from tests.postgres import Server
from tests.whole import patient_database


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = patient_database(database_url)
    await migrate(made)
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
def empty_url(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A database without any table."""
    if engine == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        return server.new_database(empty=True)
    return f"sqlite:///{tmp_path}/empty.db"


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[Database]:
    made = patient_database(empty_url)
    yield made
    await made.close()
