"""pins.*, reactions.*, bookmarks.*: what people put on messages and channels."""

from __future__ import annotations

import re
import time

from sandbox.errors import SlackError
from sandbox.methods.registry import Asked, method
from sandbox.model import Channel, Json, Message
from sandbox.payloads import message_json
from sandbox.workspace import new_id

PINS = 100
_EMOJI = re.compile(r"[\w+'\-]+(::skin-tone-[2-6])?")


@method("pins.add", tier=2, required=("channel",), scopes=("pins:write",))
def pins_add(asked: Asked) -> Json:
    """A message stays at hand."""
    channel = asked.joined()
    message = _item(asked, channel)
    if channel.archived:
        raise SlackError("is_archived")
    if len(channel.pins) >= PINS:
        raise SlackError("too_many_pins")
    asked.workspace.pin(message, asked.bot)
    return {}


@method("pins.list", tier=2, required=("channel",), scopes=("pins:read",), json=False)
def pins_list(asked: Asked) -> Json:
    """All pinned messages, newest pin first."""
    channel = asked.channel()
    items = []
    for pin in channel.pins:
        message = message_json(asked.workspace, asked.workspace.message(channel, pin.ts), metadata=False)
        items.append(
            {
                "type": "message",
                "channel": channel.id,
                "message": message,
                "created": pin.at,
                "created_by": pin.by,
            }
        )
    return {"items": items}


@method("pins.remove", tier=2, required=("channel",), scopes=("pins:write",))
def pins_remove(asked: Asked) -> Json:
    """A message is not pinned any more."""
    channel = asked.channel()
    asked.workspace.unpin(_item(asked, channel), asked.bot)
    return {}


@method("reactions.add", tier=3, required=("name",), scopes=("reactions:write",))
def reactions_add(asked: Asked) -> Json:
    """The app reacts to a message."""
    channel = asked.channel()
    message = _item(asked, channel)
    if channel.archived:
        raise SlackError("is_archived")
    asked.workspace.react(message, asked.bot, _emoji(asked))
    return {}


@method("reactions.get", tier=3, required=("channel",), scopes=("reactions:read",), json=False)
def reactions_get(asked: Asked) -> Json:
    """All reactions to a message."""
    channel = asked.channel()
    message = message_json(asked.workspace, _item(asked, channel), metadata=False)
    return {"type": "message", "channel": channel.id, "message": message}


@method("reactions.remove", tier=2, required=("name",), scopes=("reactions:write",))
def reactions_remove(asked: Asked) -> Json:
    """The app takes its reaction back."""
    asked.workspace.unreact(_item(asked, asked.channel()), asked.bot, _emoji(asked))
    return {}


@method("bookmarks.add", tier=2, required=("channel_id", "title", "type"), scopes=("bookmarks:write",))
def bookmarks_add(asked: Asked) -> Json:
    """A link at the head of a channel."""
    channel = asked.joined("channel_id")
    if asked.text("type") != "link":
        raise SlackError("invalid_bookmark_type")
    if not asked.text("link").startswith(("http://", "https://")):
        raise SlackError("invalid_link")
    bookmark = {
        "id": new_id("Bk"),
        "channel_id": channel.id,
        "title": asked.text("title"),
        "link": asked.text("link"),
        "emoji": asked.text("emoji"),
        "type": "link",
        "entity_id": None,
        "date_created": int(time.time()),
        "date_updated": 0,
        "rank": "",
        "last_updated_by_user_id": asked.bot,
        "last_updated_by_team_id": asked.workspace.team_id,
        "app_id": asked.workspace.app_id,
    }
    channel.bookmarks.append(bookmark)
    asked.workspace.changed("bookmark", channel)
    return {"bookmark": bookmark}


@method("bookmarks.list", tier=3, required=("channel_id",), scopes=("bookmarks:read",))
def bookmarks_list(asked: Asked) -> Json:
    """All links at the head of a channel."""
    return {"bookmarks": list(asked.channel("channel_id").bookmarks)}


def _item(asked: Asked, channel: Channel) -> Message:
    ts = asked.text("timestamp")
    if not ts:
        raise SlackError("no_item_specified")
    if not re.fullmatch(r"\d{10,}\.\d{6}", ts):
        raise SlackError("bad_timestamp")
    return asked.workspace.message(channel, ts)


def _emoji(asked: Asked) -> str:
    name = asked.text("name").strip(":")
    if not _EMOJI.fullmatch(name):
        raise SlackError("invalid_name")
    return name
