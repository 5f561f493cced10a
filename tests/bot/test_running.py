"""`hachi` as a process: how it starts, answers, and ends."""

import json
import re
import shutil
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp
import pytest

from sandbox import PersonSpec, Sandbox
from sandbox.faults import Fault
from tests.architecture.source import ROOT
from tests.bot.conftest import Start

STOPS_WITHIN_SECONDS = 5.0


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    sandbox = await Sandbox.start(manifest=ROOT / "manifest.yml")
    yield sandbox
    await sandbox.stop()


@pytest.fixture
def settings(slack: Sandbox) -> Mapping[str, str]:
    """Those of a bot on this workspace, on a port that is free."""
    return {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "HACHI_HTTP": "127.0.0.1:0",
    }


async def get(address: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        return response.status, await response.text()


async def test_it_starts_says_where_http_is_served_and_ends_in_order(
    start: Start, settings: Mapping[str, str], slack: Sandbox
) -> None:
    hachi = await start("run", **settings)
    address = (await hachi.says(r"http://127\.0\.0\.1:([1-9]\d*)/"))[0]
    await slack.socket_mode.connected()

    assert await get(f"{address}healthz") == (200, '{"alive": true}')
    status, body = await get(f"{address}readyz")
    answer = json.loads(body)
    assert (status, answer["ready"], answer["wrong"]) == (200, True, {})
    assert answer["measured"]["incidents_behind"] == 0
    assert abs(answer["measured"]["database_offset_seconds"]) < 2
    status, body = await get(f"{address}metrics")
    assert status == 200
    assert re.search(r"^hachi_last_tick_age_seconds \d", body, re.MULTILINE)

    hachi.signal(signal.SIGTERM)
    assert await hachi.ends(within=STOPS_WITHIN_SECONDS) == 0
    assert "Traceback" not in hachi.said
    assert slack.bot_token not in hachi.said
    assert slack.app_token not in hachi.said


@pytest.mark.parametrize(
    ("fault", "unknown"), [(Fault.slow(1.5), 0), (Fault.hang_before(), 1)], ids=["slow", "hanging"]
)
async def test_told_to_stop_in_the_middle_of_calls_it_ends_within_seconds_and_holds_nothing(
    start: Start, settings: Mapping[str, str], folder: Path, slack: Sandbox, fault: Fault, unknown: int
) -> None:
    hachi = await start("run", **settings)
    await hachi.says("Hachi is ready")
    await slack.socket_mode.connected()
    hana = slack.add_person(PersonSpec("hana"))
    await hana.command("/incident", "declare Payments fail")
    await slack.until(lambda: hana.view, timeout=30)
    await hana.fill(urgency="high", impact="high")
    planted = slack.faults.add("chat.postMessage", fault, times=None if unknown == 0 else 1)
    await hana.submit()
    await slack.until(lambda: planted.used, timeout=30)

    hachi.signal(signal.SIGTERM)
    assert await hachi.ends(within=STOPS_WITHIN_SECONDS) == 0
    assert "Traceback" not in hachi.said
    assert rows(folder, "SELECT lease_owner FROM incident") == [(None,)]
    # What ended is noted as done; what did not is noted as attempted, and found out after the next start.
    attempted = "SELECT count(*) FROM shown WHERE attempted_at IS NOT NULL AND ts IS NULL"
    assert rows(folder, attempted) == [(unknown,)]


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
async def test_it_ends_in_order_even_while_it_is_starting(
    start: Start, settings: Mapping[str, str], slack: Sandbox, name: signal.Signals
) -> None:
    slack.faults.add("auth.test", Fault.hang_before())
    hachi = await start("run", **settings)
    await slack.until(lambda: [call for call in slack.calls if call.error], timeout=30)
    hachi.signal(name)
    assert await hachi.ends(within=STOPS_WITHIN_SECONDS) == 0
    assert "Traceback" not in hachi.said


async def test_without_http_it_serves_nothing_and_works_all_the_same(
    start: Start, settings: Mapping[str, str], slack: Sandbox
) -> None:
    hachi = await start("run", **{**settings, "HACHI_HTTP": ""})
    await hachi.says("Hachi is ready")
    assert "http://" not in hachi.said
    await slack.socket_mode.connected()


async def test_the_file_of_settings_is_enough(
    start: Start, settings: Mapping[str, str], folder: Path, slack: Sandbox
) -> None:
    write(folder / ".env", "".join(f"{name}={value}\n" for name, value in settings.items()))
    hachi = await start("run")
    await hachi.says("Hachi is ready")
    assert kept_in(folder / "hachi.db", "team_id") == slack.team_id


async def test_what_is_not_acted_upon_is_logged_at_start(
    start: Start, settings: Mapping[str, str], folder: Path
) -> None:
    write(folder / "hachi.yml", "customers: {acme: {notify: [{email: it@acme.example}]}}")
    hachi = await start("run", **settings)
    await hachi.says(r"customers\.acme\.notify")


async def test_a_second_start_finds_what_the_first_one_kept(
    start: Start, settings: Mapping[str, str], folder: Path
) -> None:
    for _ in range(2):
        hachi = await start("run", **settings)
        await hachi.says("Hachi is ready")
        hachi.signal(signal.SIGTERM)
        assert await hachi.ends() == 0


# What cannot be started is said in one line, with status 2


async def test_a_port_that_is_taken(start: Start, settings: Mapping[str, str]) -> None:
    with taken_port() as port:
        hachi = await start("run", **{**settings, "HACHI_HTTP": f"127.0.0.1:{port}"})
        assert await hachi.ends() == 2
    assert (
        f"HACHI_HTTP: 127.0.0.1:{port} cannot be used (Address already in use). Name another port"
        in hachi.said
    )
    assert "Traceback" not in hachi.said


async def test_mistakes_in_the_team_are_named_with_file_and_line(
    start: Start, settings: Mapping[str, str], folder: Path
) -> None:
    write(folder / "hachi.yml", "language: fr\n")
    hachi = await start("run", **settings)
    assert await hachi.ends() == 2
    assert hachi.said == "Hachi cannot start. hachi.yml line 1 (language): expected one of ja, en\n"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("sqlite:///letter.db", "file is not a database"),
        ("sqlite:///folder.db", "unable to open database file"),
        ("postgresql://hachi:sesame@127.0.0.1:1/hachi", "port 1"),
    ],
)
async def test_a_database_that_cannot_be_opened(
    start: Start, settings: Mapping[str, str], folder: Path, url: str, why: str
) -> None:
    write(folder / "letter.db", "this is a letter, not a database " * 50)
    (folder / "folder.db").mkdir()
    hachi = await start("run", **settings, DATABASE_URL=url)
    assert await hachi.ends() == 2
    assert hachi.said.startswith("Hachi cannot start. DATABASE_URL: the database cannot be used (")
    assert why in hachi.said
    assert "sesame" not in hachi.said
    assert "Traceback" not in hachi.said


