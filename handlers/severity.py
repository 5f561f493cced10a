"""Assessing an incident anew, by command, by button, or because the criteria suggest it."""

import re

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.incident import check_open
from domain.permissions import Act
from domain.severity import Assessment, ImpactBecause, Level, Severity, UrgentBecause
from domain.suggestions import with_criteria
from handlers.answers import open_form
from handlers.commands import command, incident_asked_for
from handlers.form_drafts import form_kept, keep_form
from handlers.form_values import FormValues
from handlers.front import Body, Front, actor_of, command_in, person_in
from handlers.payloads import in_form, numbers_in
from handlers.redraw import Redraws
from services import lifecycle, questions, severity
from templates.cards.suggestions import suggestion_text
from templates.forms.severity import LIVE_FIELDS, SEVERITY, YES, severity_form
from templates.words import Words


def register(app: AsyncApp, front: Front) -> None:
    redraws = Redraws()

    @app.action("incident.severity")
    async def pressed(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        words = await front.readers.words(client, person_in(body))
        await _open(front, ack, body, client, words, numbers_in(body)[0])

    @app.action("severity.review")
    async def review(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, which = numbers_in(body)
        actor = await actor_of(front, body)
        incident, suggestion = await severity.suggested(front.desk, number, which, actor=actor)
        words = await front.readers.words(client, actor.person)
        draft_id = await keep_form(front, body, SEVERITY, number)
        view = severity_form(
            draft_id,
            incident,
            with_criteria(incident.assessment, suggestion.criteria),
            front.desk.team,
            words,
            note=suggestion_text(suggestion, incident, words),
        )
        await open_form(client, body, ack, view, words, command=command_in(front, body))

    @app.action("severity.keep")
    async def keep(ack: AsyncAck, body: Body) -> None:
        number, which = numbers_in(body)
        await severity.keep_severity(front.desk, number, which, actor=await actor_of(front, body))
        await ack()

    @app.action(re.compile(f"^({'|'.join(LIVE_FIELDS)})$"), matchers=[in_form(SEVERITY)])
    async def chosen(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        redraws.note(body)
        number, actor, _ = await form_kept(front, body)
        incident = (await questions.status(front.desk, number, actor=actor)).incident
        words = await front.readers.words(client, actor.person)
        view = severity_form(
            body["view"]["private_metadata"], incident, _assessment(body), front.desk.team, words
        )
        await redraws.show(client, body, ack, view)

    @app.view(SEVERITY)
    async def submitted(ack: AsyncAck, body: Body) -> None:
        number, actor, _ = await form_kept(front, body)
        reason = FormValues(body).text("reason")
        await severity.change_severity(front.desk, number, _assessment(body), reason=reason, actor=actor)
        # It clears whatever it was opened from: that shows how things were before.
        await ack(response_action="clear")


@command("severity")
async def run(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, argument: str
) -> None:
    incident, _ = await incident_asked_for(front, body, argument)
    await _open(front, ack, body, client, words, incident.number)


async def _open(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, number: int
) -> None:
    """Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, NOT_PERMITTED, INCIDENT_OVER."""
    actor = await actor_of(front, body)
    incident = await lifecycle.check_may_change(front.desk, number, actor=actor, act=Act.CHANGE_SEVERITY)
    check_open(incident)
    draft_id = await keep_form(front, body, SEVERITY, number)
    view = severity_form(draft_id, incident, incident.assessment, front.desk.team, words)
    await open_form(client, body, ack, view, words, command=command_in(front, body))


def _assessment(body: Body) -> Assessment:
    """Raises Refusal: CHOICE_MISSING, CHOICE_UNKNOWN."""
    values = FormValues(body)
    return Assessment(
        urgency=values.required("urgency", Level),
        impact=values.required("impact", Level),
        urgent_because=values.some_of("urgent_because", UrgentBecause),
        impact_because=values.some_of("impact_because", ImpactBecause),
        accident=YES in values.choices("accident"),
        override=values.one_of("severity_override", Severity),
    )
