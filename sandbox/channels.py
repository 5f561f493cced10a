"""What happens to channels: made, renamed, joined, left, archived. Raises Slack's own errors."""

from __future__ import annotations

import html
import time
import unicodedata
from collections.abc import Sequence

from sandbox.errors import SlackError
from sandbox.model import Channel, Json
from sandbox.payloads import channel_json
from sandbox.workspace import Workspace

NAME_LENGTH = 80
TOPIC_LENGTH = 250


def checked_name(name: object) -> str:
    """A channel name as Slack takes it. Raises SlackError invalid_name_*."""
    if not isinstance(name, str) or not name:
        raise SlackError("invalid_name_required")
    if len(name) > NAME_LENGTH:
        raise SlackError("invalid_name_maxlength")
    allowed = [letter in "-_" or unicodedata.category(letter)[0] in "LMN" for letter in name]
    if not any(ok and letter not in "-_" for ok, letter in zip(allowed, name, strict=True)):
        raise SlackError("invalid_name_punctuation")
    if not all(allowed) or name != name.lower():
        raise SlackError("invalid_name_specials")
    return name


def create(workspace: Workspace, name: object, *, private: bool, by: str) -> Channel:
    """A new channel with its creator as its only member. Raises SlackError invalid_name_*, name_taken."""
    name = checked_name(name)
    _free(workspace, name)
    channel = workspace.add_channel(name, "private" if private else "public", by, [by])
    workspace.changed("channel", channel)
    if not private:
        about = {
            "id": channel.id,
            "name": name,
            "created": channel.created,
            "creator": by,
            "is_channel": True,
        }
        workspace.happened(None, type="channel_created", channel=about)
    _joined(workspace, channel, by, None)
    return channel


def rename(workspace: Workspace, channel: Channel, name: object, by: str) -> None:
    """Raises SlackError is_archived, invalid_name_*, name_taken."""
    _open(channel)
    name = checked_name(name)
    if name == channel.name:
        return
    _free(workspace, name)
    old, channel.name = channel.name, name
    channel.previous_names.insert(0, old)
    workspace.names[channel.id] = name
    workspace.changed("channel", channel)
    about = {"id": channel.id, "name": name, "name_normalized": name, "created": channel.created}
    workspace.happened(channel, type="channel_rename", channel=about)
    workspace.note(channel, by, "channel_name", f'has renamed the channel from "{old}" to "{name}"')


def archive(workspace: Workspace, channel: Channel, by: str) -> None:
    """Raises SlackError already_archived, cant_archive_general, method_not_supported_for_channel_type."""
    only_channels(channel)
    if channel.archived:
        raise SlackError("already_archived")
    if channel.name == "general":
        raise SlackError("cant_archive_general")
    workspace.note(channel, by, "channel_archive", "archived the channel")
    channel.archived = True
    workspace.changed("channel", channel)
    workspace.happened(channel, type="channel_archive", channel=channel.id, user=by)


def unarchive(workspace: Workspace, channel: Channel, by: str) -> None:
    """Raises SlackError not_archived."""
    only_channels(channel)
    if not channel.archived:
        raise SlackError("not_archived")
    channel.archived = False
    workspace.changed("channel", channel)
    workspace.happened(channel, type="channel_unarchive", channel=channel.id, user=by)
    workspace.note(channel, by, "channel_unarchive", "un-archived the channel")


def delete(workspace: Workspace, channel: Channel) -> None:
    """The channel is gone for everybody; its name is free again."""
    workspace.happened(channel, type="channel_deleted", channel=channel.id)
    channel.deleted = True
    workspace.changed("channel", channel)


def join(workspace: Workspace, channel: Channel, user: str, inviter: str | None = None) -> None:
    """Somebody becomes a member; nothing happens if they are one."""
    if user not in channel.members:
        channel.members.append(user)
        _joined(workspace, channel, user, inviter)


