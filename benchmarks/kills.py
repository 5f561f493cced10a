"""Kill the program, and stop it past its lease, before and after every call to Slack and every commit.

Each time another copy goes on, and what Slack shows in the end is compared with the records. Takes some minutes.
`benchmarks/kills.py resolving` strikes in that step alone.
"""

import asyncio
import logging
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from subprocess import Popen

import structlog

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bot import demo  # noqa: E402
from sandbox import Sandbox  # noqa: E402
from tests.postgres import running_server  # noqa: E402
from tests.scenarios.kill_copies import copies, worker  # noqa: E402
from tests.scenarios.kill_matrix import STEPS, How, Matrix, Result, as_line, write_table  # noqa: E402
from tests.scenarios.kill_worker import team_of  # noqa: E402
from tests.whole import MANIFEST, Hachi, TestClock  # noqa: E402

STARTS_AT = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


@asynccontextmanager
async def one_copy(step: str, database_url: str) -> AsyncIterator[Hachi]:
    clock = TestClock(STARTS_AT)
    sandbox = await Sandbox.start(manifest=MANIFEST, people=demo.PEOPLE, channels=demo.CHANNELS, clock=clock)
    hachi = Hachi(sandbox=sandbox, clock=clock, team=team_of(step), database_url=database_url)
    await hachi.start()
    try:
        yield hachi
    finally:
        await hachi.stop()
        await sandbox.stop()


async def strike(step: str, how: How, database_url: str, copier: Popen[bytes]) -> list[Result]:
    with tempfile.TemporaryDirectory() as folder:
        async with one_copy(step, database_url) as hachi, copies(Path(folder), copier) as made:
            results = []
            async for result in Matrix(hachi, made, how).all_points(step):
                results.append(result)
                print(as_line(result), flush=True)
            return results


def main(steps: list[str]) -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    results: list[Result] = []
    with running_server() as postgres, tempfile.TemporaryDirectory() as folder, worker() as copier:
        for number, step in enumerate(steps):
            results += asyncio.run(strike(step, "killed", f"sqlite:///{folder}/{number}.db", copier))
            results += asyncio.run(strike(step, "stopped", postgres.new_database(), copier))
    write_table(results, "kills" if steps == list(STEPS) else f"kills {' '.join(steps)}")
    bad = [one for one in results if one.trouble]
    print(f"{len(results)} points, {len(bad)} not as recorded")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(STEPS)))
