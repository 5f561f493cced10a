"""`hachi check`: each thing that can be wrong is named, with the mend; nothing is changed and no secret is said."""

import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.check import check
from sandbox import ChannelSpec, PersonSpec, Sandbox
from sandbox.faults import Fault
from storage.database import Database
from storage.migrate import migrate
from tests.architecture.source import ROOT
from tests.bot.conftest import Start

PEOPLE = (
    PersonSpec("ada", email="ada@example.com"),
    PersonSpec("gone", email="gone@example.com", deactivated=True),
)
CHANNELS = (
    ChannelSpec("incidents", members=("ada",), bot=True),
    ChannelSpec("news", members=("ada",)),
    ChannelSpec("secret", members=("ada",), private=True),
    ChannelSpec("old", members=("ada",), archived=True),
)

Check = Callable[..., Awaitable["Said"]]


class Said(str):
    """What was printed."""

    to_mend = 0

    def line(self, words: str) -> str:
        """The one line with these words, and its mend."""
        found = re.findall(rf"^[✓!✗] .*{re.escape(words)}.*(?:\n  → .*)?", self, re.MULTILINE)
        assert len(found) == 1, self
        return str(found[0])


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    sandbox = await Sandbox.start(manifest=ROOT / "manifest.yml", people=PEOPLE, channels=CHANNELS)
    yield sandbox
    await sandbox.stop()