def leave(workspace: Workspace, channel: Channel, user: str) -> None:
    """Somebody is no member any more. Raises SlackError not_in_channel."""
    if user not in channel.members:
        raise SlackError("not_in_channel")
    kind = "G" if channel.private else "C"
    workspace.happened(
        channel,
        type="member_left_channel",
        user=user,
        channel=channel.id,
        channel_type=kind,
        team=workspace.team_id,
    )
    if user == workspace.bot_user_id:
        workspace.happened(channel, type="channel_left", channel=channel.id, actor_id=user)
    channel.members.remove(user)
    workspace.changed("member", channel, user)
    workspace.note(channel, user, "channel_leave", f"<@{user}> has left the channel")


def invite(
    workspace: Workspace, channel: Channel, users: Sequence[str], *, by: str, force: bool
) -> list[Json]:
    """All of them join, or none; with `force` those who can.

    Answers the errors of the others. Raises SlackError with the first error when nobody was invited.
    """
    _open(channel)
    only_channels(channel)
    if not users:
        raise SlackError("no_user")
    if len(users) > 100:
        raise SlackError("too_many_users")
    errors: list[Json] = []
    welcome: list[str] = []
    for user in dict.fromkeys(users):
        problem = _uninvitable(workspace, channel, user, by)
        if problem is None:
            welcome.append(user)
        else:
            errors.append({"ok": False, "error": problem, "user": user})
    if errors and (not force or not welcome):
        raise SlackError(errors[0]["error"], errors=errors)
    for user in welcome:
        join(workspace, channel, user, by)
    return errors


def set_topic(workspace: Workspace, channel: Channel, topic: str, by: str) -> None:
    """Raises SlackError is_archived, too_long."""
    _open(channel)
    if len(topic) > TOPIC_LENGTH:
        raise SlackError("too_long")
    channel.topic = topic
    channel.topic_set = (by, int(time.time()))
    workspace.changed("channel", channel)
    said = "group_topic" if channel.private else "channel_topic"
    workspace.note(
        channel, by, said, f'set the channel topic: "{topic}"', topic=html.escape(topic, quote=False)
    )


def set_purpose(workspace: Workspace, channel: Channel, purpose: str, by: str) -> None:
    """Raises SlackError is_archived, too_long."""
    _open(channel)
    if len(purpose) > TOPIC_LENGTH:
        raise SlackError("too_long")
    channel.purpose = purpose
    channel.purpose_set = (by, int(time.time()))
    workspace.changed("channel", channel)
    workspace.note(channel, by, "channel_purpose", f'set the channel description: "{purpose}"')


def only_channels(channel: Channel) -> None:
    """Raises SlackError method_not_supported_for_channel_type for direct messages."""
    if channel.is_direct:
        raise SlackError("method_not_supported_for_channel_type")


def _open(channel: Channel) -> None:
    if channel.archived:
        raise SlackError("is_archived")


def _free(workspace: Workspace, name: str) -> None:
    if any(other.name == name and not other.deleted for other in workspace.channels.values()):
        raise SlackError("name_taken")


def _uninvitable(workspace: Workspace, channel: Channel, user: str, by: str) -> str | None:
    account = workspace.accounts.get(user)
    if user == by:
        return "cant_invite_self"
    if account is None:
        return "user_not_found"
    if account.deactivated:
        return "user_disabled"
    return "already_in_channel" if user in channel.members else None


def _joined(workspace: Workspace, channel: Channel, user: str, inviter: str | None) -> None:
    workspace.changed("member", channel, user)
    event: Json = {
        "type": "member_joined_channel",
        "user": user,
        "channel": channel.id,
        "channel_type": "G" if channel.private else "C",
        "team": workspace.team_id,
    }
    if inviter is not None:
        event["inviter"] = inviter
    workspace.happened(channel, **event)
    workspace.note(channel, user, "channel_join", f"<@{user}> has joined the channel")


def about(workspace: Workspace, channel: Channel) -> Json:
    """The body of an answer that tells of a channel."""
    return {"channel": channel_json(workspace, channel)}
