"""What people enter about who is on duty: absences, take-overs and swaps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.duty import Leave, Override, Roster, duties
from domain.refusals import Refusal, Why
from domain.team import Team

LONGEST = timedelta(days=366)
"""A span that is longer was mistyped."""


class EntryKind(StrEnum):
    LEAVE = "leave"
    """Somebody is absent."""
    TAKE_OVER = "take_over"
    """Somebody is on duty in another's place."""
    SWAP = "swap"
    """One half of two people taking each other's place; it counts once the other has agreed."""


class EntryState(StrEnum):
    ASKED = "asked"
    """The other one has not agreed yet."""
    AGREED = "agreed"
    """It counts."""
    DECLINED = "declined"
    UNDONE = "undone"
    """Taken back."""
    LAPSED = "lapsed"
    """Nobody agreed before one of the two duties was over."""


@dataclass(frozen=True, kw_only=True)
class RosterEntry:
    """All people by Slack user id."""

    kind: EntryKind
    person: str
    """Who is absent, or on duty in another's place."""
    since: datetime
    until: datetime
    entered_by: str
    entered_at: datetime
    rotation: str = ""
    instead_of: str | None = None
    reason: str = ""
    state: EntryState = EntryState.AGREED
    swapped_with: int | None = None
    """The number of the other half."""
    decided_by: str | None = None
    decided_at: datetime | None = None
    number: int = 0
    """0 until it is kept."""


def roster_of(
    team: Team,
    entries: Iterable[RosterEntry],
    *,
    slack_ids: Mapping[str, str],
    unknown: Iterable[str] = (),
    open_swarms: Mapping[str, int] | None = None,
) -> Roster:
    """The roster with these entries, as far as they count.

    `slack_ids` are by the name the settings use; `open_swarms` by either.
    """
    # Who is named twice is called by the first name.
    names = {slack_ids[who]: who for who in reversed(team.everybody()) if who in slack_ids}
    counted = [entry for entry in entries if entry.state is EntryState.AGREED]
    swarms: dict[str, int] = {}
    for who, count in (open_swarms or {}).items():
        name = names.get(who, who)
        swarms[name] = swarms.get(name, 0) + count
    return Roster(
        team=team,
        leaves=tuple(
            Leave(
                person=names.get(entry.person, entry.person),
                since=entry.since,
                until=entry.until,
                reason=entry.reason,
            )
            for entry in counted
            if entry.kind is EntryKind.LEAVE
        ),
        overrides=tuple(
            Override(
                rotation=entry.rotation,
                who=names.get(entry.person, entry.person),
                instead_of=names.get(entry.instead_of, entry.instead_of) if entry.instead_of else None,
                since=entry.since,
                until=entry.until,
            )
            for entry in counted
            if entry.kind is not EntryKind.LEAVE
        ),
        unknown=frozenset(unknown),
        open_swarms=swarms,
        names=names,
    )


def check_span(since: datetime, until: datetime, *, now: datetime) -> None:
    """Raises Refusal: SPAN_BACKWARDS, SPAN_OVER, SPAN_TOO_LONG."""
    if until <= since:
        raise Refusal(Why.SPAN_BACKWARDS, field="until", since=since)
    if until <= now:
        raise Refusal(Why.SPAN_OVER, field="until", until=until)
    if until - since > LONGEST:
        raise Refusal(Why.SPAN_TOO_LONG, field="until", days=LONGEST.days)


def check_override(new: Override, roster: Roster, *, now: datetime) -> None:
    """Whether somebody can be on duty in another's place then.

    Raises Refusal: ROTATION_UNKNOWN, SPAN_BACKWARDS, SPAN_OVER, SPAN_TOO_LONG, INSTEAD_OF_ONESELF, PERSON_ABSENT,
    NOT_ON_DUTY, WHOSE_DUTY, ON_DUTY_ALREADY, OVERRIDE_OVERLAPS.
    """
    if new.rotation not in roster.team.rotations:
        raise Refusal(Why.ROTATION_UNKNOWN, field="rotation", typed=new.rotation)
    check_span(new.since, new.until, now=now)
    if new.who == new.instead_of:
        raise Refusal(Why.INSTEAD_OF_ONESELF, field="instead_of")
    for leave in roster.leaves_of(new.who):
        if _overlap(leave, new):
            raise Refusal(Why.PERSON_ABSENT, field="who", who=new.who, since=leave.since, until=leave.until)
    for other in roster.overrides_of(new.rotation):
        # Whoever is on duty in another's place may be replaced in turn.
        same = None in (other.instead_of, new.instead_of) or other.instead_of == new.instead_of
        if _overlap(other, new) and same and new.instead_of != other.who:
            raise Refusal(
                Why.OVERRIDE_OVERLAPS, field="since", who=other.who, since=other.since, until=other.until
            )
    on = [duty.on for duty in duties(new.rotation, roster, since=new.since, until=new.until)]
    if new.instead_of is not None:
        if not any(new.instead_of in one.everybody for one in on):
            raise Refusal(Why.NOT_ON_DUTY, field="instead_of", who=new.instead_of)
    elif any(len(one.first) > 1 for one in on):
        people = dict.fromkeys(who for one in on for who in one.first)
        raise Refusal(Why.WHOSE_DUTY, field="instead_of", people=tuple(people))
    elif all(one.first == (new.who,) for one in on):
        raise Refusal(Why.ON_DUTY_ALREADY, field="who", who=new.who)


def _overlap(one: Leave | Override, other: Leave | Override) -> bool:
    return one.since < other.until and other.since < one.until
