"""Which scope a call needs. Source: the method pages under https://docs.slack.dev/reference/methods."""

from __future__ import annotations

from sandbox.errors import SlackError
from sandbox.manifest import App
from sandbox.model import Kind

_FAMILY: dict[Kind, str] = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}
KINDS: tuple[Kind, ...] = ("public", "private", "im", "mpim")


def read(kind: Kind) -> tuple[str, ...]:
    """Seeing that a conversation of this kind is there, and who is in it."""
    return (f"{_FAMILY[kind]}:read",)


def history(kind: Kind) -> tuple[str, ...]:
    """Reading its messages."""
    return (f"{_FAMILY[kind]}:history",)


def manage(kind: Kind) -> tuple[str, ...]:
    """Making, renaming and archiving conversations of this kind."""
    return ("channels:manage",) if kind == "public" else (f"{_FAMILY[kind]}:write",)


def invites(kind: Kind) -> tuple[str, ...]:
    """Inviting people."""
    return (*manage(kind), f"{_FAMILY[kind]}:write.invites")


def topics(kind: Kind) -> tuple[str, ...]:
    """Setting topic and purpose."""
    return (*manage(kind), f"{_FAMILY[kind]}:write.topic")


def require(app: App, any_of: tuple[str, ...]) -> None:
    """Raises SlackError missing_scope, with what is needed and what is provided."""
    if any_of and not any(app.granted(scope) for scope in any_of):
        raise SlackError("missing_scope", needed=any_of[0], provided=app.provided())


EVENT_SCOPES: dict[str, tuple[str, ...]] = {
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "message.mpim": ("mpim:history",),
    "app_mention": ("app_mentions:read",),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
    "pin_added": ("pins:read",),
    "pin_removed": ("pins:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "channel_created": ("channels:read",),
    "channel_rename": ("channels:read",),
    "channel_archive": ("channels:read",),
    "channel_unarchive": ("channels:read",),
    "channel_deleted": ("channels:read",),
    "channel_left": ("channels:read",),
    "group_rename": ("groups:read",),
    "group_archive": ("groups:read",),
    "group_unarchive": ("groups:read",),
    "group_deleted": ("groups:read",),
    "group_left": ("groups:read",),
    "team_join": ("users:read",),
    "user_change": ("users:read",),
    "app_home_opened": (),
    "app_uninstalled": (),
    "tokens_revoked": (),
}
