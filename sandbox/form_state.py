"""What a person has chosen in the elements of a view or message, and what of it survives an update."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sandbox.readable import elements_of

Json = dict[str, Any]
Values = dict[tuple[str, str], Json]


class Slot(NamedTuple):
    """Where the value of an element stands: in its state, in its definition, and what it is while empty."""

    state: str
    initial: str
    empty: Any


_OPTION = Slot("selected_option", "initial_option", None)
_OPTIONS = Slot("selected_options", "initial_options", ())
_TEXT = Slot("value", "initial_value", None)

SLOTS: dict[str, Slot] = {
    "plain_text_input": _TEXT,
    "email_text_input": _TEXT,
    "url_text_input": _TEXT,
    "number_input": _TEXT,
    "rich_text_input": Slot("rich_text_value", "initial_value", None),
    "static_select": _OPTION,
    "external_select": _OPTION,
    "radio_buttons": _OPTION,
    "multi_static_select": _OPTIONS,
    "multi_external_select": _OPTIONS,
    "checkboxes": _OPTIONS,
    "users_select": Slot("selected_user", "initial_user", None),
    "multi_users_select": Slot("selected_users", "initial_users", ()),
    "conversations_select": Slot("selected_conversation", "initial_conversation", None),
    "multi_conversations_select": Slot("selected_conversations", "initial_conversations", ()),
    "channels_select": Slot("selected_channel", "initial_channel", None),
    "multi_channels_select": Slot("selected_channels", "initial_channels", ()),
    "datepicker": Slot("selected_date", "initial_date", None),
    "timepicker": Slot("selected_time", "initial_time", None),
    "datetimepicker": Slot("selected_date_time", "initial_date_time", None),
    "file_input": Slot("files", "initial_files", ()),
}
_SEARCHED = ("external_select", "multi_external_select")


def options_of(element: Json) -> list[Json]:
    """All options of an element, those of its groups too."""
    groups = element.get("option_groups", ())
    return [*element.get("options", ()), *(option for group in groups for option in group["options"])]


def stateful(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """Every (block, element) that keeps a value."""
    for block in blocks:
        for element in elements_of(block):
            if element["type"] in SLOTS:
                yield block, element


def initial(element: Json) -> Json:
    """The state of an element that nobody has touched."""
    slot = SLOTS[element["type"]]
    value = element.get(slot.initial, slot.empty)
    return {"type": element["type"], slot.state: list(value) if isinstance(value, list | tuple) else value}


def state_values(blocks: Sequence[Json], values: Values) -> dict[str, dict[str, Json]]:
    """`state.values` of a payload: by block_id, then by action_id."""
    state: dict[str, dict[str, Json]] = {}
    for block, element in stateful(blocks):
        key = (block["block_id"], element["action_id"])
        state.setdefault(key[0], {})[key[1]] = values.get(key) or initial(element)
    return state


def carried(values: Values, blocks: Sequence[Json]) -> Values:
    """What of the values an update with these blocks keeps: only where block_id and action_id are the same.

    A chosen option that is no longer offered is dropped.
    """
    kept: Values = {}
    for block, element in stateful(blocks):
        key = (block["block_id"], element["action_id"])
        value = values.get(key)
        if value is None or value["type"] != element["type"]:
            continue
        offered = {option["value"] for option in options_of(element)}
        slot = SLOTS[element["type"]]
        if slot in (_OPTION, _OPTIONS) and element["type"] not in _SEARCHED:
            if (
                slot is _OPTION
                and value[slot.state] is not None
                and value[slot.state]["value"] not in offered
            ):
                continue
            if slot is _OPTIONS:
                value = {**value, slot.state: [one for one in value[slot.state] if one["value"] in offered]}
        kept[key] = value
    return kept


def chosen(element: Json, given: Any, found: Sequence[Json] = ()) -> Json:
    """The state of an element after a person chose or typed `given`: text, an id, the value of an option, or a list.

    `found` are the options that a search has brought. Raises LookupError where there is no such choice.
    """
    slot = SLOTS[element["type"]]
    several = slot.empty == ()
    if given is None:
        value: Any = list(slot.empty) if several else None
    elif slot in (_OPTION, _OPTIONS):
        offered = {option["value"]: option for option in (*found, *options_of(element))}
        wanted = given if isinstance(given, list | tuple | set) else [given]
        missing = [one for one in wanted if one not in offered]
        if missing:
            raise LookupError(
                f"{missing} is not offered by {element['action_id']}: {', '.join(offered) or 'nothing'}"
            )
        options = [option for key, option in offered.items() if key in wanted]
        value = options if several else options[0]
    elif several:
        value = list(given) if isinstance(given, list | tuple | set) else [given]
    elif element["type"] == "datetimepicker":
        value = int(given)
    else:
        value = given if isinstance(given, dict) else str(given) or None
    return {"type": element["type"], slot.state: value}


def complaint(block: Json, state: Json) -> str | None:
    """What Slack's own form says about an input before it even sends it, or None."""
    element = block["element"]
    value = state[SLOTS[element["type"]].state]
    if value in (None, "", []):
        return None if block.get("optional") else "Please complete this required field."
    if element["type"] == "plain_text_input":
        if len(value) < element.get("min_length", 0):
            return f"Please enter at least {element['min_length']} characters."
        if len(value) > element.get("max_length", 3000):
            return f"Please enter no more than {element.get('max_length', 3000)} characters."
    if element["type"] == "number_input":
        return _number_complaint(element, value)
    if element["type"] == "email_text_input" and ("@" not in value or " " in value):
        return "Please enter a valid email address."
    if element["type"] == "url_text_input" and "://" not in value:
        return "Please enter a valid URL."
    if isinstance(value, list) and len(value) > element.get("max_selected_items", 10_000):
        return f"Please choose no more than {element['max_selected_items']} items."
    return None


def _number_complaint(element: Json, value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "Please enter a number."
    if not element["is_decimal_allowed"] and not number.is_integer():
        return "Please enter a whole number."
    if number < float(element.get("min_value", "-inf")) or number > float(element.get("max_value", "inf")):
        return "Please enter a number within the limits."
    return None
