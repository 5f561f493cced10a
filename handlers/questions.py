"""Commands that only ask: the list, one incident's status, its timeline, and help."""

from collections.abc import Sequence

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from domain.refusals import Refusal, Why
from handlers.answers import reply
from handlers.commands import COMMANDS, NAMES, command, number_in, shown_name
from handlers.front import Body, Front, actor_of, command_in
from services import playbook, questions
from templates.answers import help_answer, help_now, list_answer, status_answer, timeline_answer
from templates.blocks import Block
from templates.words import Words


@command("list")
async def show_list(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, argument: str
) -> None:
    listed, people = await questions.open_incidents(front.desk, actor=await actor_of(front, body))
    blocks = list_answer(
        listed, front.desk.team, people, words, now=front.desk.now(), command=command_in(front, body)
    )
    await reply(client, body, ack, blocks, words)


@command("status")
async def show_status(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, argument: str
) -> None:
    number, _ = number_in(argument)
    snapshot = await questions.status(front.desk, number, actor=await actor_of(front, body))
    blocks = status_answer(
        snapshot, front.desk.team, words, now=front.desk.now(), command=command_in(front, body)
    )
    await reply(client, body, ack, blocks, words)


@command("timeline")
async def show_timeline(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, argument: str
) -> None:
    number, _ = number_in(argument)
    told = await questions.timeline(front.desk, number, actor=await actor_of(front, body))
    blocks = timeline_answer(told.incident, told.entries, told.people, words)
    await reply(client, body, ack, blocks, words)


@command("help")
async def show_help(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, argument: str
) -> None:
    offered = [(name, shown_name(name, words)) for name in NAMES if name in COMMANDS]
    called = command_in(front, body)
    blocks = help_answer(offered, await _to_do_here(front, body, words), words, command=called)
    await reply(client, body, ack, blocks, words)


async def _to_do_here(front: Front, body: Body, words: Words) -> Sequence[Block]:
    actor = await actor_of(front, body)
    try:
        snapshot = await questions.status(front.desk, None, actor=actor)
        checklist = await playbook.checklist(front.desk, snapshot.incident.number, actor=actor)
    except Refusal as refusal:
        if refusal.why in (Why.INCIDENT_NOT_HERE, Why.INCIDENT_UNKNOWN):
            return ()
        raise
    return help_now(
        snapshot,
        checklist,
        front.desk.team,
        words,
        now=front.desk.now(),
        command=command_in(front, body),
    )
