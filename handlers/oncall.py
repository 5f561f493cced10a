"""`/incident oncall`: who is on duty, taking over, swapping, being absent, and taking it back."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.oncall import Turn
from domain.refusals import Refusal, Why
from handlers.answers import open_form, tell
from handlers.commands import command
from handlers.form_values import FormValues
from handlers.front import Body, Front, command_in, person_in
from handlers.named_people import check_can_be_asked
from handlers.payloads import in_form, numbers_in, request_in
from handlers.redraw import redraw
from services import oncall, roster_entries
from services.desk import Actor
from templates.blocks import Block
from templates.forms.oncall import ABSENT, SWAP, TAKE_OVER, absent_form, swap_form, take_over_form
from templates.mrkdwn import Mrkdwn
from templates.oncall import ONCALL, oncall_view
from templates.words import Words

USUAL_LENGTH = timedelta(hours=8)
"""What the forms suggest where nothing else ends by itself."""


@command("oncall")
async def run(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, argument: str
) -> None:
    """The roster in a form of its own."""
    view = await _view(front, words, person_in(body))
    await open_form(client, body, ack, view, words, command=command_in(front, body))


def register(app: AsyncApp, front: Front) -> None:
    _listen_to_buttons(app, front)
    _listen_to_forms(app, front)

    @app.action("oncall.undo", matchers=[in_form(ONCALL)])
    async def undo(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await _undo(body)
        words = await front.readers.words(client, person_in(body))
        await ack()
        done = words("oncall.done_undo")
        await redraw(client, body["view"]["id"], await _view(front, words, person_in(body), done=done))

    @app.action("oncall.undo")
    async def undo_at_home(ack: AsyncAck, body: Body) -> None:
        await _undo(body)
        await ack()

    async def _undo(body: Body) -> None:
        await roster_entries.undo(front.desk, numbers_in(body)[0], actor=Actor(person=person_in(body)))

    @app.action(re.compile(r"^oncall\.(agree|decline)$"))
    async def decided(ack: AsyncAck, body: Body) -> None:
        agree = body["actions"][0]["action_id"] == "oncall.agree"
        actor = Actor(person=person_in(body))
        await roster_entries.decide_swap(front.desk, numbers_in(body)[0], agree=agree, actor=actor)
        await ack()


def _listen_to_buttons(app: AsyncApp, front: Front) -> None:
    @app.action("home.oncall")
    async def opened(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        words = await front.readers.words(client, person_in(body))
        await run(front, ack, body, client, words, "")

    @app.action("oncall.take_over")
    async def take_over(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        words = await front.readers.words(client, person_in(body))
        seen = await oncall.look(front.desk)
        since = _rounded(seen.now)
        until = seen.rotas[0].now.until if seen.rotas and seen.rotas[0].next else since + USUAL_LENGTH
        form = take_over_form(front.desk.team, words, who=person_in(body), since=since, until=until)
        await open_form(client, body, ack, form, words)

    @app.action("oncall.swap")
    async def swap(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        words = await front.readers.words(client, person_in(body))
        mine, theirs = await oncall.turns_to_swap(front.desk, actor=Actor(person=person_in(body)))
        await open_form(client, body, ack, swap_form(mine, theirs, front.desk.team, words), words)

    @app.action("oncall.absent")
    async def absent(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        words = await front.readers.words(client, person_in(body))
        since = _rounded(front.desk.now())
        form = absent_form(words, person=person_in(body), since=since, until=since + USUAL_LENGTH)
        await open_form(client, body, ack, form, words)


def _listen_to_forms(app: AsyncApp, front: Front) -> None:
    @app.view(TAKE_OVER)
    async def taken_over(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        values, actor = FormValues(body), Actor(person=person_in(body))
        who = values.person("who") or actor.person
        if who != actor.person:
            await check_can_be_asked(client, who, field="who")
        await roster_entries.take_over(
            front.desk,
            values.choice("rotation") or "",
            who=who,
            instead_of=values.person("instead_of"),
            since=values.moment("since"),
            until=values.moment("until"),
            actor=actor,
            request=request_in(body),
        )
        await _done(front, ack, body, client, "oncall.done_take_over")

    @app.view(SWAP)
    async def swap_asked(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        values, actor = FormValues(body), Actor(person=person_in(body))
        mine, theirs = (_turn(values.choice(name), name) for name in ("my_turn", "their_turn"))
        await roster_entries.ask_to_swap(front.desk, mine, theirs, actor=actor, request=request_in(body))
        await _done(front, ack, body, client, "oncall.done_swap")

    @app.view(ABSENT)
    async def noted(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        values, actor = FormValues(body), Actor(person=person_in(body))
        await roster_entries.add_absence(
            front.desk,
            values.person("who") or actor.person,
            since=values.moment("since"),
            until=values.moment("until"),
            reason=values.text("reason"),
            actor=actor,
            request=request_in(body),
        )
        await _done(front, ack, body, client, "oncall.done_absent")


async def _done(front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, said: str) -> None:
    """The form closes; the roster it was opened from shows what has changed, or a message says that it is done."""
    words = await front.readers.words(client, person_in(body))
    await ack()
    done = words(said)
    if under := body["view"].get("previous_view_id"):
        await redraw(client, under, await _view(front, words, person_in(body), done=done))
    else:
        await tell(client, body, done, words)


async def _view(front: Front, words: Words, reader: str, *, done: Mrkdwn | None = None) -> Block:
    return oncall_view(await oncall.look(front.desk), front.desk.team, words, reader=reader, done=done)


def _turn(chosen: str | None, name: str) -> Turn:
    """A duty as its option carries it. Raises Refusal: CHOICE_MISSING, CHOICE_UNKNOWN."""
    if chosen is None:
        raise Refusal(Why.CHOICE_MISSING, field=name)
    parts: Sequence[str] = chosen.split(" ", 3)
    if len(parts) < 4 or not (parts[0].isdecimal() and parts[1].isdecimal()):
        raise Refusal(Why.CHOICE_UNKNOWN, field=name, typed=chosen)
    since, until = (datetime.fromtimestamp(int(part), UTC) for part in parts[:2])
    return Turn(rotation=parts[3], who=parts[2], since=since, until=until)


def _rounded(at: datetime) -> datetime:
    """The last full quarter of an hour."""
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)
