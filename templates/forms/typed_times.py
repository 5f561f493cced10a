"""Times in forms: written so that they can be read back, and changed by hand."""

from datetime import datetime
from zoneinfo import ZoneInfo

from templates.words import Words


def typed_time(at: datetime, *, now: datetime, words: Words) -> str:
    """The minute as a person would type it in their zone: `14:30`, on another day `11/24 14:30`."""
    zone = ZoneInfo(words.timezone)
    local, today = at.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    day = f"{local.month}/{local.day} {local:%H:%M}"
    return day if local.year == today.year else f"{local.year}/{day}"
