"""The update clock: how long customers have waited to hear from us, and which reminder is owed by now.

One wait is a *cycle*. It is anchored at the last customer update (the declaration before the first), it is due
at the time that update promised, and while it lasts a ladder of reminders is raised, each *rung* once:
0 the warning, 1 overdue, then the next steps, then repeats. Nothing but a customer update that was delivered, or a
reopening, starts a new cycle.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.absence import Absence, time_away
from domain.cadence import Cadence
from domain.refusals import Refusal, Why
from domain.severity import Severity

DELIVERY_GRACE = timedelta(seconds=60)
"""So long the rungs wait for an update that was sent but has reached nobody yet."""
REPEATS_BEFORE_HOURLY = 6
HOURLY = timedelta(hours=1)
LATE_REMINDER = timedelta(minutes=2)
"""A rung raised this long after it was owed says that it is late: Hachi was away."""


@dataclass(frozen=True, kw_only=True)
class UpdateClock:
    """One incident's wait for a customer update."""

    cycle: int
    """Counts the waits of the incident from 1."""
    first: bool
    """Nothing was told to customers yet in this outage (since declaring or reopening)."""
    anchor: datetime
    due_at: datetime
    warn_at: datetime
    next_rung: int = 0
    """The lowest rung not raised yet; a rung is raised once a cycle."""
    quiet_until: datetime | None = None
    snoozes: int = 0
    drafted: bool = False
    undelivered_since: datetime | None = None
    """When the newest update was sent that has reached nobody yet."""
    running: bool = True


@dataclass(frozen=True, kw_only=True)
class Raised:
    """A rung that fell due; of several found at once, all but the highest are overtaken and never shown."""

    cycle: int
    rung: int
    fell_due_at: datetime
    overtaken: bool
    late: bool
    """Raised well after it was owed, though nobody had asked for quiet."""


def start(*, cycle: int, at: datetime, cadence: Cadence) -> UpdateClock:
    """The wait for a first update: after a declaration (cycle 1) or a reopening."""
    due = at + cadence.first
    return UpdateClock(
        cycle=cycle,
        first=True,
        anchor=at,
        due_at=due,
        warn_at=_warn_at(at, due, cadence.first_warn_before),
    )


def severity_changed(
    clock: UpdateClock, *, old: Severity, new: Severity, cadence: Cadence, now: datetime
) -> UpdateClock:
    """The same wait under another severity.

    Only the time of a *first* update depends on the severity: anchor + `first`, and after a rise never earlier
    than the change + `first_warn_before`; a fall hastens nothing. What was promised to customers stays, and so does
    a time that has passed.
    """
    if not clock.first or not clock.running or clock.due_at <= now:
        return clock
    due = clock.anchor + cadence.first
    due = max(due, now + cadence.first_warn_before if new < old else clock.due_at)
    return replace(clock, due_at=due, warn_at=_warn_at(clock.anchor, due, cadence.first_warn_before))


def sent(clock: UpdateClock, *, at: datetime) -> UpdateClock:
    """A customer update is on its way; rungs wait a minute for it, no longer."""
    return replace(clock, undelivered_since=at)


def delivered(clock: UpdateClock, *, sent_at: datetime, promise: datetime, cadence: Cadence) -> UpdateClock:
    """The next wait: anchored where the update was *sent*, due when it promised. To be asked once an update.

    An update that arrives after a later one, or from before the anchor, moves nothing.
    """
    if sent_at < clock.anchor:
        return clock
    still_out = clock.undelivered_since if clock.undelivered_since != sent_at else None
    return UpdateClock(
        cycle=clock.cycle + 1,
        first=False,
        anchor=sent_at,
        due_at=promise,
        warn_at=_warn_at(sent_at, promise, cadence.warn_before),
        undelivered_since=still_out,
        running=clock.running,
    )


def stop(clock: UpdateClock) -> UpdateClock:
    """Resolved or withdrawn: no more reminders."""
    return replace(clock, running=False, quiet_until=None)


