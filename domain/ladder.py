"""Whom a reminder pings: the ladder climbs from the owner upwards, and nobody is pinged twice without need."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.incident import Role
from domain.roster import Answer, Call
from domain.team import Team

NOT_HOLDING = frozenset(
    {
        Answer.PLANNED,
        Answer.DECLINED,
        Answer.UNANSWERED,
        Answer.TAKEN,
        Answer.HANDED_OVER,
        Answer.CALLED_OFF,
    }
)


class ReminderState(StrEnum):
    RAISED = "raised"
    OVERTAKEN = "overtaken"
    """A higher rung was raised, or the cycle ended, before it could be shown; it never will be."""


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
    """Who holds a role now: everybody called for it whose last word does not mean that somebody else was asked."""
    calls = tuple(calls)
    followed = {call.follows for call in calls}
    last = {
        call.person: call.answer
        for call in calls
        if call.role is role
        and not call.is_offer
        and not (call.answer is Answer.OVER and call.number in followed)  # Called anew, or another instead.
    }
    return tuple(person for person, answer in last.items() if answer not in NOT_HOLDING)


def answering_for_owner(calls: Sequence[Call], *, declared_by: str) -> tuple[str, ...]:
    """Who is meant where the owner is: until one has accepted, whoever declared and the duty manager too."""
    owners = holders(calls, Role.OWNER)
    accepted = any(
        call.role is Role.OWNER and call.answer is Answer.ACCEPTED and not call.stands_in for call in calls
    )
    if accepted:
        return owners
    return tuple(dict.fromkeys((*owners, declared_by, *holders(calls, Role.DUTY_MANAGER))))


def people_of_rung(rung: int, calls: Sequence[Call], team: Team, *, declared_by: str) -> tuple[str, ...]:
    """A rung's own people: 0 the owner, 1 the duty manager too, 2 the service level managers, 3 and up the last resort."""
    owner = answering_for_owner(calls, declared_by=declared_by)
    if rung == 0:
        return owner
    if rung == 1:
        return (*owner, *holders(calls, Role.DUTY_MANAGER))
    if rung == 2:
        return holders(calls, Role.SERVICE_LEVEL_MANAGER)
    return team.escalation


def pinged_by(
    reminder: Reminder,
    all_of_cycle: Iterable[Reminder],
    calls: Sequence[Call],
    team: Team,
    *,
    declared_by: str,
) -> tuple[str, ...]:
    """The owner, the rung's own people, and those of every lower rung that was never shown in this cycle."""
    unseen = [
        other.rung
        for other in all_of_cycle
        if other.cycle == reminder.cycle
        and other.rung < reminder.rung
        and other.state is ReminderState.OVERTAKEN
    ]
    named = list(answering_for_owner(calls, declared_by=declared_by))
    for rung in (reminder.rung, *sorted(unseen)):
        named += people_of_rung(rung, calls, team, declared_by=declared_by)
    return tuple(dict.fromkeys(named))


def named_before(
    reminder: Reminder, pinged: Collection[str], calls: Sequence[Call], team: Team, *, declared_by: str
) -> tuple[str, ...]:
    """Those pinged by lower rungs already: named in plain text, so that everybody knows who knows."""
    before = [
        who
        for rung in range(reminder.rung)
        for who in people_of_rung(rung, calls, team, declared_by=declared_by)
    ]
    return tuple(dict.fromkeys(who for who in before if who not in pinged))


def direct_messages(
    reminder: Reminder,
    pinged: Sequence[str],
    calls: Sequence[Call],
    *,
    declared_by: str,
    swarm_is_lost: bool = False,
) -> tuple[str, ...]:
    """Who gets the reminder as a direct message too: the owner when overdue, everybody it pings from rung 2 on.

    Where nothing can be posted in the swarm's channel, everybody it pings gets nothing else.
    """
    if swarm_is_lost:
        return tuple(pinged)
    if reminder.rung == 0:
        return ()
    if reminder.rung == 1:
        return answering_for_owner(calls, declared_by=declared_by)
    return tuple(pinged)
