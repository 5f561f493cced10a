"""Working hours: time that counts only while a team works, as contracts for support count it."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHORTEST_DAY = timedelta(hours=1)
"""Shorter working days would make a time limit of a year end in another century."""


@dataclass(frozen=True, kw_only=True)
class WorkingHours:
    """The same hours on some days of the week, in one time zone; none on holidays."""

    weekdays: frozenset[int]
    """Monday is 0."""
    opens: time
    closes: time
    """Midnight is the end of the day."""
    timezone: str
    holidays: Container[date] = frozenset()


def working_time_after(start: datetime, length: timedelta, hours: WorkingHours) -> datetime:
    """The moment at which so much working time has passed since `start`; time outside the hours does not count.

    It is within the hours, or `start` itself where no time has to pass.
    """
    if not length:
        return start
    zone = ZoneInfo(hours.timezone)
    start, day, left = start.astimezone(UTC), start.astimezone(zone).date(), length
    while True:
        if day.weekday() in hours.weekdays and day not in hours.holidays:
            opens, closes = _moments(day, hours, zone)
            since = max(start, opens)
            if since + left <= closes:
                return since + left
            left -= max(closes - since, timedelta(0))
        day += timedelta(days=1)


def opening_after(start: datetime, hours: WorkingHours) -> datetime:
    """The first moment within the hours that is not before `start`."""
    instant = timedelta(microseconds=1)
    return working_time_after(start, instant, hours) - instant


def _moments(day: date, hours: WorkingHours, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When that day's work begins and ends; by the moment, as on some days the wall shows an hour twice or never."""
    last = day if hours.closes > time(0) else day + timedelta(days=1)
    opens = datetime.combine(day, hours.opens, tzinfo=zone).astimezone(UTC)
    return opens, datetime.combine(last, hours.closes, tzinfo=zone).astimezone(UTC)
