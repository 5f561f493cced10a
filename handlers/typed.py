"""What people typed, out of Slack's markup: plain text again."""

import html
import re
from collections.abc import Mapping

_ENTITY = re.compile(r"<([^<>]+)>")


def plain(text: str, names: Mapping[str, str] | None = None) -> str:
    """The text as its writer saw it: people and channels by name, links by their text and address, nothing escaped.

    `names` are display names by Slack user id. https://docs.slack.dev/messaging/formatting-message-text
    """
    return html.unescape(_ENTITY.sub(lambda found: _said(found[1], names or {}), text))


def _said(entity: str, names: Mapping[str, str]) -> str:
    target, _, label = entity.partition("|")
    match target[:1]:
        case "@":
            return f"@{names.get(target[1:]) or label or target[1:]}"
        case "#":
            return f"#{label or target[1:]}"
        case "!":
            if label:
                return label
            return f"@{target[1:].partition('^')[0]}"
    address = target.removeprefix("mailto:").removeprefix("tel:")
    return f"{label} ({address})" if label and label != address and address == target else address
