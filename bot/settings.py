"""The settings of one process, from the environment or `.env`, read once."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from storage.database import DatabaseUrlError, driver_url

SLACK_API = "https://slack.com/api/"


class Mode(StrEnum):
    SOCKET = "socket"
    HTTP = "http"
    NONE = "none"
    """No Slack token at all: only the sandbox can be started."""


class SettingsError(Exception):
    """A setting is wrong or missing; the message names it and says where to find it."""


class _Environment(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore")

    slack_bot_token: str = Field(default="", repr=False)
    slack_app_token: str = Field(default="", repr=False)
    slack_signing_secret: str = Field(default="", repr=False)
    slack_api_url: str = SLACK_API
    database_url: str = "sqlite:///hachi.db"
    hachi_config: str = "hachi.yml"
    hachi_http: str = "127.0.0.1:8787"


@dataclass(frozen=True, kw_only=True)
class Settings:
    bot_token: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    api_url: str = SLACK_API
    database_url: str = field(default="sqlite:///hachi.db", repr=False)
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
    found = _Environment()
    bot, app, secret = (
        value.strip() for value in (found.slack_bot_token, found.slack_app_token, found.slack_signing_secret)
    )
    if bot and not bot.startswith("xoxb-"):
        raise SettingsError(
            "SLACK_BOT_TOKEN does not start with xoxb-. Copy the Bot User OAuth Token from your app's page "
            "“OAuth & Permissions” at api.slack.com/apps."
        )
    if app and not app.startswith("xapp-"):
        raise SettingsError(
            "SLACK_APP_TOKEN does not start with xapp-. Create an app-level token with the scope connections:write "
            "under “Basic Information” at api.slack.com/apps."
        )
    if bot and not (app or secret):
        raise SettingsError(
            "SLACK_APP_TOKEN is missing. Create an app-level token with the scope connections:write under "
            "“Basic Information” at api.slack.com/apps (or set SLACK_SIGNING_SECRET for HTTP mode)."
        )
    if (app or secret) and not bot:
        raise SettingsError(
            "SLACK_BOT_TOKEN is missing. Copy the Bot User OAuth Token (xoxb-…) from your app's page "
            "“OAuth & Permissions” at api.slack.com/apps."
        )
    try:
        driver_url(found.database_url)
    except DatabaseUrlError as error:
        raise SettingsError(
            f"DATABASE_URL cannot be used: {error}. Write sqlite:///path/to/file or postgresql://user:password@host/name."
        ) from None
    if not found.slack_api_url.startswith(("http://", "https://")):
        raise SettingsError("SLACK_API_URL is not an http(s) address; leave it out to use Slack's own.")
    host, port = _http(found.hachi_http.strip())
    return Settings(
        bot_token=bot,
        app_token=app,
        signing_secret=secret,
        api_url=found.slack_api_url.rstrip("/") + "/",
        database_url=found.database_url,
        config=_config(found.hachi_config),
        http_host=host,
        http_port=port,
    )


def _http(address: str) -> tuple[str, int | None]:
    if not address:
        return "", None
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise SettingsError(
            f"HACHI_HTTP is {address!r}; write host:port such as 127.0.0.1:8787, or leave it empty."
        )
    return host.strip("[]") or "127.0.0.1", int(port)


def _config(name: str) -> Path | None:
    path = Path(name)
    if path.is_file():
        return path
    if name == "hachi.yml":
        return None
    raise SettingsError(f"HACHI_CONFIG names {name}, which is not a file.")
