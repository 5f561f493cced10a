"""Looking for messages whose posting had no known outcome, and deleting the younger of two with one key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from delivery.channels import later
from delivery.plan import LookUp
from delivery.records import Records
from delivery.slack import Done, Refused, Slack, Throttled, Unknown
from storage.shown import Shown
from templates.cards.card import Card

EVENT_TYPE = "hachi_card"
DELETED = frozenset({"message_not_found"})


@dataclass(frozen=True, kw_only=True)
class LookingUp:
    slack: Slack
    records: Records

    async def __call__(self, number: int, call: LookUp) -> None:
        """One read of a conversation answers for all its cards."""
        channel = await self._conversation(call.to)
        oldest = min(_attempted_at(shown) for shown, _ in call.cards)
        found = (
            await standing(self.slack, channel, attempted_at=oldest) if isinstance(channel, str) else channel
        )
        for shown, card in call.cards:
            if isinstance(found, dict):
                since = self.slack.since(_attempted_at(shown))
                key = f"{number}/{card.key}"
                stamps = [ts for ts in found.get(key, []) if float(ts) >= since.timestamp()]
                await self._settle(number, shown, str(channel), stamps)
            elif isinstance(found, Refused):
                await self.records.look_refused(number, shown, found.error, digest=card.digest)
            else:
                await self.records.look_later(number, shown, after=later(found))

    async def _conversation(self, to: str) -> str | Throttled | Refused | Unknown:
        if not to.startswith(("U", "W")):
            return to
        opened = await self.slack.ask(
            "conversations.open", partial(self.slack.client.conversations_open, users=to)
        )
        return str(opened.data["channel"]["id"]) if isinstance(opened, Done) else opened

    async def _settle(self, number: int, shown: Shown, channel: str, found: list[str]) -> None:
        if found:
            gone = [await delete(self.slack, channel, younger) for younger in found[1:]]
            await self.records.found(
                number, shown, channel_id=channel, ts=found[0], doubles_left=not all(gone)
            )
        elif shown.ts is None:
            await self.records.not_found(number, shown)
        else:
            await self.records.not_seen(number, shown)


async def standing(
    slack: Slack, channel: str, *, attempted_at: datetime
) -> dict[str, list[str]] | Throttled | Refused | Unknown:
    """The ts of our messages in a conversation since the attempt, by the key they carry, the oldest first."""
    since = slack.since(attempted_at)
    found = await _standing(slack, channel, since=since)
    if slack.since(attempted_at) < since:  # The answer tells that our clock is ahead of Slack's.
        found = await _standing(slack, channel, since=slack.since(attempted_at))
    return found


async def _standing(
    slack: Slack, channel: str, *, since: datetime
) -> dict[str, list[str]] | Throttled | Refused | Unknown:
    found: dict[str, list[str]] = {}
    cursor = ""
    while True:
        outcome = await slack.ask(
            "conversations.history",
            partial(
                slack.client.conversations_history,
                channel=channel,
                oldest=f"{since.timestamp():.6f}",
                include_all_metadata=True,
                limit=200,
                cursor=cursor,
            ),
        )
        if not isinstance(outcome, Done):
            return outcome
        for message in outcome.data["messages"]:
            if key := key_in(message):
                found.setdefault(key, []).append(message["ts"])
        cursor = (outcome.data.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            return {key: sorted(stamps, key=float) for key, stamps in found.items()}


async def delete(slack: Slack, channel: str, ts: str) -> bool:
    """Whether the message is certainly gone."""
    outcome = await slack.ask("chat.delete", partial(slack.client.chat_delete, channel=channel, ts=ts))
    return isinstance(outcome, Done) or (isinstance(outcome, Refused) and outcome.error in DELETED)


def metadata(number: int, card: Card) -> dict[str, object]:
    """What a message carries so that it is known again."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": f"{number}/{card.key}"}}


def key_in(message: Mapping[str, Any]) -> str:
    """The key that a message of ours carries; empty for any other."""
    carried = message.get("metadata") or {}
    payload = carried.get("event_payload")
    if carried.get("event_type") != EVENT_TYPE or not isinstance(payload, dict):
        return ""
    return str(payload.get("key", ""))


def _attempted_at(shown: Shown) -> datetime:
    """From about then on its messages count: an older one was forgotten on purpose."""
    at = shown.attempted_at or shown.check_at
    assert at is not None  # noqa: S101 - only what was attempted, or is to be checked, is looked up
    return at
