"""Whom a reminder pings: the ladder climbs from the owner upwards, and nobody is pinged twice without need."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.incident import Role
from domain.roster import Answer, Call
from domain.team import Team

REPEATS_FROM = 4


class ReminderState(StrEnum):
    RAISED = "raised"
    OVERTAKEN = "overtaken"
    """A higher rung was raised, or the cycle ended, before it could be shown; it never will be."""


class Ended(StrEnum):
    """How a cycle ended."""

    UPDATE = "update"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """One rung of one cycle, as recorded when the clock raised it."""

    cycle: int
    rung: int
    fell_due_at: datetime
    raised_at: datetime
    due_at: datetime
    """When the update was owed, as the clock stood then."""
    state: ReminderState = ReminderState.RAISED
    late: bool = False
    failed_update: int | None = None
    """The update that was sent and reached nobody, if that is why."""


def holders(calls: Iterable[Call], role: Role) -> tuple[str, ...]:
    """Who holds a role now: everybody called for it who has not declined."""
    return tuple(
        dict.fromkeys(
            call.person for call in calls if call.role is role and call.answer is not Answer.DECLINED
        )
    )


def people_of_rung(rung: int, calls: Sequence[Call], team: Team) -> tuple[str, ...]:
    """A rung's own people: 0 the owner, 1 the duty manager too, 2 the service level managers, 3 and up the last resort."""
    if rung == 0:
        return holders(calls, Role.OWNER)
    if rung == 1:
        return (*holders(calls, Role.OWNER), *holders(calls, Role.DUTY_MANAGER))
    if rung == 2:
        return holders(calls, Role.SERVICE_LEVEL_MANAGER)
    return team.escalation


def pinged_by(
    reminder: Reminder, all_of_cycle: Iterable[Reminder], calls: Sequence[Call], team: Team
) -> tuple[str, ...]:
    """The owner, the rung's own people, and those of every lower rung that was never shown in this cycle."""
    unseen = [
        other.rung
        for other in all_of_cycle
        if other.cycle == reminder.cycle
        and other.rung < reminder.rung
        and other.state is ReminderState.OVERTAKEN
    ]
    named = [*holders(calls, Role.OWNER), *people_of_rung(reminder.rung, calls, team)]
    for rung in sorted(unseen):
        named += people_of_rung(rung, calls, team)
    return tuple(dict.fromkeys(named))


def named_before(
    reminder: Reminder, pinged: Collection[str], calls: Sequence[Call], team: Team
) -> tuple[str, ...]:
    """Those pinged by lower rungs already: named in plain text, so that everybody knows who knows."""
    before = [who for rung in range(reminder.rung) for who in people_of_rung(rung, calls, team)]
    return tuple(dict.fromkeys(who for who in before if who not in pinged))


def direct_messages(reminder: Reminder, pinged: Sequence[str], calls: Sequence[Call]) -> tuple[str, ...]:
    """Who gets the reminder as a direct message too: the owner when overdue, everybody it pings from rung 2 on."""
    if reminder.rung == 0:
        return ()
    if reminder.rung == 1:
        return holders(calls, Role.OWNER)
    return tuple(pinged)
