"""The table of Web API methods, and what each gets to work with."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sandbox import scopes
from sandbox.errors import SlackError, invalid_arguments
from sandbox.manifest import App
from sandbox.modals import Modals
from sandbox.model import Channel, Json, Kind, Message
from sandbox.workspace import Workspace

if TYPE_CHECKING:
    from sandbox.socket_mode import SocketMode

TokenType = Literal["bot", "app"]


@dataclass
class Site:
    """Everything a method may touch. `address` is where the sandbox listens, such as http://127.0.0.1:4321."""

    workspace: Workspace
    app: App
    modals: Modals
    socket_mode: SocketMode
    history_lag: float = 0.0
    address: str = ""


@dataclass
class Asked:
    """One call: its arguments and where it takes effect."""

    site: Site
    args: Json

    @property
    def workspace(self) -> Workspace:
        """The state."""
        return self.site.workspace

    @property
    def bot(self) -> str:
        """The app's own user id."""
        return self.site.workspace.bot_user_id

    def text(self, name: str, default: str = "") -> str:
        """A string argument."""
        value = self.args.get(name)
        return default if value is None else str(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean argument, in any of the forms Slack takes."""
        value = self.args.get(name)
        return default if value is None else str(value).lower() in ("true", "1", "t")

    def listed(self, name: str) -> list[str]:
        """A list argument: an array, or words with commas between them."""
        value = self.args.get(name)
        if value is None:
            return []
        parts = value if isinstance(value, list) else str(value).split(",")
        return [str(part).strip() for part in parts if str(part).strip()]

    def need(self, *any_of: str) -> None:
        """Raises SlackError missing_scope."""
        scopes.require(self.site.app, any_of)

    def channel(self, name: str = "channel") -> Channel:
        """The conversation of an argument, by id. Raises SlackError channel_not_found where the app cannot see it."""
        channel = self.workspace.channel(self.text(name))
        if channel.private and self.bot not in channel.members:
            raise SlackError("channel_not_found")
        return channel

    def joined(self, name: str = "channel") -> Channel:
        """The conversation of an argument, if the app is in it. Raises SlackError not_in_channel."""
        channel = self.channel(name)
        if self.bot not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def message(self, channel: Channel, name: str = "ts") -> Message:
        """Raises SlackError message_not_found."""
        return self.workspace.message(channel, self.text(name))

    def page(self, found: Sequence[Any], default: int = 100, most: int = 1000) -> tuple[list[Any], Json]:
        """The asked-for page, and the `response_metadata` that leads to the next one.

        Raises SlackError invalid_limit, invalid_cursor.
        """
        try:
            limit = int(self.text("limit") or default)
            start = int(
                base64.b64decode(self.text("cursor"), validate=True).decode().removeprefix("next:") or 0
            )
        except (ValueError, binascii.Error):
            raise SlackError(
                "invalid_cursor" if self.text("limit", "1").isdigit() else "invalid_limit"
            ) from None
        if not 0 < limit <= most:
            raise SlackError("invalid_limit")
        end = start + limit
        cursor = base64.b64encode(f"next:{end}".encode()).decode() if end < len(found) else ""
        return list(found[start:end]), {"next_cursor": cursor}


Handler = Callable[[Asked], Json]
ByKind = Callable[[Kind], tuple[str, ...]]


@dataclass(frozen=True)
class Method:
    """A Web API method. `scopes`: one of them is needed; `by_kind`: one, depending on the kind of conversation."""

    name: str
    handler: Handler
    required: tuple[str, ...]
    scopes: tuple[str, ...]
    by_kind: ByKind | None
    json: bool
    tier: int | None
    token: TokenType | None


METHODS: dict[str, Method] = {}


def method(
    name: str,
    *,
    tier: int | None,
    required: tuple[str, ...] = (),
    scopes: tuple[str, ...] = (),
    by_kind: ByKind | None = None,
    json: bool = True,
    token: TokenType | None = "bot",  # noqa: S107 - the kind of token, not a token
) -> Callable[[Handler], Handler]:
    """Put a method on the table. `tier` None means a limit of its own, `token` None that none is needed."""

    def enter(handler: Handler) -> Handler:
        METHODS[name] = Method(name, handler, required, scopes, by_kind, json, tier, token)
        return handler

    return enter


def call(found: Method, asked: Asked) -> Json:
    """Check the scopes and arguments of a call, and do it. Raises SlackError."""
    scopes.require(asked.site.app, found.scopes)
    if found.by_kind is not None:
        _require_by_kind(found.by_kind, asked)
    missing = [name for name in found.required if asked.args.get(name) in (None, "")]
    if missing:
        raise invalid_arguments(*(f"missing required field: {name}" for name in missing))
    return {"ok": True, **found.handler(asked)}


def _require_by_kind(by_kind: ByKind, asked: Asked) -> None:
    channel = asked.workspace.channels.get(asked.text("channel"))
    if channel is not None:
        scopes.require(asked.site.app, by_kind(channel.kind))
    else:
        scopes.require(asked.site.app, tuple(scope for kind in scopes.KINDS for scope in by_kind(kind)))
