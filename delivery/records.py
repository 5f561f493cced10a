"""What delivery writes down before and after each call, so that a crash between them loses and doubles nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from delivery import receipts
from delivery.directory import CHANNEL_LOST, lose_channel
from delivery.plan import (
    CHECK_AFTER,
    CHECKS,
    EDIT_AGAIN_AFTER,
    LOOK_AGAIN_AFTER,
    LOOKS,
    NOWHERE,
    Call,
    Edit,
    OpenChannel,
    Post,
    SetTopic,
)
from delivery.receipts import CALL
from domain.calls import ends
from domain.incident import Incident
from domain.roster import Answer
from domain.team import Team
from domain.timeline import Happened
from storage.database import Database, Transaction
from storage.shown import INVITE, Shown
from storage.snapshots import snapshot
from templates.cards.calls import NOBODY
from templates.cards.card import SWARM, Card
from templates.cards.suggestions import SUGGESTION, suggests
from templates.refused import plain_mend
from templates.screen import is_true

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Records:
    database: Database
    team: Team
    now: Callable[[], datetime]
    """Incident time."""
    machine_now: Callable[[], datetime]

    async def attempt(self, number: int, calls: Sequence[Call], *, owner: str) -> list[Call]:
        """Note that these calls are about to be made; answers those that may be.

        What pings must still be true, and nobody else may have taken the lease from its `owner`.
        """
        if not any(isinstance(call, OpenChannel | Post | Edit | SetTopic) for call in calls):
            return list(calls)
        allowed: list[Call] = []
        async with self.database.transaction(patient=True) as tx:
            # Whoever raises a rung or ends the wait holds this lock too: a reminder is true, or it is not posted.
            incident = await tx.incidents.get(number)
            if not await tx.shown.holds(number, owner=owner):
                return []
            at = self.machine_now()
            for call in calls:
                match call:
                    case Post(card=card) if card.pings and not await self._still_true(tx, incident, card):
                        continue
                    case OpenChannel(shown=shown) | Post(shown=shown):
                        noted = replace(shown, attempted_at=at, looked_up=0, retry_at=None)
                        await tx.shown.save(number, noted)
                        call = replace(call, shown=noted)
                    case Edit(shown=shown) | SetTopic(shown=shown):
                        await tx.shown.save(number, replace(shown, attempted_at=at, retry_at=None))
                    case _:
                        pass  # May happen twice without anybody noticing.
                allowed.append(call)
        return allowed

    async def _still_true(self, tx: Transaction, incident: Incident, card: Card) -> bool:
        _, *rest = card.key.split("/")
        if card.is_reminder:
            cycle, rung = int(rest[1]), int(rest[2])
            return await tx.reminders.still_true(incident.number, cycle=cycle, rung=rung)
        if card.key.startswith(NOBODY):
            left = ends(await tx.calls.of(incident.number))
            return incident.is_open and int(rest[1]) in {end.number for end in left}
        if card.key.startswith(CALL):
            call = await tx.calls.get(incident.number, int(rest[1]))
            return incident.is_open and call.answer is Answer.WAITING
        if card.key.startswith(SUGGESTION):
            return suggests(incident, int(rest[0]))
        return is_true(await snapshot(tx, incident.number), self.team, card.key, card.place)

    async def unknown(self, number: int, shown: Shown) -> None:
        """The answer is lost: from now on the effect may still land for a while."""
        at = self.machine_now()
        async with self.database.transaction(patient=True) as tx:
            now = await tx.shown.get(number, shown.key, shown.place)
            if now and now.ts != shown.ts:  # Another copy was faster: there may be one too many.
                await tx.shown.save(number, replace(now, check_at=at + LOOK_AGAIN_AFTER))
                tx.changed.add(number)
            else:
                await tx.shown.save(number, replace(shown, attempted_at=at))

    async def posted(self, number: int, call: Post, *, channel_id: str, ts: str) -> str | None:
        """Keep where the card stands; answers the ts of a message of ours that is one too many, if any."""
        async with self.database.transaction(patient=True) as tx:
            before = await tx.shown.get(number, call.shown.key, call.shown.place)
            if before and before.ts and before.ts != ts:
                return ts
            again = call.shown.check_at is not None
            await self._stands(
                tx,
                number,
                replace(
                    call.shown,
                    channel_id=channel_id,
                    ts=ts,
                    digest=call.card.digest,
                    check_at=self.machine_now() + CHECK_AFTER if again else None,
                ),
            )
        return None

    async def found(self, number: int, shown: Shown, *, channel_id: str, ts: str, doubles_left: bool) -> None:
        """It stands at `ts`. It is brought up to date next if nobody knows what that message says.

        Where it was posted more than once, or a double could not be deleted, it is looked at again.
        """
        now = self.machine_now()
        check_at = None
        if doubles_left:
            check_at = now + LOOK_AGAIN_AFTER
        elif shown.ts is None and shown.check_at:
            check_at = now + CHECK_AFTER
        digest = shown.digest if shown.ts == ts else None
        async with self.database.transaction(patient=True) as tx:
            await self._stands(
                tx, number, replace(shown, channel_id=channel_id, ts=ts, digest=digest, check_at=check_at)
            )

    async def not_found(self, number: int, shown: Shown) -> None:
        """Looked for and not seen: look again, or, when that was the last time, post again and check later."""
        now = self.machine_now()
        if shown.looked_up + 1 >= LOOKS:
            await self.save(number, replace(shown, attempted_at=None, looked_up=0, check_at=now))
        else:
            await self.save(
                number, replace(shown, looked_up=shown.looked_up + 1, retry_at=now + LOOK_AGAIN_AFTER)
            )

    async def not_seen(self, number: int, shown: Shown) -> None:
        """It was posted and is not in the history: that lags, or somebody deleted it."""
        if shown.looked_up + 1 >= CHECKS:
            await self.save(number, replace(shown, looked_up=0, check_at=None))
        else:
            later = self.machine_now() + CHECK_AFTER
            await self.save(number, replace(shown, looked_up=shown.looked_up + 1, check_at=later))

    async def look_later(self, number: int, shown: Shown, *, after: timedelta) -> None:
        """Slack did not say; the attempt stays noted, and it is looked for again."""
        await self.save(number, replace(shown, retry_at=self.machine_now() + after))

    async def look_refused(self, number: int, shown: Shown, error: str, *, digest: str) -> None:
        """Slack will not show the conversation: an attempt stays noted until it does, a mere check is given up."""
        if shown.ts:
            await self.save(number, replace(shown, looked_up=0, check_at=None))
            return
        async with self.database.transaction(patient=True) as tx:
            await self._stop(tx, number, shown, error, digest, attempted_at=shown.attempted_at)

    async def check_soon(self, number: int, shown: Shown) -> None:
        """One message too many could not be deleted: look, and try again."""
        async with self.database.transaction(patient=True) as tx:
            if now := await tx.shown.get(number, shown.key, shown.place):
                check_at = self.machine_now() + LOOK_AGAIN_AFTER
                await tx.shown.save(number, replace(now, check_at=check_at))

    async def _stands(self, tx: Transaction, number: int, shown: Shown) -> None:
        recovered = shown.stopped is not None
        await tx.shown.save(
            number,
            replace(shown, attempted_at=None, looked_up=0, retry_at=None, stopped=None, stopped_digest=None),
        )
        if recovered:
            await self._recovered(tx, number, shown)
        await receipts.note(tx, number, self.team, key=shown.key, place=shown.place, at=self.now())

    async def _recovered(self, tx: Transaction, number: int, shown: Shown) -> None:
        await tx.timeline.add(
            number, Happened.SLACK_RECOVERED, at=self.now(), what=shown.key, place=shown.place
        )
        tx.changed.add(number)

    async def done(self, number: int, shown: Shown, *, digest: str, ts: str = "done") -> None:
        """An edit, a topic or a pin has taken effect."""
        before = shown.attempted_at
        # An earlier one of unknown outcome may still land: then it is sent once more.
        open_until = before + EDIT_AGAIN_AFTER if before else None
        repeat = open_until is not None and open_until > self.machine_now()
        async with self.database.transaction(patient=True) as tx:
            now = await tx.shown.get(number, shown.key, shown.place)
            if now and now.ts != shown.ts:  # Another copy was faster, and this may have come after it.
                await tx.shown.save(number, replace(now, digest=None))
                tx.changed.add(number)
                return
            put_back = now is not None and now.by_hand != shown.by_hand
            await tx.shown.save(
                number,
                replace(
                    shown,
                    ts=shown.ts or ts,
                    digest=None if put_back else digest,  # Nobody knows which of the two came last.
                    attempted_at=before if repeat else None,
                    retry_at=None,
                    stopped=None,
                    stopped_digest=None,
                ),
            )
            if shown.stopped:
                await self._recovered(tx, number, shown)

    async def invited(self, number: int, people: Sequence[str], errors: dict[str, str]) -> None:
        async with self.database.transaction(patient=True) as tx:
            for person in people:
                shown = Shown(key=f"{INVITE}{person}", place=SWARM)
                error = errors.get(person)
                if error in (None, "already_in_channel", "cant_invite_self"):
                    await tx.shown.save(number, replace(shown, ts="done", digest=person))
                else:
                    await self._stop(tx, number, shown, error, person)

    async def refused(self, number: int, shown: Shown, error: str, *, digest: str) -> None:
        """Slack refuses for good: it is shown to people, and tried again when something changes or in an hour.

        A channel of the settings that is not there is looked for anew, by its name.
        """
        if error == CHANNEL_LOST and await lose_channel(
            self.database, shown.place, shown.channel_id, at=self.now()
        ):
            digest = NOWHERE
        async with self.database.transaction(patient=True) as tx:
            await self._stop(tx, number, shown, error, digest)

    async def _stop(
        self,
        tx: Transaction,
        number: int,
        shown: Shown,
        error: str,
        digest: str,
        *,
        attempted_at: datetime | None = None,
    ) -> None:
        if await self._moved(tx, number, shown):
            return
        await tx.shown.save(
            number,
            replace(
                shown,
                attempted_at=attempted_at,
                retry_at=None,
                looked_up=0,
                stopped=error,
                stopped_digest=digest,
            ),
        )
        await receipts.note(
            tx, number, self.team, key=shown.key, place=shown.place, at=self.now(), error=error
        )
        if error in receipts.NOBODY_THERE and (person := _meant_for(shown)):
            await tx.directory.doubt(person)
        if shown.stopped != error:
            log.warning(
                "Slack refuses something.",
                incident=number,
                what=shown.key,
                place=shown.place,
                error=error,
                mend=plain_mend(error, shown.place.partition(":")[2]),
            )
            await tx.timeline.add(
                number, Happened.SLACK_REFUSED, at=self.now(), what=shown.key, place=shown.place, error=error
            )
            tx.changed.add(number)

    async def overtake(self, number: int, card: Card) -> None:
        """A rung that was raised and never posted is recorded as overtaken; so are those below it."""
        _, _, cycle, rung = card.key.split("/")
        async with self.database.transaction(patient=True) as tx:
            await tx.incidents.get(number)
            raised = [one.rung for one in await tx.reminders.of(number) if one.cycle == int(cycle)]
            for lower in await tx.reminders.overtake_unshown(number, cycle=int(cycle), below=int(rung) + 1):
                higher = max(raised)
                await tx.timeline.add(
                    number,
                    Happened.REMINDER_OVERTAKEN,
                    at=self.now(),
                    cycle=int(cycle),
                    rung=lower,
                    by=higher if higher > lower else None,
                )

    async def let_go(self, number: int, shown: Shown) -> None:
        """What Slack refused is not wanted any more: no trouble for anybody."""
        async with self.database.transaction(patient=True) as tx:
            await tx.shown.save(number, replace(shown, stopped=None, stopped_digest=None, retry_at=None))
            tx.changed.add(number)

    async def not_made(self, number: int, shown: Shown) -> None:
        """The call certainly had no effect: as if it had never been attempted."""
        await self.save(number, replace(shown, attempted_at=None, looked_up=0))

    async def gone(self, number: int, shown: Shown) -> None:
        """The message was deleted, or cannot be edited any more: it is posted anew."""
        async with self.database.transaction(patient=True) as tx:
            now = await tx.shown.get(number, shown.key, shown.place)
            if now and now.ts == shown.ts:
                await tx.shown.save(
                    number, replace(now, ts=None, digest=None, attempted_at=None, retry_at=None)
                )

    async def edit_again(self, number: int, shown: Shown, *, after: timedelta) -> None:
        """Nobody knows which edit won: send it soon, and once more when a late one has landed for sure."""
        now = self.machine_now()
        await self.save(number, replace(shown, digest=None, attempted_at=now, retry_at=now + after))

    async def retry(self, number: int, shown: Shown, *, after: timedelta) -> None:
        """Something that may safely happen twice is asked for again."""
        await self.save(number, replace(shown, retry_at=self.machine_now() + after))

    async def save(self, number: int, shown: Shown) -> None:
        async with self.database.transaction(patient=True) as tx:
            if not await self._moved(tx, number, shown):
                await tx.shown.save(number, shown)

    async def _moved(self, tx: Transaction, number: int, shown: Shown) -> bool:
        """Whether another copy has put it elsewhere meanwhile: then its word counts."""
        now = await tx.shown.get(number, shown.key, shown.place)
        return now is not None and now.ts != shown.ts

    async def channel_opened(self, number: int, shown: Shown, *, channel_id: str, name: str) -> None:
        async with self.database.transaction(patient=True) as tx:
            incident = await tx.incidents.get(number)
            if incident.channel_id is not None:
                return  # Another copy was faster; of one name there is only one channel.
            await tx.incidents.save(replace(incident, channel_id=channel_id, channel_name=name))
            await tx.shown.save(
                number, replace(shown, ts=channel_id, attempted_at=None, stopped=None, stopped_digest=None)
            )
            await tx.timeline.add(number, Happened.CHANNEL_OPENED, at=self.now(), channel=channel_id)

    async def try_name(self, number: int, shown: Shown, name: str) -> None:
        """Somebody else has the last name, or Slack does not take it: this one is tried next."""
        await self.save(number, replace(shown, digest=name, attempted_at=None, looked_up=0))

    async def is_anothers(self, number: int, channel_id: str) -> bool:
        """Whether the channel is another incident's swarm."""
        async with self.database.reading() as tx:
            found: Incident | None = await tx.incidents.in_channel(channel_id)
        return found is not None and found.number != number


def _meant_for(shown: Shown) -> str:
    """The person, by Slack user id, whom it invites or is written to; empty where it is for a channel."""
    kind, _, person = shown.place.partition(":")
    return person if kind == "dm" else shown.key.removeprefix(INVITE) if shown.key.startswith(INVITE) else ""
