"""What people enter about who is on duty: absences, take-overs and swaps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.duty import Leave, Override, Roster
from domain.team import Team


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
