"""What delivery writes down before and after each call, so that a crash between them loses and doubles nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from delivery import receipts
from delivery.plan import CHECK_AFTER, EDIT_AGAIN_AFTER, INVITE, Call, OpenChannel, Post, attempted
from domain.incident import Incident
from domain.roster import Answer
from domain.team import Team
from domain.timeline import Happened
from storage.database import Database, Transaction
from storage.shown import Shown
from templates.cards.card import SWARM, Card


@dataclass(frozen=True, kw_only=True)
class Records:
    database: Database
    team: Team
    now: Callable[[], datetime]
    """Incident time."""
    machine_now: Callable[[], datetime]

    async def attempt(self, number: int, calls: Sequence[Call]) -> list[Call]:
        """Note that these calls are about to be made; answers those that may be: what pings must still be true."""
        allowed: list[Call] = []
        needs_note = [call for call in calls if isinstance(call, OpenChannel | Post)]
        if not needs_note:
            return list(calls)
        async with self.database.transaction() as tx:
            at = self.machine_now()
            for call in calls:
                if (
                    isinstance(call, Post)
                    and call.card.pings
                    and not await self._still_true(tx, number, call.card)
                ):
                    continue
                if isinstance(call, OpenChannel | Post):
                    noted = attempted(call.shown, at=at)
                    await tx.shown.save(number, noted)
                    call = replace(call, shown=noted)
                allowed.append(call)
        return allowed

    async def _still_true(self, tx: Transaction, number: int, card: Card) -> bool:
        kind, *rest = card.key.split("/")
        if kind == "reminder":
            cycle, rung = int(rest[1]), int(rest[2])
            return await tx.reminders.still_true(number, cycle=cycle, rung=rung)
        incident = await tx.incidents.get(number)
        call = await tx.calls.get(number, int(rest[1]))
        return incident.is_open and call.answer is Answer.WAITING

    async def posted(self, number: int, call: Post, *, channel_id: str, ts: str) -> str | None:
        """Keep where the card stands; answers the ts of a message of ours that is one too many, if any."""
        async with self.database.transaction() as tx:
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

    async def found(self, number: int, shown: Shown, *, channel_id: str, ts: str) -> None:
        """A card of unknown outcome was posted after all; what it says is brought up to date next."""
        async with self.database.transaction() as tx:
            await self._stands(
                tx, number, replace(shown, channel_id=channel_id, ts=ts, digest=None, check_at=None)
            )

    async def not_found(self, number: int, shown: Shown, *, final: bool) -> None:
        """Looked for and not seen: look again, or, when that was the second time, post again and check later."""
        looked = replace(shown, looked_up=shown.looked_up + 1)
        if final:
            looked = replace(shown, attempted_at=None, looked_up=0, check_at=self.machine_now())
        await self.save(number, looked)

    async def retry_look(self, number: int, shown: Shown, *, after: timedelta) -> None:
        """Slack did not say; the attempt stays noted, and it is looked for again."""
        await self.save(number, replace(shown, retry_at=self.machine_now() + after))

    async def checked(self, number: int, shown: Shown) -> None:
        """It stands once, as it should."""
        await self.save(number, replace(shown, check_at=None))

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
        """An edit, a topic, a pin or an invitation has taken effect."""
        async with self.database.transaction() as tx:
            await tx.shown.save(
                number,
                replace(
                    shown,
                    ts=shown.ts or ts,
                    digest=digest,
                    attempted_at=None,
                    retry_at=None,
                    stopped=None,
                    stopped_digest=None,
                ),
            )
            if shown.stopped:
                await self._recovered(tx, number, shown)

    async def invited(self, number: int, people: Sequence[str], errors: dict[str, str]) -> None:
        async with self.database.transaction() as tx:
            for person in people:
                shown = Shown(key=f"{INVITE}{person}", place=SWARM)
                error = errors.get(person)
                if error in (None, "already_in_channel", "cant_invite_self"):
                    await tx.shown.save(number, replace(shown, ts="done", digest=person))
                else:
                    await self._stop(tx, number, shown, error, person)

    async def refused(self, number: int, shown: Shown, error: str, *, digest: str) -> None:
        """Slack refuses for good: it is shown to people, and tried again when something changes or in an hour."""
        async with self.database.transaction() as tx:
            await self._stop(tx, number, shown, error, digest)

    async def _stop(self, tx: Transaction, number: int, shown: Shown, error: str, digest: str) -> None:
        await tx.shown.save(
            number,
            replace(
                shown, attempted_at=None, retry_at=None, looked_up=0, stopped=error, stopped_digest=digest
            ),
        )
        await receipts.note(
            tx, number, self.team, key=shown.key, place=shown.place, at=self.now(), error=error
        )
        if shown.stopped != error:
            await tx.timeline.add(
                number, Happened.SLACK_REFUSED, at=self.now(), what=shown.key, place=shown.place, error=error
            )
            tx.changed.add(number)

    async def not_made(self, number: int, shown: Shown) -> None:
        """The call certainly had no effect: as if it had never been attempted."""
        await self.save(number, replace(shown, attempted_at=None, looked_up=0))

    async def gone(self, number: int, shown: Shown) -> None:
        """The message was deleted, or cannot be edited any more: it is posted anew."""
        await self.save(number, replace(shown, ts=None, digest=None, attempted_at=None, retry_at=None))

    async def edit_again(self, number: int, shown: Shown) -> None:
        """Nobody knows which edit won: send it once more, when a late one has landed for sure."""
        again_at = self.machine_now() + EDIT_AGAIN_AFTER
        await self.save(number, replace(shown, digest=None, attempted_at=None, retry_at=again_at))

    async def retry(self, number: int, shown: Shown, *, after: timedelta) -> None:
        """Something that may safely happen twice is asked for again."""
        await self.save(number, replace(shown, attempted_at=None, retry_at=self.machine_now() + after))

    async def save(self, number: int, shown: Shown) -> None:
        async with self.database.transaction() as tx:
            await tx.shown.save(number, shown)

    async def channel_opened(self, number: int, shown: Shown, *, channel_id: str, name: str) -> None:
        async with self.database.transaction() as tx:
            incident = await tx.incidents.get(number)
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
