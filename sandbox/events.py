"""Which happenings become events for the app, and the envelope they come in.

Sources: https://docs.slack.dev/apis/events-api, https://docs.slack.dev/reference/events.
"""

from __future__ import annotations

import time

from sandbox.manifest import App
from sandbox.model import Channel, Json, Kind
from sandbox.scopes import EVENT_SCOPES
from sandbox.workspace import Happening, Workspace, new_id

_MESSAGES: dict[Kind, tuple[str, str]] = {
    "public": ("message.channels", "channel"),
    "private": ("message.groups", "group"),
    "im": ("message.im", "im"),
    "mpim": ("message.mpim", "mpim"),
}
_SEEN_BY_ALL = {
    "channel_created",
    "channel_rename",
    "channel_archive",
    "channel_unarchive",
    "channel_deleted",
}


def event_for(app: App, workspace: Workspace, happening: Happening) -> Json | None:
    """The whole payload of the event, or None where the app gets none."""
    event, channel = happening
    event = dict(event)
    name = str(event["type"])
    if name == "message" and channel is not None:
        name, event["channel_type"] = _MESSAGES[channel.kind]
    elif channel is not None and channel.kind == "private" and name.startswith("channel_"):
        name = event["type"] = name.replace("channel_", "group_", 1)
    if not app.installed and name not in ("app_uninstalled", "tokens_revoked"):
        return None
    if not app.subscribed(name) or not _visible(workspace, channel, name):
        return None
    needed = EVENT_SCOPES.get(name, ())
    if needed and not any(app.granted(scope) for scope in needed):
        return None
    return envelope(workspace, event)


def envelope(workspace: Workspace, event: Json) -> Json:
    """The outer event."""
    return {
        "token": "sandbox-verification",
        "team_id": workspace.team_id,
        "context_team_id": workspace.team_id,
        "context_enterprise_id": None,
        "api_app_id": workspace.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": new_id("Ev"),
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team_id,
                "user_id": workspace.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{new_id('')}",
    }


def _visible(workspace: Workspace, channel: Channel | None, name: str) -> bool:
    """Most events of a channel come only to its members; those about a public channel itself come to all."""
    if channel is None or workspace.bot_user_id in channel.members:
        return True
    return channel.kind == "public" and name in _SEEN_BY_ALL
