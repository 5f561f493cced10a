"""Who is on duty when: shifts that take turns, what people entered in their place, and who is absent."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from domain.team import Rotation, Shift, Team


@dataclass(frozen=True, kw_only=True)
class Leave:
    """Somebody is absent, neither on duty nor called, from `since` until just before `until`."""

    person: str
    since: datetime
    until: datetime
    reason: str = ""

    def has(self, at: datetime) -> bool:
        return self.since <= at < self.until


@dataclass(frozen=True, kw_only=True)
class Override:
    """Somebody is on duty in a rotation instead of another, from `since` until just before `until`."""

    rotation: str
    who: str
    since: datetime
    until: datetime
    instead_of: str | None = None
    """Takes effect while this person would be on duty, as first or as backup; None for everybody of the first layer."""

    def has(self, at: datetime) -> bool:
        return self.since <= at < self.until


@dataclass(frozen=True, kw_only=True)
class Roster:
    """Everything that says who can be called when: the settings, what people entered, and what Slack knows.

    People are called what the settings call them, and by Slack user id where those do not name them.
    """

    team: Team
    leaves: tuple[Leave, ...] = ()
    overrides: tuple[Override, ...] = ()
    """The last one entered counts where several name the same person."""
    unknown: Collection[str] = frozenset()
    """People whom Slack does not know, or no more."""
    open_swarms: Mapping[str, int] = field(default_factory=dict)
    """In how many open swarms each person is."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What the settings call a person, by Slack user id."""

    def known_as(self, person: str) -> str:
        """The person as the settings call them."""
        return self.names.get(person, person)

    def can_come(self, person: str, *, at: datetime) -> bool:
        """Whether the person is neither absent then nor unknown to Slack."""
        return person not in self.unknown and not any(leave.has(at) for leave in self.leaves_of(person))

    def leaves_of(self, person: str) -> tuple[Leave, ...]:
        return self._leaves.get(person, ())

    def overrides_of(self, rotation: str) -> tuple[Override, ...]:
        return self._overrides.get(rotation, ())

    def zone_of(self, rotation: Rotation) -> str:
        return rotation.timezone or self.team.timezone

    @cached_property
    def _leaves(self) -> Mapping[str, tuple[Leave, ...]]:
        found: dict[str, tuple[Leave, ...]] = {}
        for leave in self.leaves:
            found[leave.person] = (*found.get(leave.person, ()), leave)
        return found

    @cached_property
    def _overrides(self) -> Mapping[str, tuple[Override, ...]]:
        found: dict[str, tuple[Override, ...]] = {}
        for one in self.overrides:
            found[one.rotation] = (*found.get(one.rotation, ()), one)
        return found


@dataclass(frozen=True, kw_only=True)
class OnDuty:
    """Who is on duty in one rotation, in the order in which they are called."""

    first: Shift
    backup: Shift = ()
    """Called after the first layer; nobody is in both."""

    @property
    def everybody(self) -> Shift:
        return (*self.first, *self.backup)


@dataclass(frozen=True, kw_only=True)
class Duty:
    """The same people on duty from `since` until just before `until`."""

    since: datetime
    until: datetime
    on: OnDuty


def turns(rotation: Rotation, *, at: datetime, timezone: str) -> tuple[Shift, ...]:
    """The shifts in the order of their turns, beginning with the one whose turn it is, whatever people entered."""
    shifts = rotation.shifts
    if len(shifts) < 2 or rotation.hand_over_at is None or rotation.since is None:
        return shifts
    zone = ZoneInfo(rotation.timezone or timezone)
    day = at.astimezone(zone).date()
    # By the moment, not by the wall, which shows an hour twice on the day clocks are set back.
    if at < datetime.combine(day, rotation.hand_over_at, tzinfo=zone).astimezone(UTC):
        day -= timedelta(days=1)
    days = (day - rotation.since).days
    if rotation.hand_over_weekday is None:
        turn = days
    else:
        first = (rotation.hand_over_weekday - rotation.since.weekday()) % 7
        turn = (days - first) // 7 + 1 if first else days // 7
    start = turn % len(shifts)
    return shifts[start:] + shifts[:start]


def on_duty(name: str, roster: Roster, *, at: datetime) -> OnDuty:
    """Who is on duty in the rotation of that name: its turn, with overrides, without those who are absent."""
    rotation = roster.team.rotations[name]
    overrides = [one for one in roster.overrides_of(name) if one.has(at)]
    first = _present(rotation, overrides, roster, at=at)
    if rotation.backup is None:
        return OnDuty(first=first)
    personal = [one for one in overrides if one.instead_of is not None]
    backup = _present(rotation.backup, personal, roster, at=at, timezone=roster.zone_of(rotation))
    return OnDuty(first=first, backup=tuple(who for who in backup if who not in first))


def duties(name: str, roster: Roster, *, since: datetime, until: datetime) -> Iterator[Duty]:
    """Who is on duty from `since` until `until`, one after the other; neighbours differ."""
    begun, on = since, on_duty(name, roster, at=since)
    for moment in _changes(name, roster, since=since, until=until):
        following = on_duty(name, roster, at=moment)
        if following != on:
            yield Duty(since=begun, until=moment, on=on)
            begun, on = moment, following
    if begun < until:
        yield Duty(since=begun, until=until, on=on)


def hand_overs(rotation: Rotation, *, since: datetime, until: datetime, timezone: str) -> Iterator[datetime]:
    """The instants after `since` and before `until` at which the turn passes to the next shift."""
    if len(rotation.members) < 2 or rotation.hand_over_at is None or rotation.since is None:
        return
    zone = ZoneInfo(rotation.timezone or timezone)
    day = since.astimezone(zone).date() - timedelta(days=1)
    step = timedelta(days=1)
    if rotation.hand_over_weekday is not None:
        day += timedelta(days=(rotation.hand_over_weekday - day.weekday()) % 7)
        step = timedelta(days=7)
    while (moment := datetime.combine(day, rotation.hand_over_at, tzinfo=zone).astimezone(UTC)) < until:
        if moment > since:
            yield moment
        day += step


def _present(
    rotation: Rotation,
    overrides: Iterable[Override],
    roster: Roster,
    *,
    at: datetime,
    timezone: str = "",
) -> Shift:
    shift = next(iter(turns(rotation, at=at, timezone=timezone or roster.team.timezone)), ())
    for one in overrides:
        shift = tuple(one.who if one.instead_of in (None, who) else who for who in shift)
    return tuple(who for who in dict.fromkeys(shift) if roster.can_come(who, at=at))


def _changes(name: str, roster: Roster, *, since: datetime, until: datetime) -> list[datetime]:
    """Every instant between the two at which somebody else may be on duty."""
    rotation = roster.team.rotations[name]
    overrides = roster.overrides_of(name)
    zone = roster.zone_of(rotation)
    moments = set(hand_overs(rotation, since=since, until=until, timezone=zone))
    if rotation.backup:
        moments |= set(hand_overs(rotation.backup, since=since, until=until, timezone=zone))
    entered: list[Leave | Override] = [*overrides]
    for who in {*rotation.everybody(), *(one.who for one in overrides)}:
        entered += roster.leaves_of(who)
    moments |= {moment for one in entered for moment in (one.since, one.until) if since < moment < until}
    return sorted(moments)