@pytest.fixture
def run_check(
    slack: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Check:
    """Everything in order: tokens of the workspace, one person, one channel. The test spoils it."""
    monkeypatch.setenv("SLACK_API_URL", slack.api_url)
    monkeypatch.setenv("SLACK_BOT_TOKEN", slack.bot_token)
    monkeypatch.setenv("SLACK_APP_TOKEN", slack.app_token)
    (folder / "hachi.yml").write_text("people: [{slack: ada@example.com}]\n")

    async def run(config: str = "", *, ahead: float = 0, create: bool = False, **settings: str) -> Said:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        if config:
            (folder / "hachi.yml").write_text(config)
        to_mend = await check(create=create, now=lambda: datetime.now(UTC) + timedelta(seconds=ahead))  # noqa: TID251
        said = Said(capsys.readouterr().out)
        said.to_mend = to_mend
        assert said.count("\n✗ ") + said.startswith("✗ ") == to_mend
        return said

    return run


async def test_where_all_is_well_nothing_has_to_be_mended(run_check: Check) -> None:
    said = await run_check()
    assert said.to_mend == 0
    assert said.line("SLACK_BOT_TOKEN").startswith("✓ ")
    assert said.line("SLACK_APP_TOKEN").startswith("✓ ")
    assert said.line("All scopes").startswith("✓ ")
    assert said.line("clock").startswith("✓ ")
    assert said.line("1 person").startswith("✓ ")
    assert said.line("#incidents").startswith("✓ ")
    assert said.endswith("Nothing has to be mended.\n")


async def test_hours_with_nobody_on_duty_are_named(run_check: Check) -> None:
    said = await run_check(
        """
        people: [{slack: ada@example.com, skills: [database]}]
        products: {shop: {skills: [database]}}
        rotations:
          expert: {members: [ada@example.com, U0123456789], hand_over: "Mon 09:00", since: 2026-01-05}
        """
    )
    line = said.line("nobody for database")
    assert line.startswith("! In the next 7 days: ")
    assert "→ Add people to the rotations" in line
    assert "In the next" not in await run_check("products: {shop: {skills: [database]}}")


async def test_it_changes_nothing(run_check: Check, slack: Sandbox, folder: Path) -> None:
    before = set(slack.workspace.channels)
    await run_check("incidents_channel: nowhere\nupdate_channels: [news]")
    assert {call.method for call in slack.calls} <= {
        "apps.connections.open",
        "auth.test",
        "conversations.list",
        "users.lookupByEmail",
    }
    assert set(slack.workspace.channels) == before
    assert os.listdir(folder) == ["hachi.yml"]  # noqa: PTH208


async def test_no_token_is_printed(run_check: Check, slack: Sandbox) -> None:
    said = await run_check(SLACK_BOT_TOKEN=slack.app_token, SLACK_APP_TOKEN=slack.bot_token)
    said += await run_check(SLACK_BOT_TOKEN="xoxb-not-so-well-known", SLACK_APP_TOKEN="xapp-neither-is-this")
    said += await run_check(DATABASE_URL="postgresql://hachi:sesame@127.0.0.1:1/hachi")
    for secret in (slack.bot_token, slack.app_token, "not-so-well-known", "neither-is-this", "sesame"):
        assert secret not in said


# Tokens


async def test_without_a_token_it_says_where_to_get_one(run_check: Check) -> None:
    said = await run_check(SLACK_BOT_TOKEN="", SLACK_APP_TOKEN="")
    assert "SLACK_BOT_TOKEN and SLACK_APP_TOKEN into .env" in said.line("No Slack token")


async def test_swapped_tokens_are_recognised(run_check: Check, slack: Sandbox) -> None:
    said = await run_check(SLACK_BOT_TOKEN=slack.app_token, SLACK_APP_TOKEN=slack.bot_token)
    assert said.line("swapped").startswith("✗ ")


async def test_one_missing_token_does_not_keep_the_other_from_being_checked(run_check: Check) -> None:
    said = await run_check(SLACK_APP_TOKEN="")
    assert said.line("SLACK_APP_TOKEN is missing").startswith("✗ ")
    assert said.line("in the workspace Sandbox").startswith("✓ ")


@pytest.mark.parametrize("error", ["invalid_auth", "token_revoked", "account_inactive", "token_expired"])
async def test_a_bot_token_that_slack_refuses(run_check: Check, slack: Sandbox, error: str) -> None:
    slack.faults.add("auth.test", Fault.error(error))
    said = await run_check()
    assert said.line("does not accept SLACK_BOT_TOKEN").startswith("✗ ")
    assert f"({error})" in said
    assert "Install the app to your workspace again" in said


async def test_an_app_token_that_slack_refuses(run_check: Check) -> None:
    said = await run_check(SLACK_APP_TOKEN="xapp-of-another-app")
    assert "App-Level Tokens" in said.line("does not accept SLACK_APP_TOKEN")


async def test_an_app_token_without_its_scope(run_check: Check, slack: Sandbox) -> None:
    slack.faults.add("apps.connections.open", Fault.error("missing_scope"))
    assert "connections:write" in (await run_check()).line("SLACK_APP_TOKEN lacks")


async def test_slack_out_of_reach(run_check: Check) -> None:
    said = await run_check(SLACK_API_URL="http://127.0.0.1:1/api/")
    assert "network or the proxy" in said.line("(http://127.0.0.1:1/api/) cannot be reached")


async def test_slack_in_trouble(run_check: Check, slack: Sandbox) -> None:
    slack.faults.add("*", Fault.http(503), times=None)
    said = await run_check()
    assert said.to_mend == 2
    assert "Traceback" not in said


async def test_slacks_request_for_patience_is_met(run_check: Check, slack: Sandbox) -> None:
    slack.faults.add("users.lookupByEmail", Fault.rate_limited(0), times=2)
    assert (await run_check()).to_mend == 0


async def test_in_http_mode_the_secret_cannot_be_checked_and_it_says_so(run_check: Check) -> None:
    said = await run_check(SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET="0123456789abcdef0123456789abcdef")
    assert said.line("SLACK_SIGNING_SECRET").startswith("! ")
    assert said.to_mend == 0


# Scopes and clock


async def test_missing_scopes_are_named(run_check: Check, slack: Sandbox) -> None:
    slack.remove_scope("channels:manage", "pins:write")
    said = await run_check()
    assert "Scopes are missing: channels:manage, pins:write\n" in said.line("Scopes are missing")
    assert "install the app to the workspace again" in said


async def test_scopes_that_are_not_used_are_named_and_not_wrong(run_check: Check, slack: Sandbox) -> None:
    slack.grant_scope("files:read")
    said = await run_check()
    assert said.line("Scopes that Hachi does not use: files:read").startswith("! ")
    assert said.to_mend == 0


@pytest.mark.parametrize(("ahead", "words"), [(60, "60 s ahead of Slack's"), (-60, "60 s behind Slack's")])
async def test_a_clock_that_is_off(run_check: Check, ahead: float, words: str) -> None:
    assert "NTP" in (await run_check(ahead=ahead)).line(words)


# People


async def test_people_slack_does_not_know_are_named_with_their_line(run_check: Check) -> None:
    said = await run_check("people:\n- {slack: ada@example.com}\n- {slack: nobody@example.com}\n")
    assert "Write the address that Slack has" in said.line("nobody@example.com (line 3) is not known")
    assert said.to_mend == 1


async def test_a_person_whose_account_is_deactivated(run_check: Check, slack: Sandbox) -> None:
    gone = slack.workspace.person("gone").id
    said = await run_check(f"people: [{{slack: {gone}}}]")
    assert said.line(f"The account of {gone} (line 1) is deactivated").startswith("✗ ")


async def test_people_cannot_be_looked_up_without_the_scope(run_check: Check, slack: Sandbox) -> None:
    slack.remove_scope("users:read.email")
    said = await run_check()
    assert said.line("People could not be looked up").startswith("! ")
    assert said.line("Scopes are missing: users:read.email").startswith("✗ ")


# Channels


async def test_a_public_channel_hachi_is_not_in_is_joined_at_start(run_check: Check) -> None:
    assert (await run_check("update_channels: [news]")).line("#news").startswith("✓ ")


async def test_an_archived_channel_is_wrong(run_check: Check) -> None:
    said = await run_check("\nupdate_channels: [old]")
    assert "Unarchive" in said.line("#old (line 2) is archived")
    assert said.to_mend == 1


@pytest.mark.parametrize("name", ["secret", "nowhere"])
async def test_a_channel_that_cannot_be_seen_may_be_missing_or_private(run_check: Check, name: str) -> None:
    said = await run_check(f"update_channels: [{name}]")
    assert said.line(f"does not see #{name}").startswith("! ")
    assert "/invite @Hachi" in said


async def test_an_id_that_cannot_be_seen_is_wrong(run_check: Check) -> None:
    said = await run_check("update_channels: [C0NOWHERE01]")
    assert said.line("C0NOWHERE01 (line 1)").startswith("✗ ")


async def test_trying_tells_the_private_channel_from_the_missing_one(
    run_check: Check, slack: Sandbox
) -> None:
    said = await run_check("update_channels: [secret, nowhere]", create=True)
    assert said.line("#secret is a private channel").startswith("✗ ")
    assert said.line("#nowhere was created").startswith("✓ ")
    assert slack.channel("nowhere").name == "nowhere"


async def test_whether_channels_may_be_created_is_not_known_without_trying(run_check: Check) -> None:
    said = await run_check()
    assert "hachi check --create" in said.line("Whether Hachi may create channels")


async def test_trying_leaves_only_an_archived_channel(run_check: Check, slack: Sandbox) -> None:
    said = await run_check(create=True)
    assert said.line("Hachi may create channels").startswith("✓ ")
    made = [c for c in slack.workspace.channels.values() if c.name.startswith("hachi-check-")]
    assert [channel.archived for channel in made] == [True]


async def test_a_workspace_that_lets_no_app_create_channels(run_check: Check, slack: Sandbox) -> None:
    slack.faults.add("conversations.create", Fault.error("restricted_action"))
    said = await run_check(create=True)
    assert "Ask an admin" in said.line("does not let Hachi create channels (restricted_action)")


async def test_a_test_channel_that_stays_is_named(run_check: Check, slack: Sandbox) -> None:
    slack.faults.add("conversations.archive", Fault.error("restricted_action"))
    said = await run_check(create=True)
    assert "Archive it in Slack" in said.line("#hachi-check-")


# The file of the team


async def test_every_mistake_in_the_file_is_named(run_check: Check) -> None:
    said = await run_check("language: fr\nsla: {1: x}")
    assert said.line("hachi.yml line 1 (language)").startswith("✗ ")
    assert said.line("hachi.yml line 2 (sla.1): expected names").startswith("✗ ")


async def test_what_is_not_acted_upon_is_named_and_not_wrong(run_check: Check) -> None:
    said = await run_check("customers: {acme: {notify: [{email: it@acme.example}]}}")
    assert said.line("hachi.yml line 1 (customers.acme.notify)").startswith("! ")
    assert said.to_mend == 0


async def test_without_a_file_it_says_what_that_means(run_check: Check, folder: Path) -> None:
    (folder / "hachi.yml").unlink()
    assert "hachi.example.yml" in (await run_check()).line("There is no hachi.yml")


# The database


@pytest.fixture
async def database(folder: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{folder}/hachi.db")
    await migrate(database)
    yield database
    await database.close()


async def test_a_database_that_is_not_there_yet(run_check: Check) -> None:
    assert (await run_check()).line("There is no database yet (hachi.db)").startswith("! ")


async def test_a_database_whose_folder_is_no_folder(run_check: Check, folder: Path) -> None:
    said = await run_check(DATABASE_URL="sqlite:///hachi.yml/hachi.db")
    assert said.line(f"No database can be made in {folder}/hachi.yml").startswith("✗ ")


async def test_a_database_in_order(run_check: Check, database: Database) -> None:
    said = await run_check()
    assert said.line("Database: up to date").startswith("✓ ")
    assert said.line("Database: can be written to").startswith("✓ ")
    async with database.reading() as tx:
        assert await tx.directory.recall("check") is None


async def test_a_database_of_another_workspace(run_check: Check, database: Database, slack: Sandbox) -> None:
    async with database.transaction() as tx:
        await tx.directory.remember("team_id", "T0OTHER")
    said = await run_check()
    assert f"(T0OTHER); the token is for {slack.team_id}" in said.line("belongs to another workspace")


@pytest.mark.parametrize(
    ("spoil", "words", "mark"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "written by a newer Hachi", "✗"),
        ("DROP TABLE alembic_version", "The database is empty", "!"),
    ],
)
async def test_a_database_of_another_version(
    run_check: Check, database: Database, spoil: str, words: str, mark: str
) -> None:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(spoil)
    assert (await run_check()).line(words).startswith(mark)


async def test_a_file_that_is_no_database(run_check: Check, folder: Path) -> None:
    (folder / "hachi.db").write_text("this is a letter, not a database " * 50)
    assert (await run_check()).line("The database cannot be used (file is not a database)").startswith("✗ ")


async def test_a_server_that_does_not_answer(run_check: Check) -> None:
    said = await run_check(DATABASE_URL="postgresql://hachi@127.0.0.1:1/hachi")
    assert said.line("The database cannot be used").startswith("✗ ")


# The command


async def test_a_japanese_terminal_reads_japanese(run_check: Check, slack: Sandbox) -> None:
    slack.remove_scope("pins:write")
    said = await run_check(LANG="ja_JP.UTF-8")
    assert "✗ スコープが足りません：pins:write\n  → manifest.yml" in said
    assert said.endswith("対応が必要な点：1件\n")


@pytest.mark.parametrize(("config", "status"), [("language: ja", 0), ("language: fr", 1)])
async def test_the_exit_status_tells_whether_something_has_to_be_mended(
    run_check: Check, folder: Path, start: Start, config: str, status: int
) -> None:
    (folder / "hachi.yml").write_text(config)
    hachi = await start("check")
    assert await hachi.ends() == status
    assert "Traceback" not in hachi.said
