"""Asking for quiet: "I am drafting", and "remind me in 5 minutes" with its reason."""

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.incident import reason_of
from handlers.answers import open_form, tell
from handlers.form_values import FormValues
from handlers.front import Body, Front, actor_of, command_in, person_in
from handlers.incident_forms import form_kept, keep_form
from handlers.payloads import numbers_in, request_in
from services import questions, reminders
from templates.forms.reminders import snooze_form

FORM = "snooze"


def register(app: AsyncApp, front: Front) -> None:
    @app.action("reminder.drafting")
    async def drafting(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, cycle = numbers_in(body)
        actor = await actor_of(front, body)
        until = await reminders.ask_for_quiet(
            front.desk, number, cycle=cycle, actor=actor, reason=None, request=request_in(body)
        )
        words = await front.readers.words(client, actor.person)
        await ack()
        await tell(client, body, words("quiet.drafting", until=until), words)

    @app.action("reminder.snooze")
    async def snooze(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, cycle = numbers_in(body)
        actor = await actor_of(front, body)
        await reminders.check_snooze(front.desk, number, cycle=cycle, actor=actor)
        incident = (await questions.status(front.desk, number, actor=actor)).incident
        words = await front.readers.words(client, actor.person)
        # A form has no address to answer to: it keeps the button's.
        draft_id = await keep_form(
            front, actor, FORM, number, cycle=cycle, answer_to=body.get("response_url")
        )
        view = snooze_form(draft_id, incident, front.desk.cadence(incident).snooze, words)
        await open_form(client, body, ack, view, words, command=command_in(front, body))

    @app.view(FORM)
    async def snoozed(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, actor, kept = await form_kept(front, body)
        until = await reminders.ask_for_quiet(
            front.desk,
            number,
            cycle=kept["cycle"],
            actor=actor,
            reason=reason_of(FormValues(body).text("reason")),
            request=request_in(body),
        )
        words = await front.readers.words(client, person_in(body))
        await ack(response_action="clear")
        answer_to = {**body, "response_url": kept["answer_to"]}
        await tell(client, answer_to, words("quiet.snoozed", until=until), words)
