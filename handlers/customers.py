"""Linking customers to an incident that was declared without them, and taking them off it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from handlers.answers import open_form
from handlers.form_values import FormValues
from handlers.front import Body, Front, actor_of, command_in
from handlers.incident_forms import by_button, form_kept, keep_form
from handlers.payloads import in_form, request_in
from handlers.redraw import Redraws
from services import customers, questions
from templates.blocks import actions, section
from templates.cards.suggestions import suggestion_buttons, suggestion_text
from templates.forms.customers import CUSTOMERS, customers_form, customers_outlook
from templates.forms.declare import OPTIONS
from templates.forms.notice import notice_view
from templates.words import Words


def register(app: AsyncApp, front: Front) -> None:
    redraws = Redraws()

    by_button(app, front, "incident.customers", open_customers)

    @app.action("customers", matchers=[in_form(CUSTOMERS)])
    async def chosen(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        redraws.note(body)
        number, actor, kept = await form_kept(front, body)
        words = await front.readers.words(client, actor.person)
        added, removed = _choice(front, body, kept)
        before = (await questions.status(front.desk, number, actor=actor)).incident
        seen = await customers.outlook(front.desk, number, added=added, removed=removed, actor=actor)
        live = customers_outlook(
            before,
            seen.incident,
            front.desk.team,
            words,
            sla=seen.sla,
            managers=seen.managers,
            suggestion=seen.suggestion,
            at=front.desk.now(),
        )
        as_opened = replace(before, customers=tuple(kept["customers"]))
        view = customers_form(body["view"]["private_metadata"], as_opened, front.desk.team, words, live=live)
        await redraws.show(client, body, ack, view)

    @app.view(CUSTOMERS)
    async def submitted(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, actor, kept = await form_kept(front, body)
        added, removed = _choice(front, body, kept)
        changed = await customers.change_customers(
            front.desk,
            number,
            added=added,
            removed=removed,
            reason=FormValues(body).text("reason"),
            actor=actor,
            request=request_in(body),
        )
        waits = changed.suggestion
        if changed.swarm or waits is None:
            # It clears whatever it was opened from: that shows how things were before.
            await ack(response_action="clear")
            return
        # There is no swarm where it would be said.
        words = await front.readers.words(client, actor.person)
        said = suggestion_text(waits, changed, words)
        buttons = actions(*suggestion_buttons(waits, changed, words), block_id="suggestion")
        await ack(response_action="update", view=notice_view(said, words, [section(said), buttons]))


async def open_customers(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, number: int
) -> None:
    """Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_OVER, NOT_A_MEMBER, CUSTOMERS_NONE."""
    actor = await actor_of(front, body)
    incident = await customers.check_may_change(front.desk, number, actor=actor)
    team = front.desk.team
    known = [key for key in incident.customers if key in team.customers][:OPTIONS]
    draft_id = await keep_form(front, actor, CUSTOMERS, number, customers=known)
    view = customers_form(draft_id, replace(incident, customers=tuple(known)), team, words)
    await open_form(client, body, ack, view, words, command=command_in(front, body))


def _choice(front: Front, body: Body, kept: Mapping[str, Any]) -> tuple[Sequence[str], Sequence[str]]:
    """Who was added and who taken off since the form opened: what others change meanwhile stays.

    Raises Refusal CUSTOMER_UNKNOWN.
    """
    values, before = FormValues(body), kept["customers"]
    chosen = [*values.choices("customers"), *customers.typed(front.desk, values.text("more_customers"))]
    added = [key for key in chosen if key not in before]
    return added, [key for key in before if key not in chosen]
