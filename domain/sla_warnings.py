"""Warnings to the service level managers: at half the time, at most of it, and at the breach, each once a deadline."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.incident import Incident
from domain.sla import STEPS, SlaClock, SlaClocks, SlaKind

BREACH = STEPS[-1]
LATE_WARNING = timedelta(seconds=60)
"""A warning raised this long after it was owed says since when: Hachi was away, or the deadline has moved."""


@dataclass(frozen=True, kw_only=True)
class SlaWarning:
    """One step of one deadline, as recorded when the clock raised it."""

    kind: SlaKind
    due_at: datetime
    """The deadline; another severity or other customers may give another."""
    step: int
    """Per cent of the time that was used up."""
    fell_due_at: datetime
    raised_at: datetime
    overtaken: bool = False
    """A higher step was raised with it: it is shown to nobody."""
    reason: str = ""
    """Why the deadline was missed, once somebody has said."""
    explained_by: str | None = None
    """Slack user id."""

    @property
    def late(self) -> bool:
        return self.raised_at - self.fell_due_at > LATE_WARNING


def running(incident: Incident, clocks: SlaClocks | None) -> Sequence[SlaClock]:
    """What is still owed, one a deadline."""
    if clocks is None or not incident.is_open:
        return ()
    owed = {(clock.kind, clock.by): clock for clock in reversed(clocks.all) if clock.met_at is None}
    return tuple(owed.values())


def warn(
    clocks: Iterable[SlaClock], before: Iterable[SlaWarning], *, now: datetime
) -> tuple[SlaWarning, ...]:
    """Every step due by `now` that was not raised before; of several only the highest is shown."""
    raised = {(one.kind, one.due_at): one.step for one in sorted(before, key=lambda one: one.step)}
    found: list[SlaWarning] = []
    for clock in clocks:
        highest = raised.get((clock.kind, clock.by), 0)
        due = [
            (step, at) for step, at in zip(STEPS, clock.steps, strict=True) if step > highest and at <= now
        ]
        found += (
            SlaWarning(
                kind=clock.kind,
                due_at=clock.by,
                step=step,
                fell_due_at=at,
                raised_at=now,
                overtaken=step != due[-1][0],
            )
            for step, at in due
        )
    return tuple(found)


def next_warning_at(clocks: Iterable[SlaClock], *, now: datetime) -> datetime | None:
    """When the next step falls due; None when nothing is owed any more."""
    return min((at for clock in clocks for at in clock.steps if at > now), default=None)


def pressing(
    incident: Incident, clocks: SlaClocks | None, warnings: Iterable[SlaWarning], kind: SlaKind
) -> SlaWarning | None:
    """The warning that counts now: the highest step of what is still owed, of several the earliest deadline."""
    owed = {clock.by for clock in running(incident, clocks) if clock.kind is kind}
    shown = [one for one in warnings if one.kind is kind and one.due_at in owed and not one.overtaken]
    return max(shown, key=lambda one: (one.step, -one.due_at.timestamp()), default=None)


def unexplained(clocks: SlaClocks | None, warnings: Iterable[SlaWarning], kind: SlaKind) -> bool:
    """Whether a deadline that still counts was missed and nobody has said why."""
    counting = {clock.by for clock in clocks.all if clock.kind is kind} if clocks else set()
    return any(not one.reason for one in breaches(warnings, kind) if one.due_at in counting)


def breaches(warnings: Iterable[SlaWarning], kind: SlaKind) -> Iterator[SlaWarning]:
    return (one for one in warnings if one.kind is kind and one.step == BREACH)
