"""`/incident assign`: handing over a role, or taking it."""

from collections.abc import Mapping

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.incident import Role
from domain.refusals import Refusal, Why
from domain.roster import Answer
from domain.spelling import folded
from handlers.answers import open_form, reply
from handlers.commands import command, incident_asked_for
from handlers.form_values import FormValues
from handlers.front import Body, Front, actor_of, command_in, person_in
from handlers.incident_forms import by_button, form_kept, keep_form
from handlers.named_people import check_can_be_asked, person_named
from handlers.payloads import numbers_in, request_in
from handlers.typed import plain
from services import people
from services.hand_over import Asked, check_may_hand_over, hand_over
from templates.blocks import section
from templates.forms.assign import ASSIGN, assign_form
from templates.mrkdwn import Mrkdwn, Who, channel_link
from templates.terms import term
from templates.words import LANGUAGES, Words

_ALSO = {
    Role.OWNER: ("対応責任者", "責任者", "オーナー", "incident owner"),
    Role.EXPERT: ("技術担当", "技術", "専門家", "エキスパート", "technical expert"),
    Role.SERVICE_LEVEL_MANAGER: ("sla", "slm", "sla担当", "sla manager", "サービスレベルマネージャー"),
    Role.DUTY_MANAGER: ("当番", "当番マネージャー", "マネージャー", "manager"),
}
"""What people may type for a role, beside what the screens call it; only ever added to."""


def role_named(text: str) -> Role | None:
    """The role meant by what was typed, in either language; None where nothing was. Raises Refusal ROLE_UNKNOWN."""
    typed = _key(plain(text))
    if not typed:
        return None
    for role in Role:
        if typed in {_key(name) for name in (role.value, *_ALSO[role], *_screen_names(role))}:
            return role
    raise Refusal(Why.ROLE_UNKNOWN, field="role", typed=plain(text))


def register(app: AsyncApp, front: Front) -> None:
    by_button(app, front, "incident.assign", _open)

    @app.action("hand_over.again")
    async def again(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, call = numbers_in(body)
        words = await front.readers.words(client, person_in(body))
        await _open(front, ack, body, client, words, number, again=call)

    @app.view(ASSIGN)
    async def submitted(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, actor, _ = await form_kept(front, body)
        values = FormValues(body)
        to = values.person("person")
        if to is None:
            raise Refusal(Why.PERSON_MISSING, field="person")
        await check_can_be_asked(client, to)
        await hand_over(
            front.desk,
            number,
            values.required("role", Role),
            to=to,
            note=values.text("note"),
            actor=actor,
            request=request_in(body),
        )
        await ack(response_action="clear")


@command("assign")
async def assign(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, argument: str
) -> None:
    """`@person role`, in any order; without either of them the form."""
    incident, rest = await incident_asked_for(front, body, argument)
    to, rest = person_named(rest, speaker=person_in(body))
    role = role_named(rest)
    if to is None or role is None:
        await _open(front, ack, body, client, words, incident.number, role=role, to=to)
        return
    if to != person_in(body):
        await check_can_be_asked(client, to)
    actor = await actor_of(front, body)
    asked = await hand_over(front.desk, incident.number, role, to=to, actor=actor, request=request_in(body))
    said = _answer(asked, front, words, await people.slack_ids(front.desk))
    await reply(client, body, ack, [section(said)], words)


async def _open(
    front: Front,
    ack: AsyncAck,
    body: Body,
    client: AsyncWebClient,
    words: Words,
    number: int,
    *,
    role: Role | None = None,
    to: str | None = None,
    again: int | None = None,
) -> None:
    """`again` is the call that asked for it before.

    Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, INCIDENT_OVER, NO_SWARM.
    """
    actor = await actor_of(front, body)
    snapshot = await check_may_hand_over(front.desk, number, actor=actor)
    draft_id = await keep_form(front, actor, ASSIGN, number)
    note = ""
    if before := next((one for one in snapshot.calls if one.number == again), None):
        role, to, note = before.role, snapshot.people.get(before.person, to), before.note
    view = assign_form(draft_id, snapshot, words, role=role, person=to, note=note)
    await open_form(client, body, ack, view, words, command=command_in(front, body))


def _answer(asked: Asked, front: Front, words: Words, ids: Mapping[str, str]) -> Mrkdwn:
    call, incident = asked.call, asked.incident
    role = term(call.role, words)
    if call.answer is Answer.ACCEPTED:
        where = channel_link(incident.channel_id) if incident.channel_id else Mrkdwn("")
        return words("assign.yours", number=incident.number, role=role, where=where)
    who = Who(ids.get(call.person, call.person))
    wait = front.desk.team.call_time_out.of(incident.severity)
    if asked.place is None:
        return words("assign.asked_too", who=who, role=role, wait=wait)
    before = Who(ids.get(asked.place.person, asked.place.person))
    return words("assign.asked", who=who, role=role, wait=wait, before=before)


def _screen_names(role: Role) -> list[str]:
    return [
        Words(language, "UTC").plain(f"{name}.{role.value}")
        for language in LANGUAGES
        for name in ("role", "role.short")
    ]


def _key(text: str) -> str:
    return "".join(c for c in folded(text) if c.isalnum())
