"""What every listener works with, and who speaks to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.refusals import Refusal
from handlers.readers import Readers
from services import drafts
from services.desk import Actor, Desk

Body = Mapping[str, Any]
"""A payload of Slack's, as Bolt hands it over."""


@dataclass(frozen=True, kw_only=True)
class Front:
    desk: Desk
    readers: Readers
    command: str = "/incident"
    """What texts call the slash command where none was typed."""


def person_in(body: Body) -> str:
    """Slack user id of whoever sent this."""
    return str(body.get("user_id") or (body.get("user") or {}).get("id") or "")


def channel_in(body: Body) -> str | None:
    """The channel a command, button or message shortcut was used in; None inside forms and on the Home tab."""
    channel = body.get("channel_id") or (body.get("channel") or {}).get("id")
    return str(channel) if channel else None


async def actor_of(front: Front, body: Body) -> Actor:
    """Who asks, and from where: a form's channel is the one kept as `channel` in its draft."""
    channel = channel_in(body)
    view = body.get("view") or {}
    if channel is None and view.get("private_metadata"):
        try:
            _, kept = await drafts.load(front.desk, view["private_metadata"], view["callback_id"])
        except Refusal:
            kept = {}
        channel = kept.get("channel")
    return Actor(person=person_in(body), channel_id=channel)


def command_in(front: Front, body: Body) -> str:
    """The slash command as this workspace calls it."""
    return str(body.get("command") or front.command)
