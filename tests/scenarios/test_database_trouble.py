"""A database that cannot be used: said with the mend, answered with a number, lived through, and nothing lost."""

import asyncio
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from structlog.testing import capture_logs

from bot.check import _database as check_database
from bot.program import StartError
from bot.run import database_opened
from bot.settings import Settings
from sandbox import Answer
from storage import file, server
from storage.database import REACH_SECONDS, Database
from storage.migrate import migrate
from storage.trouble import DatabaseUnusableError, Trouble
from templates.words import Words
from tests.delivery import commands
from tests.delivery.truth import check, converge, look
from tests.passage import passage_to
from tests.postgres import Server
from tests.whole import PATIENCE_SECONDS, Hachi, patient_database

on_postgresql = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
TURNED_AWAY = re.compile(r"受け付けられませんでした（エラー番号：[0-9A-F]{4}）")


def mend(trouble: Trouble) -> str:
    return Words("en", "UTC").plain(f"database.mend.{trouble.value}")


async def status(hachi: Hachi) -> Answer:
    """Hana asks how things stand; within three seconds, or Slack tells her that it failed."""
    answer = await hachi.person("hana").command("/incident", "一覧", "support")
    assert answer.ok, answer
    return answer


# The server goes away while Hachi runs


@on_postgresql
async def test_a_server_that_stops_is_lived_through_and_nothing_is_lost(
    hachi: Hachi, postgres: Server
) -> None:
    first = await commands.declare(hachi)
    await converge(hachi)
    half_done = await commands.declare(hachi, "ログインできない")
    await hachi.until(
        lambda: any(c.name.startswith("inc-2") for c in hachi.sandbox.workspace.channels.values())
    )
    postgres.stop()
    try:
        with capture_logs() as logs:
            for _ in range(3):
                hachi.clock.advance(commands.A_RUNG)
                await hachi.program.tick()
                await hachi.program.poll()
            assert TURNED_AWAY.search((await status(hachi)).text)
        assert hachi.program.database.trouble
        assert hachi.program.database.trouble.trouble is Trouble.AWAY
        said = [one for one in logs if one["event"].startswith("The database cannot be used")]
        assert [(one["mend"], one["log_level"]) for one in said] == [(mend(Trouble.AWAY), "warning")]
    finally:
        postgres.start()

    await back(hachi)
    await hachi.tick()
    assert "#1" in (await status(hachi)).text
    await converge(hachi)
    for number in (first, half_done):
        await check(hachi, number)
        shown = [one for one in (await look(hachi, number)).snapshot.reminders if one.state.value == "raised"]
        assert len(shown) == 1  # Of what fell due meanwhile the highest, once.


@on_postgresql
async def test_a_server_that_hangs_keeps_nobody_waiting(hachi: Hachi, postgres: Server) -> None:
    number = await commands.declare(hachi)
    await converge(hachi)
    hachi.program.database.reach_seconds = REACH_SECONDS
    postgres.freeze()
    try:
        answers = await asyncio.gather(status(hachi), status(hachi))
        assert all(TURNED_AWAY.search(answer.text) for answer in answers)
        assert str(hachi.program.database.trouble) == "the server did not answer within 1.5 s"
    finally:
        postgres.thaw()
    await back(hachi)
    await converge(hachi)
    await check(hachi, number)


