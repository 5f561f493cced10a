"""Messages outside incidents: what they say, where they stand, and which copy of the program is at work on one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, func, select, update
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

    async def attempt(self, key: str, *, at: datetime) -> None:
        """It is about to be posted."""
        await self._set(key, attempted_at=at)

    async def not_made(self, key: str, *, again_at: datetime) -> None:
        """It certainly was not posted, or does not stand any more."""
        await self._set(key, attempted_at=None, channel_id=None, ts=None, shown=None, again_at=again_at)

    async def look_again(self, key: str, *, at: datetime) -> None:
        await self._set(key, again_at=at)

    async def stands(
        self, bulletin: Bulletin, *, channel_id: str, ts: str, shown: str | None, at: datetime
    ) -> None:
        """It stands there; looked at once more if its content changed meanwhile, or what it says is not known."""
        current = BulletinRow.revision == bulletin.revision
        again = at if shown is None else case((current, None), else_=at)
        await self._set(
            bulletin.key, channel_id=channel_id, ts=ts, shown=shown, attempted_at=None, again_at=again
        )

    async def drop(self, bulletin: Bulletin) -> None:
        """Nobody wants it, unless it says something else by now."""
        await self.session.execute(
            delete(BulletinRow).where(
                BulletinRow.key == bulletin.key, BulletinRow.revision == bulletin.revision
            )
        )

    async def _set(self, key: str, **values: Any) -> None:
        await self.session.execute(update(BulletinRow).where(BulletinRow.key == key).values(**values))


def _bulletin(row: BulletinRow) -> Bulletin:
    return Bulletin(**{name: getattr(row, name) for name in _NAMES})
