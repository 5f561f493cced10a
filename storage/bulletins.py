"""Messages outside incidents: what they say, where they stand, and which copy of the program is at work on one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import BulletinRow
from storage.upserts import insert_into


@dataclass(frozen=True, kw_only=True)
class Bulletin:
    """One message outside any incident. Machine time."""

    key: str
    """Within all bulletins; its first part names its kind."""
    place: str
    """`channel:<name of the settings>` or `dm:<Slack user id>`."""
    content: Mapping[str, Any]
    """Plain values, from which it is drawn."""
    revision: int = 1
    again_at: datetime | None = None
    attempted_at: datetime | None = None
    """When it was posted without anybody knowing what became of it; with a `ts`, there may be two."""
    channel_id: str | None = None
    ts: str | None = None
    shown: str | None = None
    """Digest of what it says in Slack."""

    @property
    def kind(self) -> str:
        return self.key.partition("/")[0]


_NAMES = [field.name for field in fields(Bulletin)]


class Bulletins:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def get(self, key: str) -> Bulletin | None:
        row = await self.session.scalar(select(BulletinRow).where(BulletinRow.key == key))
        return _bulletin(row) if row else None

    async def due(self, *, by: datetime, limit: int) -> Sequence[Bulletin]:
        """Those to be looked at by then, the longest waiting first."""
        rows = await self.session.scalars(
            select(BulletinRow).where(BulletinRow.again_at <= by).order_by(BulletinRow.again_at).limit(limit)
        )
        return [_bulletin(row) for row in rows]

    async def say(self, key: str, place: str, content: Mapping[str, Any], *, at: datetime) -> None:
        """Let it say so from now on; of two who begin the same one at once the first has it.

        Whoever is at work on it, or waits for Slack, is not disturbed: it is looked at again afterwards.
        """
        same = BulletinRow.key == key
        changed = await self.session.execute(
            update(BulletinRow)
            .where(same)
            .values(
                content=dict(content),
                revision=BulletinRow.revision + 1,
                again_at=func.coalesce(BulletinRow.again_at, at),
            )
        )
        if changed.rowcount:  # type: ignore[attr-defined]
            return
        row = insert_into(self.session, BulletinRow).values(
            key=key, place=place, content=dict(content), revision=1, again_at=at
        )
        await self.session.execute(row.on_conflict_do_nothing())

    async def take(self, bulletin: Bulletin, *, until: datetime) -> bool:
        """Whether nobody else was faster: until then no other copy touches it."""
        taken = await self.session.execute(
            update(BulletinRow)
            .where(BulletinRow.key == bulletin.key, BulletinRow.again_at == bulletin.again_at)
            .values(again_at=until)
        )
        return bool(taken.rowcount)  # type: ignore[attr-defined]

    async def attempt(self, bulletin: Bulletin, *, held: datetime, at: datetime, until: datetime) -> bool:
        """It is about to be posted; False where another copy has taken it, as this one had it only until `held`."""
        begun = await self.session.execute(
            update(BulletinRow)
            .where(BulletinRow.key == bulletin.key, BulletinRow.again_at == held, BulletinRow.ts.is_(None))
            .values(attempted_at=at, again_at=until)
        )
        return bool(begun.rowcount)  # type: ignore[attr-defined]

    async def not_made(self, key: str, *, again_at: datetime) -> None:
        """It certainly was not posted, or does not stand any more."""
        await self._set(key, attempted_at=None, channel_id=None, ts=None, shown=None, again_at=again_at)

    async def look_again(self, key: str, *, at: datetime) -> None:
        await self._set(key, again_at=at)

    async def doubt(self, key: str, *, since: datetime, check_at: datetime) -> bool:
        """There may be two by now; False where nothing is known of it any more."""
        return await self._set(key, attempted_at=since, again_at=check_at)

    async def stands(
        self,
        bulletin: Bulletin,
        *,
        channel_id: str,
        ts: str,
        shown: str | None,
        at: datetime,
        check_at: datetime | None = None,
        instead_of: str | None = None,
    ) -> bool:
        """It stands there; False where another of its kind does, or nobody wants it any more.

        It is looked at once more if its content changed meanwhile, what it says is not known, or at `check_at`, when
        there may be two. `instead_of` is the ts of a younger one that was deleted.
        """
        current = BulletinRow.revision == bulletin.revision
        again = check_at or (at if shown is None else case((current, None), else_=at))
        noted = await self.session.execute(
            update(BulletinRow)
            .where(
                BulletinRow.key == bulletin.key,
                or_(BulletinRow.ts.is_(None), BulletinRow.ts.in_([ts, instead_of or ts])),
            )
            .values(
                channel_id=channel_id,
                ts=ts,
                shown=shown,
                attempted_at=BulletinRow.attempted_at if check_at else None,
                again_at=again,
            )
        )
        return bool(noted.rowcount)  # type: ignore[attr-defined]

    async def drop(self, bulletin: Bulletin) -> None:
        """Nobody wants it, unless it says something else by now."""
        await self.session.execute(
            delete(BulletinRow).where(
                BulletinRow.key == bulletin.key, BulletinRow.revision == bulletin.revision
            )
        )

    async def _set(self, key: str, **values: Any) -> bool:
        known = await self.session.execute(update(BulletinRow).where(BulletinRow.key == key).values(**values))
        return bool(known.rowcount)  # type: ignore[attr-defined]


def _bulletin(row: BulletinRow) -> Bulletin:
    return Bulletin(**{name: getattr(row, name) for name in _NAMES})
