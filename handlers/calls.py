"""Answers to calls: coming, not coming, and joining uncalled."""

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from handlers.answers import tell
from handlers.front import Body, Front, actor_of
from handlers.payloads import numbers_in
from services import calls
from templates.mrkdwn import Channel


def register(app: AsyncApp, front: Front) -> None:
    @app.action("call.accept")
    async def accept(ack: AsyncAck, body: Body) -> None:
        number, call = numbers_in(body)
        await calls.accept(front.desk, number, call, actor=await actor_of(front, body))
        await ack()

    @app.action("call.decline")
    async def decline(ack: AsyncAck, body: Body) -> None:
        number, call = numbers_in(body)
        await calls.decline(front.desk, number, call, actor=await actor_of(front, body))
        await ack()

    @app.action("incident.join")
    async def join(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        number, _ = numbers_in(body)
        actor = await actor_of(front, body)
        incident = await calls.join(front.desk, number, actor=actor)
        words = await front.readers.words(client, actor.person)
        await ack()
        name = "join.done" if incident.channel_id else "join.opening"
        where = Channel(incident.channel_id or "")
        said = words(name, number=incident.number, title=incident.title, where=where)
        await tell(client, body, said, words)
