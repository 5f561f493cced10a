"""Times as customers read them: absolute, in the team's zone, with the zone named."""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel.core import get_global
from babel.dates import format_date, get_timezone_name

_DAY = {"ja": "M月d日（EEEEE）", "en": "EEEE d MMMM"}
_DAY_AND_YEAR = {"ja": "y年M月d日（EEEEE）", "en": "EEEE d MMMM y"}
_KNOWN_WITHOUT_OFFSET = {"ja": "Asia/Tokyo"}
"""The zone a language's readers know by its name."""


class NoticeTimes:
    """Times in one language and zone; `full` comes first in a notice, `then` afterwards."""

    def __init__(self, language: str, timezone: str) -> None:
        self._language = language
        self._timezone = timezone
        self._zone = ZoneInfo(timezone)

    def full(self, at: datetime) -> str:
        """`2026年11月24日（火）14:05`; `14:05 JST (UTC+9) on Tuesday 24 November 2026`."""
        local = at.astimezone(self._zone)
        day = _format(self._language, local, year=True)
        return f"{day}{local:%H:%M}" if self._language == "ja" else f"{local:%H:%M} {self.zone(at)} on {day}"

    def then(self, at: datetime, after: datetime) -> str:
        """The minute alone, as `after` has named the day and the zone; what differs from them is said."""
        local, before = at.astimezone(self._zone), after.astimezone(self._zone)
        same_day, same_year = local.date() == before.date(), local.year == before.year
        day = "" if same_day else _format(self._language, local, year=not same_year)
        if self._language == "ja":
            shifted = "" if local.utcoffset() == before.utcoffset() else f"（{self.zone(at)}）"
            return f"{day}{local:%H:%M}{shifted}"
        return f"{local:%H:%M} {self._abbreviation(local)}" + (f" on {day}" if day else "")

    def minute(self, at: datetime) -> str:
        """The minute alone, for a time whose day and zone stand elsewhere."""
        return f"{at.astimezone(self._zone):%H:%M}"

    def zone(self, at: datetime) -> str:
        """The zone's name at that time: `日本時間`, `アメリカ太平洋時間・UTC-8`; `JST (UTC+9)`, `UTC-3`."""
        local = at.astimezone(self._zone)
        offset = _offset(local)
        if self._language == "ja":
            name = _generic_name(self._timezone, "ja")
            if not name or _KNOWN_WITHOUT_OFFSET["ja"] == self._timezone:
                return name or offset
            return f"{name}・{offset}"
        name = self._abbreviation(local)
        if name == offset:
            name = _generic_name(self._timezone, self._language)
        return f"{name} ({offset})" if name else offset

    def _abbreviation(self, local: datetime) -> str:
        name = local.tzname() or ""
        return name if name.isalpha() else _offset(local)


@cache
def _generic_name(timezone: str, language: str) -> str:
    """The zone as its country calls it, without saying summer or winter; empty for one of no country."""
    canonical = get_global("zone_aliases").get(timezone, timezone)
    if get_global("zone_territories").get(canonical, "001") in ("001", "ZZ"):
        return ""
    return get_timezone_name(ZoneInfo(timezone), width="long", locale=language, zone_variant="generic")


def _format(language: str, local: datetime, *, year: bool) -> str:
    return format_date(local, (_DAY_AND_YEAR if year else _DAY)[language], locale=language)


def _offset(local: datetime) -> str:
    """`UTC+9`, `UTC-3`, `UTC+5:30`, `UTC`."""
    shift = local.utcoffset()
    minutes = round(shift.total_seconds() / 60) if shift else 0
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '-'}{hours}" + (f":{rest:02}" if rest else "")
