"""What many open incidents cost: a tick with nothing to do, and 1,000 reminders that fall due in the same second.

Beside it, in the same run and on the same database: one APScheduler job for each incident, each of which records its
reminder by itself. Lateness is from the due second until the reminder is kept; Hachi looks once a second, half a second
off the due one. Slack has no part in it.
"""

import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from measuring import ROOT, table
from sqlalchemy import text

from domain.ladder import Reminder
from domain.severity import Assessment, Level
from domain.team import Team
from services import declare as declaring
from services import reminders
from services.desk import Desk
from storage.database import Database
from storage.migrate import migrate
from tests.postgres import Server, running_server

SIZES = (10_000, 100_000)
DUE = 1_000
IDLE_TICKS = 300
PATIENCE_SECONDS = 300.0


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251


def memory() -> float:
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1024


# The records: one incident declared as ever, and copies of it


async def seed(url: str, size: int) -> None:
    database = Database(url)
    await migrate(database)
    desk = Desk(database=database, team=Team(), now=now)
    grave = Assessment(urgency=Level.HIGH, impact=Level.HIGH)
    await declaring.declare(
        desk, declaring.Declaration(title="Card payments fail", assessment=grave), by="U1", request="seed"
    )
    async with database.engine.begin() as connection:
        count = "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < :size) "
        for name, key in (("incident", "number"), ("update_clock", "incident")):
            columns = (await connection.execute(text(f"SELECT * FROM {name}"))).keys()  # noqa: S608
            others = ", ".join(column for column in columns if column != key)
            await connection.execute(
                text(
                    f"{count}INSERT INTO {name} ({key}, {others}) "  # noqa: S608
                    f"SELECT n.i, {others} FROM {name}, n WHERE {key} = 1"
                ),
                {"size": size},
            )
        far = now() + timedelta(hours=5)
        await connection.execute(
            text("UPDATE incident SET dirty = :no, shown_revision = revision"), {"no": False}
        )
        await connection.execute(
            text("UPDATE update_clock SET next_at = :far, warn_at = :far, due_at = :far"),
            {"far": (database.engine.dialect.name == "sqlite" and f"{far:%Y-%m-%d %H:%M:%S.%f}") or far},
        )
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.exec_driver_sql("ANALYZE")
    await database.close()


