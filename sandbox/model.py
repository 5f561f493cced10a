"""What a workspace is made of: people, conversations, messages, views and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol

from sandbox.readable import Button, buttons_of, readable

Json = dict[str, Any]
Kind = Literal["public", "private", "im", "mpim"]
Values = dict[tuple[str, str], Json]


class Clock(Protocol):
    """Tells the time that people see on messages; never used for `ts`."""

    def now(self) -> datetime: ...


@dataclass(frozen=True)
class PersonSpec:
    """A person the workspace starts with. `handle` is how tests and pages call them."""

    handle: str
    name: str = ""
    locale: str = "en-US"
    tz: str = "Europe/London"
    email: str = ""
    deactivated: bool = False
    admin: bool = False
    title: str = ""


@dataclass(frozen=True)
class ChannelSpec:
    """A channel the workspace starts with; `bot` says whether the app is a member from the start."""

    name: str
    members: tuple[str, ...] = ()
    private: bool = False
    bot: bool = False
    archived: bool = False
    topic: str = ""
    purpose: str = ""


@dataclass
class Account:
    """A member of the workspace: a person, or the app's bot user."""

    id: str
    handle: str
    name: str
    locale: str = "en-US"
    tz: str = "Europe/London"
    email: str = ""
    is_bot: bool = False
    deactivated: bool = False
    admin: bool = False
    title: str = ""
    updated: int = 0


@dataclass(eq=False)
class Message:
    """One message. `notified` holds the ids of those it pinged; `shown_at` is the time a page shows."""

    ts: str
    channel_id: str
    user: str
    text: str
    posted_at: float
    shown_at: datetime
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    edited: str | None = None
    edits: int = 0
    pinned: bool = False
    subtype: str | None = None
    by_app: bool = False
    ephemeral_for: str | None = None
    notified: tuple[str, ...] = ()
    reactions: dict[str, list[str]] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)
    values: Values = field(default_factory=dict)
    identity: Json = field(default_factory=dict)
    note: Json = field(default_factory=dict)
    """What one of Slack's own lines says in fields of its own, such as the topic."""
    deleted: bool = False
    names: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def plain(self) -> str:
        """Everything a reader can read, line by line, with Slack dates as UTC."""
        return self.plain_in("UTC")

    def plain_in(self, tz: str) -> str:
        """Everything a reader in that time zone can read, line by line."""
        return readable(self.text, self.blocks, self.attachments, tz=tz, names=self.names)

    @property
    def buttons(self) -> list[Button]:
        """(text, action_id, value) of every button and overflow option, from top to bottom."""
        return buttons_of(self.blocks)


@dataclass(eq=False)
class Channel:
    """A conversation. `history` has everything, `messages` leaves out Slack's own notes ("joined" and the like)."""

    id: str
    name: str
    kind: Kind
    created: int
    creator: str
    topic: str = ""
    purpose: str = ""
    archived: bool = False
    deleted: bool = False
    members: list[str] = field(default_factory=list)
    history: list[Message] = field(default_factory=list)
    ephemerals: list[Message] = field(default_factory=list)
    pins: list[Pin] = field(default_factory=list)
    bookmarks: list[Json] = field(default_factory=list)
    previous_names: list[str] = field(default_factory=list)
    topic_set: tuple[str, int] = ("", 0)
    purpose_set: tuple[str, int] = ("", 0)

    @property
    def private(self) -> bool:
        """Whether only members can see it."""
        return self.kind != "public"

    @property
    def is_direct(self) -> bool:
        """Whether it is a conversation between people rather than a channel."""
        return self.kind in ("im", "mpim")

    @property
    def messages(self) -> list[Message]:
        """What people and apps wrote, oldest first."""
        return [message for message in self.history if message.subtype in (None, "file_share", "bot_message")]


class Pin(NamedTuple):
    """A pinned message of a channel."""

    ts: str
    by: str
    at: int


@dataclass(eq=False)
class File:
    """An upload; `content` stays empty until the bytes have come."""

    id: str
    name: str
    length: int
    ticket: str
    content: bytes | None = None
    title: str = ""
    user: str = ""
    completed: bool = False
    channels: list[str] = field(default_factory=list)
    created: int = 0


@dataclass(eq=False)
class View:
    """An open modal or a published Home tab.

    `values` is what the person has filled in so far, `errors` what the last submission was refused for.
    """

    id: str
    owner: str
    definition: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    values: Values = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """`modal` or `home`."""
        return str(self.definition["type"])

    @property
    def blocks(self) -> list[Json]:
        """The blocks as shown, with every id filled in."""
        blocks: list[Json] = self.definition["blocks"]
        return blocks
