"""The part of `hachi check` that asks Slack: tokens, scopes, clock, people, channels."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.config_nodes import CHANNEL_ID
from bot.findings import Finding, fine, note, wrong
from bot.settings import Mode, Settings
from domain.team import Team

MANIFEST = Path(__file__).parent.parent / "manifest.yml"
CLOCK_OFF_SECONDS = 3.0
"""More than a clock kept by a time service is off; the header tells whole seconds."""
TRIES = 5
TOKEN_ERRORS = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "not_allowed_token_type",
    }
)
NO_SUCH_PERSON = frozenset({"users_not_found", "user_not_found"})
MAY_NOT_CREATE = frozenset({"restricted_action", "no_permission", "user_is_restricted", "missing_scope"})


@dataclass(frozen=True)
class Workspace:
    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What Slack says; `error` is empty where it did as asked."""

    data: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    reached: bool = True

    @property
    def said(self) -> str:
        """The error, with the scope that is missing."""
        needed = self.data.get("needed")
        return f"{self.error}: {needed}" if needed else self.error


@dataclass(kw_only=True)
class Slack:
    """Asks Slack. `workspace` is known once Slack has accepted the bot's token."""

    client: AsyncWebClient
    settings: Settings
    team: Team
    now: Callable[[], datetime]
    workspace: Workspace | None = None
    _granted: str | None = None
    """The scopes of the bot's token as Slack lists them."""

    async def findings(self, create: bool) -> AsyncIterator[Finding]:
        """Raises nothing for what Slack or the network does."""
        if self.settings.app_token:
            yield await self.app_token()
        if self.settings.mode is Mode.HTTP:
            yield note("signing_secret")
        if not self.settings.bot_token:
            return
        async for finding in self.bot_token():
            yield finding
        if self.workspace is None:
            return
        for part in (self.scopes(), self.people(), self.channels(create)):
            async for finding in part:
                yield finding
        if create:
            async for finding in self.try_channel():
                yield finding
        else:
            yield note("creating_unknown")

    async def app_token(self) -> Finding:
        answer = await asked(partial(self.client.apps_connections_open, app_token=self.settings.app_token))
        if not answer.error:
            return fine("app_token")
        if answer.error == "missing_scope":
            return wrong("app_token_scope")
        return wrong("app_token" if answer.error in TOKEN_ERRORS else "app_token_other", error=answer.said)

    async def bot_token(self) -> AsyncIterator[Finding]:
        before = self.now()
        answer = await asked(self.client.auth_test)
        middle = before + (self.now() - before) / 2
        if not answer.reached:
            yield wrong("unreachable", url=self.settings.api_url, error=answer.said)
            return
        if answer.error:
            yield wrong("bot_token" if answer.error in TOKEN_ERRORS else "bot_token_other", error=answer.said)
            return
        self.workspace = Workspace(str(answer.data["team_id"]), str(answer.data["team"]))
        self._granted = answer.headers.get("x-oauth-scopes")
        yield fine("bot_token", bot=answer.data["user"], workspace=self.workspace.name)
        if date := answer.headers.get("date"):
            # The header is cut to the second: on average half a second is missing.
            ahead = (middle - parsedate_to_datetime(date)).total_seconds() - 0.5
            if abs(ahead) <= CLOCK_OFF_SECONDS:
                yield fine("clock")
            else:
                yield wrong("clock_ahead" if ahead > 0 else "clock_behind", seconds=round(abs(ahead)))

    async def scopes(self) -> AsyncIterator[Finding]:
        if self._granted is None:
            yield note("scopes_unknown")
            return
        granted = {scope.strip() for scope in self._granted.split(",") if scope.strip()}
        needed = needed_scopes()
        if missing := sorted(needed - granted):
            yield wrong("scopes_missing", scopes=", ".join(missing))
        else:
            yield fine("scopes")
        if extra := sorted(granted - needed):
            yield note("scopes_unnecessary", scopes=", ".join(extra))

    async def people(self) -> AsyncIterator[Finding]:
        found = 0
        for who in self.team.everybody():
            answer = await asked(
                partial(self.client.users_lookupByEmail, email=who)
                if "@" in who
                else partial(self.client.users_info, user=who)
            )
            if answer.error == "missing_scope":
                yield note("people_unknown")
                return
            if answer.error in NO_SUCH_PERSON:
                yield wrong("person", who=who, line=self.line_of(who))
            elif answer.error:
                yield wrong("person_other", who=who, error=answer.said)
            elif answer.data["user"].get("deleted"):
                yield wrong("person_deactivated", who=who, line=self.line_of(who))
            else:
                found += 1
        if found:
            yield fine("people", n=found)

    async def channels(self, create: bool) -> AsyncIterator[Finding]:
        by_name: dict[str, dict[str, Any]] = {}
        async for answer in self.channel_pages():
            if answer.error:
                yield wrong("channels_unknown", error=answer.said)
                return
            for channel in answer.data["channels"]:
                by_name |= {channel["name"]: channel, channel["id"]: channel}
        for name in self.team.channels():
            channel = by_name.get(name)
            if channel is None:
                yield await self.unseen_channel(name, create=create)
            elif channel.get("is_archived"):
                yield wrong("channel_archived", channel=channel["name"], line=self.line_of(name))
            elif channel.get("is_member"):
                yield fine("channel", channel=channel["name"])
            else:
                yield fine("channel_to_join", channel=channel["name"])

    async def unseen_channel(self, name: str, *, create: bool) -> Finding:
        """A bot does not see private channels that it is not in: only creating one of that name tells."""
        if CHANNEL_ID.fullmatch(name):
            return wrong("channel_not_seen", channel=name, line=self.line_of(name))
        if not create:
            return note("channel_not_seen", channel=name)
        answer = await asked(partial(self.client.conversations_create, name=name))
        if not answer.error:
            return fine("channel_created", channel=name)
        if answer.error == "name_taken":
            return wrong("channel_private", channel=name)
        return wrong("channel_not_created", channel=name, error=answer.said)

    async def channel_pages(self) -> AsyncIterator[Answer]:
        cursor = ""
        while True:
            answer = await asked(
                partial(
                    self.client.conversations_list,
                    types="public_channel,private_channel",
                    limit=200,
                    cursor=cursor,
                )
            )
            yield answer
            cursor = (answer.data.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return

    async def try_channel(self) -> AsyncIterator[Finding]:
        """Slack has no dry run: one is created and archived."""
        name = f"hachi-check-{secrets.token_hex(4)}"
        made = await asked(partial(self.client.conversations_create, name=name))
        if made.error:
            yield wrong("creating" if made.error in MAY_NOT_CREATE else "creating_other", error=made.said)
            return
        yield fine("creating")
        closed = await asked(partial(self.client.conversations_archive, channel=made.data["channel"]["id"]))
        if closed.error:
            yield note("test_channel_left", channel=name, error=closed.said)

    def line_of(self, name: str) -> int:
        """The first line of the settings that names it; 0 without one."""
        if self.settings.config is None:
            return 0
        whole = re.compile(rf"(?<![\w@.-]){re.escape(name)}(?![\w@-])")
        lines: Sequence[str] = self.settings.config.read_text("utf-8-sig").splitlines()
        return next((n for n, line in enumerate(lines, 1) if whole.search(line)), 0)


async def asked(call: Callable[[], Awaitable[Any]]) -> Answer:
    """The answer to a call, waiting as long as Slack asks to; raises nothing for what Slack or the network did."""
    answer = Answer()
    for _ in range(TRIES):
        try:
            answer = _answer(await call())
        except SlackApiError as error:
            answer = _answer(error.response)
        except (TimeoutError, aiohttp.ClientError, OSError, SlackClientError) as error:
            return Answer(error=type(error).__name__, reached=False)
        if answer.error != "ratelimited":
            break
        await asyncio.sleep(float(answer.headers.get("retry-after", 1)))
    return answer


def _answer(response: Any) -> Answer:
    data = response.data if isinstance(response.data, dict) else {}
    return Answer(
        data=data,
        error="" if data.get("ok") else str(data.get("error") or f"HTTP {response.status_code}"),
        headers={str(name).lower(): str(value) for name, value in response.headers.items()},
    )


def needed_scopes() -> set[str]:
    """What the manifest asks for."""
    return set(yaml.safe_load(MANIFEST.read_text("utf-8"))["oauth_config"]["scopes"]["bot"])
