"""What a form about one incident keeps while it is open: which incident, who opened it, and from where."""

from collections.abc import Mapping
from typing import Any

from domain.refusals import Refusal, Why
from handlers.front import Body, Front, actor_of, person_in
from services import drafts
from services.desk import Actor


async def keep_form(front: Front, body: Body, form: str, number: int, **kept: Any) -> str:
    """Keep what a form about an incident needs; answers the draft's id."""
    actor = await actor_of(front, body)
    payload = {"channel": actor.channel_id, **kept}
    return await drafts.save(front.desk, form, person=actor.person, payload=payload, incident=number)


async def form_kept(front: Front, body: Body) -> tuple[int, Actor, Mapping[str, Any]]:
    """Which incident the form is about, who filled it in and from where, and what was kept. Raises Refusal DRAFT_GONE."""
    view = body["view"]
    number, kept = await drafts.load(front.desk, view["private_metadata"], view["callback_id"])
    if number is None:
        raise Refusal(Why.DRAFT_GONE)
    return number, Actor(person=person_in(body), channel_id=kept.get("channel")), kept
