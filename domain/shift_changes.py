"""When other people come on duty: at a hand-over, a take-over, a swap, or the end of an absence."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.duty import Roster, duties, on_duty

LONGEST_LOOK_BACK = timedelta(days=8)
"""Longer than a weekly turn."""
LATE = timedelta(minutes=2)
"""Whoever comes on duty is told within a minute; later, something was away."""


@dataclass(frozen=True, kw_only=True)
class Noted:
    """Who was seen on duty in a rotation, and when they were first."""

    on: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ShiftChange:
    rotation: str
    since: datetime
    """When it happened."""
    came: tuple[str, ...]
    went: tuple[str, ...]
    on: tuple[str, ...]
    """Everybody on duty from then on."""


def shift_change(name: str, roster: Roster, noted: Noted, *, now: datetime) -> ShiftChange | None:
    """What has changed in a rotation since it was looked at; of several changes only the newest.

    None where nobody else is on duty, or where the clock was set back.
    """
    if now <= noted.at:
        return None
    on = on_duty(name, roster, at=now).first
    if set(on) == set(noted.on):
        return None
    begin = max(noted.at, now - LONGEST_LOOK_BACK)
    since = begin
    for duty in duties(name, roster, since=begin, until=now + timedelta(microseconds=1)):
        since = duty.since
    return ShiftChange(
        rotation=name,
        # Where it was no hand-over but another setting, it happens now.
        since=since if since > begin else now,
        came=tuple(who for who in on if who not in noted.on),
        went=tuple(who for who in noted.on if who not in on),
        on=on,
    )
