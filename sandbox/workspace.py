"""The state of the workspace: who and what there is, and what happens to messages. It knows no HTTP."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sandbox.changes import Changes
from sandbox.errors import SlackError
from sandbox.model import Account, Channel, Clock, File, Json, Kind, Message, PersonSpec, Pin
from sandbox.payloads import message_json
from sandbox.readable import mentions


class Happening(NamedTuple):
    """Something that apps may have subscribed to: the inner event, and where it took place."""

    event: Json
    channel: Channel | None = None


class MachineClock:
    """The time of this machine."""

    def now(self) -> datetime:
        """The present moment, UTC."""
        return datetime.fromtimestamp(time.time(), UTC)


def new_id(prefix: str) -> str:
    """An id as Slack makes them: a letter for the kind, and capitals and digits."""
    return prefix + secrets.token_hex(5).upper()


class Workspace:
    """People, conversations, messages, pins, reactions and files of one workspace."""

    def __init__(
        self, people: Iterable[PersonSpec] = (), *, app_name: str = "app", clock: Clock | None = None
    ) -> None:
        self.team_id = new_id("T")
        self.team_name = "Sandbox"
        self.domain = "sandbox"
        self.app_id = new_id("A")
        self.bot_id = new_id("B")
        self.clock: Clock = clock or MachineClock()
        self.changes = Changes()
        self.listeners: list[Callable[[Happening], None]] = []
        self.accounts: dict[str, Account] = {}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, File] = {}
        self.usergroups: list[Json] = []
        self.pings: dict[str, list[Message]] = {}
        self.names: dict[str, str] = {}
        self._last_ts = 0
        bot = Account(new_id("U"), app_name, app_name, is_bot=True, updated=int(time.time()))
        self.bot_user_id = bot.id
        self._add(bot)
        for spec in people:
            self.add_person(spec)

    # people

    def _add(self, account: Account) -> None:
        self.accounts[account.id] = account
        self.names[account.id] = account.name
        self.pings[account.id] = []

    def add_person(self, spec: PersonSpec) -> Account:
        """Somebody new joins the workspace."""
        account = Account(
            id=new_id("U"),
            handle=spec.handle,
            name=spec.name or spec.handle,
            locale=spec.locale,
            tz=spec.tz,
            email=spec.email or f"{spec.handle}@example.com",
            deactivated=spec.deactivated,
            admin=spec.admin,
            title=spec.title,
            updated=int(time.time()),
        )
        self._add(account)
        return account

    def account(self, user_id: str) -> Account:
        """Raises SlackError user_not_found."""
        try:
            return self.accounts[user_id]
        except KeyError:
            raise SlackError("user_not_found") from None

    def people(self) -> list[Account]:
        """Everybody but bots, deactivated people included."""
        return [account for account in self.accounts.values() if not account.is_bot]

    def person(self, who: str) -> Account:
        """A person by handle or id. Raises LookupError."""
        for account in self.accounts.values():
            if who in (account.id, account.handle):
                return account
        raise LookupError(f"nobody is called {who!r}: there are {', '.join(a.handle for a in self.people())}")

    # conversations

    def channel(self, channel_id: str) -> Channel:
        """Raises SlackError channel_not_found."""
        channel = self.channels.get(channel_id)
        if channel is None or channel.deleted:
            raise SlackError("channel_not_found")
        return channel

    def named(self, name: str) -> Channel:
        """A channel by name, by `#name` or by id. Raises LookupError."""
        wanted = name.removeprefix("#")
        for channel in self.channels.values():
            if not channel.deleted and wanted in (channel.id, channel.name):
                return channel
        there = ", ".join(c.name for c in self.channels.values() if not c.is_direct and not c.deleted)
        raise LookupError(f"no channel is called {name!r}: there are {there or 'none'}")

    def add_channel(self, name: str, kind: Kind, creator: str, members: Iterable[str]) -> Channel:
        """A new conversation, without checks and without a word to anybody."""
        prefix = "D" if kind == "im" else "C"
        channel = Channel(new_id(prefix), name, kind, int(time.time()), creator, members=list(members))
        self.channels[channel.id] = channel
        self.names[channel.id] = name
        return channel

    def direct(self, *users: str) -> Channel | None:
        """The conversation of exactly these people, if it was ever opened."""
        for channel in self.channels.values():
            if channel.is_direct and set(channel.members) == set(users):
                return channel
        return None

    def open_direct(self, *users: str) -> Channel:
        """The conversation of exactly these people, opened if need be."""
        channel = self.direct(*users)
        if channel is None:
            kind: Kind = "im" if len(users) == 2 else "mpim"
            handles = "--".join(sorted(self.accounts[user].handle for user in users))
            channel = self.add_channel("" if kind == "im" else f"mpdm-{handles}-1", kind, users[0], users)
            self.changed("channel", channel)
        return channel

    # messages

    def next_ts(self) -> str:
        """A new timestamp, later than every other."""
        self._last_ts = max(int(time.time() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def message(self, channel: Channel, ts: str) -> Message:
        """Raises SlackError message_not_found."""
        for message in reversed(channel.history):
            if message.ts == ts:
                return message
        raise SlackError("message_not_found")

    def post(
        self,
        channel: Channel,
        user: str,
        text: str,
        blocks: Sequence[Json] = (),
        *,
        ephemeral_for: str | None = None,
        subtype: str | None = None,
        **more: Any,
    ) -> Message:
        """A message appears in the channel, or before one person's eyes."""
        message = Message(
            self.next_ts(),
            channel.id,
            user,
            text,
            time.time(),
            self.clock.now(),
            blocks=list(blocks),
            ephemeral_for=ephemeral_for,
            subtype=subtype,
            by_app=user == self.bot_user_id and subtype in (None, "file_share"),
            names=self.names,
            **more,
        )
        if ephemeral_for is not None:
            channel.ephemerals.append(message)
            self.changed("ephemeral", channel, ephemeral_for)
            return message
        channel.history.append(message)
        if subtype in (None, "file_share"):
            message.notified = self._called(channel, message)
            for person in message.notified:
                self.pings[person].append(message)
        self.changed("message", channel)
        self.happened(channel, type="message", **self._about(message))
        if subtype is None and f"<@{self.bot_user_id}>" in text and not channel.is_direct:
            self.happened(channel, type="app_mention", **self._about(message))
        return message

    def edit(
        self,
        message: Message,
        *,
        text: str | None,
        blocks: Sequence[Json] | None,
        metadata: Json | None,
        marked: bool,
    ) -> None:
        """The message says something else now; nobody is pinged. `marked` puts Slack's "(edited)" on it."""
        before = self.json_of(message)
        if text is not None or blocks is not None:
            message.text = text or ""
            message.blocks = list(blocks or ())
        if metadata is not None:
            message.metadata = metadata
        message.edits += 1
        if marked:
            message.edited = self.next_ts()
        channel = self.channels[message.channel_id]
        self.changed("message_changed", channel)
        if message.ephemeral_for is None:
            self._hidden(channel, "message_changed", message=self.json_of(message), previous_message=before)

    def delete(self, message: Message) -> None:
        """The message is gone, and so is its pin."""
        channel = self.channels[message.channel_id]
        message.deleted = True
        if message.ephemeral_for is not None:
            channel.ephemerals.remove(message)
            self.changed("message_deleted", channel, message.ephemeral_for)
            return
        before = self.json_of(message)
        channel.pins = [pin for pin in channel.pins if pin.ts != message.ts]
        if any(reply.thread_ts == message.ts and reply is not message for reply in channel.history):
            message.subtype, message.text, message.blocks = "tombstone", "This message was deleted.", []
        else:
            channel.history.remove(message)
        self.changed("message_deleted", channel)
        self._hidden(channel, "message_deleted", deleted_ts=message.ts, previous_message=before)

    def note(self, channel: Channel, user: str, subtype: str, text: str, **fields: Any) -> None:
        """One of Slack's own lines, such as "has joined the channel"; `fields` are those it has of its own."""
        self.post(channel, user, text, subtype=subtype, note=fields)

    def _called(self, channel: Channel, message: Message) -> tuple[str, ...]:
        found = mentions(message.text, message.blocks)
        called = [
            member
            for member in channel.members
            if member != message.user
            and not self.accounts[member].is_bot
            and not self.accounts[member].deactivated
            and (channel.is_direct or found.everyone or member in found.users)
        ]
        return tuple(called)

    # reactions and pins

    def react(self, message: Message, user: str, name: str) -> None:
        """Raises SlackError already_reacted."""
        users = message.reactions.setdefault(name, [])
        if user in users:
            raise SlackError("already_reacted")
        users.append(user)
        self._reaction("reaction_added", message, user, name)

    def unreact(self, message: Message, user: str, name: str) -> None:
        """Raises SlackError no_reaction."""
        users = message.reactions.get(name, [])
        if user not in users:
            raise SlackError("no_reaction")
        users.remove(user)
        if not users:
            del message.reactions[name]
        self._reaction("reaction_removed", message, user, name)

    def _reaction(self, kind: str, message: Message, user: str, name: str) -> None:
        channel = self.channels[message.channel_id]
        self.changed("reaction", channel)
        item = {"type": "message", "channel": channel.id, "ts": message.ts}
        self.happened(channel, type=kind, user=user, reaction=name, item=item, item_user=message.user)

    def pin(self, message: Message, user: str) -> None:
        """Raises SlackError already_pinned."""
        channel = self.channels[message.channel_id]
        if message.pinned:
            raise SlackError("already_pinned")
        message.pinned = True
        channel.pins.insert(0, Pin(message.ts, user, int(time.time())))
        self._pinning("pin_added", channel, message, user)

    def unpin(self, message: Message, user: str) -> None:
        """Raises SlackError no_pin."""
        channel = self.channels[message.channel_id]
        if not message.pinned:
            raise SlackError("no_pin")
        message.pinned = False
        channel.pins = [pin for pin in channel.pins if pin.ts != message.ts]
        self._pinning("pin_removed", channel, message, user)

    def _pinning(self, kind: str, channel: Channel, message: Message, user: str) -> None:
        self.changed("pin", channel)
        item = {
            "type": "message",
            "channel": channel.id,
            "message": self.json_of(message),
            "created": int(time.time()),
        }
        pinned = {"item_user": message.user, "pin_count": len(channel.pins)}
        removed = {"has_pins": bool(channel.pins)} if kind == "pin_removed" else {}
        self.happened(channel, type=kind, user=user, channel_id=channel.id, item=item, **pinned, **removed)

    # telling

    def changed(self, kind: str, channel: Channel | None = None, person: str | None = None) -> None:
        """Tell pages and waiting tests."""
        self.changes.tell(kind, channel.id if channel else None, person)

    def happened(self, channel: Channel | None = None, /, **event: Any) -> None:
        """Tell whoever turns happenings into events."""
        event.setdefault("event_ts", self.next_ts())
        for listener in self.listeners:
            listener(Happening(event, channel))

    def _about(self, message: Message) -> Json:
        body = {key: value for key, value in self.json_of(message).items() if key != "type"}
        return {**body, "channel": message.channel_id, "event_ts": message.ts}

    def _hidden(self, channel: Channel, subtype: str, **body: Any) -> None:
        ts = self.next_ts()
        self.happened(
            channel,
            type="message",
            subtype=subtype,
            hidden=True,
            channel=channel.id,
            ts=ts,
            event_ts=ts,
            **body,
        )

    def json_of(self, message: Message) -> Json:
        """A message as Slack sends it, metadata and all."""
        return message_json(self, message)
