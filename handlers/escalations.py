"""`/incident escalate`, and the answers of those who are asked."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.escalations import About, Escalation, wait_until
from domain.promises import read_time
from domain.refusals import Refusal, Why
from domain.spelling import folded
from handlers.answers import open_form
from handlers.commands import command, incident_asked_for
from handlers.form_values import FormValues
from handlers.front import Body, Front, actor_of, command_in, person_in
from handlers.incident_forms import by_button, form_kept, keep_form
from handlers.payloads import numbers_in, request_in
from handlers.typed import plain
from services import escalations, questions
from templates.cards.escalations import about_in_words
from templates.forms.escalations import ANSWER, ESCALATE, escalate_form, escalation_answer_form, topics
from templates.forms.typed_times import typed_time
from templates.words import LANGUAGES, Words


def register(app: AsyncApp, front: Front) -> None:
    by_button(app, front, "incident.escalate", _open)

    @app.action("escalation.again")
    async def again_asked_for(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        words = await front.readers.words(client, person_in(body))
        number, escalation = numbers_in(body)
        actor = await actor_of(front, body)
        before = await escalations.check_may_ask_again(front.desk, number, escalation, actor=actor)
        await _open(front, ack, body, client, words, number, again=before)

    @app.view(ESCALATE)
    async def submitted(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, actor, kept = await form_kept(front, body)
        values = FormValues(body)
        words = await front.readers.words(client, actor.person)
        await escalations.escalate(
            front.desk,
            number,
            about=_about(front, values.choice("about")),
            question=values.text("question"),
            wait=_wait(front, values.text("deadline"), kept, words),
            actor=actor,
            request=request_in(body),
            again_of=kept.get("again_of"),
        )
        await ack(response_action="clear")

    _listen_to_answers(app, front)


def _listen_to_answers(app: AsyncApp, front: Front) -> None:
    @app.action("escalation.answer")
    async def answer_asked_for(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, escalation = numbers_in(body)
        actor = await actor_of(front, body)
        found = await escalations.check_may_answer(front.desk, number, escalation, actor=actor)
        incident = await questions.incident_here(front.desk, channel_id=None, number=number)
        words = await front.readers.words(client, actor.person)
        draft_id = await keep_form(front, actor, ANSWER, number, escalation=escalation)
        view = escalation_answer_form(draft_id, incident, found, front.desk.team, words)
        await open_form(client, body, ack, view, words, command=command_in(front, body))

    @app.view(ANSWER)
    async def answered(ack: AsyncAck, body: Body) -> None:
        number, actor, kept = await form_kept(front, body)
        await escalations.answer(
            front.desk,
            number,
            kept["escalation"],
            text=FormValues(body).text("answer"),
            actor=actor,
            request=request_in(body),
        )
        await ack(response_action="clear")

    @app.action("escalation.decline")
    async def declined(ack: AsyncAck, body: Body) -> None:
        number, escalation = numbers_in(body)
        await escalations.decline(front.desk, number, escalation, actor=await actor_of(front, body))
        await ack()


@command("escalate")
async def escalate(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, argument: str
) -> None:
    """The form, with what was typed chosen in it: a skill, a product, or what is to be decided."""
    incident, rest = await incident_asked_for(front, body, argument)
    await _open(front, ack, body, client, words, incident.number, typed=plain(rest))


async def _open(
    front: Front,
    ack: AsyncAck,
    body: Body,
    client: AsyncWebClient,
    words: Words,
    number: int,
    *,
    typed: str = "",
    again: Escalation | None = None,
) -> None:
    """With the question of one that was withdrawn, or with what was typed.

    Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, INCIDENT_OVER, NO_SWARM, NOBODY_TO_ASK.
    """
    desk = front.desk
    actor = await actor_of(front, body)
    incident, wait = await escalations.check_may_escalate(desk, number, actor=actor)
    offered = topics(desk.team)
    if not offered:
        raise Refusal(Why.NOBODY_TO_ASK)
    now = desk.now()
    # A whole minute, and none too few.
    deadline = typed_time(now + wait + timedelta(seconds=59), now=now, words=words)
    draft_id = await keep_form(
        front,
        actor,
        ESCALATE,
        number,
        deadline=deadline,
        wait=wait.total_seconds(),
        again_of=again.number if again else None,
    )
    chosen = next((one.topic for one in offered if folded(typed) in _names(one, front)), None)
    view = escalate_form(
        draft_id,
        incident,
        offered,
        desk.team,
        words,
        deadline=deadline,
        chosen=again.about.topic if again else chosen,
        question=again.question if again else "",
    )
    await open_form(client, body, ack, view, words, command=command_in(front, body))


def _about(front: Front, chosen: str | None) -> About:
    """Raises Refusal: CHOICE_MISSING, CHOICE_UNKNOWN."""
    if not chosen:
        raise Refusal(Why.CHOICE_MISSING, field="about")
    offered = topics(front.desk.team)
    found = next((one for one in offered if one.topic == chosen), None)
    if found is None:
        raise Refusal(Why.CHOICE_UNKNOWN, field="about", typed=chosen)
    return found


def _wait(front: Front, typed: str, kept: Mapping[str, Any], words: Words) -> timedelta:
    """As long as the form offered where nobody changed it, be it filled in slowly.

    Raises Refusal: TIME_UNREADABLE, DEADLINE_TOO_SOON, DEADLINE_TOO_LATE.
    """
    if typed.strip() == kept["deadline"]:
        return timedelta(seconds=kept["wait"])
    now: datetime = front.desk.now()
    return wait_until(read_time(typed, now=now, timezone=words.timezone, field="deadline"), now=now)


def _names(about: About, front: Front) -> set[str]:
    shown = [about_in_words(about, front.desk.team, Words(language, "UTC")) for language in LANGUAGES]
    return {folded(name) for name in (about.topic, about.topic.partition(":")[2], *shown)} - {""}
