"""Slack's checks on blocks and views, with Slack's wording and JSON pointers.

Sources: https://docs.slack.dev/reference/block-kit/blocks, https://docs.slack.dev/reference/views.
"""

from __future__ import annotations

import copy
import json
import secrets
from collections.abc import Sequence
from typing import Any

from sandbox.elements import ELEMENTS, IN_ACTIONS, IN_INPUT, IN_SECTION, ONLY_IN_VIEWS, plain, text
from sandbox.errors import SlackError, invalid_arguments
from sandbox.readable import elements_of
from sandbox.schema import Check, anything, boolean, by_type, choice, complain, items, record, string

Json = dict[str, Any]

BLOCKS_IN_MESSAGE = 50
BLOCKS_IN_VIEW = 100
TEXT_IN_BLOCKS = 13_200
VIEW_BYTES = 250_000


def _section(value: Json, pointer: str, problems: list[str]) -> None:
    if "text" not in value and "fields" not in value:
        complain(problems, "missing required field: text", pointer)


def _picture(value: Json, pointer: str, problems: list[str]) -> None:
    if ("image_url" in value) == ("slack_file" in value):
        complain(problems, "exactly one of image_url and slack_file is required", pointer)


def _block(fields: dict[str, Check], required: tuple[str, ...] = (), then: Check | None = None) -> Check:
    common: dict[str, Check] = {"type": anything, "block_id": string(255)}
    return record(common | fields, ("type", *required), then)


_CONTEXT_PART: dict[str, Check] = {
    "plain_text": text(),
    "mrkdwn": text(),
    "image": ELEMENTS["image"],
}
_RICH_PART = by_type(
    {
        name: record(
            {"type": anything, "elements": items(anything), "border": anything}, ("type", "elements")
        )
        for name in ("rich_text_section", "rich_text_preformatted", "rich_text_quote")
    }
    | {
        "rich_text_list": record(
            {
                "type": anything,
                "style": choice("bullet", "ordered"),
                "elements": items(anything),
                "indent": anything,
                "offset": anything,
                "border": anything,
            },
            ("type", "style", "elements"),
        )
    }
)

_BLOCKS: dict[str, Check] = {
    "section": _block(
        {
            "text": text(3000),
            "fields": items(text(2000), 1, 10),
            "accessory": by_type(ELEMENTS, IN_SECTION),
            "expand": boolean,
        },
        then=_section,
    ),
    "divider": _block({}),
    "header": _block({"text": plain(150)}, ("text",)),
    "context": _block({"elements": items(by_type(_CONTEXT_PART), 1, 10)}, ("elements",)),
    "actions": _block({"elements": items(by_type(ELEMENTS, IN_ACTIONS), 1, 25)}, ("elements",)),
    "image": _block(
        {"image_url": string(3000), "slack_file": anything, "alt_text": string(2000), "title": plain(2000)},
        ("alt_text",),
        _picture,
    ),
    "input": _block(
        {
            "label": plain(2000),
            "element": by_type(ELEMENTS, IN_INPUT),
            "hint": plain(2000),
            "optional": boolean,
            "dispatch_action": boolean,
        },
        ("label", "element"),
    ),
    "rich_text": _block({"elements": items(_RICH_PART)}, ("elements",)),
    "video": _block(
        {
            "video_url": string(3000),
            "thumbnail_url": string(3000),
            "alt_text": string(2000),
            "title": plain(200),
            "title_url": string(3000),
            "author_name": string(50),
            "description": plain(200),
            "provider_name": string(),
            "provider_icon_url": string(3000),
        },
        ("video_url", "thumbnail_url", "alt_text", "title"),
    ),
    "markdown": _block({"text": string(12_000)}, ("text",)),
    "table": _block({"rows": items(items(anything, 1, 20), 1, 100), "column_settings": anything}, ("rows",)),
}
_IN_MESSAGE = frozenset(_BLOCKS)
_IN_VIEW = frozenset(_BLOCKS) - {"markdown", "table"}

