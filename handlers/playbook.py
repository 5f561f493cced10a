"""The checklist: opened from a call, the panel or help; its ticks, and the reasons for what is skipped."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.playbook import Part
from domain.refusals import Refusal, Why
from handlers.answers import open_form
from handlers.form_values import FormValues
from handlers.front import Body, Front, actor_of, command_in, person_in
from handlers.payloads import in_form, numbers_in, request_in
from handlers.redraw import Redraws, redraw
from services import drafts, playbook
from services.desk import Actor
from templates.forms.playbook import CHECKLIST, SKIP, checklist_view, skip_form
from templates.playbook import OPEN

_TICKS: Mapping[str, Callable[..., Awaitable[None]]] = {
    "playbook.done": playbook.do,
    "playbook.undo": playbook.undo,
}


def register(app: AsyncApp, front: Front) -> None:
    redraws = Redraws()

    @app.action(OPEN)
    async def opened(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, _ = numbers_in(body)
        actor = await actor_of(front, body)
        found = await playbook.checklist(front.desk, number, actor=actor)
        words = await front.readers.words(client, actor.person)
        part = next((one for one in found.mine if found.steps[one]), found.mine[0])
        kept = {"channel": actor.channel_id, "part": part.value}
        draft_id = await drafts.save(
            front.desk, CHECKLIST, person=actor.person, payload=kept, incident=number
        )
        view = checklist_view(draft_id, found, part, words)
        await open_form(client, body, ack, view, words, command=command_in(front, body))

    for action_id in _TICKS:
        _listen_to_tick(app, front, redraws, action_id)

    @app.action("playbook.part", matchers=[in_form(CHECKLIST)])
    async def chosen(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, actor, _ = await _draft(front, body, CHECKLIST)
        part = Part(body["actions"][0]["selected_option"]["value"])
        await drafts.save(
            front.desk,
            CHECKLIST,
            person=actor.person,
            payload={"channel": actor.channel_id, "part": part.value},
            incident=number,
            draft_id=body["view"]["private_metadata"],
        )
        await _redraw(front, ack, body, client, redraws)

    @app.action("playbook.skip", matchers=[in_form(CHECKLIST)])
    async def asked_to_skip(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, actor, kept = await _draft(front, body, CHECKLIST)
        await playbook.check_may_tick(front.desk, number, actor=actor)
        found = await playbook.checklist(front.desk, number, actor=actor)
        part = Part(kept["part"])
        if not found.left(part):  # Others were faster.
            await _redraw(front, ack, body, client, redraws)
            return
        words = await front.readers.words(client, actor.person)
        payload = {**kept, "checklist": body["view"]["private_metadata"]}
        draft_id = await drafts.save(front.desk, SKIP, person=actor.person, payload=payload, incident=number)
        view = skip_form(draft_id, found, part, words)
        await open_form(client, body, ack, view, words, command=command_in(front, body))

    @app.view(SKIP)
    async def skipped(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, actor, kept = await _draft(front, body, SKIP)
        values = FormValues(body)
        step = values.choice("step")
        if step is None:
            raise Refusal(Why.CHOICE_MISSING, field="step")
        reason = values.text("reason")
        await playbook.skip(front.desk, number, step, reason=reason, actor=actor, request=request_in(body))
        await ack()
        words = await front.readers.words(client, actor.person)
        found = await playbook.checklist(front.desk, number, actor=actor)
        view = checklist_view(kept["checklist"], found, Part(kept["part"]), words)
        await redraw(client, body["view"]["previous_view_id"], view)


def _listen_to_tick(app: AsyncApp, front: Front, redraws: Redraws, action_id: str) -> None:
    @app.action(action_id, matchers=[in_form(CHECKLIST)])
    async def pressed(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, actor, _ = await _draft(front, body, CHECKLIST)
        step = str(body["actions"][0].get("value") or "")
        await _TICKS[action_id](front.desk, number, step, actor=actor, request=request_in(body))
        await _redraw(front, ack, body, client, redraws)


async def _redraw(front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, redraws: Redraws) -> None:
    """The checklist as it stands by now, with what others have ticked meanwhile."""
    redraws.note(body)
    number, actor, kept = await _draft(front, body, CHECKLIST)
    found = await playbook.checklist(front.desk, number, actor=actor)
    words = await front.readers.words(client, actor.person)
    view = checklist_view(body["view"]["private_metadata"], found, Part(kept["part"]), words)
    await redraws.show(client, body, ack, view)


async def _draft(front: Front, body: Body, form: str) -> tuple[int, Actor, Mapping[str, Any]]:
    """Raises Refusal DRAFT_GONE."""
    number, kept = await drafts.load(front.desk, body["view"]["private_metadata"], form)
    if number is None:
        raise Refusal(Why.DRAFT_GONE)
    return number, Actor(person=person_in(body), channel_id=kept["channel"]), kept
