"""What the benchmarks share: a workspace, Hachi as a process of its own on it, and tables."""

import asyncio
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bot import demo  # noqa: E402
from sandbox import Sandbox  # noqa: E402


@asynccontextmanager
async def workspace() -> AsyncIterator[Sandbox]:
    """A workspace with the demonstration team in it."""
    sandbox = await Sandbox.start(manifest=ROOT / "manifest.yml", people=demo.PEOPLE, channels=demo.CHANNELS)
    try:
        yield sandbox
    finally:
        await sandbox.stop()


class Hachi:
    """`hachi …` as a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process, began: float) -> None:
        self.process = process
        self.began = began
        self.said = ""

    async def says(self, pattern: str) -> str:
        """What it says that looks like this."""
        assert self.process.stdout
        while not (found := re.search(pattern, self.said)):
            line = await self.process.stdout.readline()
            if not line:
                raise RuntimeError(f"it ended:\n{self.said}")
            self.said += line.decode()
        return found[0]

    def seconds(self) -> float:
        """Since it was started."""
        return time.perf_counter() - self.began

    def processor(self) -> float:
        """Seconds of computing so far; the same on a machine that has other things to do."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Resident, in megabytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        kilobytes = re.search(r"VmRSS:\s+(\d+)", status)
        assert kilobytes
        return int(kilobytes[1]) / 1024


@asynccontextmanager
async def hachi(
    *command: str, folder: str, sandbox: Sandbox | None = None, **settings: str
) -> AsyncIterator[Hachi]:
    """Start it in a folder, on a workspace if there is one; it is ended in order."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SLACK_")}
    environment |= {"PYTHONPATH": str(ROOT), "HACHI_HTTP": "127.0.0.1:0", "LANG": "C.UTF-8", **settings}
    if sandbox:
        environment |= {
            "SLACK_API_URL": sandbox.api_url,
            "SLACK_BOT_TOKEN": sandbox.bot_token,
            "SLACK_APP_TOKEN": sandbox.app_token,
        }
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *command,
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Hachi(process, began)
    finally:
        if process.returncode is None:
            process.terminate()
        assert process.stdout
        await process.stdout.read()
        await process.wait()


@asynccontextmanager
async def draining(process: Hachi) -> AsyncIterator[None]:
    """Let it say what it likes, so that it never waits for somebody to read it."""
    assert process.process.stdout
    reading = asyncio.create_task(process.process.stdout.read())
    try:
        yield
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a Markdown table."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for number, line in enumerate(lines):
        print("| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
