"""The process that makes copies of the program for the kill tests, and what it tells of them."""

import asyncio
import json
import mmap
import os
import signal
import struct
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
PATIENCE_SECONDS = 60


@dataclass
class Copies:
    """The process that makes copies, seen from the test."""

    worker: subprocess.Popen[bytes]
    slept: Path
    _said: dict[int, asyncio.Queue[dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(asyncio.Queue)
    )
    _jobs: Any = field(default_factory=count)
    _alive: set[int] = field(default_factory=set)

    async def make(self, **job: object) -> int:
        """Fork a copy; answers its process id."""
        number = -1 - next(self._jobs)
        self.let_sleep(0.0)
        assert self.worker.stdin
        self.worker.stdin.write(
            (json.dumps({"job": number, "slept": str(self.slept), **job}) + "\n").encode()
        )
        self.worker.stdin.flush()
        pid = int((await self._hears(number))["pid"])
        self._alive.add(pid)
        return pid

    async def ends(self, pid: int) -> tuple[bool, dict[str, Any]]:
        """Wait until it is stopped (True) or has ended; what it said before."""
        said: dict[str, Any] = {}
        while True:
            heard = await self._hears(pid)
            if "ended" in heard:
                self._alive.discard(pid)
            if "stopped" in heard or "ended" in heard:
                return "stopped" in heard, said
            said |= heard

    async def end(self) -> None:
        """Nothing is left of these copies, and nothing unread that they said."""
        for pid in tuple(self._alive):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            while pid in self._alive:
                await self.ends(pid)

    def let_sleep(self, seconds: float) -> None:
        """So long have copies been stopped, by their own clocks."""
        with self.slept.open("r+b") as file, mmap.mmap(file.fileno(), 8) as shared:
            struct.pack_into("d", shared, 0, seconds)

    async def _hears(self, who: int) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._said[who].get()

    async def listen(self, said: asyncio.StreamReader) -> None:
        async for line in said:
            heard = json.loads(line)
            self._said[heard.get("job", heard["pid"])].put_nowait(heard)


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """The process that makes copies. It takes a second to load, and can make those of many tests."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.scenarios.kill_worker"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        yield process


@asynccontextmanager
async def copies(folder: Path, made_by: subprocess.Popen[bytes]) -> AsyncIterator[Copies]:
    slept = folder / "slept"
    slept.write_bytes(bytes(8))
    made = Copies(made_by, slept)
    assert made_by.stdout
    said = asyncio.StreamReader()
    pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(said), os.fdopen(os.dup(made_by.stdout.fileno()), "rb", 0)
    )
    listening = asyncio.create_task(made.listen(said))
    try:
        yield made
    finally:
        await made.end()
        pipe.close()
        listening.cancel()
        await asyncio.wait([listening])
