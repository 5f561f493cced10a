"""Every text in every language: catalogues of named texts, and the words of one reader.

`templates/words/<journey>.<language>.po` hold the texts by symbolic name with `{facts}` in them. A fact is escaped
unless it is markup already; times, people and channels become what Slack shows each reader in their own way.
"""

import string
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.messages.pofile import read_po

from templates.mrkdwn import Channel, Mrkdwn, People, Who, channel_link, escape, mention, slack_date

LANGUAGES = ("ja", "en")
CATALOGUES = Path(__file__).parent / "words"

_SLACK_FORMS = {
    "": "{time}",
    "time": "{time}",
    "date": "{date_short_pretty} {time}",
    "day": "{date_short_pretty} {time}",
}


class Words:
    """The texts for one reader: their language, and the zone that plain texts are written in."""

    def __init__(self, language: str, timezone: str, names: Mapping[str, str] | None = None) -> None:
        self.language = language if language in LANGUAGES else "en"
        self.timezone = timezone
        self.names = names or {}
        """Display names by Slack user id, for texts where Slack shows no mentions."""
        self._markup = _Markup(self)
        self._plain = _Plain(self)

    def __call__(self, name: str, /, *, n: int | None = None, **facts: object) -> Mrkdwn:
        """The text as Slack markup; `n` picks the plural and is a fact too. Raises KeyError for an unknown name."""
        return Mrkdwn(self._markup.vformat(self._text(name, n), (), {**facts, "n": n}))

    def plain(self, name: str, /, *, n: int | None = None, **facts: object) -> str:
        """The text for titles, labels and buttons, where Slack reads no markup."""
        return self._plain.vformat(self._text(name, n), (), {**facts, "n": n})

    def has(self, name: str) -> bool:
        return name in _catalogue(self.language)

    def clock(self, at: datetime, spec: str = "time") -> str:
        """A time in the reader's zone, cut to the minute: `14:30`, with `date` `11/24 14:30`.

        With `day` the day of the week too: `11/24（火）14:30`, `Tue 24 Nov 14:30`.
        """
        local = at.astimezone(ZoneInfo(self.timezone))
        if spec == "day":
            return format_datetime(local, self.plain("unit.day_format"), locale=self.language)
        return local.strftime("%H:%M") if spec in ("", "time") else f"{local.month}/{local.day} {local:%H:%M}"

    def duration(self, length: timedelta) -> str:
        """A length in words: `30分`, `1時間30分`, `7日`; `30 min`, `1 h 30 min`, `7 days`."""
        minutes = round(length / timedelta(minutes=1))
        days, minutes = divmod(minutes, 24 * 60)
        hours, minutes = divmod(minutes, 60)
        parts = [
            self.plain(f"unit.{unit}", n=count)
            for unit, count in (("days", days), ("hours", hours), ("minutes", minutes))
            if count
        ]
        return self.plain("unit.between").join(parts) if parts else self.plain("unit.minutes", n=0)

    def join(self, parts: Sequence[str]) -> Mrkdwn:
        """A list as the language writes it."""
        return Mrkdwn(self.plain("list.between").join(escape(part) for part in parts))

    def _text(self, name: str, n: int | None) -> str:
        forms = _catalogue(self.language)[name]
        return forms[0] if n is None or n == 1 or len(forms) == 1 else forms[1]


class _Formatter(string.Formatter):
    def __init__(self, words: Words) -> None:
        self.words = words

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs[str(key)]

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs[field_name], field_name  # No attributes, no items: a text is not a program.


class _Markup(_Formatter):
    def format_field(self, value: Any, format_spec: str) -> Any:
        match value:
            case datetime():
                return slack_date(value, _SLACK_FORMS[format_spec], timezone=self.words.timezone)
            case timedelta():
                return escape(self.words.duration(value))
            case Who():
                return mention(value.person)
            case People():
                return self.words.join([self.words("reminder.san", who=Who(one)) for one in value.people])
            case Channel():
                return channel_link(value.id)
            case Enum():
                return escape(str(value.value))
            case _:
                return escape(value if isinstance(value, str) else str(value))


class _Plain(_Formatter):
    def format_field(self, value: Any, format_spec: str) -> Any:
        match value:
            case datetime():
                return self.words.clock(value, format_spec)
            case timedelta():
                return self.words.duration(value)
            case Who():
                return self.words.names.get(value.person, value.person)
            case People():
                named = [self.words.plain("reminder.san", who=Who(one)) for one in value.people]
                return self.words.plain("list.between").join(named)
            case Enum():
                return str(value.value)
            case _:
                return str(value)


@cache
def _catalogue(language: str) -> Mapping[str, tuple[str, ...]]:
    """Every text of a language by name. Raises ValueError when two catalogues define the same name."""
    texts: dict[str, tuple[str, ...]] = {}
    for path in sorted(CATALOGUES.glob(f"*.{language}.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if not message.id:
                    continue
                name = message.id if isinstance(message.id, str) else message.id[0]
                if name in texts:
                    raise ValueError(f"{path.name} defines {name} a second time")
                said = message.string or ""
                texts[name] = (said,) if isinstance(said, str) else tuple(said)
    return texts


def all_texts(language: str) -> Mapping[str, tuple[str, ...]]:
    """Every text of a language by name, for tests that compare the languages."""
    return _catalogue(language)
