"""How long a call waits for an answer, who has taken a role, and when nobody is left to ask."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from domain.absence import Absence, time_away
from domain.incident import Role
from domain.refusals import Refusal, Why
from domain.roster import Answer, Call

GONE = frozenset({Answer.DECLINED, Answer.UNANSWERED})
"""Answers after which the next in line is called."""
COMING = frozenset({Answer.WAITING, Answer.ACCEPTED})
"""Answers of those who are there, or may still come."""


def key_of(call: Call) -> str:
    """The key, within its incident, of the message that asks."""
    return f"call/{call.role.value}/{call.number}"


def called(calls: Iterable[Call]) -> tuple[Call, ...]:
    """Those that were made, not merely planned."""
    return tuple(call for call in calls if call.answer is not Answer.PLANNED)


def is_planned(call: Call) -> bool:
    """Whether it will still be made."""
    return call.answer is Answer.PLANNED and call.due_at is not None


class Awaited(Protocol):
    """Something a person has to answer, and since when they can read it."""

    @property
    def reached_at(self) -> datetime | None: ...


def time_left(call: Awaited, wait: timedelta, away: Iterable[Absence], *, now: datetime) -> timedelta:
    """How long the person may still take.

    All of it while they cannot read it; time in which no answer could have come, as Hachi or Slack was away, is not theirs.
    """
    if call.reached_at is None:
        return wait
    had = now - call.reached_at - time_away(away, since=call.reached_at, until=now)
    return wait - had


def asked_together(call: Call, calls: Iterable[Call]) -> tuple[Call, ...]:
    """The calls of the same message, the one it was made for first."""
    lead = call.asked_with or call.number
    return tuple(one for one in calls if lead in (one.number, one.asked_with))


def asking(calls: Iterable[Call], person: str, *, slack_ids: Mapping[str, str], at: datetime) -> Call | None:
    """The call whose message can ask this person, by Slack user id, for another role too.

    One made earlier cannot: what is left of the time to answer would not be enough for both.
    """
    return next(
        (
            one
            for one in calls
            if one.answer is Answer.WAITING
            and one.asked_with is None
            and one.called_at == at
            and slack_ids.get(one.person, one.person) == person
        ),
        None,
    )


def line_of(call: Call, calls: Iterable[Call]) -> tuple[Call, ...]:
    """Everybody asked for the same place, one after the other, and those to whom it was handed over."""
    calls = tuple(calls)
    before = {one.number: one.hands_over or one.follows for one in calls}

    def first(number: int) -> int:
        while (earlier := before.get(number)) is not None:
            number = earlier
        return number

    return tuple(one for one in calls if first(one.number) == first(call.number))


def standing_in(role: Role, calls: Sequence[Call]) -> tuple[Call, ...]:
    """The calls of those who stand in for a role and in whose place nobody was called yet."""
    followed = {call.follows for call in calls}
    return tuple(
        call for call in calls if call.role is role and call.stands_in and call.number not in followed
    )


def taken_by(call: Call, calls: Iterable[Call]) -> Call | None:
    """Whoever else has accepted in this call's line; while a role is offered, whoever has it does not stand in the way."""
    if call.is_offer and call.answer is not Answer.TAKEN:
        return None
    others = (one for one in line_of(call, calls) if one.number != call.number)
    return next((one for one in others if one.answer is Answer.ACCEPTED and not one.stands_in), None)


def taker(call: Call, calls: Sequence[Call]) -> Call | None:
    """Who has everything that this call's message asked for, so that nothing of it is left to accept."""
    asked = [one for one in asked_together(call, calls) if one.answer is not Answer.DECLINED]
    if any(one.answer is Answer.ACCEPTED for one in asked):
        return None
    takers = [taken_by(one, calls) for one in asked]
    return takers[0] if takers and all(takers) else None


def accept(call: Call, calls: Sequence[Call], *, now: datetime) -> tuple[Call, ...]:
    """The calls that change when this person says yes: their own, and those that others need not answer any more.

    Of several who were asked for one place the first to accept has it, be it after the time for an answer. Only what
    is handed over has to be accepted in time: whoever kept the role goes on by then. Raises Refusal CALL_OVER.
    """
    asked = asked_together(call, calls)
    if any(one.answer is Answer.ACCEPTED for one in asked):
        return ()
    free = [one for one in asked if _can_be_accepted(one) and taken_by(one, calls) is None]
    if not free:
        raise Refusal(Why.CALL_OVER)
    changed = [replace(one, answer=Answer.ACCEPTED, answered_at=now, due_at=None) for one in free]
    for one in free:
        changed += give_way(one, calls, now=now)
    return tuple(changed)


def give_way(taker: Call, calls: Iterable[Call], *, now: datetime) -> tuple[Call, ...]:
    """The other calls of the line as they are once this one is accepted."""
    changed = []
    for other in line_of(taker, calls):
        waits = other.answer is Answer.WAITING or (other.stands_in and other.answer is Answer.ACCEPTED)
        if other.number == taker.number:
            continue
        if waits:
            changed.append(replace(other, answer=Answer.TAKEN, answered_at=now, due_at=None))
        elif other.answer is Answer.ACCEPTED:
            changed.append(replace(other, answer=Answer.HANDED_OVER, answered_at=now))
        elif is_planned(other):
            changed.append(replace(other, due_at=None))
    return tuple(changed)


def _can_be_accepted(call: Call) -> bool:
    if call.hands_over is not None:
        return call.answer is Answer.WAITING
    return call.answer in (Answer.WAITING, Answer.UNANSWERED, Answer.TAKEN)


def brought_nobody(call: Call) -> bool:
    """Whether somebody else is needed: the person does not come, or there was nobody to call at the hour planned."""
    return call.answer in GONE or (
        call.answer is Answer.PLANNED and call.due_at is None and bool(call.ran_out_at)
    )


def still_needed(planned: Call, calls: Sequence[Call]) -> bool:
    """False where somebody has come meanwhile, or experts with all of the skills are called."""
    if taken_by(planned, calls):
        return False
    experts = [one for one in calls if one.role is Role.EXPERT and one.answer in COMING]
    held = {skill for one in experts for skill in one.skills}
    return planned.role is not Role.EXPERT or not set(planned.skills) <= held


def ends(calls: Sequence[Call]) -> tuple[Call, ...]:
    """Where nobody is left to ask: of each line that brought nobody, the last person who was asked."""
    found = {}
    for call in calls:
        asked = [one for one in line_of(call, calls) if not one.stands_in and not one.is_offer]
        hopes = any(one.answer in COMING or is_planned(one) for one in asked)
        if call in asked and brought_nobody(call) and not hopes:
            found[asked[-1].number] = asked[-1]
    return tuple(found.values())
