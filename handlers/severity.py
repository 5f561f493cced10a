"""Assessing an incident anew, by command, by button, or because the criteria suggest it."""

import re

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.incident import check_open
from domain.permissions import Act
from domain.suggestions import with_criteria
from handlers.answers import open_form
from handlers.commands import COMMANDS
from handlers.form_values import FormValues, assessment_in
from handlers.front import Body, Front, actor_of, command_in
from handlers.incident_forms import by_button, by_command, form_kept, keep_form
from handlers.payloads import in_form, numbers_in
from handlers.redraw import Redraws
from services import lifecycle, questions, severity
from templates.cards.suggestions import suggestion_text
from templates.forms.severity import LIVE_FIELDS, SEVERITY, severity_form
from templates.words import Words


def register(app: AsyncApp, front: Front) -> None:
    redraws = Redraws()

    by_button(app, front, "incident.severity", _open)

    @app.action("severity.review")
    async def review(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, which = numbers_in(body)
        actor = await actor_of(front, body)
        incident, suggestion = await severity.suggested(front.desk, number, which, actor=actor)
        words = await front.readers.words(client, actor.person)
        draft_id = await keep_form(front, actor, SEVERITY, number)
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
        assessment = assessment_in(FormValues(body))
        view = severity_form(body["view"]["private_metadata"], incident, assessment, front.desk.team, words)
        await redraws.show(client, body, ack, view)

    @app.view(SEVERITY)
    async def submitted(ack: AsyncAck, body: Body) -> None:
        number, actor, _ = await form_kept(front, body)
        values = FormValues(body)
        await severity.change_severity(
            front.desk, number, assessment_in(values), reason=values.text("reason"), actor=actor
        )
        # It clears whatever it was opened from: that shows how things were before.
        await ack(response_action="clear")


async def _open(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, number: int
) -> None:
    """Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, NOT_PERMITTED, INCIDENT_OVER."""
    actor = await actor_of(front, body)
    incident = await lifecycle.check_may_change(front.desk, number, actor=actor, act=Act.CHANGE_SEVERITY)
    check_open(incident)
    draft_id = await keep_form(front, actor, SEVERITY, number)
    view = severity_form(draft_id, incident, incident.assessment, front.desk.team, words)
    await open_form(client, body, ack, view, words, command=command_in(front, body))


COMMANDS["severity"] = by_command(_open)