@on_postgresql
async def test_a_server_that_hangs_in_the_middle_keeps_nobody_waiting_and_nothing_is_half_done(
    hachi: Hachi, postgres: Server
) -> None:
    await hachi.stop()
    async with passage_to(postgres.socket_folder) as passage:
        hachi.database_url = hachi.database_url.replace(postgres.socket_folder, passage.folder)
        await hachi.start()
        first = await commands.declare(hachi)
        await converge(hachi)
        hana = hachi.person("hana")
        await hana.command("/incident", "起票 ログインできない", channel="support")
        await hachi.until(lambda: hana.view)
        await hana.fill(urgency="high", impact="high")
        hachi.program.database.answer_seconds = 0.5
        for words, only_answers in ((b"INSERT INTO incident", False), (b"COMMIT", False), (b"COMMIT", True)):
            stopped = passage.stop_at(words, only_answers=only_answers)
            submitting = asyncio.create_task(hana.submit())
            await stopped.wait()
            sweeping = asyncio.create_task(hachi.program.tick())
            submitted = await submitting
            assert TURNED_AWAY.search(" ".join(submitted.errors.values()))
            assert str(hachi.program.database.trouble) == "the server did not answer within 0.5 s"
            assert not sweeping.done()  # Nobody waits for it: it is not given up so soon.
            await passage.resume()
            await sweeping
            await back(hachi)
        hachi.program.database.answer_seconds = PATIENCE_SECONDS
        assert not (
            await hana.submit()
        ).errors  # The form was still there; what was kept last is not kept twice.
        await converge(hachi)
        await check(hachi, first)
        await check(hachi, first + 1)
        assert "#3" not in (await status(hachi)).text
        await hachi.stop()


async def back(hachi: Hachi) -> None:
    """Tick as the scheduler does, until the database can be used again."""
    async with asyncio.timeout(30):
        while hachi.program.database.trouble:
            await hachi.program.tick()
            await asyncio.sleep(0.02)