def rung_at(clock: UpdateClock, rung: int, cadence: Cadence) -> datetime:
    """When a rung of this cycle is due, if nobody asks for quiet."""
    if rung == 0:
        return clock.warn_at
    if rung <= len(cadence.rungs):
        return clock.due_at + cadence.rungs[rung - 1]
    last = cadence.rungs[-1] if cadence.rungs else timedelta(0)
    repeat = rung - len(cadence.rungs)
    soon = min(repeat, REPEATS_BEFORE_HOURLY)
    return clock.due_at + last + soon * cadence.repeat + (repeat - soon) * max(HOURLY, cadence.repeat)


def next_at(clock: UpdateClock, cadence: Cadence) -> datetime | None:
    """When the clock strikes next; None when it has stopped."""
    if not clock.running:
        return None
    return max(rung_at(clock, clock.next_rung, cadence), _quiet_end(clock))


def strike(clock: UpdateClock, cadence: Cadence, *, now: datetime) -> tuple[UpdateClock, tuple[Raised, ...]]:
    """This clock with every rung raised that is due by `now`; striking twice is striking once."""
    if not clock.running or now < _quiet_end(clock):
        return clock, ()
    due: list[tuple[int, datetime]] = []
    rung = clock.next_rung
    while (at := rung_at(clock, rung, cadence)) <= now:
        due.append((rung, at))
        rung += 1
    # Of several, the first one missed says since when nobody was there to raise them.
    owed_from = max([_quiet_end(clock), *(at for _, at in due[:1])])
    raised = tuple(
        Raised(
            cycle=clock.cycle,
            rung=n,
            fell_due_at=at,
            overtaken=n != due[-1][0],
            late=now - owed_from > LATE_REMINDER,
        )
        for n, at in due
    )
    return replace(clock, next_rung=rung), raised


def snooze(clock: UpdateClock, cadence: Cadence, *, now: datetime) -> UpdateClock:
    """Quiet for `snooze`; moves nothing else.

    Raises Refusal: NEXT_REMINDER_LATER (nothing would come in that time, not counted), SNOOZES_USED_UP.
    """
    quiet = _quieted(clock, cadence, now + cadence.snooze)
    if clock.snoozes >= cadence.snoozes:
        raise Refusal(Why.SNOOZES_USED_UP, limit=cadence.snoozes, due=clock.due_at)
    return replace(quiet, snoozes=clock.snoozes + 1)


def drafting(clock: UpdateClock, cadence: Cadence, *, now: datetime) -> UpdateClock:
    """Quiet for `drafting` while somebody writes; once a cycle; moves nothing else.

    Raises Refusal: NEXT_REMINDER_LATER (nothing would come in that time, not counted), DRAFTING_USED_UP.
    """
    quiet = _quieted(clock, cadence, now + cadence.drafting)
    if clock.drafted:
        raise Refusal(Why.DRAFTING_USED_UP, due=clock.due_at)
    return replace(quiet, drafted=True)


def minutes_late(
    *, sent_at: datetime, due_at: datetime, cadence: Cadence, absences: Iterable[Absence] = ()
) -> int:
    """Whole minutes between the promise and the sending, 0 when on time.

    Promises are read by the minute, so minutes are compared; only a cadence below a minute counts seconds. Time in
    which Hachi was away and could remind nobody is not counted.
    """
    sent_at -= time_away(absences, since=due_at, until=sent_at)
    if cadence.every < timedelta(minutes=1):
        late = sent_at - due_at
        return 0 if late <= timedelta(0) else max(1, round(late / timedelta(minutes=1)))
    return max(0, int((_minute(sent_at) - _minute(due_at)) / timedelta(minutes=1)))


def _warn_at(anchor: datetime, due: datetime, before: timedelta) -> datetime:
    return max(due - before, anchor + (due - anchor) / 2)


def _quiet_end(clock: UpdateClock) -> datetime:
    ends = [clock.anchor]
    if clock.quiet_until:
        ends.append(clock.quiet_until)
    if clock.undelivered_since:
        ends.append(clock.undelivered_since + DELIVERY_GRACE)
    return max(ends)


def _quieted(clock: UpdateClock, cadence: Cadence, until: datetime) -> UpdateClock:
    upcoming = rung_at(clock, clock.next_rung, cadence)
    if upcoming > until:
        raise Refusal(Why.NEXT_REMINDER_LATER, next=max(upcoming, _quiet_end(clock)))
    return replace(clock, quiet_until=max(until, clock.quiet_until or until))


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
