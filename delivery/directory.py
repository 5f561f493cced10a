"""Matching the people and channels of the settings with Slack's, in the background and never in anybody's way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from delivery.slack import Done, Outcome, Refused, Throttled, Unknown, ask
from domain.team import Team
from services import people
from storage.database import Database, Now
from storage.directory import Known, KnownChannel
from templates.refused import plain_mend

log = structlog.get_logger(__name__)

NOT_KNOWN = "A person in the settings is not known to Slack; check the address."
HAS_LEFT = "A person in the settings has left Slack; take them out of the settings."
CHANNEL_LOST = "channel_not_found"
UNKNOWN_TO_SLACK = frozenset({"users_not_found", "user_not_found"})
KNOWN_FOR = timedelta(days=1)
"""After so long a person is looked up again: people leave, and change their name, language or time zone."""
MISSING_FOR = timedelta(hours=1)
"""Whoever was not known may have been invited to Slack since then."""
NOTED_TOGETHER = 20
REFUSED_SECONDS = 300.0
LOST_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Matching:
    client: AsyncWebClient
    database: Database
    team: Team
    now: Now

    async def run(self) -> float | None:
        """Match what is due to be; seconds until it is worth another try, None when all that can be is done."""
        now = self.now()
        async with self.database.reading() as tx:
            fresh = await tx.directory.looked_up(found_since=now - KNOWN_FOR, missing_since=now - MISSING_FOR)
            reached = await tx.directory.channels()
        wait = await self._people([who for who in self.team.everybody() if who not in fresh])
        waits = [wait, await self._channels([name for name in self.team.channels() if name not in reached])]
        return max((wait for wait in waits if wait), default=None)

    async def _people(self, names: Sequence[str]) -> float | None:
        """Look these up, and note some at a time: what was found is not lost, and screens are not drawn for each."""
        refused = None
        for first in range(0, len(names), NOTED_TOGETHER):
            found, wait = [], None
            for who in names[first : first + NOTED_TOGETHER]:
                outcome = await self._person(who)
                if isinstance(outcome, Known):
                    found.append(outcome)
                elif isinstance(outcome, Refused):
                    log.warning("Slack does not say who this is.", person=who, error=outcome.error)
                    refused = REFUSED_SECONDS
                else:
                    wait = _wait(outcome)
                    break
            async with self.database.transaction(patient=True) as tx:
                missing = await tx.directory.note_people(found, at=self.now())
            for known in missing:  # Whoever has a name was known once.
                log.warning(HAS_LEFT if known.name else NOT_KNOWN, person=known.who)
            if wait:
                return wait
        return refused

    async def _person(self, who: str) -> Known | Refused | Throttled | Unknown:
        """By an e-mail address or a Slack user id; also which language they read."""
        if "@" in who:
            outcome = await ask(partial(self.client.users_lookupByEmail, email=who))
            if isinstance(outcome, Done):
                outcome = await self._info(outcome.data["user"]["id"])
        else:
            outcome = await self._info(who)
        match outcome:
            case Done(data=data):
                return people.known_as(who, data["user"])
            case Refused(error=error) if error in UNKNOWN_TO_SLACK:
                return Known(who=who, slack_id=None, missing=True)
            case _:
                return outcome

    async def _info(self, user: str) -> Outcome:
        return await ask(partial(self.client.users_info, user=user, include_locale=True))

    async def _channels(self, names: Sequence[str]) -> float | None:
        """Joined where they are public, created where there is none, named where they are private."""
        if not names:
            return None
        found: dict[str, dict[str, object]] = {}
        cursor = ""
        while True:
            outcome = await ask(
                partial(
                    self.client.conversations_list,
                    types="public_channel,private_channel",
                    exclude_archived=True,
                    limit=200,
                    cursor=cursor,
                )
            )
            if not isinstance(outcome, Done):
                return _wait(outcome)
            for channel in outcome.data["channels"]:
                for name in (channel["name"], channel["id"]):
                    if name in names:
                        found[name] = channel
            cursor = (outcome.data.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                break
        reached = [await self._reach(name, found.get(name)) for name in names]
        places = [one for one in reached if isinstance(one, KnownChannel)]
        async with self.database.transaction(patient=True) as tx:
            await tx.directory.note_channels(places, at=self.now())
        waits = [one for one in reached if not isinstance(one, KnownChannel)]
        waits += [LOST_SECONDS for place in places if place.problem]
        return max(waits, default=None)

    async def _reach(self, name: str, channel: dict[str, object] | None) -> KnownChannel | float:
        """Where it is, or how long it is to be waited for."""
        if channel is None:
            outcome = await ask(partial(self.client.conversations_create, name=name))
            # A private channel that Hachi cannot see has that name: only its members can let Hachi in.
            problem_if = {"name_taken": CHANNEL_LOST}
        elif channel.get("is_member"):
            return KnownChannel(name, str(channel["id"]))
        else:
            outcome = await ask(partial(self.client.conversations_join, channel=str(channel["id"])))
            problem_if = {}
        match outcome:
            case Done(data=data):
                return KnownChannel(name, data["channel"]["id"])
            case Refused(error=error):
                problem = problem_if.get(error, error)
                log.warning(
                    "A channel in the settings cannot be used.",
                    channel=name,
                    error=error,
                    mend=plain_mend(problem, name),
                )
                return KnownChannel(name, None, problem)
            case _:
                return _wait(outcome)


async def lose_channel(database: Database, place: str, channel_id: str | None, *, at: datetime) -> bool:
    """A channel of the settings is not there any more, or hidden from Hachi: it is looked for anew, by its name.

    Nothing happens where it is known under another id by now. True where nothing of ours stood there, so that it has
    no place for now.
    """
    kind, _, name = place.partition(":")
    if kind != "channel":
        return False
    async with database.transaction() as tx:
        known = (await tx.directory.channels()).get(name)
        if known and channel_id in (None, known):
            await tx.directory.note_channels([KnownChannel(name, None, CHANNEL_LOST)], at=at)
    return channel_id is None


def _wait(outcome: Outcome) -> float:
    return outcome.seconds if isinstance(outcome, Throttled) else 5.0
