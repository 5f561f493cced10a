"""What a reader reads: plain text out of Slack markup and blocks, and markup out of what a person types."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

Json = dict[str, Any]

_ENTITY = re.compile(r"<([^<>]+)>")
_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_EVERYONE = re.compile(r"<!(here|channel|everyone)(?:\|[^<>]*)?>")
_TYPED = re.compile(r"<(@[UW][A-Z0-9]+|#C[A-Z0-9]+)(?:\|[^<>]*)?>|(?<![\w@#])([@#])([\w.\-]+)")
_LATIN = re.compile(r"[A-Za-z0-9_.\-]+")
_EVERYBODY = ("here", "channel", "everyone")
_PLACEHOLDER = re.compile(r"\{(date|time|date_\w+|time_\w+|ago|day_\w+)\}")


class Button(NamedTuple):
    """Something to click in a message."""

    text: str
    action_id: str
    value: str | None


class Mentions(NamedTuple):
    """Who a text calls: single people, and whether it calls everybody."""

    users: tuple[str, ...]
    everyone: bool


def escape(text: str) -> str:
    """The three characters that Slack's markup needs escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Back from `escape`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def mentions(text: str, blocks: Sequence[Json]) -> Mentions:
    """Everybody whom the text or the blocks call. Text in plain_text objects calls nobody."""
    users: list[str] = []
    everyone = False
    for part in (text, *_markup(blocks)):
        users += _USER.findall(part)
        everyone = everyone or bool(_EVERYONE.search(part))
    return Mentions(tuple(dict.fromkeys(users)), everyone)


def typed(text: str, users: Mapping[str, str], channels: Mapping[str, str], with_names: bool) -> str:
    """What Slack makes of a person's typing: `@hana` and `#support` become links, the rest is escaped.

    `users` and `channels` map names to ids. A command with `should_escape` gets `<@U1|hana>` (`with_names`),
    a message `<@U1>`.
    """
    out: list[str] = []
    at = 0
    by_id = {"@" + i: n for n, i in users.items()} | {"#" + i: n for n, i in channels.items()}
    for match in _TYPED.finditer(text):
        if match[1]:
            reference, name, end = match[1], by_id.get(match[1]), match.end()
        else:
            known = users if match[2] == "@" else channels
            everyone = match[2] == "@" and not with_names
            name = _known(match[3], {*known, *(_EVERYBODY if everyone else ())})
            end = match.start(3) + len(name or "")
            reference = (
                f"!{name}" if everyone and name in _EVERYBODY else match[2] + known.get(name or "", "")
            )
        if name is None:
            continue
        out.append(escape(text[at : match.start()]))
        out.append(f"<{reference}|{name}>" if with_names or reference[0] == "#" else f"<{reference}>")
        at = end
    out.append(escape(text[at:]))
    return "".join(out)


def _known(word: str, names: Set[str]) -> str | None:
    """The name at the start of a word: "ben." is ben, and so is "benさん", but "benny" is somebody else."""
    latin = _LATIN.match(word)
    for candidate in (
        word,
        word.rstrip(".-"),
        latin[0] if latin else "",
        latin[0].rstrip(".-") if latin else "",
    ):
        if candidate in names:
            return candidate
    return None


def readable(
    text: str, blocks: Sequence[Json], attachments: Sequence[Json] = (), *, tz: str, names: Mapping[str, str]
) -> str:
    """The text of a message as it is read: that of its blocks, or its own where it has none."""
    lines = list(_lines(blocks)) if blocks else [text]
    for attachment in attachments:
        lines += [
            str(attachment[key]) for key in ("pretext", "title", "text", "fallback") if attachment.get(key)
        ]
        lines += _lines(attachment.get("blocks", ()))
    return "\n".join(rendered(line, tz, names) for line in lines if line)


def rendered(text: str, tz: str, names: Mapping[str, str]) -> str:
    """Markup with its links, mentions and dates as a reader in that time zone sees them."""

    def entity(match: re.Match[str]) -> str:
        inside = match[1]
        if inside.startswith("!date^"):
            return _date(inside, tz)
        target, _, label = inside.partition("|")
        if target[0] in "@#":
            return target[0] + (label or names.get(target[1:], target[1:]))
        if target.startswith("!"):
            return label or "@" + target[1:].partition("^")[0]
        return label or target

    return unescape(_ENTITY.sub(entity, text))


