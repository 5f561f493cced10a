"""The Home tab: shown when somebody opens it, with a button to declare."""

import logging

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from handlers.answers import SLACK_FAILURES
from handlers.commands import COMMANDS
from handlers.front import Body, Front, person_in
from services import home, oncall
from templates.home import DECLARE, home_view

log = logging.getLogger(__name__)


def register(app: AsyncApp, front: Front) -> None:
    @app.event("app_home_opened")
    async def opened(event: Body, client: AsyncWebClient) -> None:
        if event.get("tab") != "home":
            return
        person = str(event["user"])
        words = await front.readers.words(client, person)
        shown = await home.changes(front.desk)
        seen = await home.look(front.desk, person)
        view = home_view(
            seen.listed,
            front.desk.team,
            seen.people,
            words,
            behind=seen.behind,
            now=seen.now,
            command=front.command,
            roster=seen.roster,
            reader=person,
        )
        try:
            await client.views_publish(user_id=person, view=view)
        except SLACK_FAILURES as error:
            log.warning("A Home tab was not shown: %s", error)
            shown = ""
        await home.opened(front.desk, person, shown=shown, duty=oncall.digest(seen.roster))

    @app.action(DECLARE)
    async def declare(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        words = await front.readers.words(client, person_in(body))
        await COMMANDS["declare"](front, ack, body, client, words, "")
