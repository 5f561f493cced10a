"""The panel of an incident, and the buttons and menus that lead to it and out of it."""

import re

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.refusals import Refusal, Why
from handlers.answers import open_form, reply
from handlers.commands import COMMANDS, Run, command, number_in
from handlers.customers import open_customers
from handlers.front import Body, Front, actor_of, command_in, person_in
from handlers.incident_forms import by_command, keep_form
from handlers.payloads import numbers_in
from services import playbook, questions, severity
from templates.blocks import section
from templates.forms.panel import PANEL, panel
from templates.words import Words

_MORE = re.compile(r"^(assign|severity|customers|timeline|withdraw|panel):(\d{1,9})$")


def register(app: AsyncApp, front: Front) -> None:
    @app.action("incident.open_panel")
    async def opened(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await _carry_out(front, ack, body, client, COMMANDS[""], numbers_in(body)[0])

    @app.action("incident.timeline")
    async def timeline_asked_for(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await _carry_out(front, ack, body, client, COMMANDS["timeline"], numbers_in(body)[0])

    @app.action("incident.more")
    async def more(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        chosen = (body["actions"][0].get("selected_option") or {}).get("value")
        found = _MORE.match(str(chosen))
        if not found:
            raise Refusal(Why.INCIDENT_UNKNOWN, number=0)
        run = _OTHERS.get(found[1]) or COMMANDS[found[1]]
        await _carry_out(front, ack, body, client, run, int(found[2]))

    @app.action(re.compile(r"^intake\..+$"))
    async def not_ready(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        words = await front.readers.words(client, person_in(body))
        said = words("panel.not_ready", command=front.command)
        await reply(client, body, ack, [section(said)], words)


@command("")
async def run(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, argument: str
) -> None:
    """The command alone: the panel inside a swarm or with a number, the declare form anywhere else."""
    actor = await actor_of(front, body)
    try:
        snapshot = await questions.status(front.desk, number_in(argument)[0], actor=actor)
    except Refusal as refusal:
        if refusal.why is not Why.INCIDENT_NOT_HERE:
            raise
        await COMMANDS["declare"](front, ack, body, client, words, "")
        return
    number, called = snapshot.incident.number, command_in(front, body)
    view = panel(
        await keep_form(front, actor, PANEL, number),
        snapshot,
        front.desk.team,
        words,
        now=front.desk.now(),
        command=called,
        history=await severity.history(front.desk, number, actor=actor),
        checklist=await playbook.checklist(front.desk, number, actor=actor),
    )
    await open_form(client, body, ack, view, words, command=called)


async def _carry_out(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, run: Run, number: int
) -> None:
    """A button stands for a command with the incident's number."""
    words = await front.readers.words(client, person_in(body))
    await run(front, ack, body, client, words, str(number))


_OTHERS: dict[str, Run] = {"panel": run, "customers": by_command(open_customers)}
"""What the menu offers that is no command of its own."""
