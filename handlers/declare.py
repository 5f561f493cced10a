"""Declaring an incident: the form, its live line, and its submission."""

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.incident import TEXT_LIMIT, TITLE_LIMIT, Category
from domain.refusals import Refusal
from domain.severity import Assessment
from handlers.answers import SLACK_FAILURES, open_form
from handlers.commands import command
from handlers.form_values import FormValues, assessment_in
from handlers.front import Body, Front, channel_in, command_in, person_in
from handlers.payloads import in_form, request_in
from handlers.redraw import Redraws
from handlers.typed import plain
from services import declare, drafts
from templates.blocks import Block
from templates.forms.declare import (
    DECLARE,
    LIVE_FIELDS,
    YES,
    declare_form,
    live_line,
    ordinary_case,
    waiting_line,
)
from templates.forms.notice import notice_view
from templates.mrkdwn import clip
from templates.words import Words

log = logging.getLogger(__name__)

PERMALINK_SECONDS = 1.0
CROWD = 5
"""So many swarms ahead take a while: whoever declares is told at once, not by a message that has to wait too."""


def register(app: AsyncApp, front: Front) -> None:
    redraws = Redraws()

    @app.shortcut({"type": "shortcut", "callback_id": "declare"})
    async def from_anywhere(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        words = await front.readers.words(client, person_in(body))
        await _open(front, client, body, ack, words)

    @app.shortcut({"type": "message_action", "callback_id": "declare_from_message"})
    async def from_message(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        words = await front.readers.words(client, person_in(body))
        said = _said(body["message"], words)
        first_line = next((line.strip() for line in said.splitlines() if line.strip()), "")
        await _open(
            front,
            client,
            body,
            ack,
            words,
            title=clip(first_line, TITLE_LIMIT),
            summary=clip(said, TEXT_LIMIT),
            message={"channel": channel_in(body), "ts": body["message"]["ts"]},
        )

    @app.action(re.compile(f"^({'|'.join(LIVE_FIELDS)})$"), matchers=[in_form(DECLARE)])
    async def chosen(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        redraws.note(body)
        words = await front.readers.words(client, person_in(body))
        await redraws.show(client, body, ack, await _redrawn(front, body, words))

    @app.view(DECLARE)
    async def submitted(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        values = FormValues(body)
        declaration = _declaration(values, assessment_in(values))
        kept = await _kept(front, body)
        link = await _permalink(client, kept.get("message"))
        incident = await declare.declare(
            front.desk,
            replace(declaration, source_link=link),
            by=person_in(body),
            request=request_in(body),
        )
        ahead = await declare.swarms_ahead(front.desk) if incident.swarm else 0
        if incident.swarm and ahead < CROWD:
            await ack()
            return
        words = await front.readers.words(client, person_in(body))
        if incident.swarm:
            said = words("declared.crowded", number=incident.number, title=incident.title, n=ahead)
            await ack(response_action="update", view=notice_view(said, words))
            return
        answer = ordinary_case(incident, words, command=kept.get("command") or front.command)
        await ack(response_action="update", view=answer)


@command("declare")
async def run(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, argument: str
) -> None:
    await _open(front, client, body, ack, words, title=" ".join(plain(argument, words.names).split()))


async def _open(
    front: Front,
    client: AsyncWebClient,
    body: Body,
    ack: AsyncAck,
    words: Words,
    *,
    title: str = "",
    summary: str = "",
    message: Mapping[str, Any] | None = None,
) -> None:
    await declare.check_may(front.desk, by=person_in(body))
    kept = {"title": title, "summary": summary, "message": message, "command": command_in(front, body)}
    draft_id = await drafts.save(front.desk, DECLARE, person=person_in(body), payload=kept)
    form = declare_form(
        draft_id, front.desk.team, words, title=title, summary=summary, live=waiting_line(words)
    )
    await open_form(client, body, ack, form, words, command=command_in(front, body))


async def _redrawn(front: Front, body: Body, words: Words) -> Block:
    """The form as it was opened, with the live line for what is chosen by now."""
    values = FormValues(body)
    live = waiting_line(words)
    if values.choice("urgency") and values.choice("impact"):
        assessment = assessment_in(values)
        foretold = await declare.forecast(front.desk, _declaration(values, assessment), by=person_in(body))
        live = live_line(
            words,
            assessment=assessment,
            swarm=foretold.swarm,
            first_update_by=foretold.first_update_by,
            sla=foretold.sla,
            places=foretold.places,
            missing=foretold.missing,
            people=foretold.people,
            look_alikes=foretold.look_alikes,
        )
    kept = await _kept(front, body)
    return declare_form(
        body["view"]["private_metadata"],
        front.desk.team,
        words,
        title=kept.get("title") or "",
        summary=kept.get("summary") or "",
        live=live,
    )


def _declaration(values: FormValues, assessment: Assessment) -> declare.Declaration:
    """The form as filled in so far. Raises Refusal CHOICE_UNKNOWN."""
    return declare.Declaration(
        title=values.text("title"),
        assessment=assessment,
        summary=values.text("summary"),
        category=values.one_of("category", Category) or Category.OTHER,
        product=values.choice("product"),
        customers=values.choices("customers"),
        language=values.choice("language") or "",
        private=YES in values.choices("private"),
        swarm_anyway=YES in values.choices("swarm_anyway"),
    )


async def _kept(front: Front, body: Body) -> Mapping[str, Any]:
    try:
        return (await drafts.load(front.desk, body["view"]["private_metadata"], DECLARE))[1]
    except Refusal:
        return {}  # All that was typed is in the form; an old draft must not stand in its way.


async def _permalink(client: AsyncWebClient, message: Mapping[str, Any] | None) -> str:
    """The address of the message it is declared from; empty where Hachi may not see that conversation."""
    if not message:
        return ""
    try:
        async with asyncio.timeout(PERMALINK_SECONDS):
            answer = await client.chat_getPermalink(channel=message["channel"], message_ts=message["ts"])
    except SLACK_FAILURES as error:
        log.info("The message has no address for us: %s", error)
        return ""
    return str(answer["permalink"])


def _said(message: Mapping[str, Any], words: Words) -> str:
    """A message's text as people read it; of one that only carries an attachment, that one's."""
    attached: Mapping[str, Any] = next(iter(message.get("attachments") or ()), {})
    text = message.get("text") or attached.get("text") or attached.get("fallback") or ""
    return plain(str(text), words.names).strip()
