"""Who is who in Slack: the people and channels that the settings name, and those we met."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

from sqlalchemy import bindparam, case, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import ChannelRow, IncidentRow, MetaRow, PersonRow
from storage.upserts import put

_REMEMBERED = select(MetaRow.value).where(MetaRow.name == bindparam("name"))
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
EDITION = "directory"
"""Where it is kept which edition of the directory this is: whatever changes what it says makes another."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What Slack says of a person."""

    who: str
    slack_id: str | None
    name: str = ""
    locale: str = ""
    timezone: str = ""
    missing: bool = False


@dataclass(frozen=True)
class KnownChannel:
    """Where a channel is that the settings name."""

    name: str
    slack_id: str | None
    problem: str = ""
    """Slack's error, where it cannot be reached."""


@dataclass(frozen=True)
class Entries:
    """The whole directory at one moment. Many look at it, so nobody changes it."""

    people: Sequence[Known] = ()
    channels: Mapping[str, str] = field(default_factory=dict)
    """Slack channel id by the name the settings use."""
    problems: Mapping[str, str] = field(default_factory=dict)
    """Slack's error by the name of a channel that could not be reached."""

    @cached_property
    def slack_ids(self) -> Mapping[str, str]:
        """Slack user id by the name the settings use."""
        return {person.who: person.slack_id for person in self.people if person.slack_id}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Display name by Slack user id."""
        return {person.slack_id: person.name for person in self.people if person.slack_id and person.name}

    @cached_property
    def languages(self) -> Mapping[str, str]:
        """The screen language by Slack user id."""
        return {
            person.slack_id: language_of(person.locale)
            for person in self.people
            if person.slack_id and person.locale
        }

    @cached_property
    def missing(self) -> Collection[str]:
        """People the settings name whom Slack does not know."""
        return {person.who for person in self.people if person.missing}


class Remembered:
    """The directory as this process read it last, and the edition it was."""

    def __init__(self) -> None:
        self.last: tuple[str | None, Entries] = ("", Entries())


class Directory:
    def __init__(self, session: AsyncSession, remembered: Remembered) -> None:
        self.session = session
        self._remembered = remembered
        self._entries: Entries | None = None

    async def entries(self) -> Entries:
        """The directory, which is read again only where another edition of it is out."""
        if self._entries is None:
            # The edition first: what is read after it is never older.
            edition = await self.recall(EDITION)
            before, entries = self._remembered.last
            if edition != before:
                entries = await self._read()
                self._remembered.last = (edition, entries)
            self._entries = entries
        return self._entries

    async def people(self) -> Sequence[Known]:
        return (await self.entries()).people

    async def slack_ids(self) -> Mapping[str, str]:
        """Slack user id by the name the settings use."""
        return (await self.entries()).slack_ids

    async def missing(self) -> Collection[str]:
        """People the settings name whom Slack does not know."""
        return (await self.entries()).missing

    async def person(self, slack_id: str) -> Known | None:
        row = await self.session.scalar(
            select(PersonRow)
            .where(PersonRow.slack_id == slack_id)
            .order_by(PersonRow.looked_up_at.desc())
            .limit(1)
        )
        return _known(row) if row else None

    async def looked_up(self, *, found_since: datetime, missing_since: datetime) -> Collection[str]:
        """Those of whom Slack has spoken since then, by whether it knew them."""
        since = case((PersonRow.missing, missing_since), else_=found_since)
        return set(await self.session.scalars(select(PersonRow.who).where(PersonRow.looked_up_at > since)))

    async def doubt(self, slack_id: str) -> None:
        """Slack refuses what is meant for them: they are looked up again as if they never had been."""
        await self.session.execute(
            update(PersonRow).where(PersonRow.slack_id == slack_id).values(looked_up_at=NEVER)
        )

    async def note_people(self, found: Sequence[Known], *, at: datetime) -> Sequence[Known]:
        """What Slack says of them; answers whom it has not missed before. Screens that name them are drawn anew."""
        names = [known.who for known in found]
        rows = await self.session.scalars(select(PersonRow).where(PersonRow.who.in_(names)))
        before = {row.who: _known(row) for row in rows}
        # Who has left is still somebody that screens and timelines name.
        found = [
            replace(before[one.who], missing=True) if one.missing and one.who in before else one
            for one in found
        ]
        for known in found:
            await put(self.session, PersonRow, **asdict(known), looked_up_at=at)
        if any(known != before.get(known.who) for known in found):
            await self._new_edition()
        if any(_reached_as(known) != _reached_as(before.get(known.who)) for known in found):
            await self._redraw()
        return [
            known
            for known in found
            if known.missing and not (known.who in before and before[known.who].missing)
        ]

    async def channels(self) -> Mapping[str, str]:
        """Slack channel id by the name the settings use."""
        return (await self.entries()).channels

    async def channel_problems(self) -> Mapping[str, str]:
        return (await self.entries()).problems

    async def note_channels(self, found: Sequence[KnownChannel], *, at: datetime) -> None:
        """Where the channels of the settings are; where that is news, screens that name them are drawn anew."""
        rows = await self.session.scalars(
            select(ChannelRow).where(ChannelRow.name.in_([place.name for place in found]))
        )
        before = {row.name: KnownChannel(row.name, row.slack_id, row.problem) for row in rows}
        for place in found:
            await put(self.session, ChannelRow, **asdict(place), looked_up_at=at)
        if any(place != before.get(place.name) for place in found):
            await self._new_edition()
        if any(place.name not in before or place.slack_id != before[place.name].slack_id for place in found):
            await self._redraw()

    async def remember(self, name: str, value: str) -> None:
        await put(self.session, MetaRow, name=name, value=value)

    async def recall(self, name: str) -> str | None:
        return await self.session.scalar(_REMEMBERED, {"name": name})

    async def _read(self) -> Entries:
        people = await self.session.scalars(select(PersonRow).order_by(PersonRow.who))
        channels = (await self.session.scalars(select(ChannelRow).order_by(ChannelRow.name))).all()
        return Entries(
            people=[_known(row) for row in people],
            channels={row.name: row.slack_id for row in channels if row.slack_id},
            problems={row.name: row.problem for row in channels if row.problem},
        )

    async def _new_edition(self) -> None:
        # A name that was never used: what another transaction read, or what is undone, is not taken for it.
        await self.remember(EDITION, secrets.token_hex(8))
        self._entries = None

    async def _redraw(self) -> None:
        # Screens name people and channels: those of open incidents may read otherwise now.
        unfinished = select(IncidentRow.number).where(IncidentRow.state.not_in(["closed", "withdrawn"]))
        await self.session.execute(
            update(IncidentRow)
            # Locked in one order by whoever does this at the same time.
            .where(IncidentRow.number.in_(unfinished.order_by(IncidentRow.number).with_for_update()))
            .values(revision=IncidentRow.revision + 1, dirty=True, retry_at=None)
        )


def language_of(locale: str) -> str:
    """The screen language for a Slack locale such as `ja-JP`: Japanese, or English for everybody else."""
    return "ja" if locale.lower().startswith("ja") else "en"


def _reached_as(known: Known | None) -> tuple[str | None, bool] | None:
    return (known.slack_id, known.missing) if known else None


def _known(row: PersonRow) -> Known:
    return Known(
        who=row.who,
        slack_id=row.slack_id,
        name=row.name,
        locale=row.locale,
        timezone=row.timezone,
        missing=row.missing,
    )
