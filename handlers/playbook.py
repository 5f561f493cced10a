"""The checklist: opened from a call, the panel or help; its ticks, and the reasons for what is skipped."""

from collections.abc import Awaitable, Callable, Mapping

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.playbook import Part
from domain.refusals import Refusal, Why
from handlers.answers import open_form
from handlers.form_values import FormValues
from handlers.front import Body, Front, actor_of, command_in
from handlers.incident_forms import by_button, form_kept, keep_form
from handlers.payloads import in_form, request_in
from handlers.redraw import Redraws, redraw
from services import drafts, playbook
from services.desk import Actor
from templates.blocks import Block
from templates.forms.playbook import CHECKLIST, SKIP, checklist_view, skip_form
from templates.playbook import OPEN
from templates.words import Words

_TICKS: Mapping[str, Callable[..., Awaitable[None]]] = {
    "playbook.done": playbook.do,
    "playbook.undo": playbook.undo,
}


def register(app: AsyncApp, front: Front) -> None:
    redraws = Redraws()

    by_button(app, front, OPEN, _open)
    for action_id in _TICKS:
        _listen_to_tick(app, front, redraws, action_id)
    _listen_to_skips(app, front, redraws)

    @app.action("playbook.part", matchers=[in_form(CHECKLIST)])
    async def chosen(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        redraws.note(body)
        number, actor, kept = await form_kept(front, body)
        option = body["actions"][0].get("selected_option")
        part = Part(option["value"] if option else kept["part"])
        draft_id = body["view"]["private_metadata"]
        await drafts.save(
            front.desk,
            CHECKLIST,
            person=actor.person,
            payload={**kept, "part": part.value},
            incident=number,
            draft_id=draft_id,
        )
        await redraws.show(client, body, ack, await _now(front, client, draft_id, number, actor, part))


async def _open(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, number: int
) -> None:
    """The first part of the reader's that has steps. Raises Refusal INCIDENT_UNKNOWN."""
    actor = await actor_of(front, body)
    found = await playbook.checklist(front.desk, number, actor=actor)
    part = next((one for one in found.mine if found.steps[one]), found.mine[0])
    draft_id = await keep_form(front, actor, CHECKLIST, number, part=part.value)
    view = checklist_view(draft_id, found, part, words)
    await open_form(client, body, ack, view, words, command=command_in(front, body))


def _listen_to_skips(app: AsyncApp, front: Front, redraws: Redraws) -> None:
    @app.action("playbook.skip", matchers=[in_form(CHECKLIST)])
    async def asked_to_skip(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        redraws.note(body)
        number, actor, kept = await form_kept(front, body)
        await playbook.check_may_tick(front.desk, number, actor=actor)
        found = await playbook.checklist(front.desk, number, actor=actor)
        part, checklist = Part(kept["part"]), body["view"]["private_metadata"]
        if not found.left(part):  # Others were faster.
            await redraws.show(client, body, ack, await _now(front, client, checklist, number, actor, part))
            return
        words = await front.readers.words(client, actor.person)
        draft_id = await keep_form(front, actor, SKIP, number, part=part.value, checklist=checklist)
        view = skip_form(draft_id, found, part, words)
        await open_form(client, body, ack, view, words, command=command_in(front, body))

    @app.view(SKIP)
    async def skipped(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, actor, kept = await form_kept(front, body)
        values = FormValues(body)
        step = values.choice("step")
        if step is None:
            raise Refusal(Why.CHOICE_MISSING, field="step")
        reason = values.text("reason")
        await playbook.skip(front.desk, number, step, reason=reason, actor=actor, request=request_in(body))
        await ack()
        view = await _now(front, client, kept["checklist"], number, actor, Part(kept["part"]))
        await redraw(client, body["view"]["previous_view_id"], view)


def _listen_to_tick(app: AsyncApp, front: Front, redraws: Redraws, action_id: str) -> None:
    @app.action(action_id, matchers=[in_form(CHECKLIST)])
    async def pressed(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        redraws.note(body)
        number, actor, kept = await form_kept(front, body)
        step = str(body["actions"][0].get("value") or "")
        await _TICKS[action_id](front.desk, number, step, actor=actor, request=request_in(body))
        draft_id = body["view"]["private_metadata"]
        view = await _now(front, client, draft_id, number, actor, Part(kept["part"]))
        await redraws.show(client, body, ack, view)


async def _now(
    front: Front, client: AsyncWebClient, draft_id: str, number: int, actor: Actor, part: Part
) -> Block:
    """The checklist as it stands by now, with what others have ticked meanwhile."""
    found = await playbook.checklist(front.desk, number, actor=actor)
    words = await front.readers.words(client, actor.person)
    return checklist_view(draft_id, found, part, words)
