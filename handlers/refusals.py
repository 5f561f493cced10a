"""The one door every "no" leaves by: words for whoever asked, at the field it is about."""

import asyncio
import logging
import secrets
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from domain.refusals import Refusal, Why
from handlers.answers import tell
from handlers.front import Body, Front, command_in, person_in
from storage.trouble import DatabaseUnusableError
from templates.forms.notice import notice_view
from templates.refusals import refusal_text
from templates.words import Words

log = logging.getLogger(__name__)

TELL_SECONDS = 1.5
"""So long the acknowledgement waits for the answer; Slack gives up after 3 s."""


def register(app: AsyncApp, front: Front) -> None:
    @app.error
    async def say_why(
        error: Exception,
        body: Body,
        client: AsyncWebClient,
        context: AsyncBoltContext,
        response: BoltResponse | None,
    ) -> BoltResponse | None:
        refusal = error if isinstance(error, Refusal) else _unexpected(error)
        if not (person := person_in(body)):
            return None  # An event, not a person: the log knows.
        words = await _words(front, client, person)
        command = command_in(front, body)
        if response is None:  # Acknowledged already: no other answer than a message is left.
            await tell(client, body, _text(refusal, words, command, markup=True), words)
            return None
        return await _answer(context.ack, client, body, refusal, words, command)


async def _answer(
    ack: AsyncAck, client: AsyncWebClient, body: Body, refusal: Refusal, words: Words, command: str
) -> BoltResponse:
    if body.get("type") == "view_submission":
        if place := _place(refusal.field, body["view"]):
            said = _text(refusal, words, command, markup=False)
            return await ack(response_action="errors", errors={place: said})
        notice = notice_view(_text(refusal, words, command, markup=True), words)
        return await ack(response_action="push", view=notice)
    text = _text(refusal, words, command, markup=True)
    if "command" in body:
        return await ack(text)
    # The answer first: once acknowledged, Bolt returns whatever stands in the response by then.
    await asyncio.wait([asyncio.ensure_future(tell(client, body, text, words))], timeout=TELL_SECONDS)
    return await ack()


def _place(field: str | None, view: Any) -> str | None:
    """The input to mark: the refused field's where the form has it, the form's first otherwise."""
    inputs = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    if field in inputs:
        return field
    return inputs[0] if inputs else None


def _unexpected(error: Exception) -> Refusal:
    reference = secrets.token_hex(2).upper()
    if isinstance(error, DatabaseUnusableError):
        log.warning("Somebody was turned away (reference %s): the database cannot be used.", reference)
        return Refusal(Why.RECORDS_AWAY, reference=reference)
    log.error("A listener failed (reference %s).", reference, exc_info=error)
    return Refusal(Why.UNEXPECTED, reference=reference)


def _text(refusal: Refusal, words: Words, command: str, *, markup: bool) -> str:
    try:
        return refusal_text(refusal, words, markup=markup, command=command)
    except Exception as error:  # A text that lacks a fact must not leave the person without an answer.
        return refusal_text(_unexpected(error), words, markup=markup, command=command)


async def _words(front: Front, client: AsyncWebClient, person: str) -> Words:
    try:
        return await front.readers.words(client, person)
    except Exception as error:  # The database may be what failed.
        log.warning("Nobody knows which language %s reads: %s", person, error)
        return Words(front.desk.team.language, front.desk.team.timezone)
