"""The warning that Hachi is behind, in the incidents channel: one message, whichever copy posts it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from delivery.look_up import EVENT_TYPE
from delivery.slack import Done, Gate, Refused, Slack
from services import warnings
from services.desk import Desk
from services.warnings import Warned
from templates.blocks import readable
from templates.health import behind_blocks
from templates.words import Words

log = structlog.get_logger(__name__)

HOLD = timedelta(seconds=10)
"""Longer than a call may take: so long no other copy touches it."""
AFTER_A_NO = timedelta(minutes=5)
BEFORE_THE_ATTEMPT = timedelta(minutes=5)
GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})


@dataclass(frozen=True, kw_only=True)
class BehindWarning:
    """Call `show` every few seconds; asked again, it changes nothing."""

    desk: Desk
    client: AsyncWebClient
    gate: Gate
    machine_now: Callable[[], datetime]

    async def show(self, *, behind: bool) -> None:
        """Let the incidents channel say so while Hachi is behind, and say that it is over afterwards."""
        now = self.machine_now()
        warned = await warnings.current(self.desk)
        if warned and now < warned.again_at:
            return
        if warned is None:
            if behind and (mine := await warnings.claim(self.desk, machine_now=now, hold=HOLD)):
                await self._post(mine)
        elif warned.ts is None:
            await self._look_up(warned, behind=behind)
        elif behind == (warned.until is not None):
            await self._turn(warned, behind=behind)
        elif warned.until and self.desk.now() - warned.until > warnings.AGAIN_WITHIN:
            await warnings.forget(self.desk, warned)

    @property
    def _slack(self) -> Slack:
        return Slack(client=self.client, gate=self.gate)

    async def _channel(self) -> str | None:
        async with self.desk.database.reading() as tx:
            return (await tx.directory.channels()).get(self.desk.team.incidents_channel)

    def _said(self, warned: Warned) -> dict[str, Any]:
        team = self.desk.team
        words = Words(team.language, team.timezone)
        blocks = behind_blocks(words, since=warned.since, until=warned.until)
        return {"text": readable(blocks), "blocks": blocks}

    async def _post(self, warned: Warned) -> None:
        channel = await self._channel()
        if channel is None:
            log.warning("There is no incidents channel to warn in.", channel=self.desk.team.incidents_channel)
            await warnings.keep(self.desk, warned, again_at=self.machine_now() + AFTER_A_NO)
            return
        outcome = await self._slack.ask(
            "chat.postMessage",
            partial(
                self.client.chat_postMessage,
                channel=channel,
                metadata={"event_type": EVENT_TYPE, "event_payload": {"key": warned.key}},
                **self._said(warned),
            ),
            channel=channel,
        )
        if isinstance(outcome, Done):
            await warnings.keep(self.desk, warned, channel_id=channel, ts=str(outcome.data["ts"]))
        elif isinstance(outcome, Refused):
            log.warning("The incidents channel could not be warned.", error=outcome.error)
            await warnings.keep(self.desk, warned, again_at=self.machine_now() + AFTER_A_NO)

    async def _look_up(self, warned: Warned, *, behind: bool) -> None:
        """It was attempted, and nobody wrote down what became of it."""
        mine = await warnings.take(self.desk, warned, machine_now=self.machine_now(), hold=HOLD)
        channel = await self._channel()
        if mine is None:
            return
        if channel is None:
            await self._post(mine)
            return
        since = mine.attempted_at - BEFORE_THE_ATTEMPT
        outcome = await self._slack.ask(
            "conversations.history",
            partial(
                self.client.conversations_history,
                channel=channel,
                oldest=f"{since.timestamp():.6f}",
                include_all_metadata=True,
                limit=200,
            ),
        )
        if not isinstance(outcome, Done):
            return
        found = [
            message["ts"]
            for message in outcome.data["messages"]
            if ((message.get("metadata") or {}).get("event_payload") or {}).get("key") == mine.key
        ]
        if found:
            await warnings.keep(self.desk, mine, channel_id=channel, ts=str(found[-1]))
        elif behind:
            await self._post(mine)
        else:
            await warnings.forget(self.desk, mine)

    async def _turn(self, warned: Warned, *, behind: bool) -> None:
        mine = await warnings.take(self.desk, warned, machine_now=self.machine_now(), hold=HOLD)
        if mine is None:
            return
        until = None if behind else self.desk.now()
        turned = Warned(**{**mine.__dict__, "until": until})
        outcome = await self._slack.ask(
            "chat.update",
            partial(
                self.client.chat_update, channel=mine.channel_id or "", ts=mine.ts or "", **self._said(turned)
            ),
        )
        if isinstance(outcome, Done):
            await warnings.keep(self.desk, mine, until=until, again_at=self.machine_now())
        elif isinstance(outcome, Refused) and outcome.error in GONE:
            await warnings.forget(self.desk, mine)