_VIEW_COMMON: dict[str, Check] = {
    "type": anything,
    "blocks": items(by_type(_BLOCKS, _IN_VIEW), 0, BLOCKS_IN_VIEW),
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
_VIEWS: dict[str, Check] = {
    "modal": record(
        _VIEW_COMMON
        | {
            "title": plain(24),
            "submit": plain(24),
            "close": plain(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
        },
        ("type", "title", "blocks"),
    ),
    "home": record(_VIEW_COMMON, ("type", "blocks")),
}
_message_blocks = items(by_type(_BLOCKS, _IN_MESSAGE), 0, BLOCKS_IN_MESSAGE)


def checked_blocks(value: Any) -> list[Json]:
    """The blocks of a message, with missing ids filled in.

    Raises SlackError: invalid_blocks_format, invalid_blocks, msg_blocks_too_long.
    """
    value = parsed(value, SlackError("invalid_blocks_format"))
    if not isinstance(value, list):
        raise SlackError("invalid_blocks_format")
    problems: list[str] = []
    _message_blocks(value, "/blocks", problems)
    if not problems:
        _ids(value, "/blocks", problems)
        for index, block in enumerate(value):
            for element in elements_of(block):
                if element["type"] in ONLY_IN_VIEWS:
                    complain(
                        problems, f"unsupported type: {element['type']}", f"/blocks/{index}/element/type"
                    )
    if problems:
        raise SlackError(
            "invalid_blocks", tuple(f"[ERROR] {problem}" for problem in problems), errors=problems
        )
    if sum(len(part) for part in _texts(value)) > TEXT_IN_BLOCKS:
        raise SlackError("msg_blocks_too_long")
    return with_ids(value)


def checked_view(value: Any, allowed: Sequence[str] = ("modal",)) -> Json:
    """A view as it may be opened or published, with missing ids filled in.

    Raises SlackError: invalid_arguments with one message a fault, view_too_large.
    """
    value = parsed(value, invalid_arguments("must provide an object [json-pointer:/view]"))
    problems: list[str] = []
    by_type(_VIEWS, frozenset(allowed))(value, "/view", problems)
    if not problems:
        _ids(value["blocks"], "/view/blocks", problems)
        _form(value, problems)
    if problems:
        raise invalid_arguments(*problems)
    if len(json.dumps(value, ensure_ascii=False).encode()) > VIEW_BYTES:
        raise SlackError("view_too_large")
    return {**value, "blocks": with_ids(value["blocks"])}


def parsed(value: Any, otherwise: SlackError) -> Any:
    """A JSON argument, which forms carry as a string. Raises `otherwise` if it cannot be read."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise otherwise from None


def with_ids(blocks: Sequence[Json]) -> list[Json]:
    """A copy in which every block and interactive element has its id, as Slack gives them out."""
    filled: list[Json] = []
    for block in copy.deepcopy(list(blocks)):
        block.setdefault("block_id", secrets.token_urlsafe(4))
        for element in elements_of(block):
            if element["type"] != "image":
                element.setdefault("action_id", secrets.token_urlsafe(4))
        filled.append(block)
    return filled


def _ids(blocks: Sequence[Json], pointer: str, problems: list[str]) -> None:
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        block_id = block.get("block_id")
        if block_id is not None and block_id in seen:
            complain(problems, f'block_id "{block_id}" already exists', f"{pointer}/{index}/block_id")
        if block_id is not None:
            seen.add(block_id)
        actions: set[str] = set()
        for place, element in enumerate(elements_of(block)):
            action_id = element.get("action_id")
            if action_id in actions:
                where = f"{pointer}/{index}/elements/{place}/action_id"
                complain(problems, f'action_id "{action_id}" already exists for block_id "{block_id}"', where)
            if action_id is not None:
                actions.add(action_id)


def _form(view: Json, problems: list[str]) -> None:
    inputs = any(block["type"] == "input" for block in view["blocks"])
    if view["type"] == "modal" and inputs and "submit" not in view:
        complain(problems, "missing required field: submit", "/view")
    focused = sum(
        bool(element.get("focus_on_load")) for block in view["blocks"] for element in elements_of(block)
    )
    if focused > 1:
        complain(problems, "only one element can have focus_on_load", "/view/blocks")
    for index, block in enumerate(view["blocks"]):
        element = block.get("element", block.get("accessory", {}))
        if element.get("response_url_enabled") and (view["type"] != "modal" or block["type"] != "input"):
            complain(
                problems, "response_url_enabled needs an input block of a modal", f"/view/blocks/{index}"
            )


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [part for item in value for part in _texts(item)]
    if not isinstance(value, dict):
        return []
    here = [value["text"]] if isinstance(value.get("text"), str) else []
    return here + [part for item in value.values() if isinstance(item, dict | list) for part in _texts(item)]
