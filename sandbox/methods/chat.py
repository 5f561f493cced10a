"""chat.*: posting, changing and deleting messages."""

from __future__ import annotations

import re
from typing import Any

from sandbox.block_kit import checked_blocks, parsed
from sandbox.errors import SlackError
from sandbox.form_state import carried
from sandbox.methods.registry import Asked, method
from sandbox.model import Channel, Json, Message
from sandbox.payloads import message_json

TEXT = 40_000
TEXT_OF_UPDATE = 4_000
MARKDOWN = 12_000
ATTACHMENTS = 100
METADATA_BYTES = 16_000
_TS = re.compile(r"\d{10,}\.\d{6}")


@method("chat.postMessage", tier=None, required=("channel",), scopes=("chat:write",))
def post_message(asked: Asked) -> Json:
    """A message, in a channel or in the app's DM with a person."""
    channel = _target(asked)
    if channel.archived:
        raise SlackError("is_archived")
    app = asked.site.app
    anywhere = app.scopes is not None and app.granted(
        "chat:write.public"
    )  # never by default: few apps have it
    if asked.bot not in channel.members and (channel.private or not anywhere):
        raise SlackError("not_in_channel")
    if channel.kind == "im" and not asked.site.app.messages_tab:
        raise SlackError("messages_tab_disabled")
    content = _content(asked)
    thread_ts = asked.text("thread_ts") or None
    if thread_ts is not None and not _TS.fullmatch(thread_ts):
        raise SlackError("invalid_thread_ts")
    message = asked.workspace.post(
        channel,
        asked.bot,
        content["text"][:TEXT],
        content["blocks"],
        attachments=content["attachments"],
        metadata=_metadata(asked),
        thread_ts=thread_ts,
        broadcast=asked.flag("reply_broadcast"),
        identity=_identity(asked),
    )
    return {"channel": channel.id, "ts": message.ts, "message": message_json(asked.workspace, message)}


@method("chat.postEphemeral", tier=4, required=("channel", "user"), scopes=("chat:write",))
def post_ephemeral(asked: Asked) -> Json:
    """A message before one person's eyes."""
    channel = _named(asked)
    if channel.archived:
        raise SlackError("is_archived")
    if asked.bot not in channel.members:
        raise SlackError("not_in_channel")
    user = asked.text("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    content = _content(asked)
    if len(content["text"]) > TEXT:
        raise SlackError("msg_too_long")
    message = asked.workspace.post(
        channel,
        asked.bot,
        content["text"],
        content["blocks"],
        ephemeral_for=user,
        attachments=content["attachments"],
        thread_ts=asked.text("thread_ts") or None,
    )
    return {"message_ts": message.ts}


@method("chat.update", tier=3, required=("channel", "ts"), scopes=("chat:write",))
def update(asked: Asked) -> Json:
    """One of the app's own messages says something else."""
    channel = asked.channel()
    message = asked.message(channel)
    if not message.by_app:
        raise SlackError("cant_update_message")
    if channel.archived:
        raise SlackError("is_inactive")
    given = [
        name
        for name in ("text", "blocks", "attachments", "markdown_text")
        if asked.args.get(name) is not None
    ]
    metadata = _metadata(asked)
    if given:
        content = _content(asked)
        if len(content["text"]) > TEXT_OF_UPDATE:
            raise SlackError("msg_too_long")
        marked = not content["blocks"]
        asked.workspace.edit(
            message, text=content["text"], blocks=content["blocks"], metadata=metadata, marked=marked
        )
        message.attachments = content["attachments"]
        message.values = carried(message.values, message.blocks)
    else:
        asked.workspace.edit(message, text=None, blocks=None, metadata=metadata, marked=False)
    shown = message_json(asked.workspace, message)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


@method("chat.delete", tier=3, required=("channel", "ts"), scopes=("chat:write",))
def delete(asked: Asked) -> Json:
    """One of the app's own messages disappears."""
    channel = asked.channel()
    message = asked.message(channel)
    if not message.by_app:
        raise SlackError("cant_delete_message")
    asked.workspace.delete(message)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.getPermalink", tier=None, required=("channel", "message_ts"), json=False)
def get_permalink(asked: Asked) -> Json:
    """The address of a message."""
    channel = asked.channel()
    message = asked.message(channel, "message_ts")
    return {"channel": channel.id, "permalink": permalink(asked, channel, message)}


def permalink(asked: Asked, channel: Channel, message: Message) -> str:
    """The address of a message, in Slack's form."""
    link = f"https://{asked.workspace.domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    return link + (f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.thread_ts else "")


def _named(asked: Asked) -> Channel:
    """A conversation by id, or a public channel by name."""
    wanted = asked.text("channel")
    for channel in asked.workspace.channels.values():
        if channel.kind == "public" and not channel.deleted and wanted.removeprefix("#") == channel.name:
            return channel
    return asked.channel()


def _target(asked: Asked) -> Channel:
    wanted = asked.text("channel")
    person = asked.workspace.accounts.get(wanted)
    if person is None:
        return _named(asked)
    if person.deactivated or person.is_bot:
        raise SlackError("channel_not_found")
    return asked.workspace.open_direct(asked.bot, person.id)


def _content(asked: Asked) -> Json:
    blocks = asked.args.get("blocks")
    attachments = parsed(asked.args.get("attachments") or [], SlackError("invalid_attachments"))
    text, markdown = asked.text("text"), asked.text("markdown_text")
    if markdown and (blocks or text):
        raise SlackError("markdown_text_conflict")
    if len(markdown) > MARKDOWN:
        raise SlackError("msg_too_long")
    if len(attachments) > ATTACHMENTS:
        raise SlackError("too_many_attachments")
    checked = checked_blocks(blocks) if blocks is not None else []
    if not (text.strip() or checked or attachments or markdown):
        raise SlackError("no_text")
    return {"text": text or markdown, "blocks": checked, "attachments": attachments}


def _metadata(asked: Asked) -> Json | None:
    if asked.args.get("metadata") is None:
        return None
    value: Any = parsed(asked.args["metadata"], SlackError("invalid_metadata_format"))
    if not isinstance(value, dict):
        raise SlackError("invalid_metadata_format")
    if set(value) - {"event_type", "event_payload", "entities"} or not isinstance(
        value.get("event_type"), str
    ):
        raise SlackError("invalid_metadata_schema")
    if not isinstance(value.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema")
    if len(str(value).encode()) > METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return value


def _identity(asked: Asked) -> Json:
    given = {
        name: asked.text(name) for name in ("username", "icon_emoji", "icon_url") if asked.args.get(name)
    }
    if given:
        asked.need("chat:write.customize")
    return {"username": given["username"]} if "username" in given else {}
