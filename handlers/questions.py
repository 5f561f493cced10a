"""Commands that only ask: the list, one incident's status, its timeline, and help."""

from collections.abc import Sequence

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from domain.refusals import Refusal, Why
from handlers.answers import reply
from handlers.commands import COMMANDS, NAMES, command, incident_asked_for, shown_name
from handlers.front import Body, Front, actor_of, channel_in, command_in
from services import people, playbook, questions
from templates.answers import help_answer, help_now, list_answer, status_answer, timeline_answer
from templates.blocks import Block
from templates.words import Words


@command("list")
async def show_list(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, argument: str
) -> None:
    listed = await questions.open_incidents(front.desk, actor=await actor_of(front, body))
    blocks = list_answer(
        listed,
        front.desk.team,
        await people.slack_ids(front.desk),
        words,
        now=front.desk.now(),
        command=command_in(front, body),
    )
    await reply(client, body, ack, blocks, words)


@command("status")
async def show_status(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, argument: str
) -> None:
    incident, _ = await incident_asked_for(front, body, argument)
    snapshot = await questions.status(front.desk, incident.number, actor=await actor_of(front, body))
    blocks = status_answer(
        snapshot, front.desk.team, words, now=front.desk.now(), command=command_in(front, body)
    )
    await reply(client, body, ack, blocks, words)


@command("timeline")
async def show_timeline(
    front: Front, ack: AsyncAck, body: Body, client: AsyncWebClient, words: Words, argument: str
) -> None:
    asked, _ = await incident_asked_for(front, body, argument)
    incident, entries = await questions.timeline(front.desk, asked.number, actor=await actor_of(front, body))
    blocks = timeline_answer(incident, entries, await people.slack_ids(front.desk), words)
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
        incident = await questions.incident_here(front.desk, channel_id=channel_in(body))
        snapshot = await questions.status(front.desk, incident.number, actor=actor)
        checklist = await playbook.checklist(front.desk, incident.number, actor=actor)
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
