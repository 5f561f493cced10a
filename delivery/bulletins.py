"""Messages outside incidents: each stands once, whichever copy of the program posts it, and is edited from then on."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from delivery.directory import CHANNEL_LOST, lose_channel
from delivery.insisting import insist
from delivery.look_up import EVENT_TYPE, delete, standing
from delivery.slack import TIMEOUT_SECONDS, Done, Gate, Outcome, Refused, Slack, Throttled
from services.desk import Desk
from storage.bulletins import Bulletin
from storage.trouble import DatabaseUnusableError
from templates.blocks import Block, readable
from templates.refused import plain_mend

log = structlog.get_logger(__name__)

HOLD = timedelta(seconds=10)
"""Longer than a call may take: so long no other copy touches it, and what was attempted is looked for afterwards."""
AFTER_A_NO = timedelta(minutes=5)
LONGEST_CALL = timedelta(seconds=TIMEOUT_SECONDS)
CHECK_AFTER = timedelta(seconds=60)
"""What was posted anew is looked for once more, as the first may have landed late."""
AT_ONCE = 20
GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})

Draw = Callable[[Bulletin], Awaitable[Sequence[Block] | None]]
"""What it says now; None when nobody wants it any more."""


@dataclass(frozen=True, kw_only=True)
class Bulletins:
    """Call `show` every second; asked again, it changes nothing."""

    desk: Desk
    client: AsyncWebClient
    gate: Gate
    machine_now: Callable[[], datetime]
    draw: Mapping[str, Draw]
    """By kind."""
    once: Collection[str] = frozenset()
    """Kinds that are never edited: once they stand, nothing more is known of them."""

    async def show(self) -> None:
        """Post, look for or edit whatever is due."""
        async with self.desk.database.reading() as tx:
            due = await tx.bulletins.due(by=self.machine_now(), limit=AT_ONCE)
        for bulletin in due:
            held = self.machine_now() + HOLD
            async with self.desk.database.transaction() as tx:
                mine = await tx.bulletins.take(bulletin, until=held)
            if mine:
                try:
                    await self._show(bulletin, held)
                except DatabaseUnusableError:
                    raise
                except Exception as error:  # The others are not held up, and this one is tried again.
                    log.error("A message could not be shown.", key=bulletin.key, exc_info=error)

    async def _show(self, bulletin: Bulletin, held: datetime) -> None:
        channel = bulletin.channel_id or await self._channel(bulletin.place)
        doubtful = bulletin.attempted_at is not None
        if doubtful and isinstance(channel, str) and await self._looked_up(bulletin, channel):
            return
        draw = self.draw.get(bulletin.kind)
        blocks = await draw(bulletin) if draw else None
        if blocks is None:
            async with self.desk.database.transaction() as tx:
                await tx.bulletins.drop(bulletin)
        elif not isinstance(channel, str):
            await self._wait(bulletin, channel, keep=doubtful)
        elif bulletin.ts:
            await self._edit(bulletin, channel, bulletin.ts, blocks)
        else:
            await self._post(bulletin, channel, blocks, held=held, doubtful=doubtful)

    @property
    def _slack(self) -> Slack:
        return Slack(client=self.client, gate=self.gate, machine_now=self.machine_now)

    async def _channel(self, place: str) -> str | Outcome | None:
        """Where it is to stand; None while the settings' channel is not known in Slack."""
        kind, _, name = place.partition(":")
        if kind == "channel":
            async with self.desk.database.reading() as tx:
                return (await tx.directory.channels()).get(name)
        opened = await self._slack.ask(
            "conversations.open", partial(self.client.conversations_open, users=name)
        )
        return str(opened.data["channel"]["id"]) if isinstance(opened, Done) else opened

    async def _looked_up(self, bulletin: Bulletin, channel: str) -> bool:
        """Nobody knows what became of posting it, or there may be two: whether that is settled, or has to wait.

        Of two the younger is deleted.
        """
        assert bulletin.attempted_at is not None  # noqa: S101 - asked for by the caller
        found = await standing(self._slack, channel, attempted_at=bulletin.attempted_at)
        if not isinstance(found, dict):
            await self._wait(bulletin, found, keep=True)
            return True
        stamps = found.get(_carried(bulletin), [bulletin.ts] if bulletin.ts else [])
        if not stamps:
            return False
        first, *younger = stamps
        gone = [await delete(self._slack, channel, ts) for ts in younger]
        async with self.desk.database.transaction() as tx:
            if not all(gone):
                await tx.bulletins.look_again(bulletin.key, at=self.machine_now() + HOLD)
                return True
            await tx.bulletins.stands(
                bulletin,
                channel_id=channel,
                ts=first,
                shown=bulletin.shown if first == bulletin.ts else None,
                at=self.machine_now(),
                instead_of=bulletin.ts,
            )
            if bulletin.kind in self.once:
                await tx.bulletins.drop(bulletin)
        return True

    async def _post(
        self,
        bulletin: Bulletin,
        channel: str,
        blocks: Sequence[Block],
        *,
        held: datetime,
        doubtful: bool,
    ) -> None:
        now = self.machine_now()
        async with self.desk.database.transaction() as tx:
            begun = await tx.bulletins.attempt(bulletin, held=held, at=now, until=now + HOLD)
        # Whoever stood still meanwhile leaves it to the others: they look for it when the time is over.
        if not begun or self.machine_now() > now + HOLD - LONGEST_CALL:
            return
        outcome = await self._slack.ask(
            "chat.postMessage",
            partial(
                self.client.chat_postMessage,
                channel=channel,
                metadata={"event_type": EVENT_TYPE, "event_payload": {"key": _carried(bulletin)}},
                **_said(blocks),
            ),
            channel=channel,
        )
        if not isinstance(outcome, Done):
            await self._wait(bulletin, outcome, keep=doubtful)
            return
        channel, ts = str(outcome.data["channel"]), str(outcome.data["ts"])
        check_at = self.machine_now() + CHECK_AFTER if doubtful else None
        noting = partial(self._stands, bulletin, channel, ts, blocks, check_at=check_at)
        if not await insist(noting):
            await self._doubled(bulletin, channel)

    async def _doubled(self, bulletin: Bulletin, channel: str) -> None:
        """Another copy has seen to it meanwhile: it has found this message, or has posted one of its own."""
        now = self.machine_now()
        async with self.desk.database.transaction() as tx:
            if await tx.bulletins.doubt(bulletin.key, since=now, check_at=now):
                return
        # That one is settled and forgotten.
        found = await standing(self._slack, channel, attempted_at=now)
        for ts in found.get(_carried(bulletin), [])[1:] if isinstance(found, dict) else []:
            await delete(self._slack, channel, ts)

    async def _edit(self, bulletin: Bulletin, channel: str, ts: str, blocks: Sequence[Block]) -> None:
        if bulletin.shown == _digest(blocks):
            await self._stands(bulletin, channel, ts, blocks)
            return
        outcome = await self._slack.ask(
            "chat.update", partial(self.client.chat_update, channel=channel, ts=ts, **_said(blocks))
        )
        if isinstance(outcome, Done):
            await self._stands(bulletin, channel, ts, blocks)
        elif isinstance(outcome, Refused) and outcome.error in GONE:
            async with self.desk.database.transaction() as tx:
                await tx.bulletins.drop(bulletin)  # Somebody deleted it; it is not forced upon them.
        else:
            await self._wait(bulletin, outcome, keep=True)

    async def _stands(
        self,
        bulletin: Bulletin,
        channel: str,
        ts: str,
        blocks: Sequence[Block],
        *,
        check_at: datetime | None = None,
    ) -> bool:
        """Whether this is the one that counts."""
        async with self.desk.database.transaction() as tx:
            noted = await tx.bulletins.stands(
                bulletin,
                channel_id=channel,
                ts=ts,
                shown=_digest(blocks),
                at=self.machine_now(),
                check_at=check_at,
            )
            if noted and bulletin.kind in self.once and check_at is None:
                await tx.bulletins.drop(bulletin)
            return noted

    async def _wait(self, bulletin: Bulletin, why: Outcome | None, *, keep: bool = False) -> None:
        """Slack did not do it: later once more. `keep` where it stands, or may stand, nevertheless."""
        now = self.machine_now()
        again_at = now + HOLD
        match why:
            case None:  # Just after the start Slack may not have been asked for its channels yet.
                log.info("A message waits for its channel to be found.", place=bulletin.place)
            case Refused(error=error):
                mend = plain_mend(error, bulletin.place.partition(":")[2])
                log.warning("A message could not be posted.", place=bulletin.place, error=error, mend=mend)
                if error == CHANNEL_LOST:
                    await lose_channel(
                        self.desk.database, bulletin.place, bulletin.channel_id, at=self.desk.now()
                    )
                again_at = now + AFTER_A_NO
            case Throttled(seconds=seconds):
                again_at = now + timedelta(seconds=seconds)
            case _:
                keep = True
        async with self.desk.database.transaction() as tx:
            if keep:
                await tx.bulletins.look_again(bulletin.key, at=again_at)
            else:
                await tx.bulletins.not_made(bulletin.key, again_at=again_at)


def _carried(bulletin: Bulletin) -> str:
    return f"hachi/{bulletin.key}"


def _said(blocks: Sequence[Block]) -> dict[str, Any]:
    # A notification says what it is about; it may be read where others see it.
    return {"text": readable(blocks[:1]), "blocks": list(blocks)}


def _digest(blocks: Sequence[Block]) -> str:
    return hashlib.sha256(json.dumps(blocks, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]
