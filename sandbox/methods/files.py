"""files.*: uploads in three steps."""

from __future__ import annotations

import secrets
import time

from sandbox.block_kit import checked_blocks, parsed
from sandbox.errors import SlackError, invalid_arguments
from sandbox.methods.registry import Asked, method
from sandbox.model import File, Json
from sandbox.payloads import file_json
from sandbox.workspace import new_id

CHANNELS = 100


@method(
    "files.getUploadURLExternal", tier=4, required=("filename", "length"), scopes=("files:write",), json=False
)
def get_upload_url(asked: Asked) -> Json:
    """Where to send the bytes."""
    try:
        length = int(asked.text("length"))
    except ValueError:
        raise invalid_arguments("length must be a number [json-pointer:/length]") from None
    if len(asked.text("alt_txt")) > 1000:
        raise SlackError("alt_txt_too_large")
    file = File(new_id("F"), asked.text("filename"), length, secrets.token_hex(12))
    file.user, file.created = asked.bot, int(time.time())
    asked.workspace.files[file.id] = file
    return {"upload_url": f"{asked.site.address}/upload/{file.ticket}", "file_id": file.id}


@method("files.completeUploadExternal", tier=4, required=("files",), scopes=("files:write",))
def complete_upload(asked: Asked) -> Json:
    """The uploaded files are there, and stand in a message if a channel is named."""
    given = parsed(asked.args["files"], invalid_arguments("files must be an array [json-pointer:/files]"))
    if (
        not isinstance(given, list)
        or not given
        or not all(isinstance(one, dict) and "id" in one for one in given)
    ):
        raise invalid_arguments("files must be an array of objects with an id [json-pointer:/files]")
    files: list[File] = []
    for one in given:
        file = asked.workspace.files.get(str(one["id"]))
        if file is None or file.content is None or file.completed:
            raise SlackError("file_not_found")
        files.append(file)
    wanted = asked.listed("channels") or asked.listed("channel_id")
    if len(wanted) > CHANNELS:
        raise SlackError("channels_limit_exceeded")
    channels = []
    for channel_id in wanted:
        one_channel = asked.workspace.channel(channel_id)
        if asked.bot not in one_channel.members:
            raise SlackError("channel_not_found" if one_channel.private else "not_in_channel")
        channels.append(one_channel)
    blocks = checked_blocks(asked.args["blocks"]) if asked.args.get("blocks") else []
    for file, one in zip(files, given, strict=True):
        file.title, file.completed, file.channels = str(one.get("title") or file.name), True, wanted
    for channel in channels:
        asked.workspace.post(
            channel,
            asked.bot,
            asked.text("initial_comment"),
            blocks,
            subtype="file_share",
            thread_ts=asked.text("thread_ts") or None,
            files=files,
        )
    return {"files": [file_json(file, asked.workspace.team_id) for file in files]}


@method("files.info", tier=4, required=("file",), scopes=("files:read",), json=False)
def info(asked: Asked) -> Json:
    """One file."""
    file = asked.workspace.files.get(asked.text("file"))
    if file is None or not file.completed:
        raise SlackError("file_not_found")
    return {"file": file_json(file, asked.workspace.team_id)}