@on_postgresql
async def test_a_record_that_a_stopped_copy_has_locked_makes_nobody_wait_for_long(
    hachi: Hachi, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await commands.declare(hachi)
    await converge(hachi)
    other = patient_database(hachi.database_url)
    try:
        async with other.transaction() as tx:
            await tx.session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            await tx.incidents.get(number)
            hachi.clock.advance(commands.A_RUNG)
            await hachi.program.tick()  # The clock is left to whoever has it.
            with pytest.raises(DatabaseUnusableError) as refused:
                await commands.change_severity(hachi, number, grave=False)
            assert refused.value.trouble is Trouble.LOCKED
        assert hachi.program.database.trouble is None  # All the others can be used.
        await hachi.tick()
        await commands.change_severity(hachi, number, grave=False)
    finally:
        await other.close()
    await converge(hachi)
    await check(hachi, number)


# The file cannot be written to while Hachi runs

Spoil = Callable[[Hachi], AbstractContextManager[None]]


@contextmanager
def on_every_connection(hachi: Hachi, spoil: str, repair: str) -> Iterator[None]:
    engine = hachi.program.database.engine.sync_engine
    now = spoil

    def set_up(connection: Any, *_: object) -> None:
        cursor = connection.cursor()
        cursor.execute(now)
        cursor.close()

    event.listen(engine, "checkout", set_up)
    try:
        yield
    finally:
        now = repair


def read_only(hachi: Hachi) -> AbstractContextManager[None]:
    return on_every_connection(hachi, "PRAGMA query_only = ON", "PRAGMA query_only = OFF")


def full(hachi: Hachi) -> AbstractContextManager[None]:
    """Not a page more than it has now."""
    return on_every_connection(hachi, "PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000")


@contextmanager
def locked(hachi: Hachi) -> Iterator[None]:
    """By another program, such as a shell that somebody left open."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file, "BUSY_MILLISECONDS", 50)
        other = sqlite3.connect(hachi.database_url.removeprefix("sqlite:///"), isolation_level=None)
        try:
            with on_every_connection(hachi, "PRAGMA busy_timeout = 50", "PRAGMA busy_timeout = 2000"):
                other.execute("BEGIN IMMEDIATE")
                yield
                other.execute("ROLLBACK")
        finally:
            other.close()


@pytest.mark.parametrize(
    ("spoil", "trouble"),
    [(read_only, Trouble.READ_ONLY), (full, Trouble.FULL), (locked, Trouble.BUSY)],
    ids=["read only", "full", "locked"],
)
async def test_a_file_that_cannot_be_written_to(hachi: Hachi, spoil: Spoil, trouble: Trouble) -> None:
    number = await commands.declare(hachi)
    await converge(hachi)
    hana = hachi.person("hana")
    await hana.command("/incident", "起票 ログインできない", channel="support")
    await hachi.until(lambda: hana.view)
    await hana.fill(urgency="high", impact="high", summary="ログイン画面から先に進めません。" * 120)
    with spoil(hachi):
        with capture_logs() as logs:
            submitted = await hana.submit()
            assert TURNED_AWAY.search(" ".join(submitted.errors.values()))
            hachi.clock.advance(commands.A_RUNG)
            await hachi.program.tick()
            await hachi.program.poll()
        said = [one for one in logs if one["event"].startswith("The database cannot be used")]
        assert said[0]["mend"] == mend(trouble)
        assert not [one for one in logs if one["log_level"] in ("error", "critical")]
        assert "#1" in (await status(hachi)).text  # Reading goes on.

    await back(hachi)
    await hachi.tick()
    assert not (await hana.submit()).errors  # The form was still there.
    await converge(hachi)
    await check(hachi, number)
    await check(hachi, number + 1)
    assert (await look(hachi, number)).snapshot.reminders


# It cannot be used when Hachi starts


def unusable(folder: Path, postgres: Server) -> Iterator[tuple[str, Trouble | str]]:
    (folder / "letter.db").write_text("this is a letter, not a database " * 50)
    (folder / "folder.db").mkdir()
    yield "postgresql://hachi:sesame@127.0.0.1:1/hachi", Trouble.AWAY
    yield "postgresql://hachi:sesame@no-such-host.invalid/hachi", Trouble.AWAY
    yield postgres.url("nobody_made_it"), Trouble.REFUSED
    yield postgres.url("postgres").replace(f"//{postgres.user}@", "//stranger:sesame@"), Trouble.REFUSED
    yield f"sqlite:///{folder}/letter.db", Trouble.NO_DATABASE
    yield f"sqlite:///{folder}/folder.db", Trouble.CANNOT_OPEN


async def test_what_is_wrong_at_a_start_is_named_with_the_mend_and_left_as_it_is(
    tmp_path: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    for url, trouble in unusable(tmp_path, postgres):
        database = Database(url)
        with pytest.raises(StartError) as refused, database_opened():
            await migrate(database)
        await database.close()
        said = str(refused.value)
        assert said.startswith("DATABASE_URL: the database cannot be used ("), url
        assert said.endswith(mend(Trouble(trouble))), (url, said)

        (finding,) = [one async for one in check_database(Settings(database_url=url), None)]
        found = finding.line(Words("en", "UTC"))
        assert finding.is_wrong
        assert found.endswith(f"→ {mend(Trouble(trouble))}"), (url, found)
        assert "sesame" not in said + found
    assert (tmp_path / "letter.db").read_text() == "this is a letter, not a database " * 50


async def test_a_disk_that_is_full_at_a_start_leaves_nothing_half_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(f"sqlite:///{tmp_path}/hachi.db")

    def small(connection: Any, *_: object) -> None:
        connection.cursor().execute("PRAGMA max_page_count = 12")

    event.listen(database.engine.sync_engine, "connect", small)
    with pytest.raises(StartError, match="is full"), database_opened():
        await migrate(database)
    await database.close()
    again = Database(f"sqlite:///{tmp_path}/hachi.db")
    assert await migrate(again)
    await again.close()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
async def test_a_database_that_may_only_be_read_is_named_at_a_start_and_by_check(
    hachi: Hachi, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hachi.stop()
    if engine == "sqlite":
        monkeypatch.setattr(file, "_connected", _read_only(file._connected))
    else:
        options = f"{server.CONNECT['options']} -c default_transaction_read_only=on"
        monkeypatch.setitem(server.CONNECT, "options", options)
    with pytest.raises(StartError, match="rights"), database_opened():
        await hachi.start()
    findings = [one async for one in check_database(Settings(database_url=hachi.database_url), None)]
    assert [one.name for one in findings] == ["database", "database_read_only"]
    assert mend(Trouble.READ_ONLY) in findings[-1].line(Words("en", "UTC"))
    monkeypatch.undo()
    await hachi.start()


def _read_only(connect: Callable[..., None]) -> Callable[..., None]:
    def set_up(connection: Any, record: object) -> None:
        connect(connection, record)
        connection.cursor().execute("PRAGMA query_only = ON")

    return set_up
