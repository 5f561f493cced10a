"""Matching the people and channels of the settings with Slack's, in the background and never in anybody's way."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from delivery.slack import Done, Outcome, Refused, Throttled, ask
from domain.team import Team
from storage.database import Database, Now
from storage.directory import Known
from templates.refused import plain_mend

log = structlog.get_logger(__name__)

KNOWN_FOR = timedelta(days=1)
"""So long what Slack said of a person is believed."""
MISSING_FOR = timedelta(hours=1)
"""So long somebody whom Slack does not know is not looked for again."""
NOT_KNOWN = "A person in the settings is not known to Slack; check the address."
DEACTIVATED = "A person in the settings is deactivated in Slack; take them out of the settings."
CHANNEL_LOST = "channel_not_found"
UNKNOWN_TO_SLACK = frozenset({"users_not_found", "user_not_found"})


@dataclass(frozen=True, kw_only=True)
class Matching:
    client: AsyncWebClient
    database: Database
    team: Team
    now: Now

    async def run(self) -> float | None:
        """Match what is not matched yet; seconds until it is worth another try, None when all is done."""
        async with self.database.reading() as tx:
            matched = {
                person.who for person in await tx.directory.people() if person.slack_id or person.missing
            }
            reached = await tx.directory.channels()
        waits = [await self._person(who) for who in self.team.everybody() if who not in matched]
        names = [name for name in self.team.channels() if name not in reached]
        waits.append(await self._channels(names))
        return max((wait for wait in waits if wait), default=None)

    async def look_again(self, pause: Callable[[float], Awaitable[None]]) -> None:
        """Who has left Slack, come back, or got an account at last; whoever cannot be looked at is by the next time."""
        now = self.now()
        async with self.database.reading() as tx:
            old = await tx.directory.not_looked_at_since(now - KNOWN_FOR, missing=now - MISSING_FOR)
        for who in self.team.everybody():
            if who in old and (wait := await self._person(who)):
                await pause(wait)

    async def _person(self, who: str) -> float | None:
        """An e-mail address or a Slack user id; also which language they read."""
        if "@" in who:
            outcome = await ask(partial(self.client.users_lookupByEmail, email=who))
            if isinstance(outcome, Done):
                outcome = await self._info(outcome.data["user"]["id"])
        else:
            outcome = await self._info(who)
        match outcome:
            case Done(data=data):
                user = data["user"]
                profile = user.get("profile") or {}
                known = Known(
                    who=who,
                    slack_id=None if user.get("deleted") else user["id"],
                    name=profile.get("display_name")
                    or profile.get("real_name")
                    or user.get("real_name")
                    or who,
                    locale=user.get("locale") or "",
                    timezone=user.get("tz") or "",
                    missing=bool(user.get("deleted")),
                )
            case Refused(error=error) if error in UNKNOWN_TO_SLACK:
                known = Known(who=who, slack_id=None, missing=True)
            case _:
                return _wait(outcome)
        async with self.database.transaction() as tx:
            before = {person.who: person for person in await tx.directory.people()}.get(who)
            if known.missing and before and before.slack_id:
                # Who has left is still somebody that screens and timelines name.
                known = replace(before, missing=True)
            await tx.directory.note_person(known, at=self.now())
        if known.missing and not (before and before.missing):
            log.warning(DEACTIVATED if isinstance(outcome, Done) else NOT_KNOWN, person=who)
        return None

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
        waits = [await self._reach(name, found.get(name)) for name in names]
        return max((wait for wait in waits if wait), default=None)

    async def _reach(self, name: str, channel: dict[str, object] | None) -> float | None:
        if channel is None:
            outcome = await ask(partial(self.client.conversations_create, name=name))
            # A private channel that Hachi cannot see has that name: only its members can let Hachi in.
            problem_if = {"name_taken": CHANNEL_LOST}
        elif channel.get("is_member"):
            await self._note(name, str(channel["id"]))
            return None
        else:
            outcome = await ask(partial(self.client.conversations_join, channel=str(channel["id"])))
            problem_if = {}
        match outcome:
            case Done(data=data):
                await self._note(name, data["channel"]["id"])
                return None
            case Refused(error=error):
                problem = problem_if.get(error, error)
                log.warning(
                    "A channel in the settings cannot be used.",
                    channel=name,
                    error=error,
                    mend=plain_mend(problem, name),
                )
                await self._note(name, None, problem)
                return 60.0
            case _:
                return _wait(outcome)

    async def _note(self, name: str, slack_id: str | None, problem: str = "") -> None:
        async with self.database.transaction() as tx:
            await tx.directory.note_channel(name, slack_id=slack_id, problem=problem, at=self.now())


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
            await tx.directory.note_channel(name, slack_id=None, problem=CHANNEL_LOST, at=at)
    return channel_id is None


def _wait(outcome: Outcome) -> float:
    return outcome.seconds if isinstance(outcome, Throttled) else 5.0
