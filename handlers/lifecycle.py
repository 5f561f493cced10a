"""Changing an incident's state, closing, reopening and withdrawing it."""

from collections.abc import Mapping

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.customer_updates import field_name, languages_of, recipients_of
from domain.incident import (
    TEXT_LIMIT,
    State,
    check_can_close,
    check_can_reopen,
    check_open,
)
from domain.permissions import Act
from domain.texts import trimmed
from handlers import resolve
from handlers.answers import open_form
from handlers.commands import COMMANDS
from handlers.form_values import FormValues
from handlers.front import Body, Front, actor_of, command_in, person_in
from handlers.incident_forms import Open, by_button, by_command, form_kept, keep_form
from handlers.payloads import request_in
from handlers.resolve import resolve_form_for
from services import lifecycle
from templates.forms.lifecycle import close_form, reopen_form, state_form, withdraw_form
from templates.words import Words


async def _open_state(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, number: int
) -> None:
    """Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, INCIDENT_OVER."""
    actor = await actor_of(front, body)
    incident = await lifecycle.check_may_change(front.desk, number, actor=actor)
    check_open(incident)
    draft_id = await keep_form(front, actor, "state", number)
    view = state_form(draft_id, incident, words)
    await open_form(client, body, ack, view, words, command=command_in(front, body))


async def _open_close(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, number: int
) -> None:
    """Raises Refusal: INCIDENT_UNKNOWN, ALREADY_CLOSED, NOT_RESOLVED_YET, INCIDENT_OVER."""
    actor = await actor_of(front, body)
    incident = await lifecycle.check_may_change(front.desk, number, actor=actor, act=Act.CLOSE)
    check_can_close(incident)
    draft_id = await keep_form(front, actor, "close", number)
    view = close_form(draft_id, incident, words)
    await open_form(client, body, ack, view, words, command=command_in(front, body))


async def _open_reopen(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, number: int
) -> None:
    """Raises Refusal: INCIDENT_UNKNOWN, NOT_A_MEMBER, INCIDENT_NOT_OVER."""
    actor = await actor_of(front, body)
    incident = await lifecycle.check_may_change(front.desk, number, actor=actor)
    check_can_reopen(incident)
    draft_id = await keep_form(front, actor, "reopen", number)
    view = reopen_form(draft_id, incident, front.desk.team, words)
    await open_form(client, body, ack, view, words, command=command_in(front, body))


async def _open_withdraw(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, number: int
) -> None:
    """Raises Refusal: INCIDENT_UNKNOWN, ALREADY_RESOLVED, INCIDENT_OVER, NOT_A_MEMBER, NOT_PERMITTED."""
    actor = await actor_of(front, body)
    # Whoever may end an incident one way may end it the other.
    incident, updates = await lifecycle.check_may_resolve(front.desk, number, actor=actor)
    recipients = recipients_of(incident, front.desk.team)
    languages = languages_of(recipients) if updates else ()
    draft_id = await keep_form(front, actor, "withdraw", number, languages=list(languages))
    view = withdraw_form(
        draft_id, incident, words, told=bool(updates), recipients=recipients, languages=languages
    )
    await open_form(client, body, ack, view, words, command=command_in(front, body))


_BY_COMMAND: Mapping[str, Open] = {"close": _open_close, "reopen": _open_reopen, "withdraw": _open_withdraw}
_BY_BUTTON: Mapping[str, Open] = {"change_state": _open_state, **_BY_COMMAND}

COMMANDS.update({name: by_command(open_it) for name, open_it in _BY_COMMAND.items()})


def register(app: AsyncApp, front: Front) -> None:
    resolve.register(app, front)

    for name, open_it in _BY_BUTTON.items():
        by_button(app, front, f"incident.{name}", open_it)

    # Every form clears whatever it was opened from: that shows how things were before.

    @app.view("state")
    async def state(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, actor, _ = await form_kept(front, body)
        chosen_state = FormValues(body).required("state", State)
        if chosen_state is State.RESOLVED:
            words = await front.readers.words(client, person_in(body))
            await ack(
                response_action="push",
                view=await resolve_form_for(front, number, actor=actor, words=words),
            )
            return
        await lifecycle.change_state(front.desk, number, state=chosen_state, actor=actor)
        await ack(response_action="clear")

    @app.view("close")
    async def close(ack: AsyncAck, body: Body) -> None:
        number, actor, _ = await form_kept(front, body)
        cause = FormValues(body).text("cause")
        await lifecycle.close(front.desk, number, cause=cause, actor=actor, request=request_in(body))
        await ack(response_action="clear")

    @app.view("reopen")
    async def reopen(ack: AsyncAck, body: Body) -> None:
        number, actor, _ = await form_kept(front, body)
        reason = FormValues(body).text("reason")
        await lifecycle.reopen(front.desk, number, reason=reason, actor=actor, request=request_in(body))
        await ack(response_action="clear")

    @app.view("withdraw")
    async def withdraw(ack: AsyncAck, body: Body) -> None:
        number, actor, kept = await form_kept(front, body)
        values = FormValues(body)
        await lifecycle.withdraw(
            front.desk,
            number,
            reason=values.text("reason"),
            explanation=_explanation(values, tuple(kept["languages"])),
            actor=actor,
            request=request_in(body),
        )
        await ack(response_action="clear")


def _explanation(values: FormValues, languages: tuple[str, ...]) -> Mapping[str, str]:
    """What customers may read, by language. Raises Refusal TEXT_TOO_LONG."""
    said = {}
    for language in languages:
        name = field_name("explanation", language, languages)
        said[language] = trimmed(values.text(name), field=name, limit=TEXT_LIMIT)
    return said
