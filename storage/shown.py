"""What Slack shows already: one row for each thing Hachi wants there, and the leases of those who work on it.

Times here are machine time, not incident time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.by_hand import UNTOUCHED, ByHand
from storage.tables import IncidentRow, ShownRow

INVITE = "invite/"
"""Begins the keys of invitations to the swarm."""
_SAVED = [
    "key",
    "place",
    "channel_id",
    "ts",
    "digest",
    "attempted_at",
    "looked_up",
    "check_at",
    "retry_at",
    "stopped",
    "stopped_digest",
]
_OF = select(ShownRow).where(ShownRow.incident == bindparam("incident"))


@dataclass(frozen=True, kw_only=True)
class Shown:
    key: str
    place: str
    channel_id: str | None = None
    ts: str | None = None
    """The message's, or what stands for "done" where there is no message."""
    digest: str | None = None
    """Of what was shown last."""
    attempted_at: datetime | None = None
    """A call was made whose outcome is not known."""
    looked_up: int = 0
    """How often the outcome was looked for."""
    check_at: datetime | None = None
    """When to look once more whether what Slack shows is really this, once."""
    retry_at: datetime | None = None
    """Not before then; Slack asked for patience, or the outcome needs time to be seen."""
    stopped: str | None = None
    """Slack's error, when it refuses for good."""
    stopped_digest: str | None = None
    by_hand: ByHand = UNTOUCHED


class ShownItems:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of(self, incident: int) -> dict[tuple[str, str], Shown]:
        rows = await self.session.scalars(_OF, {"incident": incident})
        return {(row.key, row.place): _shown(row) for row in rows}

    async def get(self, incident: int, key: str, place: str) -> Shown | None:
        row = await self.session.get(ShownRow, (incident, key, place), with_for_update=True)
        return _shown(row) if row else None

    async def was_invited(self, incident: int, person: str) -> bool:
        """Whether this person was made a member of the swarm's channel, for whatever reason."""
        query = select(ShownRow.ts).where(
            ShownRow.incident == incident, ShownRow.key == f"{INVITE}{person}", ShownRow.ts.is_not(None)
        )
        return await self.session.scalar(query) is not None

    async def save(self, incident: int, shown: Shown) -> None:
        """Keep it; what people have done to it meanwhile (`by_hand`) stays as it is."""
        await self.session.merge(
            ShownRow(incident=incident, **{name: getattr(shown, name) for name in _SAVED})
        )
        await self.session.flush()

    async def change_by_hand(self, incident: int, key: str, place: str, by_hand: ByHand) -> None:
        """Keep what people did to it; where it is not let be, it is shown anew."""
        values = {"put_back_at": by_hand.put_back_at, "let_be": by_hand.let_be}
        await self.session.execute(
            update(ShownRow)
            .where(ShownRow.incident == incident, ShownRow.key == key, ShownRow.place == place)
            .values(**values, **({} if by_hand.let_be else {"digest": None}))
        )

    async def forget(self, incident: int, key: str, place: str) -> None:
        await self.session.execute(
            delete(ShownRow).where(
                ShownRow.incident == incident, ShownRow.key == key, ShownRow.place == place
            )
        )

    # Leases: one reconcile per incident at a time, whoever works on it.

    async def dirty(self, *, at: datetime, limit: int) -> Sequence[int]:
        """Incidents whose screen is behind and that nobody holds: new swarms first, then the gravest."""
        opens = IncidentRow.swarm & IncidentRow.channel_id.is_(None)
        found = await self.session.scalars(
            select(IncidentRow.number)
            .where(
                IncidentRow.dirty.is_(True),
                or_(IncidentRow.retry_at.is_(None), IncidentRow.retry_at <= at),
                or_(IncidentRow.lease_until.is_(None), IncidentRow.lease_until <= at),
            )
            .order_by(opens.desc(), IncidentRow.severity, IncidentRow.number)
            .limit(limit)
        )
        return list(found)

    async def lease(self, incident: int, *, owner: str, at: datetime, until: datetime) -> bool:
        """Take or renew the lease; of two who ask at once one gets it."""
        taken = await self.session.execute(
            update(IncidentRow)
            .where(
                IncidentRow.number == incident,
                or_(
                    IncidentRow.lease_owner == owner,
                    IncidentRow.lease_until.is_(None),
                    IncidentRow.lease_until <= at,
                ),
            )
            .values(lease_owner=owner, lease_until=until)
        )
        return taken.rowcount == 1  # type: ignore[attr-defined, no-any-return]

    async def release(
        self, incident: int, *, owner: str, shown_revision: int, retry_at: datetime | None
    ) -> bool:
        """Give the lease back; the incident stays dirty if it changed meanwhile or something waits for `retry_at`.

        False where another has taken it over.
        """
        released = await self.session.execute(
            update(IncidentRow)
            .where(IncidentRow.number == incident, IncidentRow.lease_owner == owner)
            .values(
                lease_owner=None,
                lease_until=None,
                shown_revision=func.max(IncidentRow.shown_revision, shown_revision)
                if self.session.get_bind().dialect.name == "sqlite"
                else func.greatest(IncidentRow.shown_revision, shown_revision),
                dirty=(IncidentRow.revision > shown_revision) | (retry_at is not None),
                retry_at=retry_at,
            )
        )
        return released.rowcount == 1  # type: ignore[attr-defined, no-any-return]

    async def holds(self, incident: int, *, owner: str) -> bool:
        """Whether nobody else has taken the lease; nobody can while the incident is locked."""
        found = await self.session.scalar(
            select(IncidentRow.lease_owner).where(IncidentRow.number == incident)
        )
        return found == owner

    async def void_leases(self) -> None:
        """After a restart of the only process there is, nobody holds anything."""
        await self.session.execute(update(IncidentRow).values(lease_owner=None, lease_until=None))

    async def wake_stopped(self) -> None:
        """Try again what Slack refused for good: somebody may have mended it."""
        waiting = select(ShownRow.incident).where(ShownRow.stopped.is_not(None))
        await self.session.execute(
            update(IncidentRow).where(IncidentRow.number.in_(waiting)).values(dirty=True, retry_at=None)
        )
        await self.session.execute(
            update(ShownRow).where(ShownRow.stopped.is_not(None)).values(stopped_digest=None)
        )


def _shown(row: ShownRow) -> Shown:
    by_hand = ByHand(put_back_at=row.put_back_at, let_be=row.let_be)
    return Shown(**{name: getattr(row, name) for name in _SAVED}, by_hand=by_hand)
