"""How long Hachi takes to start, and how much memory it takes with nothing to do.

Ready is when `/readyz` says so (Slack connected, database up to date, first tick done), for the sandbox when its page
is served. The first line is what Python needs to load the libraries alone: no program on them can start faster.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

import aiohttp
from measuring import ROOT, Hachi, hachi, table, workspace

RUNS = 5
IDLE_SECONDS = 3.0
PROMISED_SECONDS, PROMISED_MEGABYTES = 1.5, 100
LIBRARIES = (
    "slack_bolt.async_app, slack_bolt.adapter.socket_mode.aiohttp, aiohttp.web, sqlalchemy.ext.asyncio, "
    "sqlalchemy.orm, aiosqlite, apscheduler.schedulers.asyncio, pydantic_settings, structlog, "
    "babel.messages.pofile, jinja2, prometheus_client, yaml, click"
)
BARE = f"""
import {LIBRARIES}, re, time
print(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1], time.process_time())
"""


class Result(NamedTuple):
    seconds: float
    processor: float
    memory: float


def libraries() -> Result:
    began = time.perf_counter()
    done = subprocess.run(  # noqa: S603  (our own lines)
        [sys.executable, "-c", BARE], capture_output=True, text=True, check=True, cwd=ROOT
    )
    memory, processor = done.stdout.split()
    return Result(time.perf_counter() - began, float(processor), int(memory) / 1024)


async def answers(address: str) -> None:
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(address) as response:
                if response.status == 200:
                    return
            await asyncio.sleep(0.01)


async def at_rest(started: Hachi) -> Result:
    seconds, processor = started.seconds(), started.processor()
    await asyncio.sleep(IDLE_SECONDS)
    return Result(seconds, processor, started.memory())


async def run(folder: str) -> Result:
    async with workspace() as sandbox, hachi("run", folder=folder, sandbox=sandbox) as started:
        address = await started.says(r"http://127\.0\.0\.1:\d+/")
        await answers(f"{address}readyz")
        return await at_rest(started)


async def second_run() -> Result:
    """A start on the records of an earlier one. They belong to its workspace, so both see the same one."""
    with tempfile.TemporaryDirectory() as folder:
        async with workspace() as sandbox:
            async with hachi("run", folder=folder, sandbox=sandbox) as first:
                await first.says("Hachi is ready")
            async with hachi("run", folder=folder, sandbox=sandbox) as second:
                address = await second.says(r"http://127\.0\.0\.1:\d+/")
                await answers(f"{address}readyz")
                return await at_rest(second)


async def first_run() -> Result:
    with tempfile.TemporaryDirectory() as folder:
        return await run(folder)


async def sandbox() -> Result:
    with tempfile.TemporaryDirectory() as folder:
        async with hachi("sandbox", "--port", "0", folder=folder) as started:
            address = await started.says(r"http://127\.0\.0\.1:\d+\S*")
            await answers(address)
            return await at_rest(started)


def main() -> None:
    asyncio.run(first_run())  # Python writes its bytecode once; that is the set-up's time, not a start's.
    measured = {
        "the libraries alone": [libraries() for _ in range(RUNS)],
        "hachi run, first start": [asyncio.run(first_run()) for _ in range(RUNS)],
        "hachi run, second start": [asyncio.run(second_run()) for _ in range(RUNS)],
        "hachi sandbox": [asyncio.run(sandbox()) for _ in range(RUNS)],
    }
    rows = []
    for what, results in measured.items():
        seconds, processor, memory = zip(*results, strict=True)
        rows.append(
            (
                what,
                f"{statistics.median(seconds):.2f} s",
                f"{min(seconds):.2f} s",
                f"{statistics.median(processor):.2f} s",
                f"{max(memory):.0f} MB",
            )
        )
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}, {RUNS} runs\n"
    )
    table(("what", "median to ready", "fastest", "computing", "memory, idle"), rows)
    print(f"\nPromised for a second start: under {PROMISED_SECONDS} s and under {PROMISED_MEGABYTES} MB.")


if __name__ == "__main__":
    main()
