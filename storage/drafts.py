"""What stands in open forms, and which requests were carried out already."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.refusals import Refusal, Why
from storage.tables import DraftRow, RequestRow
from storage.upserts import put


class Drafts:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def save(
        self,
        draft_id: str,
        kind: str,
        *,
        person: str,
        at: datetime,
        payload: Mapping[str, Any],
        incident: int | None = None,
    ) -> None:
        await put(
            self.session,
            DraftRow,
            id=draft_id,
            kind=kind,
            incident=incident,
            person=person,
            created_at=at,
            payload=dict(payload),
        )

    async def get(self, draft_id: str, kind: str) -> tuple[int | None, Mapping[str, Any]]:
        """The incident it is about and what it holds. Raises Refusal DRAFT_GONE."""
        row = await self.session.get(DraftRow, draft_id)
        if row is None or row.kind != kind:
            raise Refusal(Why.DRAFT_GONE)
        return row.incident, row.payload

    async def of_kind(self, kind: str) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Person and content of every draft of this kind."""
        rows = await self.session.execute(
            select(DraftRow.person, DraftRow.payload).where(DraftRow.kind == kind).order_by(DraftRow.id)
        )
        return [(person, payload) for person, payload in rows]

    async def drop(self, draft_id: str) -> None:
        await self.session.execute(delete(DraftRow).where(DraftRow.id == draft_id))

    async def forget(self, *, before: datetime) -> None:
        await self.session.execute(delete(DraftRow).where(DraftRow.created_at < before))


class Requests:
    def __init__(self, session: AsyncSession, *, writes: bool) -> None:
        self.session = session
        self._locks = writes and session.get_bind().dialect.name == "postgresql"

    async def answered(self, request_id: str) -> Mapping[str, Any] | None:
        """When this request was carried out (`at`) and what was answered; None if it is new.

        Delivered to two copies at once, it is carried out by one; the other waits here, and then knows the answer.
        """
        if self._locks:
            await self.session.execute(
                select(func.pg_advisory_xact_lock(func.hashtextextended(request_id, 0)))
            )
        row = await self.session.get(RequestRow, request_id)
        return {**row.answer, "at": row.at} if row else None

    async def answer(self, request_id: str, *, at: datetime, **answer: Any) -> None:
        self.session.add(RequestRow(id=request_id, at=at, answer=answer))

    async def forget(self, *, before: datetime) -> None:
        await self.session.execute(delete(RequestRow).where(RequestRow.at < before))
