"""A database of the test's own, up to date."""

from collections.abc import AsyncIterator

import pytest

from storage.database import Database
from storage.migrate import migrate


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url)
    await migrate(made)
    try:
        yield made
    finally:
        await made.close()
