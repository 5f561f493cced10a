"""Fixtures for tests of the whole program."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import demo
from domain.team import Team
from sandbox import Sandbox
from tests.whole import MANIFEST, TOKYO, Hachi, TestClock


@pytest.fixture
def team() -> Team:
    """The demonstration team; a test module may give another."""
    return demo.TEAM


@pytest.fixture
def starts_at() -> datetime:
    """14:00 in Tokyo on a working day."""
    return datetime(2026, 11, 24, 14, 0, tzinfo=TOKYO).astimezone(UTC)


@pytest.fixture
async def hachi(tmp_path: Path, team: Team, starts_at: datetime) -> AsyncIterator[Hachi]:
    """One copy of the whole program, connected to a workspace of its own."""
    clock = TestClock(starts_at)
    sandbox = await Sandbox.start(manifest=MANIFEST, people=demo.PEOPLE, channels=demo.CHANNELS, clock=clock)
    program = Hachi(sandbox=sandbox, clock=clock, team=team, database_url=f"sqlite:///{tmp_path}/hachi.db")
    await program.start()
    try:
        yield program
    finally:
        await program.stop()
        await sandbox.stop()
        await asyncio.sleep(0)
