"""`/incident call`: people for a skill, for a product, or one person by name."""

import difflib
from collections.abc import Mapping

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.refusals import Refusal, Why
from domain.spelling import folded
from domain.team import Team
from handlers.answers import open_form, reply
from handlers.commands import command, incident_asked_for
from handlers.form_values import FormValues
from handlers.front import Body, Front, actor_of, command_in, person_in
from handlers.incident_forms import by_button, form_kept, keep_form
from handlers.named_people import check_can_be_asked, person_named
from handlers.payloads import request_in
from handlers.typed import plain
from services import people
from services.call_people import Called, call_people, choices
from templates.blocks import section
from templates.forms.call_people import CALL_PEOPLE, call_people_form
from templates.forms.notice import notice_view
from templates.mrkdwn import Mrkdwn, Who
from templates.words import Words


def register(app: AsyncApp, front: Front) -> None:
    by_button(app, front, "incident.call_people", _open)

    @app.view(CALL_PEOPLE)
    async def submitted(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, actor, _ = await form_kept(front, body)
        values = FormValues(body)
        skills, person = values.choices("skills"), values.person("person")
        if not skills and not person:
            raise Refusal(Why.NOBODY_CHOSEN, field="person")
        known = front.desk.team.skills()
        if unknown := next((one for one in skills if one not in known), None):
            raise Refusal(Why.CHOICE_UNKNOWN, field="skills", typed=unknown)
        if person:
            await check_can_be_asked(client, person)
        called = await call_people(
            front.desk, number, actor=actor, request=request_in(body), skills=skills, person=person
        )
        words = await front.readers.words(client, actor.person)
        said = _answer(called, front, words, await people.slack_ids(front.desk))
        await ack(response_action="update", view=notice_view(said, words))


@command("call")
async def call(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, argument: str
) -> None:
    """A skill, `@person` or a product; alone the form."""
    incident, rest = await incident_asked_for(front, body, argument)
    person, rest = person_named(rest, speaker=person_in(body))
    if not person and not rest:
        await _open(front, ack, body, client, words, incident.number)
        return
    skill, product = (None, None) if not rest else _skill_or_product(rest, front.desk.team)
    if person:
        await check_can_be_asked(client, person)
    called = await call_people(
        front.desk,
        incident.number,
        actor=await actor_of(front, body),
        request=request_in(body),
        skills=(skill,) if skill else (),
        product=product,
        person=person,
    )
    said = _answer(called, front, words, await people.slack_ids(front.desk))
    await reply(client, body, ack, [section(said)], words)


async def _open(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, number: int
) -> None:
    """Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, INCIDENT_OVER, NO_SWARM."""
    actor = await actor_of(front, body)
    snapshot, found = await choices(front.desk, number, actor=actor)
    draft_id = await keep_form(front, actor, CALL_PEOPLE, number)
    view = call_people_form(draft_id, snapshot.incident, found, words)
    await open_form(client, body, ack, view, words, command=command_in(front, body))


def _skill_or_product(text: str, team: Team) -> tuple[str | None, str | None]:
    """Raises Refusal SKILL_UNKNOWN (it says what is meant, perhaps)."""
    typed = folded(plain(text))
    skills = {folded(skill): skill for skill in team.skills()}
    if typed in skills:
        return skills[typed], None
    products = {
        folded(name): key
        for key, product in team.products.items()
        for name in (key, product.name, *product.names.values())
    }
    if typed in products:
        return None, products[typed]
    close = difflib.get_close_matches(typed, [*skills, *products], n=1, cutoff=0.6)
    suggestion = (skills.get(close[0]) or products.get(close[0], "")) if close else ""
    raise Refusal(Why.SKILL_UNKNOWN, field="skills", typed=plain(text), suggestion=suggestion)


def _answer(called: Called, front: Front, words: Words, ids: Mapping[str, str]) -> Mrkdwn:
    wait = front.desk.team.call_time_out.of(called.incident.severity)
    lines = []
    for one in called.calls:
        who = Who(ids.get(one.person, one.person))
        if one.skills:
            lines.append(words("call_people.called_for", who=who, skills=words.join(one.skills)))
        else:
            lines.append(words("call_people.called", who=who))
    if called.calls:
        lines.append(words("call_people.wait", wait=wait))
    if called.nobody_for:
        lines.append(words("call_people.nobody_for", skills=words.join(called.nobody_for)))
    return Mrkdwn("\n".join(lines))
