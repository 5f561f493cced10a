"""Forms about one incident: what opens them, and what they keep while they are open."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.refusals import Refusal, Why
from handlers.commands import Run, incident_asked_for
from handlers.front import Body, Front, person_in
from handlers.payloads import numbers_in
from services import drafts
from services.desk import Actor
from templates.words import Words

Open = Callable[[Front, AsyncAck, Body, AsyncWebClient, Words, int], Awaitable[Any]]
"""`open_it(front, ack, body, client, words, number)`: opens a form about the incident with this number."""


def by_button(app: AsyncApp, front: Front, action_id: str, open_it: Open) -> None:
    """The button, which carries the incident's number, opens the form."""

    @app.action(action_id)
    async def pressed(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        words = await front.readers.words(client, person_in(body))
        await open_it(front, ack, body, client, words, numbers_in(body)[0])


def by_command(open_it: Open) -> Run:
    """What a command does that opens the form, for the incident that is named or whose swarm it is typed in."""

    async def run(
        front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, argument: str
    ) -> None:
        incident, _ = await incident_asked_for(front, body, argument)
        await open_it(front, ack, body, client, words, incident.number)

    return run


async def keep_form(front: Front, actor: Actor, form: str, number: int, **kept: Any) -> str:
    """Keep what a form about an incident needs; answers the draft's id. `form` is its `callback_id`."""
    payload = {"channel": actor.channel_id, **kept}
    return await drafts.save(front.desk, form, person=actor.person, payload=payload, incident=number)


async def form_kept(front: Front, body: Body) -> tuple[int, Actor, Mapping[str, Any]]:
    """Which incident the form is about, who filled it in and from where, and what was kept. Raises Refusal DRAFT_GONE."""
    view = body["view"]
    number, kept = await drafts.load(front.desk, view["private_metadata"], view["callback_id"])
    if number is None:
        raise Refusal(Why.DRAFT_GONE)
    return number, Actor(person=person_in(body), channel_id=kept.get("channel")), kept
