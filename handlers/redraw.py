"""Redrawing a form somebody is filling in."""

import asyncio
import logging
from collections import OrderedDict

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.answers import SLACK_FAILURES, Ack
from handlers.front import Body
from templates.blocks import Block

log = logging.getLogger(__name__)

FORMS_REMEMBERED = 500


class Redraws:
    """Of choices made faster than Slack redraws, the newest has the last word."""

    def __init__(self) -> None:
        self._newest: OrderedDict[str, str] = OrderedDict()

    def note(self, body: Body) -> None:
        """Call it first: the choice in this payload was made."""
        view_id = body["view"]["id"]
        self._newest[view_id] = max(_made_at(body), self._newest.get(view_id, ""))
        while len(self._newest) > FORMS_REMEMBERED:
            self._newest.popitem(last=False)

    async def show(self, client: AsyncWebClient, body: Body, ack: Ack, redrawn: Block) -> None:
        """Acknowledge, and redraw the form unless it was closed or a newer choice redraws it."""
        updating = asyncio.ensure_future(self._show(client, body, redrawn))
        await asyncio.sleep(0)
        await ack()
        await updating

    async def _show(self, client: AsyncWebClient, body: Body, redrawn: Block) -> None:
        view = body["view"]
        try:
            await client.views_update(view_id=view["id"], hash=view["hash"], view=redrawn)
        except SlackApiError as error:
            if error.response["error"] == "hash_conflict":
                # The choice was made before an earlier redrawing was seen.
                if self._newest.get(view["id"]) == _made_at(body):
                    await redraw(client, view["id"], redrawn)
            elif error.response["error"] != "not_found":
                log.warning("A form was not redrawn: %s", error)
        except SLACK_FAILURES as error:
            log.warning("A form was not redrawn: %s", error)


async def redraw(client: AsyncWebClient, view_id: str, redrawn: Block) -> None:
    """Redraw a form whatever it shows. Never raises for Slack's sake."""
    try:
        await client.views_update(view_id=view_id, view=redrawn)
    except SLACK_FAILURES as error:
        log.info("A form was not redrawn: %s", error)


def _made_at(body: Body) -> str:
    return str(body["actions"][0].get("action_ts") or "")
