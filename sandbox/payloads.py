"""People, conversations, messages and views as Slack writes them in JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sandbox.form_state import state_values
from sandbox.model import Account, Channel, File, Json, Message, View

if TYPE_CHECKING:
    from sandbox.workspace import Workspace


def user_json(workspace: Workspace, account: Account, *, email: bool, locale: bool) -> Json:
    """A user object. `email` needs users:read.email, `locale` was asked for."""
    offset = datetime.fromtimestamp(account.updated, UTC).astimezone(ZoneInfo(account.tz)).utcoffset()
    profile: Json = {
        "real_name": account.name,
        "real_name_normalized": account.name,
        "display_name": account.name,
        "display_name_normalized": account.name,
        "first_name": account.name.split(" ")[0],
        "last_name": " ".join(account.name.split(" ")[1:]),
        "title": account.title,
        "phone": "",
        "skype": "",
        "status_text": "",
        "status_emoji": "",
        "avatar_hash": "",
        "image_48": "",
        "team": workspace.team_id,
    }
    if email and account.email:
        profile["email"] = account.email
    if account.is_bot:
        profile |= {"bot_id": workspace.bot_id, "api_app_id": workspace.app_id, "always_active": True}
    body: Json = {
        "id": account.id,
        "team_id": workspace.team_id,
        "name": account.handle,
        "deleted": account.deactivated,
        "profile": profile,
        "is_bot": account.is_bot,
        "is_app_user": False,
        "updated": account.updated,
    }
    if account.deactivated:
        return body
    body |= {
        "color": "9f69e7",
        "real_name": account.name,
        "tz": account.tz,
        "tz_label": account.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "is_admin": account.admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_email_confirmed": True,
    }
    if locale:
        body["locale"] = account.locale
    return body


def channel_json(workspace: Workspace, channel: Channel, *, num_members: bool = False) -> Json:
    """A conversation object as the app's bot user sees it."""
    bot = workspace.bot_user_id
    body: Json = {
        "id": channel.id,
        "created": channel.created,
        "updated": channel.created * 1000,
        "context_team_id": workspace.team_id,
        "is_archived": channel.archived,
        "is_channel": channel.kind == "public",
        "is_group": channel.kind == "private",
        "is_im": channel.kind == "im",
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.private,
        "is_org_shared": False,
    }
    if channel.kind == "im":
        other = next((member for member in channel.members if member != bot), bot)
        return body | {"user": other, "is_user_deleted": workspace.accounts[other].deactivated, "priority": 0}
    body |= {
        "name": channel.name,
        "name_normalized": channel.name,
        "creator": channel.creator,
        "is_general": channel.name == "general",
        "is_member": bot in channel.members,
        "is_shared": False,
        "is_ext_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "parent_conversation": None,
        "unlinked": 0,
        "shared_team_ids": [workspace.team_id],
        "topic": {"value": channel.topic, "creator": channel.topic_set[0], "last_set": channel.topic_set[1]},
        "purpose": {
            "value": channel.purpose,
            "creator": channel.purpose_set[0],
            "last_set": channel.purpose_set[1],
        },
        "previous_names": list(channel.previous_names),
    }
    if num_members:
        body["num_members"] = len(channel.members)
    return body


def message_json(workspace: Workspace, message: Message, *, metadata: bool = True) -> Json:
    """A message object; without `metadata` only the event type of its metadata is shown."""
    body: Json = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts}
    if message.subtype is not None:
        body |= {"subtype": message.subtype, **message.note}
    elif not message.by_app:
        body["client_msg_id"] = f"{message.channel_id}-{message.ts}".lower()
    body["team"] = workspace.team_id
    blocks = message.blocks
    if not blocks and message.subtype is None and not message.by_app and message.text:
        line = {"type": "rich_text_section", "elements": [{"type": "text", "text": message.text}]}
        blocks = [{"type": "rich_text", "block_id": "typed", "elements": [line]}]
    if blocks:
        body["blocks"] = blocks
    if message.by_app:
        app = workspace.accounts[workspace.bot_user_id]
        body |= {"bot_id": workspace.bot_id, "app_id": workspace.app_id, **message.identity}
        body["bot_profile"] = bot_json(workspace, app)
    if message.attachments:
        body["attachments"] = message.attachments
    if message.metadata is not None:
        shown = message.metadata if metadata else {"event_type": message.metadata["event_type"]}
        body["metadata"] = shown
    if message.edited is not None:
        body["edited"] = {"user": message.user, "ts": message.edited}
    if message.thread_ts is not None:
        body["thread_ts"] = message.thread_ts
    if message.reactions:
        body["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)}
            for name, users in message.reactions.items()
        ]
    if message.pinned:
        body["pinned_to"] = [message.channel_id]
    if message.files:
        body["files"] = [file_json(file, workspace.team_id) for file in message.files]
    if message.ephemeral_for is not None:
        body["is_ephemeral"] = True
    return body


def bot_json(workspace: Workspace, app: Account) -> Json:
    """The bot object of the app."""
    return {
        "id": workspace.bot_id,
        "app_id": workspace.app_id,
        "user_id": app.id,
        "name": app.name,
        "deleted": app.deactivated,
        "updated": app.updated,
        "team_id": workspace.team_id,
        "icons": {},
    }


def view_json(workspace: Workspace, view: View) -> Json:
    """A view object, with what the person has filled in so far."""
    body: Json = {
        "id": view.id,
        "team_id": workspace.team_id,
        "app_id": workspace.app_id,
        "app_installed_team_id": workspace.team_id,
        "bot_id": workspace.bot_id,
        "type": view.type,
        "title": {"type": "plain_text", "text": "View Title", "emoji": True},
        "submit": None,
        "close": None,
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
        "hash": view.hash,
        "state": {"values": state_values(view.blocks, view.values)},
    }
    return body | view.definition


def file_json(file: File, team_id: str) -> Json:
    """A file object."""
    extension = file.name.rpartition(".")[2].lower()
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title or file.name,
        "filetype": extension,
        "user": file.user,
        "user_team": team_id,
        "size": file.length,
        "mode": "hosted",
        "channels": list(file.channels),
    }
