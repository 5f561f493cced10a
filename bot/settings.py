"""The settings of one process, from the environment or `.env`, read once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.terminal import Text, text
from storage.database import DatabaseUrlError, driver_url

SLACK_API = "https://slack.com/api/"
DEFAULT_DATABASE = "sqlite:///hachi.db"
DEFAULT_CONFIG = "hachi.yml"


class Mode(StrEnum):
    SOCKET = "socket"
    HTTP = "http"
    NONE = "none"
    """No Slack token at all: only the sandbox can be started."""


class SettingsError(Exception):
    """Settings are wrong or missing; each problem names one and says where to find it."""

    def __init__(self, problems: Sequence[Text]) -> None:
        super().__init__(*problems)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class _Environment(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8-sig", extra="ignore")

    slack_bot_token: str = Field(default="", repr=False)
    slack_app_token: str = Field(default="", repr=False)
    slack_signing_secret: str = Field(default="", repr=False)
    slack_api_url: str = SLACK_API
    database_url: str = Field(default=DEFAULT_DATABASE, repr=False)
    hachi_config: str = DEFAULT_CONFIG
    hachi_http: str = "127.0.0.1:8787"


@dataclass(frozen=True, kw_only=True)
class Settings:
    bot_token: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    api_url: str = SLACK_API
    database_url: str = field(default=DEFAULT_DATABASE, repr=False)
    config: Path | None = None
    """None where no file was named and none stands in the default place."""
    http_host: str = "127.0.0.1"
    http_port: int | None = 8787
    """None switches the HTTP side off; 0 takes a free port."""

    @property
    def mode(self) -> Mode:
        if self.app_token:
            return Mode.SOCKET
        if self.signing_secret:
            return Mode.HTTP
        return Mode.NONE


def read_settings() -> Settings:
    """Raises SettingsError."""
    settings, problems = examine_settings()
    if problems:
        raise SettingsError(problems)
    return settings


def examine_settings() -> tuple[Settings, Sequence[Text]]:
    """The settings as far as they can be used, and everything that is wrong with them.

    What is wrong is left empty, or at its default.
    """
    try:
        found = _Environment()
    except (UnicodeDecodeError, OSError):
        return Settings(), [text("settings.env_unreadable")]
    problems: list[Text] = []
    bot, app, secret = _tokens(found, problems)
    url = found.database_url.strip() or DEFAULT_DATABASE
    try:
        driver_url(url)
    except DatabaseUrlError:
        problems.append(text("settings.database_url"))
        url = DEFAULT_DATABASE
    api_url = found.slack_api_url.strip() or SLACK_API
    if not re.match(r"https?://[^/\s]+", api_url):
        problems.append(text("settings.api_url"))
        api_url = SLACK_API
    host, port = _http(found.hachi_http.strip(), problems)
    settings = Settings(
        bot_token=bot,
        app_token=app,
        signing_secret=secret,
        api_url=api_url.rstrip("/") + "/",
        database_url=url,
        config=_config(found.hachi_config.strip() or DEFAULT_CONFIG, problems),
        http_host=host,
        http_port=port,
    )
    if settings.mode is Mode.HTTP and settings.http_port is None:
        problems.append(text("settings.http_empty"))
    return settings, problems


def _tokens(found: _Environment, problems: list[Text]) -> tuple[str, str, str]:
    bot, app, secret = (
        value.strip() for value in (found.slack_bot_token, found.slack_app_token, found.slack_signing_secret)
    )
    if bot.startswith("xapp-") and app.startswith("xoxb-"):
        problems.append(text("settings.tokens_swapped"))
        return "", "", secret
    right_bot, right_app = bot.startswith("xoxb-"), app.startswith("xapp-")
    if bot and not right_bot:
        problems.append(text("settings.bot_token_kind"))
    if app and not right_app:
        problems.append(text("settings.app_token_kind"))
    if (app or secret) and not bot:
        problems.append(text("settings.bot_token_missing"))
    if bot and not (app or secret):
        problems.append(text("settings.app_token_missing"))
    return bot if right_bot else "", app if right_app else "", secret


def _http(address: str, problems: list[Text]) -> tuple[str, int | None]:
    if not address:
        return "", None
    host, colon, port = address.rpartition(":")
    if not colon or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        problems.append(text("settings.http", given=address))
        return Settings.http_host, Settings.http_port
    return host.strip("[]") or Settings.http_host, int(port)


def _config(name: str, problems: list[Text]) -> Path | None:
    path = Path(name)
    if path.is_file():
        return path
    if name != DEFAULT_CONFIG:
        problems.append(text("settings.config", given=name))
    return None
