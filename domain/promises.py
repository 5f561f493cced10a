"""The time an update names for the next one: what people type, and what may be promised."""

import re
import unicodedata
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.refusals import Refusal, Why

STRICT_FOR = timedelta(hours=2)
"""So long after the declaration only the duty manager may promise less than the cadence asks for."""

_AFTER = re.compile(
    r"^(?P<ahead>in\s*|あと)?(?:(?P<hours>\d{1,3})\s*(?:h|hours?|hrs?|時間))?\s*"
    r"(?:(?P<minutes>\d{1,4})\s*(?:m|mins?|minutes?|分))?\s*(?:(?P<later>後|later|以内)|(?P<ago>前|ago))?(?:に|まで)?$"
)
_CLOCK = re.compile(
    r"^(?:(?P<year>\d{4})[-/年])?(?:(?P<month>\d{1,2})[-/月](?P<day>\d{1,2})日?\s*)?"
    r"(?P<word>today|tomorrow|yesterday|今日|本日|明日|昨日)?の?"
    r"\s*(?:at\s*)?(?P<noon>午前|午後)?\s*(?P<hour>\d{1,2})(?:[:時](?P<minute>\d{1,2})?分?)?\s*(?P<ampm>am|pm)?\s*(?:まで|に)?$"
)
_DAYS_AWAY = {"tomorrow": 1, "明日": 1, "yesterday": -1, "昨日": -1}
HALF_A_DAY = timedelta(hours=12)


def read_time(text: str, *, now: datetime, timezone: str, field: str, past: bool = False) -> datetime:
    """A time as people type it: `14:30`, `14時半`, `2:30 pm`, `30分後`, `in 20 min`, `明日 9:00`, `11/24 9:00`.

    A bare time of day is the nearest one ahead (behind, with `past`), unless it passed less than 12 hours ago:
    then it is today's, and the caller says that it has passed. A day without a year is the nearest one.
    Raises Refusal TIME_UNREADABLE.
    """
    typed = unicodedata.normalize("NFKC", text).strip().lower().replace("半", "30分")
    unreadable = Refusal(Why.TIME_UNREADABLE, field=field, typed=text.strip())
    if not typed:
        raise unreadable
    if (after := _AFTER.match(typed)) and (after["hours"] or after["minutes"]):
        wait = timedelta(hours=int(after["hours"] or 0), minutes=int(after["minutes"] or 0))
        back = after["ago"] or (past and not after["ahead"] and not after["later"])
        return now - wait if back else now + wait
    found = _CLOCK.match(typed)
    if not found or not (found["minute"] or found["ampm"] or "時" in typed or ":" in typed):
        raise unreadable
    try:
        return _moment_of(found, now.astimezone(ZoneInfo(timezone)), past=past).astimezone(now.tzinfo)
    except (ValueError, OverflowError):
        raise unreadable from None


def _moment_of(found: re.Match[str], local: datetime, *, past: bool) -> datetime:
    """Raises ValueError, OverflowError for a time that no clock shows."""
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    days = _DAYS_AWAY.get(found["word"] or "", 0)
    if (found["ampm"] == "pm" or found["noon"] == "午後") and hour < 12:
        hour += 12
    if (found["ampm"] == "am" or found["noon"] == "午前") and hour == 12:
        hour = 0
    if hour == 24 and not minute:
        hour, days = 0, days + 1
    today = local.replace(hour=hour, minute=minute, second=0, microsecond=0, tzinfo=None)
    if found["month"]:
        return _nearest_year(found, today, days, local, past=past)
    at = _in_zone(today + timedelta(days=days), local, past=past)
    if found["word"]:
        return at
    ahead = at.timestamp() - local.timestamp()
    if past and ahead > 0:
        return _in_zone(today + timedelta(days=days - 1), local, past=past)
    if not past and -ahead >= HALF_A_DAY.total_seconds():
        return _in_zone(today + timedelta(days=days + 1), local, past=past)
    return at


def _nearest_year(
    found: re.Match[str], today: datetime, days: int, local: datetime, *, past: bool
) -> datetime:
    years = [int(found["year"])] if found["year"] else [local.year, local.year + 1, local.year - 1]
    moments = []
    for year in years:
        try:
            day = today.replace(year=year, month=int(found["month"]), day=int(found["day"]))
        except ValueError:
            continue  # 29 February is not in every year.
        moments.append(_in_zone(day + timedelta(days=days), local, past=past))
    return min(moments, key=lambda at: abs(at.timestamp() - local.timestamp()))


def _in_zone(wall: datetime, local: datetime, *, past: bool) -> datetime:
    """The moment a clock on the wall shows this; of two, when clocks are set back, the next (last, with `past`)."""
    first, second = (wall.replace(tzinfo=local.tzinfo, fold=fold) for fold in (0, 1))
    if second.timestamp() <= first.timestamp():
        return first
    if past:
        return second if second.timestamp() <= local.timestamp() else first
    return first if first.timestamp() > local.timestamp() else second


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
