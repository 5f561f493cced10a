"""response_url: five uses within thirty minutes, by whoever was spoken to.

Source: https://docs.slack.dev/interactivity/handling-user-interaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.block_kit import checked_blocks
from sandbox.errors import SlackError
from sandbox.model import Channel, Json, Message
from sandbox.workspace import Workspace

USES = 5
SECONDS = 30 * 60.0


@dataclass
class Talk:
    """What a response_url stands for: where, with whom, about which message."""

    channel: Channel
    person: str
    original: Message | None
    born: float
    uses: int = 0


class Replies:
    """All response_urls, and what the app says through them."""

    def __init__(self, workspace: Workspace, monotonic: Callable[[], float]) -> None:
        self._workspace = workspace
        self._monotonic = monotonic
        self._talks: dict[str, Talk] = {}

    def start(self, channel: Channel, person: str, original: Message | None = None) -> str:
        """The last part of a new response_url."""
        token = secrets.token_hex(12)
        self._talks[token] = Talk(channel, person, original, self._monotonic())
        return token

    def use(self, token: str, body: Json) -> Message | None:
        """The app answers through the url. Raises SlackError used_url, expired_url, no_text, invalid_blocks."""
        talk = self._talks.get(token)
        if talk is None or self._monotonic() - talk.born > SECONDS:
            raise SlackError("expired_url")
        if talk.uses >= USES:
            raise SlackError("used_url")
        said = self.say(talk.channel, talk.person, body, talk.original)
        talk.uses += 1
        return said

    def say(
        self, channel: Channel, person: str, body: Json, original: Message | None = None
    ) -> Message | None:
        """Post, replace or delete, as the body asks; before the person's eyes only unless it says `in_channel`.

        Raises SlackError no_text, invalid_blocks.
        """
        workspace = self._workspace
        ours = original is not None and original.by_app and not original.deleted
        if body.get("delete_original"):
            if original is not None and ours:
                workspace.delete(original)
            return None
        text = str(body.get("text") or "")
        blocks = checked_blocks(body["blocks"]) if body.get("blocks") is not None else []
        if not text.strip() and not blocks and not body.get("attachments"):
            raise SlackError("no_text")
        if body.get("replace_original") and original is not None and ours:
            workspace.edit(original, text=text, blocks=blocks, metadata=None, marked=False)
            return original
        return workspace.post(
            channel,
            workspace.bot_user_id,
            text,
            blocks,
            ephemeral_for=None if body.get("response_type") == "in_channel" else person,
            thread_ts=body.get("thread_ts"),
        )
