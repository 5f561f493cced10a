"""What any earlier version wrote, this one reads after its upgrade, on both engines, and goes on from there."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from domain.by_hand import UNTOUCHED
from domain.incident import State
from storage.database import Database
from storage.migrate import NEWEST, config, migrate
from storage.snapshots import snapshot
from storage.tables import Base
from tests.domain.people import incident
from tests.domain.times import at
from tests.storage.keep import CLOSED, KEPT, OPEN, write_everything
from tests.whole import on_both_engines

SINCE = {
    "sla_warnings": "0003",
    "suggestions": "0004",
    "ticks": "0005",
    "by_hand": "0007",
    "entries": "0008",
    "escalations": "0009",
}
"""The revision that brought a record; databases from before have none."""
FACTS_SINCE = {
    "calls": dict.fromkeys(("hands_over", "asked_by", "note"), "0006"),
    "escalations": dict.fromkeys(("withdrawn_at", "again_of"), "0011"),
    "updates": {"started_at": "0012"},
}
"""The revision that brought a fact of a record; it is empty in those from before."""
FILES = sorted(KEPT.glob("*.sql"))


async def test_every_revision_has_its_kept_data(empty: Database) -> None:
    def revisions(connection: Connection) -> set[str]:
        return {one.revision for one in ScriptDirectory.from_config(config(connection)).walk_revisions()}

    async with empty.engine.connect() as connection:
        assert await connection.run_sync(revisions) == {file.stem for file in FILES}


def test_the_kept_data_has_a_row_in_every_table() -> None:
    kept = (KEPT / f"{NEWEST}.sql").read_text("utf-8")
    assert [name for name in Base.metadata.tables if f"INSERT INTO {name} (" not in kept] == []


@on_both_engines
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_it_is_read_as_if_it_had_been_written_today(
    empty: Database, file: Path, tmp_path: Path
) -> None:
    await load(empty, file)
    assert await migrate(empty) == (file.stem != NEWEST)
    today = Database(f"sqlite:///{tmp_path}/today.db")
    await migrate(today)
    async with today.transaction() as tx:
        await write_everything(tx)
    for number in (OPEN, CLOSED):
        then, now = await everything(empty, number), await everything(today, number)
        for name, revision in SINCE.items():
            if file.stem < revision:
                assert not then.pop(name)
                now.pop(name)
        for record, since in FACTS_SINCE.items():
            for name in [name for name, revision in since.items() if file.stem < revision]:
                for before, after in zip(then.get(record, ()), now.get(record, ()), strict=True):
                    assert not before.pop(name)
                    after.pop(name)
        assert then == now
    await today.close()


@on_both_engines
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_and_work_goes_on_from_there(empty: Database, file: Path) -> None:
    await load(empty, file)
    await migrate(empty)
    async with empty.transaction() as tx:
        assert await tx.incidents.add(incident()) == CLOSED + 1
        assert list(await tx.clocks.claim_due(by=at("15:30"), limit=9)) == [OPEN]
        assert (await tx.requests.answered("V1") or {})["number"] == OPEN
        assert {one.number for one in await tx.incidents.open()} == {OPEN, CLOSED + 1}
        assert (await tx.incidents.get(CLOSED)).state is State.CLOSED


async def load(database: Database, file: Path) -> None:
    """A database as the version of that revision left it."""
    statements = file.read_text("utf-8").split(";\n")  # noqa: ASYNC240
    async with database.engine.connect() as connection:
        await connection.execution_options(hachi_writes=True)
        async with connection.begin():
            await connection.run_sync(lambda one: command.upgrade(config(one), file.stem))
            if not database.is_sqlite:
                await connection.execute(text("SET LOCAL TIME ZONE 'UTC'"))
            for statement in filter(None, statements):
                await connection.exec_driver_sql(statement.replace("%", "%%"))
            if not database.is_sqlite:
                for table, column in (("incident", "number"), ("hint", "id"), ("timeline", "id")):
                    sequence = f"pg_get_serial_sequence('{table}', '{column}')"
                    await connection.exec_driver_sql(f"SELECT setval({sequence}, max({column})) FROM {table}")  # noqa: S608


async def everything(database: Database, number: int) -> dict[str, Any]:
    async with database.reading() as tx:
        records = asdict(await snapshot(tx, number))
        shown = await tx.shown.of(number)
        return {
            **records,
            "suggestions": records["incident"].pop("suggestions"),
            "timeline": await tx.timeline.of(number),
            "ticks": await tx.playbook.of(number),
            "shown": [replace(one, by_hand=UNTOUCHED) for one in shown.values()],
            "by_hand": [one.by_hand for one in shown.values() if one.by_hand != UNTOUCHED],
            "entries": await tx.roster.since(at("08:30")),
            "missing": await tx.directory.missing(),
            "problems": await tx.directory.channel_problems(),
            "draft": await tx.drafts.get("draft", "update"),
        }
