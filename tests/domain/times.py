"""Times as the tests write them: `14:30` is half past two on the 24th of November 2026, Tokyo."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


def at(clock: str) -> datetime:
    """`14:30`, `14:30:20`, or `+1 09:00` for the next day."""
    days, _, rest = clock.rpartition(" ")
    hours, minutes, *seconds = (int(part) for part in rest.split(":"))
    day = datetime(2026, 11, 24, tzinfo=TOKYO) + timedelta(days=int(days or 0))
    return day.replace(hour=hours, minute=minutes, second=seconds[0] if seconds else 0).astimezone(UTC)


def clock_of(moment: datetime) -> str:
    """The same the other way round."""
    local = moment.astimezone(TOKYO)
    days = (local.date() - datetime(2026, 11, 24, tzinfo=TOKYO).date()).days
    text = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return f"{days:+d} {text}" if days else text


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)