async def fall_due(database: Database, size: int, at: datetime) -> list[int]:
    """Let the warning of 1,000 incidents be due at once; answers which."""
    numbers = list(range(1, size + 1, size // DUE))
    async with database.transaction() as tx:
        for number in numbers:
            await tx.session.execute(
                text(
                    "UPDATE update_clock SET cycle = cycle + 1, next_rung = 0, anchor = :anchor, warn_at = :at, "
                    "due_at = :due, next_at = :at WHERE incident = :number"
                ).bindparams(number=number),
                {
                    name: f"{value:%Y-%m-%d %H:%M:%S.%f}" if database.is_sqlite else value
                    for name, value in (
                        ("anchor", at - timedelta(minutes=5)),
                        ("at", at),
                        ("due", at + timedelta(minutes=5)),
                    )
                },
            )
    return numbers


class Lateness:
    """Of each reminder, in seconds; complete when all are kept."""

    def __init__(self) -> None:
        self.of: list[float] = []
        self.complete = asyncio.Event()

    def note(self, due_at: datetime) -> None:
        self.of.append((now() - due_at).total_seconds())
        if len(self.of) == DUE:
            self.complete.set()

    def figures(self) -> dict[str, float]:
        return {"late": statistics.median(self.of), "latest": max(self.of)}


# Hachi


async def ours(url: str, size: int) -> dict[str, float]:
    database = Database(url, reach_seconds=PATIENCE_SECONDS)
    late = Lateness()

    def kept(reminder: Reminder) -> None:
        late.note(reminder.fell_due_at)

    desk = Desk(database=database, team=Team(), now=now, on_raised=kept)

    async def tick() -> None:
        await reminders.sweep(desk)
        async with database.reading() as tx:
            await tx.shown.dirty(at=now(), limit=100)

    for _ in range(20):
        await tick()
    began, worked = time.perf_counter(), time.process_time()
    for _ in range(IDLE_TICKS):
        await tick()
    idle = (time.perf_counter() - began) / IDLE_TICKS * 1000
    busy = (time.process_time() - worked) / IDLE_TICKS * 1000

    due_at = now() + timedelta(seconds=5.5)
    await fall_due(database, size, due_at)
    looks_at = due_at - timedelta(seconds=0.5)
    while not late.complete.is_set():
        await asyncio.sleep(max(0.0, (looks_at - now()).total_seconds()))
        await tick()
        looks_at += timedelta(seconds=1)
    taken = memory()
    await database.close()
    return {
        "idle": idle,
        "processor": busy,
        **late.figures(),
        "memory": taken,
    }


# One job for each incident


async def theirs(url: str, size: int) -> dict[str, float]:
    database = Database(url, reach_seconds=PATIENCE_SECONDS)
    late = Lateness()
    desk = Desk(database=database, team=Team(), now=now)
    due_at = now() + timedelta(seconds=5 + size / 4000)
    due = set(await fall_due(database, size, due_at))

    # More than that and the connections run out, and with them the reminders.
    at_once = asyncio.Semaphore(10)

    async def remind(number: int) -> None:
        async with at_once, database.transaction() as tx:
            clock = await tx.clocks.get(number)
            assert clock
            incident = await tx.incidents.get(number)
            await reminders._raise_due(desk, tx, {incident.number: clock}, now())
        late.note(due_at)

    jobs = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": None})
    far = now() + timedelta(hours=5)
    for number in range(1, size + 1):
        jobs.add_job(remind, "date", args=[number], run_date=due_at if number in due else far, id=f"{number}")
    began = time.perf_counter()
    jobs.start()
    loading = (time.perf_counter() - began) * 1000
    began_late = now() > due_at
    await asyncio.wait_for(late.complete.wait(), PATIENCE_SECONDS)
    taken = memory()
    jobs.shutdown(wait=False)
    await database.close()
    assert not began_late, "loading took longer than was allowed for"
    return {
        "idle": 0.0,
        "loading": loading,
        **late.figures(),
        "memory": taken,
    }


WAYS: dict[str, Callable[[str, int], Awaitable[dict[str, float]]]] = {"ours": ours, "theirs": theirs}


# Each measurement in a process of its own, so that its memory is its own


def measured(way: str, url: str, size: int) -> dict[str, float]:
    done = subprocess.run(  # noqa: S603
        [sys.executable, __file__, way, url, str(size)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


@contextmanager
def databases(server: Server, folder: str) -> Iterator[dict[str, str]]:
    yield {"SQLite": f"sqlite:///{folder}/hachi.db", "PostgreSQL": server.new_database(empty=True)}


def main() -> None:
    rows = []
    with running_server(durable=True) as server:
        for size in SIZES:
            with tempfile.TemporaryDirectory() as folder, databases(server, folder) as urls:
                for engine, url in urls.items():
                    asyncio.run(seed(url, size))
                    what = f"{size:,} on {engine}"
                    print(f"measuring {what}", file=sys.stderr)
                    mine, other = measured("ours", url, size), measured("theirs", url, size)
                    print(mine, other, file=sys.stderr)
                    rows.append(
                        (what, "Hachi", f"{mine['idle']:.1f} ms", f"{mine['processor']:.1f} ms", *said(mine))
                    )
                    rows.append(
                        (
                            what,
                            "a job each",
                            "none",
                            f"{other['loading'] / 1000:.1f} s at start",
                            *said(other),
                        )
                    )
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}, "
        f"{DUE:,} reminders due in the same second, {IDLE_TICKS} idle ticks\n"
    )
    head = ("open incidents", "", "idle tick", "of it computing", "late, median", "the last", "memory")
    table(head, rows)


def said(found: dict[str, float]) -> tuple[str, str, str]:
    return f"{found['late']:.2f} s", f"{found['latest']:.2f} s", f"{found['memory']:.0f} MB"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(asyncio.run(WAYS[sys.argv[1]](sys.argv[2], int(sys.argv[3])))))
    else:
        main()
