"""Making one call to Slack, and writing down what became of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, assert_never

from slack_sdk.web.async_client import AsyncWebClient

from delivery.plan import (
    LOOK_AFTER,
    Call,
    Edit,
    FindChannel,
    GiveUp,
    Invite,
    LookUp,
    OpenChannel,
    Pin,
    Post,
    SetTopic,
)
from delivery.records import Records
from delivery.slack import Done, Gate, Outcome, Refused, Throttled, Unknown, ask
from domain.channel_names import name_after
from storage.shown import Shown
from templates.cards.card import Card
from templates.screen import Screen

EVENT_TYPE = "hachi_card"
BEFORE_THE_ATTEMPT = timedelta(minutes=5)
"""How far back a message is looked for: two machines' clocks may differ."""
SOON = timedelta(seconds=2)
MESSAGE_IS_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
ALREADY_SO = frozenset({"already_pinned", "no_change", "already_in_channel"})


@dataclass(frozen=True, kw_only=True)
class CarryOut:
    client: AsyncWebClient
    records: Records
    gate: Gate
    bot_user_id: str

    def closed_for(self, call: Call) -> float:
        """Seconds until Slack lets this call through; 0 when it may go now."""
        match call:
            case OpenChannel():
                return self.gate.seconds_closed("conversations.create")
            case FindChannel():
                return self.gate.seconds_closed("conversations.list")
            case Invite():
                return self.gate.seconds_closed("conversations.invite")
            case SetTopic():
                return self.gate.seconds_closed("conversations.setTopic")
            case Pin():
                return self.gate.seconds_closed("pins.add")
            case Post(to=to):
                return self.gate.seconds_closed("chat.postMessage", to)
            case Edit():
                return self.gate.seconds_closed("chat.update")
            case LookUp():
                return self.gate.seconds_closed("conversations.history")
            case GiveUp():
                return 0.0
            case _:
                assert_never(call)

    async def __call__(self, number: int, call: Call, screen: Screen, channel_id: str | None) -> None:
        match call:
            case OpenChannel(shown=shown):
                await self._open_channel(number, shown, screen)
            case FindChannel(shown=shown):
                await self._find_channel(number, shown, screen, taken=False)
            case Invite(people=people):
                await self._invite(number, people, channel_id or "")
            case SetTopic(shown=shown, text=text):
                outcome = await self._ask(
                    "conversations.setTopic",
                    partial(self.client.conversations_setTopic, channel=channel_id or "", topic=text),
                )
                await self._note_repeatable(number, shown, outcome, digest=text)
            case Pin(shown=shown, ts=ts):
                outcome = await self._ask(
                    "pins.add", partial(self.client.pins_add, channel=channel_id or "", timestamp=ts)
                )
                await self._note_repeatable(number, shown, outcome, digest=ts)
            case Post():
                await self._post(number, call)
            case Edit():
                await self._edit(number, call)
            case LookUp():
                await self._look_up(number, call)
            case GiveUp(shown=shown, card=card, error=error):
                await self.records.refused(number, shown, error, digest=card.digest)
            case _:
                assert_never(call)

    async def _ask(self, method: str, call: Callable[[], Awaitable[Any]], channel: str = "") -> Outcome:
        outcome = await ask(call)
        if isinstance(outcome, Throttled):
            self.gate.close(method, outcome.seconds, channel)
        return outcome

    async def _open_channel(self, number: int, shown: Shown, screen: Screen) -> None:
        name = shown.digest or screen.channel_name
        create = partial(self.client.conversations_create, name=name, is_private=screen.private)
        match await self._ask("conversations.create", create):
            case Done(data=data):
                channel = data["channel"]
                await self.records.channel_opened(
                    number, shown, channel_id=channel["id"], name=channel["name"]
                )
            case Throttled():
                await self.records.not_made(number, shown)
            case Unknown():
                pass  # Noted as attempted: it is looked for in a moment.
            case Refused(error="name_taken"):
                await self._find_channel(number, shown, screen, taken=True)
            case Refused(error=error) if error.startswith("invalid_name") and name != f"inc-{number}":
                await self.records.try_name(number, shown, f"inc-{number}")
            case Refused(error=error):
                await self.records.refused(number, shown, error, digest=screen.channel_name)

    async def _find_channel(self, number: int, shown: Shown, screen: Screen, *, taken: bool) -> None:
        """Ours is this exact name, created by our bot after the attempt, and no other incident's."""
        name = shown.digest or screen.channel_name
        since = shown.attempted_at - BEFORE_THE_ATTEMPT if shown.attempted_at else None
        cursor = ""
        while True:
            outcome = await self._ask(
                "conversations.list",
                partial(
                    self.client.conversations_list,
                    types="public_channel,private_channel",
                    limit=200,
                    cursor=cursor,
                ),
            )
            if not isinstance(outcome, Done):
                return  # Still unknown; it is looked for again.
            for channel in outcome.data["channels"]:
                ours = channel["name"] == name and channel.get("creator") == self.bot_user_id
                if not ours or (since and channel.get("created", 0) < int(since.timestamp())):
                    continue
                if not await self.records.is_anothers(number, channel["id"]):
                    await self.records.channel_opened(
                        number, shown, channel_id=channel["id"], name=channel["name"]
                    )
                    return
            cursor = outcome.data.get("response_metadata", {}).get("next_cursor", "")
            if not cursor:
                break
        if taken:
            first = (
                f"inc-{number}"
                if name.startswith(f"inc-{number}-b") or name == f"inc-{number}"
                else screen.channel_name
            )
            await self.records.try_name(number, shown, name_after(name, first=first))
        else:
            await self.records.not_found(number, shown, final=shown.looked_up + 1 >= len(LOOK_AFTER))

    async def _invite(self, number: int, people: tuple[str, ...], channel_id: str) -> None:
        outcome = await self._ask(
            "conversations.invite",
            partial(self.client.conversations_invite, channel=channel_id, users=list(people), force=True),
        )
        match outcome:
            case Done(data=data):
                errors = {one["user"]: one["error"] for one in data.get("errors", []) if one.get("user")}
                await self.records.invited(number, people, errors)
            case Refused(error=error, data=data):
                errors = {one["user"]: one["error"] for one in data.get("errors", []) if one.get("user")}
                await self.records.invited(number, people, dict.fromkeys(people, error) | errors)
            case Throttled():
                pass
            case Unknown():
                for person in people:
                    await self.records.retry(number, Shown(key=f"invite/{person}", place="swarm"), after=SOON)

    async def _note_repeatable(self, number: int, shown: Shown, outcome: Outcome, *, digest: str) -> None:
        match outcome:
            case Done():
                await self.records.done(number, shown, digest=digest)
            case Refused(error=error) if error in ALREADY_SO:
                await self.records.done(number, shown, digest=digest)
            case Refused(error=error):
                await self.records.refused(number, shown, error, digest=digest)
            case Throttled():
                pass
            case Unknown():
                await self.records.edit_again(number, shown)

    async def _post(self, number: int, call: Post) -> None:
        card = call.card
        outcome = await self._ask(
            "chat.postMessage",
            partial(
                self.client.chat_postMessage,
                channel=call.to,
                text=card.fallback,
                blocks=list(card.blocks),
                metadata={"event_type": EVENT_TYPE, "event_payload": {"key": f"{number}/{card.key}"}},
                unfurl_links=False,
                unfurl_media=False,
            ),
            call.to,
        )
        match outcome:
            case Done(data=data):
                doubled = await self.records.posted(number, call, channel_id=data["channel"], ts=data["ts"])
                if doubled:
                    await self._ask(
                        "chat.delete",
                        partial(self.client.chat_delete, channel=data["channel"], ts=doubled),
                    )
            case Refused(error=error):
                await self.records.refused(number, call.shown, error, digest=card.digest)
            case Throttled():
                await self.records.not_made(number, call.shown)
            case Unknown():
                pass  # Noted as attempted: it is looked for in a moment.

    async def _edit(self, number: int, call: Edit) -> None:
        outcome = await self._ask(
            "chat.update",
            partial(
                self.client.chat_update,
                channel=call.to,
                ts=call.ts,
                text=call.card.fallback,
                blocks=list(call.card.blocks),
            ),
        )
        match outcome:
            case Refused(error=error) if error in MESSAGE_IS_GONE:
                await self.records.gone(number, call.shown)
            case _:
                await self._note_repeatable(number, call.shown, outcome, digest=call.card.digest)

    async def _look_up(self, number: int, call: LookUp) -> None:
        """One read of a conversation answers for all its cards."""
        channel = call.to
        if channel.startswith(("U", "W")):
            opened = await self._ask(
                "conversations.open", partial(self.client.conversations_open, users=channel)
            )
            if not isinstance(opened, Done):
                for shown, _ in call.cards:
                    await self.records.retry_look(number, shown, after=SOON)
                return
            channel = opened.data["channel"]["id"]
        found = await self._standing(number, channel, call)
        if found is None:
            for shown, _ in call.cards:
                await self.records.retry_look(number, shown, after=SOON)
            return
        for shown, card in call.cards:
            await self._settle(number, shown, card, channel, found.get(card.key, []))

    async def _standing(self, number: int, channel: str, call: LookUp) -> dict[str, list[str]] | None:
        """The ts of our messages by card key, the oldest first; None when Slack did not answer."""
        attempts = [shown.attempted_at or shown.check_at for shown, _ in call.cards]
        oldest = min(at for at in attempts if at is not None) - BEFORE_THE_ATTEMPT
        found: dict[str, list[str]] = {}
        cursor = ""
        while True:
            outcome = await self._ask(
                "conversations.history",
                partial(
                    self.client.conversations_history,
                    channel=channel,
                    oldest=f"{oldest.timestamp():.6f}",
                    include_all_metadata=True,
                    limit=200,
                    cursor=cursor,
                ),
            )
            if not isinstance(outcome, Done):
                return None
            for message in outcome.data["messages"]:
                metadata = message.get("metadata") or {}
                if metadata.get("event_type") != EVENT_TYPE:
                    continue
                incident, _, key = str(metadata.get("event_payload", {}).get("key", "")).partition("/")
                if incident == str(number):
                    found.setdefault(key, []).append(message["ts"])
            cursor = (outcome.data.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return {key: sorted(stamps, key=float) for key, stamps in found.items()}

    async def _settle(self, number: int, shown: Shown, card: Card, channel: str, found: list[str]) -> None:
        if not found and shown.ts is None:
            await self.records.not_found(number, shown, final=shown.looked_up + 1 >= len(LOOK_AFTER))
            return
        if found:
            for younger in found[1:]:
                await self._ask("chat.delete", partial(self.client.chat_delete, channel=channel, ts=younger))
            await self.records.found(number, shown, channel_id=channel, ts=found[0])
        else:
            await self.records.checked(number, shown)
