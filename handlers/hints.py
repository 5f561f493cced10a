"""What may customers know now? A word from whoever knows, for the next update's draft."""

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.refusals import Refusal, Why
from handlers.answers import open_form
from handlers.form_values import FormValues
from handlers.front import Body, Front, actor_of, command_in, person_in
from handlers.payloads import numbers_in, request_in
from services import drafts, hints
from services.desk import Actor
from templates.forms.hints import hint_form

FORM = "hint"


def register(app: AsyncApp, front: Front) -> None:
    @app.action("reminder.hint")
    async def opened(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, _ = numbers_in(body)
        actor = await actor_of(front, body)
        await hints.check_may_hint(front.desk, number, actor=actor)
        words = await front.readers.words(client, actor.person)
        draft_id = await drafts.save(
            front.desk, FORM, person=actor.person, payload={"channel": actor.channel_id}, incident=number
        )
        view = hint_form(draft_id, number, words)
        await open_form(client, body, ack, view, words, command=command_in(front, body))

    @app.view(FORM)
    async def said(ack: AsyncAck, body: Body) -> None:
        number, kept = await drafts.load(front.desk, body["view"]["private_metadata"], FORM)
        if number is None:
            raise Refusal(Why.DRAFT_GONE)
        actor = Actor(person=person_in(body), channel_id=kept["channel"])
        text = FormValues(body).text(FORM)
        await hints.hint(front.desk, number, text, actor=actor, request=request_in(body))
        await ack()
