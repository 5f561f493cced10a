"""Resolving: one form that shows what customers will read before it is sent."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.customer_updates import field_name, languages_of, recipients_of
from domain.incident import DataLoss
from domain.promises import read_time
from domain.refusals import Refusal, Why
from handlers.answers import open_form
from handlers.commands import COMMANDS
from handlers.form_values import FormValues
from handlers.front import Body, Front, actor_of, command_in
from handlers.incident_forms import by_button, by_command, form_kept, keep_form
from handlers.payloads import in_form, request_in
from handlers.redraw import Redraws
from services import lifecycle
from services.desk import Actor
from services.lifecycle import Ending
from templates.blocks import Block
from templates.forms.lifecycle import ResolveForm, resolve_form
from templates.forms.typed_times import typed_time
from templates.refusals import refusal_text
from templates.words import Words

FORM = "resolve"


def register(app: AsyncApp, front: Front) -> None:
    redraws = Redraws()

    by_button(app, front, "incident.resolve", _open)

    @app.action(re.compile(r"^(data_loss|resolve\.preview)$"), matchers=[in_form(FORM)])
    async def refreshed(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await _redraw(front, ack, body, client, redraws)

    @app.view(FORM)
    async def submitted(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, actor, kept = await form_kept(front, body)
        words = await front.readers.words(client, actor.person)
        ending = _ending(FormValues(body), kept, now=front.desk.now(), words=words)
        await lifecycle.resolve(front.desk, number, ending, actor=actor, request=request_in(body))
        # The form it was opened from asked for a state that is over now.
        await ack(response_action="clear")


async def _open(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, number: int
) -> None:
    """Raises what `resolve_form_for` raises."""
    actor = await actor_of(front, body)
    form = await resolve_form_for(front, number, actor=actor, words=words)
    await open_form(client, body, ack, form, words, command=command_in(front, body))


COMMANDS["resolve"] = by_command(_open)


async def resolve_form_for(front: Front, number: int, *, actor: Actor, words: Words) -> Block:
    """The form as it opens.

    Raises Refusal: INCIDENT_UNKNOWN, ALREADY_RESOLVED, INCIDENT_OVER, NOT_A_MEMBER, NOT_PERMITTED.
    """
    incident, updates = await lifecycle.check_may_resolve(front.desk, number, actor=actor)
    now = front.desk.now()
    recipients = recipients_of(incident, front.desk.team)
    languages = languages_of(recipients) if incident.swarm else (incident.language,)
    form = ResolveForm(
        draft_id=await keep_form(front, actor, FORM, number, languages=list(languages)),
        incident=incident,
        team=front.desk.team,
        languages=languages,
        typed={
            "started_at": typed_time(incident.declared_at, now=now, words=words),
            "ended_at": typed_time(now, now=now, words=words),
        },
        recipients=recipients,
        updates=updates,
    )
    return resolve_form(form, words)


async def _redraw(front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, redraws: Redraws) -> None:
    """Show what customers would read by now, or what is still missing."""
    redraws.note(body)
    number, actor, kept = await form_kept(front, body)
    words = await front.readers.words(client, actor.person)
    incident, updates = await lifecycle.check_may_resolve(front.desk, number, actor=actor)
    values = FormValues(body)
    languages = tuple(kept["languages"])
    names = [field_name(fact, one, languages) for fact in ("done", "customer_action") for one in languages]
    form = ResolveForm(
        draft_id=body["view"]["private_metadata"],
        incident=incident,
        team=front.desk.team,
        languages=languages,
        typed={name: values.text(name) for name in (*names, "started_at", "ended_at")},
        recipients=recipients_of(incident, front.desk.team),
        updates=updates,
    )
    try:
        ending = _ending(values, kept, now=front.desk.now(), words=words)
        ended, final = await lifecycle.preview_resolution(front.desk, number, ending, actor=actor)
    except Refusal as refusal:
        if refusal.why not in (Why.TEXT_MISSING, Why.CHOICE_MISSING):
            said = refusal_text(refusal, words, markup=False, command=command_in(front, body))
            form = replace(form, problem=said)
    else:
        form = replace(form, ended=ended, final=final)
    await redraws.show(client, body, ack, resolve_form(form, words))


def _ending(values: FormValues, kept: Mapping[str, Any], *, now: datetime, words: Words) -> Ending:
    """Raises Refusal: CHOICE_MISSING, CHOICE_UNKNOWN, TIME_UNREADABLE."""
    languages = tuple(kept["languages"])
    return Ending(
        done={one: values.text(field_name("done", one, languages)) for one in languages},
        customer_action={
            one: values.text(field_name("customer_action", one, languages)) for one in languages
        },
        started_at=_time(values, "started_at", now=now, words=words),
        ended_at=_time(values, "ended_at", now=now, words=words),
        data_loss=values.required("data_loss", DataLoss),
    )


def _time(values: FormValues, name: str, *, now: datetime, words: Words) -> datetime:
    return read_time(values.text(name), now=now, timezone=words.timezone, field=name, past=True)
