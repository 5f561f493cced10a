"""conversations.*: who is in a conversation."""

from __future__ import annotations

from sandbox import channels, scopes
from sandbox.errors import SlackError
from sandbox.methods.registry import Asked, method
from sandbox.model import Json
from sandbox.payloads import channel_json


@method("conversations.members", tier=4, required=("channel",), by_kind=scopes.read, json=False)
def members(asked: Asked) -> Json:
    """The ids of everybody in it, page by page."""
    page, more = asked.page(asked.channel().members)
    return {"members": page, "response_metadata": more}


@method("conversations.invite", tier=3, required=("channel",), by_kind=scopes.invites)
def invite(asked: Asked) -> Json:
    """All of the people join, or none; with `force` those who can."""
    channel = asked.joined()
    users = asked.listed("users")
    errors = channels.invite(asked.workspace, channel, users, by=asked.bot, force=asked.flag("force"))
    return channels.about(asked.workspace, channel) | ({"errors": errors} if errors else {})


@method("conversations.join", tier=3, required=("channel",), scopes=("channels:join",))
def join(asked: Asked) -> Json:
    """The app joins a public channel."""
    channel = asked.channel()
    if channel.kind != "public":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    already = asked.bot in channel.members
    channels.join(asked.workspace, channel, asked.bot)
    body = channels.about(asked.workspace, channel)
    if already:
        body |= {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
    return body


@method("conversations.leave", tier=3, required=("channel",), by_kind=scopes.manage)
def leave(asked: Asked) -> Json:
    """The app leaves."""
    channel = asked.channel()
    channels.only_channels(channel)
    if channel.archived:
        raise SlackError("is_archived")
    if asked.bot not in channel.members:
        return {"not_in_channel": True}
    if channel.name == "general":
        raise SlackError("cant_leave_general")
    if channel.private and channel.members == [asked.bot]:
        raise SlackError("last_member")
    channels.leave(asked.workspace, channel, asked.bot)
    return {}


@method("conversations.kick", tier=3, required=("channel", "user"), by_kind=scopes.manage)
def kick(asked: Asked) -> Json:
    """Somebody is removed."""
    channel = asked.joined()
    channels.only_channels(channel)
    user = asked.workspace.account(asked.text("user")).id
    if user == asked.bot:
        raise SlackError("cant_kick_self")
    if channel.name == "general":
        raise SlackError("cant_kick_from_general")
    channels.leave(asked.workspace, channel, user)
    return {}


@method("conversations.open", tier=3)
def open_conversation(asked: Asked) -> Json:
    """The direct message conversation with one person or several."""
    if asked.text("channel"):
        channel = asked.channel()
        if not channel.is_direct:
            raise SlackError("method_not_supported_for_channel_type")
        asked.need(*scopes.manage(channel.kind))
        return {"channel": {"id": channel.id}, "no_op": True, "already_open": True}
    users = [user for user in dict.fromkeys(asked.listed("users")) if user != asked.bot]
    asked.need(*scopes.manage("im" if len(users) < 2 else "mpim"))
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 8:
        raise SlackError("too_many_users")
    for user in users:
        if asked.workspace.account(user).deactivated:
            raise SlackError("user_disabled")
    existed = asked.workspace.direct(asked.bot, *users)
    if existed is None and asked.flag("prevent_creation"):
        raise SlackError("channel_not_found")
    channel = existed or asked.workspace.open_direct(asked.bot, *users)
    body = channel_json(asked.workspace, channel) if asked.flag("return_im") else {"id": channel.id}
    return {"channel": body} | ({"no_op": True, "already_open": True} if existed else {})
