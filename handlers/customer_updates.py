"""Telling customers: the update form, its preview, and "still working on it" with one tap."""

import re
from dataclasses import replace

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.customer_updates import CustomerUpdate, Kind
from domain.incident import State
from domain.refusals import Refusal, Why
from handlers import update_drafts
from handlers.answers import open_form, tell
from handlers.commands import command, incident_asked_for
from handlers.form_values import FormValues
from handlers.front import Body, Front, actor_of, command_in, person_in
from handlers.payloads import in_form, numbers_in, request_in
from handlers.redraw import Redraws, redraw
from handlers.resolve import resolve_form_for
from handlers.update_drafts import UpdateDraft
from services import customer_updates, questions
from services.customer_updates import NeedsWords, Prepared, Written
from services.desk import Actor
from templates.blocks import Block
from templates.forms.customer_updates import (
    kinds_offered,
    not_sent,
    recipients_view,
    update_form,
    update_preview,
)
from templates.mrkdwn import Mrkdwn
from templates.refusals import refusal_text
from templates.words import Words


def register(app: AsyncApp, front: Front) -> None:
    @app.action("update.write")
    async def write(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, cycle = numbers_in(body)
        words = await front.readers.words(client, person_in(body))
        await open_update(front, ack, body, client, words, number, cycle=cycle)

    # The duty manager confirms a holding update by sending it.
    @app.action(re.compile(r"^update\.(hold|confirm)$"))
    async def hold(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, cycle = numbers_in(body)
        actor = await actor_of(front, body)
        words = await front.readers.words(client, person_in(body))
        try:
            update = await customer_updates.hold(
                front.desk, number, actor=actor, request=request_in(body), cycle=cycle
            )
        except NeedsWords:
            await open_update(front, ack, body, client, words, number, needs_words=True)
            return
        await ack()
        if body.get("view"):  # Pressed in a message, the card says so; a form does not change.
            await tell(client, body, _held(update, words), words)

    @app.action("update.recipients")
    async def recipients(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, update = numbers_in(body)
        actor = await actor_of(front, body)
        snapshot = await questions.status(front.desk, number, actor=actor)
        if not any(one.number == update for one in snapshot.updates):
            raise Refusal(Why.INCIDENT_UNKNOWN, number=number)
        words = await front.readers.words(client, person_in(body))
        view = recipients_view(snapshot, front.desk.team, update, words)
        await open_form(client, body, ack, view, words, command=command_in(front, body))

    redraws = Redraws()

    @app.action(re.compile(r"^(kind|state|next_update)$"), matchers=[in_form("update")])
    async def changed(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await _changed(front, ack, body, client, redraws)

    @app.view("update")
    async def submitted(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await _submitted(front, ack, body, client)

    @app.view("update_preview")
    async def confirmed(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await _confirmed(front, ack, body, client)


@command("update")
async def update_command(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, argument: str
) -> None:
    incident, _ = await incident_asked_for(front, body, argument)
    await open_update(front, ack, body, client, words, incident.number)


@command("hold")
async def hold_command(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, argument: str
) -> None:
    incident, _ = await incident_asked_for(front, body, argument)
    actor = await actor_of(front, body)
    try:
        update = await customer_updates.hold(
            front.desk, incident.number, actor=actor, request=request_in(body)
        )
    except NeedsWords:
        await open_update(front, ack, body, client, words, incident.number, needs_words=True)
        return
    await ack(_held(update, words))


def _held(update: CustomerUpdate, words: Words) -> Mrkdwn:
    return words("hold.sent", number=update.number, at=update.sent_at, next=update.promise)


async def open_update(
    front: Front,
    ack: AsyncAck,
    body: Body,
    client: AsyncWebClient,
    words: Words,
    number: int,
    *,
    cycle: int | None = None,
    needs_words: bool = False,
) -> None:
    """Open the form, filled from the last update.

    `cycle` is the wait a button was pressed in: if customers were told in it meanwhile, the form shows what, and
    another update can be written all the same. Raises what preparing an update raises.
    """
    actor = await actor_of(front, body)
    prepared = await customer_updates.prepare(front.desk, number, actor=actor)
    answered = any(update.cycle == cycle for update in prepared.updates)
    draft = await update_drafts.start(
        front.desk,
        prepared,
        actor=actor,
        words=words,
        shown_update=prepared.after_update if answered else None,
        needs_words=needs_words,
    )
    form = update_drafts.form_of(
        draft, prepared, desk=front.desk, kind=prepared.kind, state=prepared.state, words=words
    )
    view = update_form(form, words)
    await open_form(client, body, ack, view, words, command=command_in(front, body))


async def _changed(front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, redraws: Redraws) -> None:
    """Another kind or state was chosen, or a time entered: the form follows, and loses nothing."""
    redraws.note(body)
    draft, values, words = await _filled_in(front, body, client)
    await update_drafts.save(front.desk, draft, person=person_in(body))
    actor = draft.actor(person_in(body))
    if values.choice("state") == State.RESOLVED:
        resolving = await resolve_form_for(front, draft.number, actor=actor, words=words)
        await open_form(client, body, ack, resolving, words, command=command_in(front, body))
        return
    prepared = await customer_updates.prepare(front.desk, draft.number, actor=actor)
    await redraws.show(client, body, ack, _form(front, draft, prepared, values, words))


async def _submitted(front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
    draft, values, words = await _filled_in(front, body, client)
    actor = draft.actor(person_in(body))
    if values.choice("state") == State.RESOLVED:
        await update_drafts.save(front.desk, draft, person=actor.person)
        resolving = await resolve_form_for(front, draft.number, actor=actor, words=words)
        await ack(response_action="push", view=resolving)
        return
    prepared = await customer_updates.prepare(front.desk, draft.number, actor=actor)
    written = update_drafts.written_in(
        draft, values, updates=prepared.updates, now=front.desk.now(), words=words
    )
    try:
        prepared = await customer_updates.check(front.desk, draft.number, written, actor=actor)
    except Refusal as refusal:
        if refusal.why is not Why.NEWER_UPDATE:
            raise
        draft, prepared = await _caught_up(front, draft, actor)
        await ack(response_action="update", view=_form(front, draft, prepared, values, words))
        return
    draft = update_drafts.with_written(draft, written)
    await update_drafts.save(front.desk, draft, person=actor.person)
    form = update_drafts.form_of(
        draft, prepared, desk=front.desk, kind=written.kind, state=written.state, words=words
    )
    update = _as_sent(front, prepared, written, author=actor.person)
    await ack(response_action="push", view=update_preview(form, update, words))


async def _confirmed(front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
    draft = await update_drafts.load(front.desk, body["view"]["private_metadata"])
    actor = draft.actor(person_in(body))
    written = update_drafts.written_before(draft)
    try:
        await customer_updates.send(front.desk, draft.number, written, actor=actor, request=request_in(body))
    except Refusal as refusal:
        # A preview has no field to mark: it says what is wrong, and the form beneath it is brought up to date.
        words = await front.readers.words(client, actor.person)
        problem = Mrkdwn(refusal_text(refusal, words, markup=True, command=command_in(front, body)))
        beneath = None
        if refusal.why is Why.NEWER_UPDATE:
            draft, prepared = await _caught_up(front, draft, actor)
            kind = _still_offered(written.kind, prepared)
            beneath = update_drafts.form_of(
                draft, prepared, desk=front.desk, kind=kind, state=written.state, words=words
            )
        await ack(response_action="update", view=not_sent(problem, words))
        if beneath:
            await redraw(client, body["view"]["previous_view_id"], update_form(beneath, words))
        return
    await ack(response_action="clear")


async def _filled_in(
    front: Front, body: Body, client: AsyncWebClient
) -> tuple[UpdateDraft, FormValues, Words]:
    draft = await update_drafts.load(front.desk, body["view"]["private_metadata"])
    words = await front.readers.words(client, person_in(body))
    return update_drafts.with_typed(draft, body), FormValues(body), words


async def _caught_up(front: Front, draft: UpdateDraft, actor: Actor) -> tuple[UpdateDraft, Prepared]:
    """The draft with the newer update in sight: sending it after that goes through."""
    prepared = await customer_updates.prepare(front.desk, draft.number, actor=actor)
    newest = prepared.after_update
    draft = replace(draft, after_update=newest, shown_update=newest, needs_words=False)
    await update_drafts.save(front.desk, draft, person=actor.person)
    return draft, prepared


def _form(front: Front, draft: UpdateDraft, prepared: Prepared, values: FormValues, words: Words) -> Block:
    """The form as it stands now."""
    form = update_drafts.form_of(
        draft,
        prepared,
        desk=front.desk,
        kind=_still_offered(values.required("kind", Kind), prepared),
        state=values.required("state", State),
        words=words,
    )
    return update_form(form, words)


def _still_offered(kind: Kind, prepared: Prepared) -> Kind:
    return (
        kind if kind in kinds_offered(prepared.updates) else Kind.PROGRESS if prepared.updates else Kind.FIRST
    )


def _as_sent(front: Front, prepared: Prepared, written: Written, *, author: str) -> CustomerUpdate:
    """The update as it would be recorded now."""
    return CustomerUpdate(
        number=prepared.after_update + 1,
        kind=written.kind,
        state=written.state,
        author=author,
        sent_at=front.desk.now(),
        promise=written.promise,
        cycle=0,
        minutes_late=0,
        facts=written.facts,
    )
