"""The time an update names for the next one: what people type, and what may be promised."""

import re
import unicodedata
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.refusals import Refusal, Why

STRICT_FOR = timedelta(hours=2)
"""So long after the declaration only the duty manager may promise less than the cadence asks for."""

_AFTER = re.compile(
    r"^(?:in\s*|あと)?(?:(?P<hours>\d{1,3})\s*(?:h|hours?|hrs?|時間))?\s*"
    r"(?:(?P<minutes>\d{1,4})\s*(?:m|mins?|minutes?|分))?\s*(?:後|later|以内)?(?:に|まで)?$"
)
_CLOCK = re.compile(
    r"^(?:(?P<year>\d{4})[-/年])?(?:(?P<month>\d{1,2})[-/月](?P<day>\d{1,2})日?\s*)?(?P<word>today|tomorrow|今日|本日|明日)?"
    r"\s*(?:at\s*)?(?P<noon>午前|午後)?\s*(?P<hour>\d{1,2})(?:[:時](?P<minute>\d{1,2})?分?)?\s*(?P<ampm>am|pm)?\s*(?:まで|に)?$"
)


def read_time(text: str, *, now: datetime, timezone: str, field: str, past: bool = False) -> datetime:
    """A time as people type it: `14:30`, `14時半`, `2:30 pm`, `30分後`, `in 20 min`, `明日 9:00`, `11/24 9:00`.

    A bare time of day is the nearest one ahead (behind, with `past`), unless it passed less than 12 hours ago:
    then it is today's, and the caller says that it has passed. Raises Refusal TIME_UNREADABLE.
    """
    typed = unicodedata.normalize("NFKC", text).strip().lower().replace("半", "30分")
    unreadable = Refusal(Why.TIME_UNREADABLE, field=field, typed=text.strip())
    if not typed:
        raise unreadable
    if (after := _AFTER.match(typed)) and (after["hours"] or after["minutes"]):
        wait = timedelta(hours=int(after["hours"] or 0), minutes=int(after["minutes"] or 0))
        return now - wait if past else now + wait
    found = _CLOCK.match(typed)
    if not found or not (found["minute"] or found["ampm"] or "時" in typed or ":" in typed):
        raise unreadable
    local = now.astimezone(ZoneInfo(timezone))
    hour = int(found["hour"])
    if (found["ampm"] == "pm" or found["noon"] == "午後") and hour < 12:
        hour += 12
    if (found["ampm"] == "am" or found["noon"] == "午前") and hour == 12:
        hour = 0
    days = 1 if found["word"] in ("tomorrow", "明日") else 0
    if hour == 24 and not int(found["minute"] or 0):
        hour, days = 0, days + 1
    try:
        at = local.replace(
            year=int(found["year"] or local.year),
            month=int(found["month"] or local.month),
            day=int(found["day"] or local.day),
            hour=hour,
            minute=int(found["minute"] or 0),
            second=0,
            microsecond=0,
        ) + timedelta(days=days)
    except (ValueError, OverflowError):
        raise unreadable from None
    if not (found["month"] or found["word"]):
        if past and at > local:
            at -= timedelta(days=1)
        elif not past and local - at >= timedelta(hours=12):
            at += timedelta(days=1)
    return at.astimezone(now.tzinfo)


def check_promise(
    promise: datetime, *, now: datetime, declared_at: datetime, every: timedelta, by_duty_manager: bool
) -> None:
    """A promise lies ahead and, in the first two hours, within the cadence unless the duty manager makes it.

    Raises Refusal: PROMISE_NOT_AFTER_NOW, PROMISE_TOO_LATE.
    """
    if promise <= now:
        raise Refusal(Why.PROMISE_NOT_AFTER_NOW, field="next_update", now=now, promise=promise)
    limit = now + every
    in_words = (promise.replace(second=0, microsecond=0), limit.replace(second=0, microsecond=0))
    if in_words[0] > in_words[1] and now - declared_at < STRICT_FOR and not by_duty_manager:
        raise Refusal(Why.PROMISE_TOO_LATE, field="next_update", limit=limit, promise=promise)
