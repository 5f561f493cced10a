"""What people change by hand in a swarm's channel, as Slack tells of it."""

import html
import logging
from datetime import UTC, datetime

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.by_hand import Thing
from handlers.answers import SLACK_FAILURES
from handlers.front import Body, Front
from services import by_hand

log = logging.getLogger(__name__)

TOPIC = frozenset({"channel_topic", "group_topic"})


def register(app: AsyncApp, front: Front) -> None:
    # Slack tells of a topic by a message. All other messages are acknowledged, or they would come again.
    @app.event("message")
    async def topic_set(event: Body, body: Body, client: AsyncWebClient) -> None:
        if event.get("subtype") in TOPIC:
            topic = html.unescape(str(event.get("topic", "")))
            await _changed(front, client, Thing.TOPIC, event, body, str(event["channel"]), topic)

    @app.event("pin_removed")
    async def unpinned(event: Body, body: Body, client: AsyncWebClient) -> None:
        message = event["item"].get("message") or {}
        channel = str(event["channel_id"])
        await _changed(front, client, Thing.PIN, event, body, channel, str(message.get("ts", "")))


async def _changed(
    front: Front, client: AsyncWebClient, thing: Thing, event: Body, body: Body, channel: str, now_shows: str
) -> None:
    person = str(event["user"])
    put_back = await by_hand.changed(
        front.desk,
        thing,
        channel,
        now_shows,
        by=person,
        changed_at=datetime.fromtimestamp(float(event["event_ts"]), UTC),
        request=f"event:{body['event_id']}",
    )
    if put_back is None:
        return
    words = await front.readers.words(client, person)
    try:
        await client.chat_postEphemeral(channel=channel, user=person, text=words(f"by_hand.{thing}.put_back"))
    except SLACK_FAILURES as error:
        log.info("Nobody was told that the %s was put back: %s", thing, error)
