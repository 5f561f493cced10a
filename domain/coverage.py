"""Hours in which nobody is on duty for a role, or for a skill that a product needs."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.duty import Duty, Roster, duties
from domain.incident import Role
from domain.team import Rotation

Span = tuple[datetime, datetime]
"""From the first until just before the second."""


@dataclass(frozen=True, kw_only=True)
class Uncovered:
    """Nobody is on duty for it from `since` until just before `until`."""

    role: Role
    skill: str = ""
    """Of an expert, where a product needs it."""
    since: datetime
    until: datetime
    begun: bool = False
    """It has lasted since the beginning of what was looked at, or longer."""
    goes_on: bool = False
    """It lasts until the end of what was looked at, or longer."""


def uncovered(roster: Roster, *, since: datetime, until: datetime) -> tuple[Uncovered, ...]:
    """Every span between the two without a role or a skill, the roles first.

    A role counts where the settings name anybody for it; a skill where a product needs it. Whoever takes turns counts
    while on duty, first or as backup; whoever stands in all the time counts unless absent.
    """
    needs: list[tuple[Role, str]] = [(role, "") for role in Role if _named_for(role, roster)]
    skills = (skill for product in roster.team.products.values() for skill in product.skills)
    needs += [(Role.EXPERT, skill) for skill in dict.fromkeys(skills)]
    return tuple(
        Uncovered(role=role, skill=skill, since=start, until=end, begun=start == since, goes_on=end == until)
        for role, skill in needs
        for start, end in _rest(_covered(role, skill, roster, (since, until)), (since, until))
    )


def _named_for(role: Role, roster: Roster) -> bool:
    team = roster.team
    return bool(team.rotations_of(role)) or any(role in person.roles for person in team.people)


def _covered(role: Role, skill: str, roster: Roster, span: Span) -> Iterator[Span]:
    """When somebody can take it; the spans may overlap."""
    team = roster.team
    able = {person.who for person in team.people if skill in person.skills}
    can: Callable[[str], bool] = able.__contains__ if skill else lambda who: True
    taking_turns: set[str] = set()
    always = {person.who for person in team.people if skill in person.skills or role in person.roles}
    for name in team.rotations_of(role):
        rotation = team.rotations[name]
        if _takes_turns(rotation):
            taking_turns |= set(rotation.everybody())
            yield from _on_duty(duties(name, roster, since=span[0], until=span[1]), can)
        else:
            always |= set(rotation.everybody())
    for who in always - taking_turns - set(roster.unknown):
        if can(who):
            away = ((leave.since, leave.until) for leave in roster.leaves_of(who))
            yield from _rest(away, span)


def _takes_turns(rotation: Rotation) -> bool:
    """Where nobody hands over, the others come whenever the first one cannot."""
    turning = rotation.hand_over_at is not None and rotation.since is not None
    return turning or (rotation.backup is not None and _takes_turns(rotation.backup))


def _on_duty(found: Iterable[Duty], can: Callable[[str], bool]) -> Iterator[Span]:
    return ((one.since, one.until) for one in found if any(map(can, one.on.everybody)))


def _rest(spans: Iterable[Span], whole: Span) -> Iterator[Span]:
    """What of the whole is in none of the spans."""
    free, end = whole
    for since, until in sorted(spans):
        if since > free:
            yield free, min(since, end)
        free = max(free, until)
        if free >= end:
            return
    yield free, end
