"""What each part of the page shows to one person at one place: plain data for the templates."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sandbox.manifest import Command, Shortcut
from sandbox.model import Account, Channel, Json, Message, View
from sandbox.page_markup import Reader
from sandbox.page_parts import Entry, Face, Line, Reads, given, initials
from sandbox.page_words import lang_of, note, word

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox

APP = "@app"
_TOGETHER = timedelta(minutes=5)
MOST_MESSAGES = 300
_COLOURS = ("#2e6f9e", "#8a3f7a", "#3b7a57", "#a0522d", "#5b4b9a", "#7a6a1f", "#b03a48", "#2f6f6f")


class Look:
    """The workspace as one person sees it from one conversation."""

    def __init__(
        self,
        sandbox: Sandbox,
        reads: Reads,
        who: str,
        where: str,
        tab: str = "",
        thread: str = "",
        since: str = "",
    ) -> None:
        """Raises LookupError where there is no such person."""
        self.sandbox = sandbox
        self.reads = reads
        self.person = sandbox.person(who)
        self.account = self.person.account
        if self.account.is_bot:
            raise LookupError(who)
        self.lang = self.visitors_lang = lang_of(self.account.locale)
        self.since = since
        self.thread = thread
        self.older = False
        self.app_name = sandbox.app.name
        self.channel, self.in_app = self._place(where)
        has_home = sandbox.app.home_tab and self.in_app
        self.tab = "home" if has_home and (tab == "home" or not sandbox.app.messages_tab) else "messages"
        self.reader = Reader(
            id=self.person.id,
            lang=self.lang,
            tz=self.account.tz,
            now=sandbox.workspace.clock.now(),
            names=sandbox.workspace.names,
            place=self.address_of,
        )

    def w(self, key: str, **fields: object) -> str:
        """A text of the page in the person's language."""
        return word(self.lang, key, **fields)

    # where

    def _place(self, where: str) -> tuple[Channel | None, bool]:
        workspace = self.sandbox.workspace
        if where.startswith("@"):
            return workspace.direct(workspace.bot_user_id, self.person.id), True
        for channel in workspace.channels.values():
            if where and where in (channel.id, channel.name) and self._visible(channel):
                if channel.kind == "im":
                    return channel, True
                return channel, False
        # The first that was made: what the workspace begins with.
        mine = [
            channel
            for channel in workspace.channels.values()
            if self._visible(channel) and channel.kind != "im" and self.person.id in channel.members
        ]
        return (mine[0], False) if mine else (workspace.direct(workspace.bot_user_id, self.person.id), True)

    def _visible(self, channel: Channel) -> bool:
        return not channel.deleted and (not channel.private or self.person.id in channel.members)

    def _channels(self) -> list[Channel]:
        found = [
            channel
            for channel in self.sandbox.workspace.channels.values()
            if channel.kind != "im" and self._visible(channel)
        ]
        return sorted(found, key=lambda channel: channel.name)

    @property
    def where(self) -> str:
        """The place as it stands in the address."""
        return APP if self.in_app or self.channel is None else self.channel.name

    @property
    def member(self) -> bool:
        """Whether the person may write here."""
        return self.in_app or (self.channel is not None and self.person.id in self.channel.members)

    @property
    def title(self) -> str:
        """What the place is called."""
        if self.in_app or self.channel is None:
            return self.app_name
        return self.channel_name(self.channel)

    def channel_name(self, channel: Channel) -> str:
        """The name of a conversation; one of several people is called by their names."""
        if channel.kind == "mpim":
            return self.names_of(one for one in channel.members if one != self.person.id)
        return channel.name

    def address(self, who: str = "", where: str = "", tab: str = "", thread: str = "") -> str:
        """The address of the page for somebody at some place."""
        query = {"as": who or self.account.handle, "in": where or self.where, "tab": tab, "thread": thread}
        return "/?" + urlencode({key: value for key, value in query.items() if value})

    def address_of(self, channel_id: str) -> str | None:
        """The address of a channel, or None where the person may not see it."""
        channel = self.sandbox.workspace.channels.get(channel_id)
        if channel is None or not self._visible(channel):
            return None
        return self.address(where=APP if channel.kind == "im" else channel.name)

    # faces

    def face(self, user_id: str) -> Face:
        """How a member is drawn."""
        account = self.sandbox.workspace.accounts.get(user_id)
        if account is None:
            return Face(user_id, "?", _COLOURS[0])
        colour = _COLOURS[zlib.crc32(account.handle.encode()) % len(_COLOURS)]
        return Face(account.name, initials(account.name), colour, account.is_bot)

    def names_of(self, users: Iterable[str]) -> str:
        """Names, one after another."""
        return ("、" if self.lang == "ja" else ", ").join(self.face(user).name for user in users)

    def people(self) -> list[tuple[Account, Face, int]]:
        """Everybody one can act as, each with the number of unread messages meant for them."""
        found = []
        for account in self.sandbox.workspace.people():
            if not account.deactivated:
                unread = [
                    m for m in self.sandbox.workspace.pings[account.id] if self._is_unread(account.id, m)
                ]
                found.append((account, self.face(account.id), len(unread)))
        return found

    def _is_unread(self, person: str, message: Message) -> bool:
        return (
            not message.deleted
            and _in_channel(message)
            and message.ts > self.reads.of(person, message.channel_id)
        )

    # sidebar

    def entries(self) -> list[Entry]:
        """The conversations the person is in."""
        return [self._entry(c) for c in self._channels() if self.person.id in c.members and not c.archived]

    def others(self) -> list[Entry]:
        """Public channels the person is not in, and archived ones."""
        return [self._entry(c) for c in self._channels() if self.person.id not in c.members or c.archived]

    def app_entry(self) -> Entry:
        """The app's direct messages."""
        channel = self.sandbox.workspace.direct(self.sandbox.bot_user_id, self.person.id)
        if channel is None:
            return Entry(self.app_name, self.address(where=APP), self.in_app)
        entry = self._entry(channel)
        return Entry(self.app_name, self.address(where=APP), self.in_app, entry.unread, entry.mentions)

    def _entry(self, channel: Channel) -> Entry:
        mine = self.person.id
        member = mine in channel.members
        unread = any(m.user != mine and self._is_unread(mine, m) for m in reversed(channel.messages))
        pinged = [
            m
            for m in self.sandbox.workspace.pings[mine]
            if m.channel_id == channel.id and self._is_unread(mine, m)
        ]
        return Entry(
            self.channel_name(channel),
            self.address(where=channel.name),
            self.channel is channel,
            unread and member,
            len(pinged),
            channel.private,
            channel.archived,
        )

    # messages

    def lines(self) -> list[Line]:
        """The messages of the place, oldest first; replies stand in their threads."""
        found = [m for m in self._seen() if _in_channel(m)]
        self.older = len(found) > MOST_MESSAGES
        return list(self._lines(found[-MOST_MESSAGES:], self.since))

    def thread_lines(self) -> list[Line]:
        """The open thread: the message and its replies."""
        found = [m for m in self._seen() if self.thread and self.thread in (m.ts, m.thread_ts)]
        return list(self._lines(found, "", days=False)) if any(m.ts == self.thread for m in found) else []

    def pinned(self) -> list[Line]:
        """The pinned messages, the newest pin first."""
        if self.channel is None or not self._visible(self.channel):
            return []
        by_ts = {message.ts: message for message in self.channel.history}
        found = [by_ts[pin.ts] for pin in self.channel.pins if pin.ts in by_ts]
        return list(self._lines(found, "", days=False, together=False))

    def _seen(self) -> list[Message]:
        if self.channel is None or not self._visible(self.channel):
            return []
        own = [message for message in self.channel.ephemerals if message.ephemeral_for == self.person.id]
        return sorted([*self.channel.history, *own], key=lambda message: message.ts)

    def _lines(
        self, messages: Sequence[Message], since: str, *, days: bool = True, together: bool = True
    ) -> Iterator[Line]:
        replies: dict[str, int] = {}
        for message in self._seen():
            if message.thread_ts not in (None, message.ts):
                replies[str(message.thread_ts)] = replies.get(str(message.thread_ts), 0) + 1
        before: Message | None = None
        marked = not since
        for message in messages:
            day = self.reader.day(message.shown_at) if days else ""
            if before is not None and day and self.reader.day(before.shown_at) == day:
                day = ""
            new = not marked and message.ts > since and message.user != self.person.id
            marked = marked or new
            about = message.subtype not in (None, "file_share", "bot_message", "tombstone")
            yield Line(
                message,
                self.face(message.user),
                self.reader.clock_time(message.shown_at),
                day,
                new,
                together and not day and not new and not about and _follows(before, message),
                note(self.lang, message.subtype or "", message.text) if about else "",
                replies.get(message.ts, 0),
                given(message.blocks, message.values),
            )
            before = message

    # the composer

    def commands(self) -> tuple[Command, ...]:
        """The app's slash commands, as far as they are known."""
        return self.sandbox.app.commands or ()

    def shortcuts(self, kind: str) -> list[Shortcut]:
        """The app's `global` or `message` shortcuts."""
        return [shortcut for shortcut in self.sandbox.app.shortcuts or () if shortcut.kind == kind]

    @property
    def lock(self) -> str:
        """Why nobody can write here: `archived`, `join`, `read_only`, or nothing."""
        if self.tab == "home":
            return "home"
        if self.in_app:
            return "read_only" if self.sandbox.app.messages_tab_read_only else ""
        if self.channel is None:
            return "home"
        if self.channel.archived:
            return "archived"
        return "" if self.member else "join"

    # views

    def modal(self) -> View | None:
        """The form on top."""
        return self.sandbox.modals.top(self.person.id)

    def home(self) -> View | None:
        """The person's Home tab."""
        return self.sandbox.modals.homes.get(self.person.id)

    def accounts(self) -> list[Account]:
        """Whom one can choose in a field for people."""
        return [one for one in self.sandbox.workspace.accounts.values() if not one.deactivated]

    def conversations(self, element: Json) -> list[tuple[str, str]]:
        """(id, name) of the channels one can choose in a field."""
        include = element.get("filter", {}).get("include")
        public_only = element["type"] in ("channels_select", "multi_channels_select")
        return [
            (channel.id, f"{'' if channel.is_direct else '#'}{self.channel_name(channel)}")
            for channel in self._channels()
            if not channel.archived
            and (include is None or channel.kind in include)
            and (not public_only or channel.kind == "public")
        ]


def _in_channel(message: Message) -> bool:
    return message.thread_ts in (None, message.ts) or message.broadcast


def _follows(before: Message | None, message: Message) -> bool:
    return (
        before is not None
        and before.user == message.user
        and before.subtype is None
        and message.subtype is None
        and before.ephemeral_for == message.ephemeral_for is None
        and message.shown_at - before.shown_at < _TOGETHER
    )
