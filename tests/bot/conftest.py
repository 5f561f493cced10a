"""One Hachi on its own in an empty folder: no setting but those a test gives."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

SETTINGS = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_API_URL",
    "DATABASE_URL",
    "HACHI_CONFIG",
    "HACHI_HTTP",
    "LC_ALL",
    "LC_MESSAGES",
    "LANG",
)
PATIENCE_SECONDS = 60.0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with nothing in it and no setting in the environment; the terminal is in English."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@dataclass
class Running:
    """`hachi …` as a process of its own, and everything it said."""

    process: asyncio.subprocess.Process
    reader: asyncio.Task[None]
    said: str = ""

    async def says(self, pattern: str) -> re.Match[str]:
        """Wait until it says this."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := re.search(pattern, self.said)):
                assert not self.reader.done(), f"it ended:\n{self.said}"
                await asyncio.sleep(0.02)
        return found

    async def ends(self, within: float = PATIENCE_SECONDS) -> int:
        """Its exit status."""
        async with asyncio.timeout(within):
            await self.reader
            return await self.process.wait()

    def signal(self, name: signal.Signals) -> None:
        self.process.send_signal(name)

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.reader
        await self.process.wait()


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def start(folder: Path) -> AsyncIterator[Start]:
    """Start `hachi <command> …` with these settings; it is ended with the test."""
    started: list[Running] = []

    async def run(*command: str, **settings: str) -> Running:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *command,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])} | settings,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        running = Running(process, reader=None)  # type: ignore[arg-type]
        running.reader = asyncio.create_task(_listen(running))
        started.append(running)
        return running

    yield run
    for running in started:
        await running.stop()


async def _listen(running: Running) -> None:
    assert running.process.stdout
    async for line in running.process.stdout:
        running.said += line.decode()
