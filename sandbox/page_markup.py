"""Slack's markup as HTML that is safe to show: everything a person or app wrote is escaped here, once.

Source: https://docs.slack.dev/messaging/formatting-message-text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from sandbox.model import Json
from sandbox.page_emoji import DRAWN, UNICODE
from sandbox.page_words import word
from sandbox.readable import unescape

_CODE = re.compile(r"```\n?(.+?)\n?```\n?|`([^`\n]+)`", re.DOTALL)
_ENTITY = re.compile(r"<([^<>\s][^<>]*)>")
_URL = re.compile(r"https?://[^\s<>\"|]+")
_SHORTCODE = re.compile(r":([a-z0-9_+'\-]+):(?::skin-tone-[2-6]:)?")
_KEPT = re.compile("\ue000(\\d+)\ue001")
_RESERVED = re.compile("[\ue000\ue001]")
_STYLES = tuple(
    (re.compile(rf"(?<![\w{mark}])\{mark}(?!\s)([^{mark}\n]+?)(?<!\s)\{mark}(?![\w{mark}])"), tag)
    for mark, tag in (("*", "strong"), ("_", "em"), ("~", "s"))
)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SAFE_LINK = re.compile(r"(https?://|mailto:|tel:)", re.IGNORECASE)
_WEEKDAYS = "月火水木金土日"


@dataclass(frozen=True)
class Reader:
    """Whoever looks: their language, zone and self, and what the ids around them are called.

    `place` gives the address of a channel by its id, or None where the reader may not see it.
    """

    id: str
    lang: str
    tz: str
    now: datetime
    names: Mapping[str, str]
    place: Callable[[str], str | None] = field(repr=False)

    # texts

    def text(self, value: Json | None) -> Markup:
        """A text object."""
        if not value:
            return Markup("")
        if value.get("type") == "mrkdwn":
            return self.mrkdwn(str(value.get("text", "")))
        return self.plain(str(value.get("text", "")), emoji=value.get("emoji", True) is not False)

    def plain(self, text: str, *, emoji: bool = True) -> Markup:
        """A plain text, in which only emoji mean something."""
        kept: list[Markup] = []
        text = _RESERVED.sub("", text)
        if emoji:
            text = _SHORTCODE.sub(lambda found: _keep(kept, self.emoji(found[1], found[0])), text)
        return _restored(escape(text).replace("\n", Markup("<br>")), kept)

    def mrkdwn(self, text: str) -> Markup:
        """A text in Slack's markup."""
        kept: list[Markup] = []
        text = _RESERVED.sub("", text)
        text = _CODE.sub(lambda found: _keep(kept, _code(found[1], found[2])), text)
        text = _ENTITY.sub(lambda found: _keep(kept, self.entity(found[1])), text)
        text = _URL.sub(lambda found: _keep(kept, link(unescape(found[0]), unescape(found[0]))), text)
        text = _SHORTCODE.sub(lambda found: _keep(kept, self.emoji(found[1], found[0])), text)
        lines = [(line.startswith(("&gt;", ">")), line) for line in text.split("\n")]
        return _restored(_quoted(lines), kept)

    def entity(self, inside: str) -> Markup:
        """What stands between `<` and `>`: a mention, a date or a link."""
        if inside.startswith("!date^"):
            return self.date(inside)
        target, _, label = inside.partition("|")
        shown = unescape(label)
        if target.startswith("@"):
            return self.mention(target[1:], shown)
        if target.startswith("#"):
            return self.channel(target[1:], shown)
        if target.startswith("!subteam^"):
            return Markup('<span class="mention">{}</span>').format(shown or "@" + target[9:])
        if target.startswith("!"):
            name = shown or "@" + target[1:].partition("^")[0]
            return Markup('<span class="mention mine">{}</span>').format(name)
        if not shown and not _SAFE_LINK.match(target):
            return escape(unescape(f"<{inside}>"))
        return link(unescape(target), shown or unescape(target))

    def mention(self, user_id: str, label: str = "") -> Markup:
        """Somebody's name, marked where it is the reader's own."""
        name = self.names.get(user_id) or label or user_id
        mine = " mine" if user_id == self.id else ""
        return Markup('<span class="mention{}">@{}</span>').format(mine, name)

    def channel(self, channel_id: str, label: str = "") -> Markup:
        """The name of a channel, as a link where the reader may go there."""
        address = self.place(channel_id)
        if address is None:
            return Markup('<span class="mention">{}</span>').format(word(self.lang, "somewhere_private"))
        name = self.names.get(channel_id) or label or channel_id
        return Markup('<a class="mention" href="{}">#{}</a>').format(address, name)

    def emoji(self, name: str, otherwise: str | None = None) -> Markup:
        """One emoji, or its short code where there is none of that name."""
        code = f":{name}:"
        if name in DRAWN:
            return Markup(
                '<svg class="emoji" role="img" aria-label="{0}"><title>{0}</title>'
                '<use href="/static/emoji.svg#{1}"></use></svg>'
            ).format(code, name)
        if name in UNICODE:
            return Markup('<span class="emoji" role="img" aria-label="{0}" title="{0}">{1}</span>').format(
                code, UNICODE[name]
            )
        return escape(otherwise or code)

    # times

    def local(self, moment: datetime) -> datetime:
        """The moment in the reader's zone."""
        return moment.astimezone(ZoneInfo(self.tz))

    def clock_time(self, moment: datetime) -> str:
        """Hours and minutes."""
        return f"{self.local(moment):%H:%M}"

    def day(self, moment: datetime) -> str:
        """The day as the lines between messages name it."""
        local, today = self.local(moment), self.local(self.now)
        return self._near(local, today) or self._long(local)

    def date(self, inside: str) -> Markup:
        """`!date^seconds^format^link|fallback`, with the exact moment as its title."""
        head, _, fallback = inside.partition("|")
        parts = head.split("^")
        try:
            moment = datetime.fromtimestamp(int(parts[1]), UTC)
            local = self.local(moment)
            wanted = parts[2]
        except (ValueError, IndexError, OverflowError, OSError):
            return escape(unescape(fallback))
        forms = self._forms(local, moment)
        unknown = [name for name in _PLACEHOLDER.findall(wanted) if name not in forms]
        if unknown:
            return escape(unescape(fallback))
        shown = _PLACEHOLDER.sub(lambda found: forms[found[1]], unescape(wanted))
        marked = Markup('<time datetime="{}" title="{}">{}</time>').format(
            moment.isoformat(), f"{self._long(local)} {local:%H:%M} {self.tz}", shown
        )
        target = unescape("^".join(parts[3:]))
        return link(target, marked) if target else marked

    def _forms(self, local: datetime, moment: datetime) -> dict[str, str]:
        english = self.lang == "en"
        today = self.local(self.now)
        full = (
            f"{local:%B} {local.day}, {local.year}"
            if english
            else f"{local.year}年{local.month}月{local.day}日"
        )
        short = f"{local:%b} {local.day}, {local.year}" if english else full
        forms = {
            "date_num": f"{local:%Y-%m-%d}",
            "date_slash": f"{local:%Y/%m/%d}",
            "date": full,
            "date_short": short,
            "date_long": f"{local:%A}, {full}" if english else f"{full}（{_WEEKDAYS[local.weekday()]}）",
            "time": f"{local:%H:%M}",
            "time_secs": f"{local:%H:%M:%S}",
            "ago": self._ago(moment),
        }
        near = self._near(local, today)
        for name in ("date", "date_short", "date_long"):
            forms[f"{name}_pretty"] = (near.lower() if english else near) if near else forms[name]
        forms["day_divider_pretty"] = forms["date_long_pretty"]
        return forms

    def _near(self, local: datetime, today: datetime) -> str:
        names = {0: "today", -1: "yesterday", 1: "tomorrow"}
        distance = (local.date() - today.date()).days
        return word(self.lang, names[distance]) if distance in names else ""

    def _long(self, local: datetime) -> str:
        if self.lang == "ja":
            return f"{local.year}年{local.month}月{local.day}日（{_WEEKDAYS[local.weekday()]}）"
        return f"{local:%A}, {local:%B} {local.day}, {local.year}"

    def _ago(self, moment: datetime) -> str:
        gap = moment - self.now
        size, ahead = abs(gap), gap > timedelta()
        units = ((86_400, "日", "day"), (3600, "時間", "hour"), (60, "分", "minute"))
        for seconds, japanese, english in units:
            count = int(size.total_seconds() // seconds)
            if count:
                if self.lang == "ja":
                    return f"{count}{japanese}{'後' if ahead else '前'}"
                many = f"{count} {english}{'s' if count > 1 else ''}"
                return f"in {many}" if ahead else f"{many} ago"
        return "まもなく" if self.lang == "ja" and ahead else "たった今" if self.lang == "ja" else "just now"

    # rich text

    def rich(self, elements: Sequence[Json]) -> Markup:
        """The elements of a rich_text block."""
        return Markup("").join(self._rich_part(element) for element in elements)

    def _rich_part(self, element: Json) -> Markup:
        inside = element.get("elements", ())
        match element.get("type"):
            case "rich_text_list":
                tag = "ol" if element.get("style") == "ordered" else "ul"
                items = Markup("").join(
                    Markup("<li>{}</li>").format(self._rich_part(item)) for item in inside
                )
                return Markup("<{0}>{1}</{0}>").format(Markup(tag), items)  # noqa: S704 - one of two constants
            case "rich_text_quote":
                return Markup("<blockquote>{}</blockquote>").format(self._inline(inside))
            case "rich_text_preformatted":
                return Markup("<pre>{}</pre>").format(self._inline(inside))
            case _:
                return Markup("<div>{}</div>").format(self._inline(inside))

    def _inline(self, parts: Sequence[Json]) -> Markup:
        return Markup("").join(self._inline_part(part) for part in parts)

    def _inline_part(self, part: Json) -> Markup:
        match part.get("type"):
            case "user":
                return self.mention(str(part.get("user_id", "")))
            case "channel":
                return self.channel(str(part.get("channel_id", "")))
            case "broadcast":
                return self.entity(f"!{part.get('range', '')}")
            case "emoji":
                return self.emoji(str(part.get("name", "")))
            case "link":
                return link(str(part.get("url", "")), str(part.get("text") or part.get("url", "")))
        shown = escape(str(part.get("text", ""))).replace("\n", Markup("<br>"))
        style = part.get("style") or {}
        for name, tag in (("code", "code"), ("bold", "strong"), ("italic", "em"), ("strike", "s")):
            if style.get(name):
                shown = Markup("<{0}>{1}</{0}>").format(Markup(tag), shown)  # noqa: S704 - a constant
        return shown


def link(target: str, label: str | Markup) -> Markup:
    """A link that opens beside the page; a target that is no web or mail address stays text."""
    if not _SAFE_LINK.match(target):
        return escape(label)
    return Markup('<a href="{}" target="_blank" rel="noreferrer noopener">{}</a>').format(target, label)


def _code(block: str | None, inline: str | None) -> Markup:
    if block is not None:
        return Markup("<pre>{}</pre>").format(unescape(block))
    return Markup("<code>{}</code>").format(unescape(inline or ""))


def _keep(kept: list[Markup], shown: Markup) -> str:
    kept.append(shown)
    return f"\ue000{len(kept) - 1}\ue001"


def _restored(text: Markup, kept: Sequence[Markup]) -> Markup:
    while _KEPT.search(text):
        text = Markup(_KEPT.sub(lambda found: kept[int(found[1])], text))  # noqa: S704 - both parts are escaped
    return text


def _styled(line: str) -> Markup:
    shown = str(escape(unescape(line)))
    for pattern, tag in _STYLES:
        shown = pattern.sub(rf"<{tag}>\1</{tag}>", shown)
    return Markup(shown)  # noqa: S704 - escaped above


def _quoted(lines: Sequence[tuple[bool, str]]) -> Markup:
    out: list[Markup] = []
    quote: list[Markup] = []
    for index, (is_quote, line) in enumerate(lines):
        if is_quote:
            quote.append(_styled(line.removeprefix("&gt;").removeprefix(">").removeprefix(" ")))
        if quote and (not is_quote or index == len(lines) - 1):
            out.append(Markup("<blockquote>{}</blockquote>").format(Markup("<br>").join(quote)))
            quote = []
        if not is_quote:
            out.append(_styled(line) + (Markup("<br>") if index < len(lines) - 1 else Markup("")))
    return Markup("").join(out)
