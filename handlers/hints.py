"""What may customers know now? A word from whoever knows, for the next update's draft."""

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from handlers.answers import open_form
from handlers.form_values import FormValues
from handlers.front import Body, Front, actor_of, command_in
from handlers.incident_forms import form_kept, keep_form
from handlers.payloads import numbers_in, request_in
from services import hints
from templates.forms.hints import hint_form

FORM = "hint"


def register(app: AsyncApp, front: Front) -> None:
    @app.action("reminder.hint")
    async def opened(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, _ = numbers_in(body)
        actor = await actor_of(front, body)
        await hints.check_may_hint(front.desk, number, actor=actor)
        words = await front.readers.words(client, actor.person)
        draft_id = await keep_form(front, actor, FORM, number)
        view = hint_form(draft_id, number, words)
        await open_form(client, body, ack, view, words, command=command_in(front, body))

    @app.view(FORM)
    async def said(ack: AsyncAck, body: Body) -> None:
        number, actor, _ = await form_kept(front, body)
        text = FormValues(body).text(FORM)
        await hints.hint(front.desk, number, text, actor=actor, request=request_in(body))
        await ack()
