"""Saying why an SLA deadline was missed."""

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.sla import SlaKind
from handlers.answers import open_form
from handlers.form_values import FormValues
from handlers.front import Body, Front, actor_of, command_in
from handlers.incident_forms import form_kept, keep_form
from handlers.payloads import numbers_in, request_in
from services import questions, sla
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
        draft_id = await keep_form(front, actor, SLA_REASON, number, sla=kind.value)
        view = sla_reason_form(draft_id, incident, kind, words)
        await open_form(client, body, ack, view, words, command=command_in(front, body))

    @app.view(SLA_REASON)
    async def explained(ack: AsyncAck, body: Body) -> None:
        number, actor, kept = await form_kept(front, body)
        await sla.explain(
            front.desk,
            number,
            SlaKind(kept["sla"]),
            reason=FormValues(body).text("reason"),
            actor=actor,
            request=request_in(body),
        )
        await ack(response_action="clear")
