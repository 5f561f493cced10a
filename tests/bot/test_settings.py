"""Settings from the environment and `.env`: what counts, and what each wrong one is told."""

from pathlib import Path

import pytest

from bot.settings import Mode, SettingsError, read_settings
from tests.bot.conftest import Start

BOT, APP, SECRET = "xoxb-1-of-a-test", "xapp-1-of-a-test", "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def _alone(folder: Path) -> None:
    """Every test starts with no settings."""


def given(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


def test_without_a_token_there_is_only_the_sandbox() -> None:
    assert read_settings().mode is Mode.NONE


def test_an_app_token_means_socket_mode_whatever_else_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, SLACK_BOT_TOKEN=BOT, SLACK_APP_TOKEN=APP, SLACK_SIGNING_SECRET=SECRET)
    assert read_settings().mode is Mode.SOCKET


def test_a_signing_secret_alone_means_http(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, SLACK_BOT_TOKEN=BOT, SLACK_SIGNING_SECRET=SECRET)
    assert read_settings().mode is Mode.HTTP


def test_the_file_is_read_and_the_environment_wins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text(
        f"# of this team\nSLACK_BOT_TOKEN={BOT}\nSLACK_APP_TOKEN='{APP}'\nHACHI_HTTP=127.0.0.1:1\n"
    )
    given(monkeypatch, HACHI_HTTP="127.0.0.1:2")
    settings = read_settings()
    assert (settings.bot_token, settings.app_token, settings.http_port) == (BOT, APP, 2)


def test_a_file_saved_on_windows_is_read_too(folder: Path) -> None:
    (folder / ".env").write_bytes(f"\ufeffSLACK_BOT_TOKEN={BOT}\r\nSLACK_APP_TOKEN={APP}\r\n".encode())
    assert read_settings().mode is Mode.SOCKET


def test_blanks_round_a_token_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, SLACK_BOT_TOKEN=f" {BOT}\n", SLACK_APP_TOKEN=f"{APP} ")
    assert (read_settings().bot_token, read_settings().app_token) == (BOT, APP)


def test_the_team_is_read_from_hachi_yml_where_there_is_one(folder: Path) -> None:
    assert read_settings().config is None
    (folder / "hachi.yml").write_text("language: en")
    assert read_settings().config == Path("hachi.yml")


def test_records_are_kept_in_the_folder_hachi_is_started_in() -> None:
    assert read_settings().database_url == "sqlite:///hachi.db"


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("0.0.0.0:80", "0.0.0.0", 80),  # noqa: S104
        ("localhost:0", "localhost", 0),
        (":9000", "127.0.0.1", 9000),
        ("[::1]:9000", "::1", 9000),
        ("", "", None),
        ("  ", "", None),
    ],
)
def test_where_http_is_served(
    address: str, host: str, port: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, HACHI_HTTP=address)
    assert (read_settings().http_host, read_settings().http_port) == (host, port)


def test_settings_do_not_show_what_is_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    password = "sesame"
    given(monkeypatch, SLACK_BOT_TOKEN=BOT, SLACK_APP_TOKEN=APP, SLACK_SIGNING_SECRET=SECRET)
    given(monkeypatch, DATABASE_URL=f"postgresql://hachi:{password}@localhost/hachi")
    shown = repr(read_settings())
    assert [secret for secret in (BOT, APP, SECRET, password) if secret in shown] == []


WRONG = [
    ({"SLACK_BOT_TOKEN": BOT}, "SLACK_APP_TOKEN is missing", "Basic Information"),
    ({"SLACK_APP_TOKEN": APP}, "SLACK_BOT_TOKEN is missing", "OAuth & Permissions"),
    ({"SLACK_SIGNING_SECRET": SECRET}, "SLACK_BOT_TOKEN is missing", "OAuth & Permissions"),
    ({"SLACK_BOT_TOKEN": "xoxp-1", "SLACK_APP_TOKEN": APP}, "SLACK_BOT_TOKEN does not start with xoxb-", "Bot User"),
    ({"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": "abc"}, "SLACK_APP_TOKEN does not start with xapp-", "App-Level"),
    ({"SLACK_BOT_TOKEN": APP, "SLACK_APP_TOKEN": BOT}, "swapped", "starts with xoxb- is SLACK_BOT_TOKEN"),
    ({"DATABASE_URL": "mysql://localhost/x"}, "DATABASE_URL cannot be used", "sqlite:///path/to/file"),
    ({"DATABASE_URL": "hachi.db"}, "DATABASE_URL cannot be used", "sqlite:///path/to/file"),
    ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL cannot be used", "sqlite:///path/to/file"),
    ({"SLACK_API_URL": "slack.com/api"}, "SLACK_API_URL is not an http(s) address", "Leave it out"),
    ({"HACHI_HTTP": "8787"}, "HACHI_HTTP is 8787", "127.0.0.1:8787"),
    ({"HACHI_HTTP": "localhost:99999"}, "HACHI_HTTP is localhost:99999", "127.0.0.1:8787"),
    ({"HACHI_HTTP": "localhost:８"}, "HACHI_HTTP is localhost:８", "127.0.0.1:8787"),
    (
        {"SLACK_BOT_TOKEN": BOT, "SLACK_SIGNING_SECRET": SECRET, "HACHI_HTTP": ""},
        "HACHI_HTTP is empty",
        "host:port",
    ),
    ({"HACHI_CONFIG": "team.yml"}, "HACHI_CONFIG names team.yml", "see that the path is right"),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "what", "mend"), WRONG)
def test_a_wrong_setting_is_named_with_where_to_find_it(
    settings: dict[str, str], what: str, mend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, **settings)
    with pytest.raises(SettingsError) as error:
        read_settings()
    assert what in str(error.value)
    assert mend.casefold() in str(error.value).casefold()


def test_everything_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, SLACK_BOT_TOKEN="xoxp-1", SLACK_APP_TOKEN="abc", HACHI_HTTP="x", DATABASE_URL="x")
    with pytest.raises(SettingsError) as error:
        read_settings()
    assert [problem.name for problem in error.value.problems] == [
        "settings.bot_token_kind",
        "settings.app_token_kind",
        "settings.database_url",
        "settings.http",
    ]


def test_a_file_that_is_no_text_is_said(folder: Path) -> None:
    (folder / ".env").write_bytes(b"\xff\xfe\x00SLACK")
    with pytest.raises(SettingsError, match=r"\.env cannot be read"):
        read_settings()


def test_a_japanese_terminal_reads_japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, LANG="ja_JP.UTF-8", SLACK_BOT_TOKEN=BOT)
    with pytest.raises(SettingsError, match="SLACK_APP_TOKENがありません"):
        read_settings()


async def test_a_wrong_setting_ends_the_program_with_status_2_and_no_traceback(start: Start) -> None:
    hachi = await start("run", SLACK_BOT_TOKEN=BOT)
    assert await hachi.ends() == 2
    assert hachi.said.startswith("Hachi cannot start. SLACK_APP_TOKEN is missing.")
    assert "Traceback" not in hachi.said


@pytest.mark.parametrize(
    "settings",
    [{"SLACK_BOT_TOKEN": BOT}, {"SLACK_APP_TOKEN": APP}, {"SLACK_SIGNING_SECRET": SECRET}, {"SLACK_BOT_TOKEN": "x"}],
    ids=lambda settings: next(iter(settings)),
)  # fmt: skip
async def test_with_any_token_set_the_sandbox_does_not_start_in_its_place(
    settings: dict[str, str], start: Start
) -> None:
    hachi = await start("run", **settings)
    assert await hachi.ends() == 2
    assert "http://" not in hachi.said
