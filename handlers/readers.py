"""Who reads an answer: their language, their zone, and the names of the people in it."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from services import people
from services.desk import Desk
from services.people import Known
from storage.trouble import DatabaseUnusableError
from templates.words import Words

log = logging.getLogger(__name__)

REMEMBER_SECONDS = 180.0
SLACK_SECONDS = 1.0
"""So long a person's first answer may wait for Slack to say which language they read."""


class Readers:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._read: dict[str, tuple[float, Known]] = {}
        self._names: tuple[float, Mapping[str, str]] = (0.0, {})

    async def words(self, client: AsyncWebClient, person: str) -> Words:
        """The words for one person; the team's language and zone where Slack does not say."""
        language, timezone = people.reads(self.desk.team, await self._known(client, person))
        return Words(language, timezone, await self.names())

    async def names(self) -> Mapping[str, str]:
        """Display names by Slack user id."""
        now = asyncio.get_running_loop().time()
        until, names = self._names
        if now >= until:
            names = await people.names(self.desk)
            self._names = (now + REMEMBER_SECONDS, names)
        return names

    async def _known(self, client: AsyncWebClient, person: str) -> Known:
        now = asyncio.get_running_loop().time()
        until, known = self._read.get(person, (0.0, Known(who=person, slack_id=person)))
        if now < until:
            return known
        found = await people.known(self.desk, person)
        if found is None or not found.locale:
            found = await self._ask_slack(client, person) or found
        if found is None:
            return known
        self._read[person] = (now + REMEMBER_SECONDS, found)
        return found

    async def _ask_slack(self, client: AsyncWebClient, person: str) -> Known | None:
        try:
            async with asyncio.timeout(SLACK_SECONDS):
                answer = await client.users_info(user=person, include_locale=True)
        except (SlackApiError, OSError, TimeoutError) as error:
            log.info("Slack did not say which language %s reads: %s", person, error)
            return None
        found = people.known_as(person, answer["user"])
        with suppress(DatabaseUnusableError):  # Whoever asked is answered all the same.
            await people.note_person(self.desk, found)
        self._names = (0.0, {})
        return found
