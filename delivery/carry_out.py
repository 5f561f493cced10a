"""Making one call to Slack, and writing down what became of it."""

from dataclasses import dataclass
from functools import partial
from typing import assert_never

from slack_sdk.web.async_client import AsyncWebClient

from delivery.channels import SOON, Channels
from delivery.insisting import insist
from delivery.look_up import LookingUp, delete, metadata
from delivery.order import turn
from delivery.plan import (
    NOWHERE,
    Call,
    Edit,
    FindChannel,
    GiveUp,
    Invite,
    LetGo,
    LookUp,
    OpenChannel,
    Overtake,
    Pin,
    Post,
    SetTopic,
)
from delivery.records import Records
from delivery.slack import (
    COSMETIC_SECONDS,
    TIMEOUT_SECONDS,
    Done,
    Gate,
    Outcome,
    Refused,
    Slack,
    Throttled,
    Unknown,
)
from storage.shown import Shown
from templates.screen import Screen

MESSAGE_IS_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
ALREADY_SO = frozenset({"already_pinned", "no_change"})


@dataclass(frozen=True, kw_only=True)
class CarryOut:
    client: AsyncWebClient
    records: Records
    gate: Gate
    bot_user_id: str
    timeout: float = TIMEOUT_SECONDS
    cosmetic_timeout: float = COSMETIC_SECONDS

    @property
    def slack(self) -> Slack:
        return Slack(
            client=self.client,
            gate=self.gate,
            machine_now=self.records.machine_now,
            timeout=self.timeout,
            cosmetic_timeout=self.cosmetic_timeout,
        )

    @property
    def channels(self) -> Channels:
        return Channels(slack=self.slack, records=self.records, bot_user_id=self.bot_user_id)

    @property
    def looking_up(self) -> LookingUp:
        return LookingUp(slack=self.slack, records=self.records)

    def closed_for(self, call: Call) -> float:
        """Seconds until Slack lets this call through; 0 when it goes now: its turn is taken by asking."""
        closed = partial(self.gate.seconds_closed, turn=turn(call))
        match call:
            case OpenChannel():
                return closed("conversations.create")
            case FindChannel():
                return closed("conversations.list")
            case Invite():
                return closed("conversations.invite")
            case SetTopic():
                return closed("conversations.setTopic")
            case Pin():
                return closed("pins.add")
            case Post(to=to):
                return self.gate.enter("chat.postMessage", to, turn(call))
            case Edit():
                return closed("chat.update")
            case LookUp():
                return closed("conversations.history")
            case GiveUp() | Overtake() | LetGo():
                return 0.0
            case _:
                assert_never(call)

    async def __call__(self, number: int, call: Call, screen: Screen, channel_id: str | None) -> None:
        match call:
            case OpenChannel(shown=shown):
                await self.channels.open(number, shown, screen)
            case FindChannel(shown=shown):
                await self.channels.find(number, shown, screen)
            case Invite(people=people):
                await self.channels.invite(number, people, channel_id or "")
            case SetTopic():
                await self._set_topic(number, call, channel_id or "")
            case Pin():
                await self._pin(number, call, channel_id or "")
            case Post():
                await self._post(number, call)
            case Edit():
                await self._edit(number, call)
            case LookUp():
                await self.looking_up(number, call)
            case GiveUp(shown=shown, error=error):
                await self.records.refused(number, shown, error, digest=NOWHERE)
            case Overtake(card=card):
                await self.records.overtake(number, card)
            case LetGo(shown=shown):
                await self.records.let_go(number, shown)
            case _:
                assert_never(call)

    async def _post(self, number: int, call: Post) -> None:
        card = call.card
        outcome = await self.slack.ask(
            "chat.postMessage",
            partial(
                self.client.chat_postMessage,
                channel=call.to,
                text=card.fallback,
                blocks=list(card.blocks),
                metadata=metadata(number, card),
                unfurl_links=False,
                unfurl_media=False,
            ),
            channel=call.to,
        )
        match outcome:
            case Done(data=data):
                channel = str(data["channel"])
                doubled = await insist(
                    partial(self.records.posted, number, call, channel_id=channel, ts=data["ts"])
                )
                if doubled and not await delete(self.slack, channel, doubled):
                    await self.records.check_soon(number, call.shown)
            case Refused(error=error):
                await self.records.refused(number, call.shown, error, digest=card.digest)
            case Throttled():
                await self.records.not_made(number, call.shown)
            case Unknown():
                await insist(partial(self.records.unknown, number, call.shown))

    async def _edit(self, number: int, call: Edit) -> None:
        outcome = await self.slack.ask(
            "chat.update",
            partial(
                self.client.chat_update,
                channel=call.to,
                ts=call.ts,
                text=call.card.fallback,
                blocks=list(call.card.blocks),
            ),
        )
        if isinstance(outcome, Refused) and outcome.error in MESSAGE_IS_GONE:
            await self.records.gone(number, call.shown)
        else:
            await self._note_edit(number, call.shown, outcome, digest=call.card.digest)

    async def _set_topic(self, number: int, call: SetTopic, channel_id: str) -> None:
        outcome = await self.slack.ask(
            "conversations.setTopic",
            partial(self.client.conversations_setTopic, channel=channel_id, topic=call.text),
            cosmetic=True,
        )
        await self._note_edit(number, call.shown, outcome, digest=call.text)

    async def _pin(self, number: int, call: Pin, channel_id: str) -> None:
        ts = call.card.ts or ""
        outcome = await self.slack.ask(
            "pins.add",
            partial(self.client.pins_add, channel=channel_id, timestamp=ts),
            cosmetic=True,
        )
        match outcome:
            case Refused(error="message_not_found"):
                await self.records.gone(number, call.card)
            case Unknown():
                await self.records.retry(number, call.shown, after=SOON)
            case Throttled():
                pass  # The gate is closed for a while.
            case _:
                await self._note_edit(number, call.shown, outcome, digest=ts)

    async def _note_edit(self, number: int, shown: Shown, outcome: Outcome, *, digest: str) -> None:
        match outcome:
            case Done():
                await self.records.done(number, shown, digest=digest)
            case Refused(error=error) if error in ALREADY_SO:
                await self.records.done(number, shown, digest=digest)
            case Refused(error=error):
                await self.records.refused(number, shown, error, digest=digest)
            case Throttled():
                await self.records.save(number, shown)  # As it was before the call.
            case Unknown():
                await self.records.edit_again(number, shown, after=SOON)
