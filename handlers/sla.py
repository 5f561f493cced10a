"""Saying why an SLA deadline was missed."""

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.refusals import Refusal, Why
from domain.sla import SlaKind
from handlers.answers import open_form
from handlers.form_values import FormValues
from handlers.front import Body, Front, actor_of, command_in, person_in
from handlers.payloads import numbers_in, request_in
from services import drafts, questions, sla
from services.desk import Actor
from templates.forms.sla import SLA_REASON, sla_reason_form


def register(app: AsyncApp, front: Front) -> None:
    @app.action("sla.explain")
    async def explain(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, place = numbers_in(body)
        kind = list(SlaKind)[min(place, 1)]
        actor = await actor_of(front, body)
        await sla.check_may_explain(front.desk, number, kind, actor=actor)
        incident = (await questions.status(front.desk, number, actor=actor)).incident
        words = await front.readers.words(client, actor.person)
        kept = {"channel": actor.channel_id, "sla": kind.value}
        draft_id = await drafts.save(
            front.desk, SLA_REASON, person=actor.person, payload=kept, incident=number
        )
        view = sla_reason_form(draft_id, incident, kind, words)
        await open_form(client, body, ack, view, words, command=command_in(front, body))

    @app.view(SLA_REASON)
    async def explained(ack: AsyncAck, body: Body) -> None:
        number, kept = await drafts.load(front.desk, body["view"]["private_metadata"], SLA_REASON)
        if number is None:
            raise Refusal(Why.DRAFT_GONE)
        await sla.explain(
            front.desk,
            number,
            SlaKind(kept["sla"]),
            reason=FormValues(body).text("reason"),
            actor=Actor(person=person_in(body), channel_id=kept["channel"]),
            request=request_in(body),
        )
        await ack(response_action="clear")
