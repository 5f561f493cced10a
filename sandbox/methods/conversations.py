"""conversations.*: making, changing, listing and reading conversations."""

from __future__ import annotations

import time
from collections.abc import Iterable

from sandbox import channels, scopes
from sandbox.errors import SlackError
from sandbox.methods.registry import Asked, method
from sandbox.model import Channel, Json, Kind, Message
from sandbox.payloads import channel_json, message_json

_KINDS: dict[str, Kind] = {
    "public_channel": "public",
    "private_channel": "private",
    "im": "im",
    "mpim": "mpim",
}


@method("conversations.create", tier=2)
def create(asked: Asked) -> Json:
    """A new channel; the app is its only member."""
    private = asked.flag("is_private")
    asked.need(*scopes.manage("private" if private else "public"))
    channel = channels.create(asked.workspace, asked.args.get("name"), private=private, by=asked.bot)
    return channels.about(asked.workspace, channel)


@method("conversations.info", tier=3, required=("channel",), by_kind=scopes.read, json=False)
def info(asked: Asked) -> Json:
    """One conversation."""
    body = channel_json(asked.workspace, asked.channel(), num_members=asked.flag("include_num_members"))
    return {"channel": body}


@method("conversations.list", tier=2, json=False)
def list_all(asked: Asked) -> Json:
    """All conversations the app can see, page by page."""
    visible = [c for c in asked.workspace.channels.values() if not c.private or asked.bot in c.members]
    page, more = asked.page(_of_types(asked, visible))
    shown = [channel_json(asked.workspace, channel, num_members=True) for channel in page]
    return {"channels": shown, "response_metadata": more}


@method("users.conversations", tier=3, json=False)
def of_user(asked: Asked) -> Json:
    """The conversations a person, or the app itself, is in."""
    user = asked.text("user") or asked.bot
    asked.workspace.account(user)
    mine = [
        channel
        for channel in asked.workspace.channels.values()
        if user in channel.members and (not channel.private or asked.bot in channel.members)
    ]
    page, more = asked.page(_of_types(asked, mine))
    return {
        "channels": [channel_json(asked.workspace, channel) for channel in page],
        "response_metadata": more,
    }


@method("conversations.history", tier=3, required=("channel",), by_kind=scopes.history)
def history(asked: Asked) -> Json:
    """The messages of a conversation, newest first, replies in threads left out."""
    channel = asked.joined()
    found = [m for m in channel.history if m.thread_ts in (None, m.ts) or m.broadcast]
    page, more = asked.page(_between(asked, reversed(found)), most=999)
    return {
        "messages": _shown(asked, channel, page),
        "has_more": bool(more["next_cursor"]),
        "pin_count": len(channel.pins),
        "response_metadata": more,
    }


@method("conversations.replies", tier=3, required=("channel", "ts"), by_kind=scopes.history, json=False)
def replies(asked: Asked) -> Json:
    """A thread: its first message, then the replies, oldest first."""
    channel = asked.joined()
    ts = asked.text("ts")
    found = [m for m in channel.history if ts in (m.ts, m.thread_ts)]
    if not any(message.ts == ts for message in found):
        raise SlackError("thread_not_found")
    page, more = asked.page(_between(asked, found), most=999)
    shown = _shown(asked, channel, page)
    return {"messages": shown, "has_more": bool(more["next_cursor"]), "response_metadata": more}


@method("conversations.rename", tier=2, required=("channel",), by_kind=scopes.manage)
def rename(asked: Asked) -> Json:
    """A channel gets another name."""
    channel = asked.joined()
    channels.only_channels(channel)
    channels.rename(asked.workspace, channel, asked.args.get("name"), asked.bot)
    return channels.about(asked.workspace, channel)


@method("conversations.archive", tier=2, required=("channel",), by_kind=scopes.manage)
def archive(asked: Asked) -> Json:
    """A channel is closed for good."""
    channels.archive(asked.workspace, asked.joined(), asked.bot)
    return {}


@method("conversations.unarchive", tier=2, required=("channel",), by_kind=scopes.manage)
def unarchive(asked: Asked) -> Json:
    """Bot tokens cannot: see the alert on https://api.slack.com/methods/conversations.unarchive."""
    channel = asked.channel()
    if not channel.archived:
        raise SlackError("not_archived")
    raise SlackError("not_in_channel")


@method("conversations.setTopic", tier=2, required=("channel",), by_kind=scopes.topics)
def set_topic(asked: Asked) -> Json:
    """What stands at the head of the channel."""
    channel = asked.joined()
    channels.only_channels(channel)
    channels.set_topic(asked.workspace, channel, asked.text("topic"), asked.bot)
    return channels.about(asked.workspace, channel)


@method("conversations.setPurpose", tier=2, required=("channel",), by_kind=scopes.topics)
def set_purpose(asked: Asked) -> Json:
    """What the channel is for."""
    channel = asked.joined()
    channels.only_channels(channel)
    channels.set_purpose(asked.workspace, channel, asked.text("purpose"), asked.bot)
    return {**channels.about(asked.workspace, channel), "purpose": channel.purpose}


def _of_types(asked: Asked, found: Iterable[Channel]) -> list[Channel]:
    types = asked.listed("types") or ["public_channel"]
    if not set(types) <= set(_KINDS):
        raise SlackError("invalid_types")
    kinds = {_KINDS[name] for name in types}
    for kind in kinds:
        asked.need(*scopes.read(kind))
    hidden = asked.flag("exclude_archived")
    return [c for c in found if c.kind in kinds and not c.deleted and not (hidden and c.archived)]


def _between(asked: Asked, messages: Iterable[Message]) -> list[Message]:
    """The messages that are there for readers by now, within `oldest` and `latest`."""
    try:
        oldest = _micro(asked.text("oldest") or "0")
    except ValueError:
        raise SlackError("invalid_ts_oldest") from None
    try:
        latest = _micro(asked.text("latest")) if asked.text("latest") else 2**63
    except ValueError:
        raise SlackError("invalid_ts_latest") from None
    inclusive = asked.flag("inclusive")
    seen_until = time.time() - asked.site.history_lag

    def within(message: Message) -> bool:
        at = _micro(message.ts)
        return oldest < at < latest or (inclusive and at in (oldest, latest))

    return [m for m in messages if (asked.site.history_lag <= 0 or m.posted_at <= seen_until) and within(m)]


def _micro(ts: str) -> int:
    seconds, _, fraction = ts.partition(".")
    return int(seconds) * 1_000_000 + int(fraction.ljust(6, "0")[:6])


def _shown(asked: Asked, channel: Channel, messages: list[Message]) -> list[Json]:
    """The messages, first ones of threads with what is known of their replies."""
    answers: dict[str, list[Message]] = {}
    for reply in channel.history:
        if reply.thread_ts not in (None, reply.ts):
            answers.setdefault(str(reply.thread_ts), []).append(reply)
    shown: list[Json] = []
    for message in messages:
        body = message_json(asked.workspace, message, metadata=asked.flag("include_all_metadata"))
        replied = answers.get(message.ts)
        if replied:
            users = list(dict.fromkeys(reply.user for reply in replied))
            body |= {"thread_ts": message.ts, "reply_count": len(replied), "reply_users": users}
            body |= {"reply_users_count": len(users), "latest_reply": replied[-1].ts}
        shown.append(body)
    return shown
