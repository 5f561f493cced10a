"""Opening a swarm's channel, finding the one whose opening had no known outcome, and inviting people to it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from delivery.records import Records
from delivery.slack import Done, Outcome, Refused, Slack, Throttled, Unknown
from domain.channel_names import name_after
from storage.shown import INVITE, Shown
from templates.cards.card import SWARM
from templates.screen import Screen

SOON = timedelta(seconds=2)


@dataclass(frozen=True, kw_only=True)
class Channels:
    slack: Slack
    records: Records
    bot_user_id: str

    async def open(self, number: int, shown: Shown, screen: Screen) -> None:
        name = shown.digest or screen.channel_name
        create = partial(self.slack.client.conversations_create, name=name, is_private=screen.private)
        match await self.slack.ask("conversations.create", create):
            case Done(data=data):
                channel = data["channel"]
                await self.records.channel_opened(
                    number, shown, channel_id=channel["id"], name=channel["name"]
                )
            case Throttled():
                await self.records.not_made(number, shown)
            case Unknown():
                await self.records.unknown(number, shown)
            case Refused(error="name_taken"):
                await self._taken(number, shown, screen)
            case Refused(error=error) if error.startswith("invalid_name") and name != _plain(number):
                await self.records.try_name(number, shown, _plain(number))
            case Refused(error=error):
                await self.records.refused(number, shown, error, digest=screen.channel_name)

    async def find(self, number: int, shown: Shown, screen: Screen) -> None:
        """An attempt had no known outcome: is the channel there?"""
        found = await self._ours(number, shown, screen)
        if isinstance(found, dict):
            await self.records.channel_opened(number, shown, channel_id=found["id"], name=found["name"])
        elif found is None:
            await self.records.not_found(number, shown)
        else:
            await self._not_said(number, shown, found, screen)

    async def _taken(self, number: int, shown: Shown, screen: Screen) -> None:
        """Perhaps by ourselves, in an attempt whose answer was lost; otherwise the next free name is tried."""
        found = await self._ours(number, shown, screen)
        if isinstance(found, dict):
            await self.records.channel_opened(number, shown, channel_id=found["id"], name=found["name"])
        elif found is None:
            name = shown.digest or screen.channel_name
            plain = _plain(number)
            first = plain if re.fullmatch(rf"{plain}(-b\d+)?", name) else screen.channel_name
            await self.records.try_name(number, shown, name_after(name, first=first))
        else:
            await self._not_said(number, shown, found, screen)

    async def _not_said(self, number: int, shown: Shown, outcome: Outcome, screen: Screen) -> None:
        if isinstance(outcome, Refused):
            await self.records.look_refused(number, shown, outcome.error, digest=screen.channel_name)
        else:
            await self.records.look_later(number, shown, after=later(outcome))

    async def _ours(
        self, number: int, shown: Shown, screen: Screen
    ) -> dict[str, Any] | Throttled | Refused | Unknown | None:
        """The channel of exactly this name, made by our bot since the attempt, and no other incident's."""
        name = shown.digest or screen.channel_name
        cursor = ""
        while True:
            outcome = await self.slack.ask(
                "conversations.list",
                partial(
                    self.slack.client.conversations_list,
                    types="public_channel,private_channel",
                    limit=200,
                    cursor=cursor,
                ),
            )
            if not isinstance(outcome, Done):
                return outcome
            since = self.slack.since(shown.attempted_at).timestamp() if shown.attempted_at else 0.0
            for channel in outcome.data["channels"]:
                if (
                    channel["name"] == name
                    and channel.get("creator") == self.bot_user_id
                    and channel.get("created", 0) >= int(since)
                    and not await self.records.is_anothers(number, channel["id"])
                ):
                    return dict(channel)
            cursor = (outcome.data.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return None

    async def invite(self, number: int, people: tuple[str, ...], channel_id: str) -> None:
        outcome = await self.slack.ask(
            "conversations.invite",
            partial(
                self.slack.client.conversations_invite, channel=channel_id, users=list(people), force=True
            ),
        )
        match outcome:
            case Done(data=data):
                await self.records.invited(number, people, _errors(data))
            case Refused(error=error, data=data):
                # Where Slack names those it refuses, the others are asked for again without them.
                errors = _errors(data) or dict.fromkeys(people, error)
                await self.records.invited(number, [one for one in people if one in errors], errors)
            case Throttled():
                pass  # The gate is closed for a while.
            case Unknown():
                for person in people:
                    invitation = Shown(key=f"{INVITE}{person}", place=SWARM)
                    await self.records.retry(number, invitation, after=SOON)


def later(outcome: Outcome) -> timedelta:
    return timedelta(seconds=outcome.seconds) if isinstance(outcome, Throttled) else SOON


def _errors(data: Mapping[str, Any]) -> dict[str, str]:
    return {one["user"]: one["error"] for one in data.get("errors") or [] if one.get("user")}


def _plain(number: int) -> str:
    """The name for a channel whose title Slack does not take."""
    return f"inc-{number}"
