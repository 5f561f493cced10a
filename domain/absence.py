"""Times in which Hachi, or Slack, was away: nobody is to blame for what could not be asked of them then."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

NOTICED = timedelta(seconds=60)
"""A shorter absence, a restart say, is nobody's business."""


@dataclass(frozen=True, kw_only=True)
class Absence:
    since: datetime
    until: datetime | None = None
    """None while it lasts."""

    def has(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at <= self.until)


def time_away(absences: Iterable[Absence], *, since: datetime, until: datetime) -> timedelta:
    """How much of a span was spent away; absences that overlap count once."""
    total, counted = timedelta(0), since
    for absence in sorted(absences, key=lambda one: one.since):
        start = max(absence.since, counted)
        end = min(absence.until or until, until)
        if end > start:
            total += end - start
            counted = end
    return total
