"""Answering whoever asked: opening a form for them, or telling them something only they see."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import ClientError
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from domain.refusals import Refusal, Why
from handlers.front import Body, person_in
from templates.blocks import Block, readable
from templates.forms.notice import notice_view
from templates.mrkdwn import Mrkdwn
from templates.refusals import refusal_text
from templates.words import Words

log = logging.getLogger(__name__)

Ack = Callable[..., Awaitable[Any]]

SLACK_FAILURES = (SlackApiError, ClientError, OSError, TimeoutError, ValueError)
"""What a call may end with when Slack, or the way to it, fails."""
TRIGGER_USED = "exchanged_trigger_id"


async def open_form(
    client: AsyncWebClient, body: Body, ack: Ack, view: Block, words: Words, *, command: str = "/incident"
) -> None:
    """Open the form, on top of the one a button was pressed in, and acknowledge meanwhile.

    Call it last: whatever it needs to know is on record by now. A form that Slack does not open is told to the person.
    """
    opening = asyncio.ensure_future(_open(client, body, view))
    # The trigger lives for three seconds, so the call is on its way before Slack is answered.
    await asyncio.sleep(0)
    await ack()
    try:
        await opening
    except SLACK_FAILURES as error:
        if isinstance(error, SlackApiError) and error.response["error"] == TRIGGER_USED:
            return  # Slack has delivered the request once more, and the form is open.
        log.warning("The form %s was not opened: %s", view["callback_id"], error)
        refusal = Refusal(Why.FORM_NOT_OPENED)
        await tell(client, body, refusal_text(refusal, words, markup=True, command=command), words)


async def reply(client: AsyncWebClient, body: Body, ack: Ack, blocks: Sequence[Block], words: Words) -> None:
    """Answer a command or a button with what only this person sees, and acknowledge."""
    if "command" in body:
        await ack(text=readable(blocks), blocks=blocks)
        return
    # Acknowledged first: nothing is written, and a slow Slack must not look like a lost click.
    await ack()
    await tell(client, body, readable(blocks), words, blocks)


async def tell(
    client: AsyncWebClient, body: Body, text: str, words: Words, blocks: Sequence[Block] = ()
) -> None:
    """Say something only this person sees, wherever they are; `text` is Slack markup. Never raises for Slack's sake.

    In a channel it is an ephemeral message, in a form a small modal on top of it, failing both a direct message.
    `blocks` are the whole of it where `text` is only its summary.
    """
    text, shown = Mrkdwn(text), list(blocks) or None
    try:
        if url := body.get("response_url"):
            respond = AsyncRespond(response_url=url, proxy=client.proxy, ssl=client.ssl)
            answer = await respond(text, shown, response_type="ephemeral", replace_original=False)
            if answer.status_code == 200:
                return
            log.warning("An answer was not taken: %s", answer.body)
        elif body.get("type") in ("block_actions", "shortcut"):
            await _open(client, body, notice_view(text, words, blocks))
            return
    except SLACK_FAILURES as error:
        log.warning("An answer did not arrive where it was asked for: %s", error)
    try:
        await client.chat_postMessage(channel=person_in(body), text=text, blocks=shown)
    except SLACK_FAILURES as error:
        log.error("An answer reached nobody: %s", error)


async def _open(client: AsyncWebClient, body: Body, view: Block) -> None:
    if (body.get("view") or {}).get("type") == "modal":
        await client.views_push(trigger_id=body["trigger_id"], view=view)
    else:
        await client.views_open(trigger_id=body["trigger_id"], view=view)