def _date(inside: str, tz: str) -> str:
    head, _, fallback = inside.partition("|")
    parts = head.split("^")
    try:
        moment = datetime.fromtimestamp(int(parts[1]), UTC).astimezone(ZoneInfo(tz))
    except (ValueError, IndexError, OverflowError, KeyError):
        return fallback
    offset = moment.utcoffset() or timedelta()
    forms = {
        "date_num": f"{moment:%Y-%m-%d}",
        "date": f"{moment:%B} {moment.day}, {moment.year}",
        "date_short": f"{moment:%b} {moment.day}, {moment.year}",
        "date_long": f"{moment:%A}, {moment:%B} {moment.day}, {moment.year}",
        "time": f"{moment:%H:%M}",
        "time_secs": f"{moment:%H:%M:%S}",
        "ago": f"{moment:%Y-%m-%d %H:%M} {offset.total_seconds() / 3600:+g}h",
    }
    return _PLACEHOLDER.sub(lambda found: forms.get(found[1].replace("_pretty", ""), fallback), parts[2])


def _lines(blocks: Sequence[Json]) -> Iterator[str]:
    for block in blocks:
        kind = block.get("type")
        if kind in ("section", "header"):
            yield _text(block.get("text"))
            yield from (_text(part) for part in block.get("fields", ()))
            yield from _element_lines(block.get("accessory"))
        elif kind == "context":
            yield " ".join(_text(part) or str(part.get("alt_text", "")) for part in block["elements"])
        elif kind == "actions":
            for element in block["elements"]:
                yield from _element_lines(element)
        elif kind == "input":
            yield _text(block.get("label"))
            yield from _element_lines(block.get("element"))
            yield _text(block.get("hint"))
        elif kind == "rich_text":
            yield from _rich(block.get("elements", ()))
        elif kind == "markdown":
            yield str(block.get("text", ""))
        elif kind in ("image", "video"):
            yield _text(block.get("title")) or str(block.get("alt_text", ""))
        elif kind == "table":
            for row in block.get("rows", ()):
                yield " | ".join(" ".join(_rich([cell])) or str(cell.get("text", "")) for cell in row)


def _text(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    text = str(value.get("text", ""))
    return escape(text) if value.get("type") == "plain_text" else text


def _element_lines(element: Json | None) -> Iterator[str]:
    if element is None:
        return
    yield _text(element.get("text")) or _text(element.get("placeholder"))
    for option in _options(element):
        yield _text(option["text"])


def _options(element: Json) -> Iterator[Json]:
    yield from element.get("options", ())
    for group in element.get("option_groups", ()):
        yield from group["options"]


def _rich(elements: Sequence[Json]) -> Iterator[str]:
    for element in elements:
        if any("elements" in part for part in element.get("elements", ())):
            yield from _rich(element["elements"])
        else:
            yield "".join(_inline(part) for part in element.get("elements", ()))


def _inline(part: Json) -> str:
    match part.get("type"):
        case "user":
            return f"<@{part['user_id']}>"
        case "channel":
            return f"<#{part['channel_id']}>"
        case "broadcast":
            return f"<!{part['range']}>"
        case "link":
            return escape(str(part.get("text") or part.get("url", "")))
        case "emoji":
            return f":{part['name']}:"
        case _:
            return escape(str(part.get("text", "")))


def _markup(blocks: Sequence[Json]) -> Iterator[str]:
    """Every mrkdwn text and rich-text line of the blocks: the places where a mention calls somebody."""
    for block in blocks:
        if block.get("type") == "rich_text":
            yield from _rich(block.get("elements", ()))
            continue
        candidates = [block.get("text"), *block.get("fields", ()), *block.get("elements", ())]
        yield from (
            str(part["text"])
            for part in candidates
            if isinstance(part, dict) and part.get("type") == "mrkdwn"
        )


def buttons_of(blocks: Sequence[Json]) -> list[Button]:
    """Every button and overflow option of the blocks."""
    found: list[Button] = []
    for block in blocks:
        for element in elements_of(block):
            if element.get("type") == "button":
                found.append(Button(element["text"]["text"], element["action_id"], element.get("value")))
            elif element.get("type") == "overflow":
                found += [
                    Button(o["text"]["text"], element["action_id"], o.get("value"))
                    for o in element["options"]
                ]
    return found


def elements_of(block: Json) -> list[Json]:
    """The interactive elements of one block."""
    if block.get("type") == "actions":
        return list(block["elements"])
    if block.get("type") == "section" and "accessory" in block:
        return [block["accessory"]]
    if block.get("type") == "input":
        return [block["element"]]
    return []
