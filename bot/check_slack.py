"""The part of `hachi check` that asks Slack: tokens, scopes, clock, people, channels."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.findings import Finding, fine, note, wrong
from bot.settings import Mode, Settings
from delivery.slack import Done, Outcome, Refused, Throttled, Unknown, ask
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


@dataclass(kw_only=True)
class Slack:
    """Asks Slack. `workspace` is known once Slack has accepted the bot's token."""

    client: AsyncWebClient
    settings: Settings
    team: Team
    now: Callable[[], datetime]
    workspace: Workspace | None = None
    _headers: dict[str, str] = field(default_factory=dict)

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
        outcome = await self.asked(
            partial(self.client.apps_connections_open, app_token=self.settings.app_token)
        )
        match outcome:
            case Done():
                return fine("app_token")
            case Refused(error="missing_scope"):
                return wrong("app_token_scope")
            case Refused(error=error) if error in TOKEN_ERRORS:
                return wrong("app_token", error=error)
            case _:
                return wrong("app_token_other", error=_said(outcome))

    async def bot_token(self) -> AsyncIterator[Finding]:
        before = self.now()
        outcome = await self.asked(self.client.auth_test)
        middle = before + (self.now() - before) / 2
        match outcome:
            case Done(data=data):
                self.workspace = Workspace(str(data["team_id"]), str(data["team"]))
                yield fine("bot_token", bot=data["user"], workspace=data["team"])
            case Refused(error=error) if error in TOKEN_ERRORS:
                yield wrong("bot_token", error=error)
            case Refused(error=error):
                yield wrong("bot_token_other", error=error)
            case _:
                yield wrong("unreachable", url=self.settings.api_url, error=_said(outcome))
        if (date := self._headers.get("date")) and self.workspace:
            # The header is cut to the second: on average half a second is missing.
            ahead = (middle - parsedate_to_datetime(date)).total_seconds() - 0.5
            if abs(ahead) > CLOCK_OFF_SECONDS:
                yield wrong("clock_ahead" if ahead > 0 else "clock_behind", seconds=round(abs(ahead)))
            else:
                yield fine("clock")

    async def scopes(self) -> AsyncIterator[Finding]:
        said = self._headers.get("x-oauth-scopes")
        if said is None:
            yield note("scopes_unknown")
            return
        granted = {scope.strip() for scope in said.split(",") if scope.strip()}
        needed = needed_scopes()
        if missing := sorted(needed - granted):
            yield wrong("scopes_missing", scopes=", ".join(missing))
        else:
            yield fine("scopes")
        if extra := sorted(granted - needed):
            yield note("scopes_unnecessary", scopes=", ".join(extra))

    async def people(self) -> AsyncIterator[Finding]:
        named = self.team.everybody()
        found = 0
        for who in named:
            outcome = await self.asked(
                partial(self.client.users_lookupByEmail, email=who)
                if "@" in who
                else partial(self.client.users_info, user=who)
            )
            where = self.line_of(who)
            match outcome:
                case Done(data=data) if data["user"].get("deleted"):
                    yield wrong("person_deactivated", who=who, line=where)
                case Done():
                    found += 1
                case Refused(error=error) if error in NO_SUCH_PERSON:
                    yield wrong("person", who=who, line=where)
                case Refused(error="missing_scope"):
                    yield note("people_unknown")
                    return
                case _:
                    yield wrong("person_other", who=who, error=_said(outcome))
        if found:
            yield fine("people", n=found)

    async def channels(self, create: bool) -> AsyncIterator[Finding]:
        visible = await self.visible_channels()
        if not isinstance(visible, list):
            yield wrong("channels_unknown", error=_said(visible))
            return
        by_name = {key: channel for channel in visible for key in (channel["name"], channel["id"])}
        for name in self.team.channels():
            channel = by_name.get(name)
            if channel is None:
                is_id = name[:1] in ("C", "G") and name.isupper()
                yield await self.missing_channel(name, create=create and not is_id, is_id=is_id)
            elif channel.get("is_archived"):
                yield wrong("channel_archived", channel=channel["name"], line=self.line_of(name))
            else:
                yield fine(
                    "channel" if channel.get("is_member") else "channel_to_join", channel=channel["name"]
                )

    async def missing_channel(self, name: str, *, create: bool, is_id: bool) -> Finding:
        """A bot does not see private channels that it is not in: only creating one of that name tells."""
        if not create:
            return (wrong if is_id else note)("channel_not_seen", channel=name, line=self.line_of(name))
        match await self.asked(partial(self.client.conversations_create, name=name)):
            case Done():
                return fine("channel_created", channel=name)
            case Refused(error="name_taken"):
                return wrong("channel_private", channel=name)
            case outcome:
                return wrong("channel_not_created", channel=name, error=_said(outcome))

    async def visible_channels(self) -> list[dict[str, Any]] | Outcome:
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            outcome = await self.asked(
                partial(
                    self.client.conversations_list,
                    types="public_channel,private_channel",
                    limit=200,
                    cursor=cursor,
                )
            )
            if not isinstance(outcome, Done):
                return outcome
            found += outcome.data["channels"]
            cursor = (outcome.data.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return found

    async def try_channel(self) -> AsyncIterator[Finding]:
        """Slack has no dry run: one is created and archived."""
        name = f"hachi-check-{secrets.token_hex(4)}"
        match await self.asked(partial(self.client.conversations_create, name=name)):
            case Done(data=data):
                yield fine("creating")
                closing = await self.asked(
                    partial(self.client.conversations_archive, channel=data["channel"]["id"])
                )
                if not isinstance(closing, Done):
                    yield note("test_channel_left", channel=name, error=_said(closing))
            case Refused(error=error) if error in MAY_NOT_CREATE:
                yield wrong("creating", error=error)
            case outcome:
                yield wrong("creating_other", error=_said(outcome))

    async def asked(self, call: Callable[[], Awaitable[Any]]) -> Outcome:
        """The outcome of a call, waiting as long as Slack asks to."""

        async def noting_headers() -> Any:
            try:
                response = await call()
            except SlackApiError as error:
                self._note_headers(error.response)
                raise
            self._note_headers(response)
            return response

        outcome: Outcome = Unknown("")
        for _ in range(TRIES):
            outcome = await ask(noting_headers)
            if not isinstance(outcome, Throttled):
                break
            await asyncio.sleep(outcome.seconds)
        return outcome

    def _note_headers(self, response: Any) -> None:
        self._headers = {
            str(name).lower(): str(value)
            for name, value in (getattr(response, "headers", None) or {}).items()
        }

    def line_of(self, name: str) -> int:
        """The first line of the settings that names it; 0 without one."""
        if self.settings.config is None:
            return 0
        whole = re.compile(rf"(?<![\w@.-]){re.escape(name)}(?![\w@-])")
        lines: Sequence[str] = self.settings.config.read_text("utf-8-sig").splitlines()
        return next((n for n, line in enumerate(lines, 1) if whole.search(line)), 0)


def needed_scopes() -> set[str]:
    """What the manifest asks for."""
    return set(yaml.safe_load(MANIFEST.read_text("utf-8"))["oauth_config"]["scopes"]["bot"])


def _said(outcome: object) -> str:
    match outcome:
        case Refused(error=error, data=data):
            return f"{error}: {data['needed']}" if data.get("needed") else error
        case Throttled():
            return "ratelimited"
        case Unknown(why=why):
            return why
        case _:
            return type(outcome).__name__