@pytest.mark.parametrize("command", ["run", "migrate"])
async def test_a_database_that_a_newer_hachi_wrote(
    start: Start, settings: Mapping[str, str], folder: Path, migrated_file: Path, command: str
) -> None:
    changed(migrated_file, folder, "UPDATE alembic_version SET version_num = '9999'")
    hachi = await start(command, **settings)
    assert await hachi.ends() == 2
    assert "written by a newer Hachi (9999). Start that version" in hachi.said
    assert "Traceback" not in hachi.said


async def test_a_database_of_another_workspace(
    start: Start, settings: Mapping[str, str], folder: Path, migrated_file: Path
) -> None:
    changed(migrated_file, folder, "INSERT INTO meta (name, value) VALUES ('team_id', 'T0OTHER')")
    hachi = await start("run", **settings)
    assert await hachi.ends() == 2
    assert "T0OTHER" in hachi.said
    assert "DATABASE_URL" in hachi.said


async def test_a_database_that_another_hachi_works_on(start: Start, settings: Mapping[str, str]) -> None:
    first = await start("run", **settings)
    await first.says("Hachi is ready")
    second = await start("run", **settings)
    assert await second.ends() == 2
    assert "another Hachi is working on" in second.said


async def test_the_folder_of_the_database_is_made(start: Start, folder: Path) -> None:
    hachi = await start("migrate", DATABASE_URL="sqlite:///data/hachi.db")
    assert (await hachi.ends(), hachi.said) == (0, "The database was brought up to date.\n")
    assert "hachi.db" in names_in(folder / "data")


async def test_bringing_the_database_up_to_date_twice_changes_nothing(start: Start) -> None:
    first, second = await start("migrate"), None
    assert await first.ends() == 0
    second = await start("migrate")
    assert await second.ends() == 0
    assert (first.said, second.said) == (
        "The database was brought up to date.\n",
        "The database is up to date.\n",
    )


# The sandbox


@pytest.mark.parametrize("command", [("sandbox", "--port", "0"), ("sandbox", "--port=0", "--speed=60")])
async def test_the_sandbox_says_the_address_of_its_page_before_any_other_and_ends_in_order(
    start: Start, command: tuple[str, ...], folder: Path
) -> None:
    hachi = await start(*command)
    await hachi.says("sandbox is ready")
    first = (await hachi.says(r"https?://[^\s\"]+"))[0]
    status, page = await get(first)
    assert status == 200
    assert "<html" in page

    hachi.signal(signal.SIGINT)
    assert await hachi.ends(within=STOPS_WITHIN_SECONDS) == 0
    assert "Traceback" not in hachi.said
    assert names_in(folder) == []


async def test_without_any_token_run_starts_the_sandbox_and_says_so(start: Start) -> None:
    hachi = await start("run")
    await hachi.says("No Slack token is set, so Hachi starts in its sandbox")
    # The port of the sandbox may be taken on this machine; both is an answer.
    await hachi.says(r"http://127\.0\.0\.1:8700/|Port 8700 cannot be used")


async def test_a_port_that_is_taken_in_the_sandbox(start: Start) -> None:
    with taken_port() as port:
        hachi = await start("sandbox", "--port", str(port))
        assert await hachi.ends() == 2
    assert f"Port {port} cannot be used (Address already in use). Name another with --port" in hachi.said


async def test_wrong_options_are_refused(start: Start) -> None:
    for wrong in (["--port", "99999"], ["--speed", "-1"], ["--speed", "fast"]):
        hachi = await start("sandbox", *wrong)
        assert await hachi.ends() == 2
        assert "Traceback" not in hachi.said


class taken_port:  # noqa: N801 - read as a word
    """A port that somebody listens on."""

    def __enter__(self) -> int:
        self.socket = socket.create_server(("127.0.0.1", 0))
        return int(self.socket.getsockname()[1])

    def __exit__(self, *error: object) -> None:
        self.socket.close()


def write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def changed(file: Path, folder: Path, statement: str) -> None:
    """A database as Hachi keeps it in that folder, with something about it changed."""
    shutil.copy(file, folder / "hachi.db")
    connection = sqlite3.connect(folder / "hachi.db")
    with connection:
        connection.execute(statement)
    connection.close()


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(folder / "hachi.db")
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def kept_in(database: Path, name: str) -> object:
    connection = sqlite3.connect(database)
    try:
        return connection.execute("SELECT value FROM meta WHERE name = ?", [name]).fetchone()[0]
    finally:
        connection.close()
