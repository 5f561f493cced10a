"""Slack's markup, and the one place where plain text becomes it: what people typed never turns into a mention."""

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

_HALF_AN_ENTITY = re.compile(r"(&[a-z]{0,4}|<[^>]*)$")
_USER_ID = re.compile(r"^[UW][A-Z0-9]{2,}$")


class Mrkdwn(str):
    """Text that is Slack markup already; everything else is escaped before it is shown."""

    __slots__ = ()


@dataclass(frozen=True)
class Who:
    """A person to mention, as the settings name them or by Slack user id."""

    person: str


@dataclass(frozen=True)
class People:
    """People to mention one after the other."""

    people: tuple[str, ...]


@dataclass(frozen=True)
class Channel:
    """A channel to link to, by its Slack id."""

    id: str


def escape(text: str) -> Mrkdwn:
    """The text as it reads, with nothing in it that Slack acts upon.

    https://docs.slack.dev/messaging/formatting-message-text
    """
    if isinstance(text, Mrkdwn):
        return text
    return Mrkdwn(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def mention(person: str) -> Mrkdwn:
    """A mention where Slack knows the person, their name as the settings write it otherwise."""
    return Mrkdwn(f"<@{person}>") if _USER_ID.match(person) else escape(person)


def channel_link(channel_id: str) -> Mrkdwn:
    return Mrkdwn(f"<#{channel_id}>")


def link(url: str, text: str) -> Mrkdwn:
    return Mrkdwn(f"<{url.replace('|', '%7C').replace('>', '%3E')}|{escape(text)}>")


def slack_date(at: datetime, form: str, *, timezone: str) -> Mrkdwn:
    """A time that each reader sees in their own zone; the fallback is in the team's.

    `form` is Slack's, such as `{time}`. https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    local = at.astimezone(ZoneInfo(timezone))
    fallback = local.strftime("%H:%M") if form == "{time}" else local.strftime("%m/%d %H:%M")
    return Mrkdwn(f"<!date^{int(at.timestamp())}^{form}|{fallback}>")


def quote(text: str) -> Mrkdwn:
    """The text as a quotation, every line of it."""
    return Mrkdwn("\n".join(f">{line}" for line in escape(text).splitlines()))


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, never cut inside a mention or an entity."""
    if len(text) <= limit:
        return text
    cut = _HALF_AN_ENTITY.sub("", text[: limit - 1])
    return type(text)(f"{cut}…")
