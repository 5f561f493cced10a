"""The interactive elements of Block Kit and their limits.

Sources: https://docs.slack.dev/reference/block-kit/block-elements and the types in
https://github.com/slackapi/node-slack-sdk; where the two differ, the stricter one.
"""

from __future__ import annotations

from typing import Any

from sandbox.schema import (
    Check,
    anything,
    boolean,
    by_type,
    choice,
    complain,
    integer,
    items,
    numeral,
    record,
    string,
)


def plain(most: int) -> Check:
    """A plain_text object."""
    return by_type(
        {
            "plain_text": record(
                {"type": anything, "text": string(most), "emoji": boolean}, required=("type", "text")
            )
        }
    )


def text(most: int = 3000) -> Check:
    """A plain_text or mrkdwn object."""
    return by_type(
        {
            "plain_text": record(
                {"type": anything, "text": string(most), "emoji": boolean}, ("type", "text")
            ),
            "mrkdwn": record({"type": anything, "text": string(most), "verbatim": boolean}, ("type", "text")),
        }
    )


def _option(label: Check, description: Check) -> Check:
    return record(
        {"text": label, "value": string(75), "description": description, "url": string(3000)},
        ("text", "value"),
    )


_PLAIN_OPTION = _option(plain(75), plain(75))
_MARKUP_OPTION = _option(text(75), text(75))
_GROUP = record({"label": plain(75), "options": items(_PLAIN_OPTION, 1, 100)}, ("label", "options"))
CONFIRM = record(
    {
        "title": plain(100),
        "text": text(300),
        "confirm": plain(30),
        "deny": plain(30),
        "style": choice("primary", "danger"),
    },
    ("title", "text", "confirm", "deny"),
)
_COMMON: dict[str, Check] = {"type": anything, "action_id": string(255)}
_FOCUS: dict[str, Check] = {"focus_on_load": boolean}
_WAITING: dict[str, Check] = {"placeholder": plain(150)}
_ASKING: dict[str, Check] = {"confirm": CONFIRM}
_SELECT = _COMMON | _FOCUS | _WAITING | _ASKING
_MULTI = _SELECT | {"max_selected_items": integer(1)}
_DISPATCH = record(
    {"trigger_actions_on": items(choice("on_enter_pressed", "on_character_entered"), 1, 2)},
    ("trigger_actions_on",),
)
_FILTER = record(
    {
        "include": items(choice("im", "mpim", "private", "public"), 1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    }
)


def _offered(element: dict[str, Any]) -> list[Any]:
    groups = element.get("option_groups", [])
    return [*element.get("options", []), *(option for group in groups for option in group["options"])]


def _choices(value: dict[str, Any], pointer: str, problems: list[str]) -> None:
    """Options or groups, not both; values unique; the first choice among them."""
    if "options" in value and "option_groups" in value:
        complain(problems, "only one of options and option_groups is allowed", pointer)
    elif "options" not in value and "option_groups" not in value:
        complain(problems, "missing required field: options", pointer)
    offered = _offered(value)
    chosen = [
        *value.get("initial_options", []),
        *([value["initial_option"]] if "initial_option" in value else []),
    ]
    for option in chosen:
        if option["value"] not in [one["value"] for one in offered]:
            complain(problems, "initial option must match one of the options", pointer)
    if len({option["value"] for option in offered}) < len(offered):
        complain(problems, "option values must be unique", pointer)


def _static(fields: dict[str, Check], first: str, first_check: Check) -> Check:
    lists = {"options": items(_PLAIN_OPTION, 1, 100), "option_groups": items(_GROUP, 1, 100)}
    return record(fields | lists | {first: first_check}, ("type",), _choices)


def _listed(option: Check, most: int, extra: dict[str, Check]) -> Check:
    fields = _COMMON | _ASKING | {"options": items(option, 1, most)} | extra
    return record(fields, ("type", "options"), _choices)


def _input(**extra: Check) -> Check:
    return record(_COMMON | _FOCUS | _WAITING | {"dispatch_action_config": _DISPATCH} | extra, ("type",))


def _lengths(value: dict[str, Any], pointer: str, problems: list[str]) -> None:
    if value.get("max_length", 3000) < value.get("min_length", 0):
        complain(problems, "max_length must not be less than min_length", f"{pointer}/max_length")
    if len(value.get("initial_value", "")) > value.get("max_length", 3000):
        complain(problems, "initial_value is longer than max_length", f"{pointer}/initial_value")


_DATE = string(pattern=r"\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])")
_TIME = string(pattern=r"([01]\d|2[0-3]):[0-5]\d")
_IDS = items(string(255), 1)

ELEMENTS: dict[str, Check] = {
    "button": record(
        _COMMON
        | _ASKING
        | {
            "text": plain(75),
            "value": string(2000),
            "url": string(3000),
            "style": choice("primary", "danger"),
            "accessibility_label": string(75),
        },
        ("type", "text"),
    ),
    "static_select": _static(_SELECT, "initial_option", _PLAIN_OPTION),
    "multi_static_select": _static(_MULTI, "initial_options", items(_PLAIN_OPTION, 1)),
    "external_select": record(
        _SELECT | {"initial_option": _PLAIN_OPTION, "min_query_length": integer(0)}, ("type",)
    ),
    "multi_external_select": record(
        _MULTI | {"initial_options": items(_PLAIN_OPTION, 1), "min_query_length": integer(0)}, ("type",)
    ),
    "users_select": record(_SELECT | {"initial_user": string(255)}, ("type",)),
    "multi_users_select": record(_MULTI | {"initial_users": _IDS}, ("type",)),
    "conversations_select": record(
        _SELECT
        | {
            "initial_conversation": string(255),
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": _FILTER,
        },
        ("type",),
    ),
    "multi_conversations_select": record(
        _MULTI
        | {"initial_conversations": _IDS, "default_to_current_conversation": boolean, "filter": _FILTER},
        ("type",),
    ),
    "channels_select": record(
        _SELECT | {"initial_channel": string(255), "response_url_enabled": boolean}, ("type",)
    ),
    "multi_channels_select": record(_MULTI | {"initial_channels": _IDS}, ("type",)),
    "overflow": _listed(_PLAIN_OPTION, 5, {}),
    "checkboxes": _listed(_MARKUP_OPTION, 10, _FOCUS | {"initial_options": items(_MARKUP_OPTION, 1)}),
    "radio_buttons": _listed(_MARKUP_OPTION, 10, _FOCUS | {"initial_option": _MARKUP_OPTION}),
    "datepicker": record(_SELECT | {"initial_date": _DATE}, ("type",)),
    "timepicker": record(_SELECT | {"initial_time": _TIME, "timezone": string()}, ("type",)),
    "datetimepicker": record(
        _COMMON | _FOCUS | _ASKING | {"initial_date_time": integer(1_000_000_000, 9_999_999_999)}, ("type",)
    ),
    "plain_text_input": record(
        _COMMON
        | _FOCUS
        | _WAITING
        | {
            "initial_value": string(3000, 0),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
            "dispatch_action_config": _DISPATCH,
        },
        ("type",),
        _lengths,
    ),
    "email_text_input": _input(initial_value=string(3000, 0)),
    "url_text_input": _input(initial_value=string(3000, 0)),
    "number_input": record(
        _COMMON
        | _FOCUS
        | _WAITING
        | {
            "is_decimal_allowed": boolean,
            "initial_value": numeral,
            "min_value": numeral,
            "max_value": numeral,
            "dispatch_action_config": _DISPATCH,
        },
        ("type", "is_decimal_allowed"),
    ),
    "rich_text_input": _input(initial_value=anything),
    "file_input": record(
        {
            "type": anything,
            "action_id": string(255),
            "filetypes": items(string(), 1),
            "max_files": integer(1, 10),
        },
        ("type",),
    ),
    "image": record(
        {"type": anything, "image_url": string(3000), "alt_text": string(2000), "slack_file": anything},
        ("type", "alt_text"),
    ),
}

_PICKERS = {"static_select", "external_select", "users_select", "conversations_select", "channels_select"}
_MULTI_PICKERS = {"multi_" + name for name in _PICKERS}
_MARKS = {"checkboxes", "radio_buttons", "datepicker", "timepicker"}
IN_SECTION = frozenset({"button", "overflow", "image"} | _PICKERS | _MULTI_PICKERS | _MARKS)
IN_ACTIONS = frozenset({"button", "overflow", "datetimepicker"} | _PICKERS | _MARKS)
_TYPED = {"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"}
IN_INPUT = frozenset(_PICKERS | _MULTI_PICKERS | _MARKS | _TYPED | {"datetimepicker", "file_input"})
ONLY_IN_VIEWS = frozenset(
    {"file_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"}
)
