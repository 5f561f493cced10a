"""Who is who in Slack: the people and channels that the settings name, and those we met."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import ChannelRow, IncidentRow, MetaRow, PersonRow
from storage.upserts import put


@dataclass(frozen=True, kw_only=True)
class Known:
    """What Slack says of a person."""

    who: str
    slack_id: str | None
    name: str = ""
    locale: str = ""
    timezone: str = ""
    missing: bool = False


class Directory:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def people(self) -> Sequence[Known]:
        return [_known(row) for row in await self.session.scalars(select(PersonRow))]

    async def slack_ids(self) -> Mapping[str, str]:
        """Slack user id by the name the settings use."""
        rows = await self.session.execute(
            select(PersonRow.who, PersonRow.slack_id).where(PersonRow.slack_id.is_not(None))
        )
        return {who: slack_id for who, slack_id in rows if slack_id}

    async def missing(self) -> Collection[str]:
        """People the settings name whom Slack does not know."""
        return set(await self.session.scalars(select(PersonRow.who).where(PersonRow.missing.is_(True))))

    async def person(self, slack_id: str) -> Known | None:
        row = await self.session.scalar(
            select(PersonRow)
            .where(PersonRow.slack_id == slack_id)
            .order_by(PersonRow.looked_up_at.desc())
            .limit(1)
        )
        return _known(row) if row else None

    async def note_person(self, known: Known, *, at: datetime) -> None:
        before = await self.session.get(PersonRow, known.who)
        news = before is None or (before.slack_id, before.missing) != (known.slack_id, known.missing)
        await put(self.session, PersonRow, **asdict(known), looked_up_at=at)
        if news:
            await self._redraw()

    async def channels(self) -> Mapping[str, str]:
        """Slack channel id by the name the settings use."""
        rows = await self.session.execute(
            select(ChannelRow.name, ChannelRow.slack_id).where(ChannelRow.slack_id.is_not(None))
        )
        return {name: slack_id for name, slack_id in rows if slack_id}

    async def channel_problems(self) -> Mapping[str, str]:
        rows = await self.session.execute(
            select(ChannelRow.name, ChannelRow.problem).where(ChannelRow.problem != "")
        )
        return {row.name: row.problem for row in rows}

    async def note_channel(self, name: str, *, slack_id: str | None, problem: str = "", at: datetime) -> None:
        before = await self.session.get(ChannelRow, name)
        news = before is None or before.slack_id != slack_id
        await put(self.session, ChannelRow, name=name, slack_id=slack_id, problem=problem, looked_up_at=at)
        if news:
            await self._redraw()

    async def remember(self, name: str, value: str) -> None:
        await put(self.session, MetaRow, name=name, value=value)

    async def recall(self, name: str) -> str | None:
        return await self.session.scalar(select(MetaRow.value).where(MetaRow.name == name))

    async def _redraw(self) -> None:
        # Screens name people and channels: those of open incidents may read otherwise now.
        unfinished = select(IncidentRow.number).where(IncidentRow.state.not_in(["closed", "withdrawn"]))
        await self.session.execute(
            update(IncidentRow)
            # Locked in one order by whoever does this at the same time.
            .where(IncidentRow.number.in_(unfinished.order_by(IncidentRow.number).with_for_update()))
            .values(revision=IncidentRow.revision + 1, dirty=True, retry_at=None)
        )


def _known(row: PersonRow) -> Known:
    return Known(
        who=row.who,
        slack_id=row.slack_id,
        name=row.name,
        locale=row.locale,
        timezone=row.timezone,
        missing=row.missing,
    )
