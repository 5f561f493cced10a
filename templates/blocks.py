"""Block Kit, within Slack's limits whatever is put in: https://docs.slack.dev/reference/block-kit/blocks"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from templates.mrkdwn import Mrkdwn, clip, escape

Block = dict[str, Any]

SECTION_LIMIT = 3000
BUTTON_LIMIT = 75
OPTION_LIMIT = 75
OPTION_VALUE_LIMIT = 150
"""https://docs.slack.dev/reference/block-kit/composition-objects/option-object"""


def plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": clip(text, limit) or " ", "emoji": True}


def markup(text: str, limit: int = SECTION_LIMIT) -> Block:
    # Verbatim: what people typed is not searched for names of channels and people.
    return {"type": "mrkdwn", "text": clip(escape(text), limit) or " ", "verbatim": True}


def section(text: str, *, block_id: str | None = None, accessory: Block | None = None) -> Block:
    block: Block = {"type": "section", "text": markup(text)}
    if block_id:
        block["block_id"] = block_id
    if accessory:
        block["accessory"] = accessory
    return block


def context(*texts: str, block_id: str | None = None) -> Block:
    block: Block = {"type": "context", "elements": [markup(text) for text in texts[:10]]}
    if block_id:
        block["block_id"] = block_id
    return block


def divider() -> Block:
    return {"type": "divider"}


def actions(*elements: Block, block_id: str | None = None) -> Block:
    block: Block = {"type": "actions", "elements": list(elements[:25])}
    if block_id:
        block["block_id"] = block_id
    return block


def button(
    text: str, action_id: str, value: str = "", *, style: str | None = None, confirm: Block | None = None
) -> Block:
    block: Block = {"type": "button", "text": plain(text, BUTTON_LIMIT), "action_id": action_id}
    if value:
        block["value"] = value
    if style:
        block["style"] = style
    if confirm:
        block["confirm"] = confirm
    return block


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    return {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
    }


def option(text: str, value: str, description: str = "") -> Block:
    block: Block = {"text": plain(text, OPTION_LIMIT), "value": value}
    if description:
        block["description"] = plain(description, 75)
    return block


def overflow(action_id: str, options: Sequence[Block]) -> Block:
    return {"type": "overflow", "action_id": action_id, "options": list(options[:5])}


def field(
    name: str, label: str, element: Block, *, optional: bool = False, hint: str = "", dispatch: bool = False
) -> Block:
    """An input; `block_id` and `action_id` are the field's name, so that an error finds its place."""
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": plain(label, 2000),
        "element": {**element, "action_id": name},
        "optional": optional,
    }
    if hint:
        block["hint"] = plain(hint, 2000)
    if dispatch:
        block["dispatch_action"] = True
    return block


def text_input(
    initial: str = "", *, multiline: bool = False, placeholder: str = "", max_length: int | None = None
) -> Block:
    element: Block = {"type": "plain_text_input", "multiline": multiline}
    if initial:
        element["initial_value"] = clip(initial, max_length or SECTION_LIMIT)
    if placeholder:
        element["placeholder"] = plain(placeholder, 150)
    return element


def _chosen(options: Sequence[Block], values: Sequence[str]) -> list[Block]:
    return [one for one in options if one["value"] in values]


def radio(options: Sequence[Block], initial: str | None = None) -> Block:
    element: Block = {"type": "radio_buttons", "options": list(options[:10])}
    if initial and (chosen := _chosen(options, [initial])):
        element["initial_option"] = chosen[0]
    return element


def checkboxes(options: Sequence[Block], initial: Sequence[str] = ()) -> Block:
    element: Block = {"type": "checkboxes", "options": list(options[:10])}
    if chosen := _chosen(options, initial):
        element["initial_options"] = chosen
    return element


def select(options: Sequence[Block], initial: str | None = None, *, placeholder: str = "") -> Block:
    element: Block = {"type": "static_select", "options": list(options[:100])}
    if initial and (chosen := _chosen(options[:100], [initial])):
        element["initial_option"] = chosen[0]
    if placeholder:
        element["placeholder"] = plain(placeholder, 150)
    return element


def grouped_select(
    groups: Sequence[tuple[str, Sequence[Block]]], initial: str | None = None, *, placeholder: str = ""
) -> Block:
    """A choice among options under headings; headings without options are left out."""
    shown = [
        {"label": plain(label, 75), "options": list(options[:100])} for label, options in groups if options
    ]
    element: Block = {"type": "static_select", "option_groups": shown}
    everything = [one for _, options in groups for one in options[:100]]
    if initial and (chosen := _chosen(everything, [initial])):
        element["initial_option"] = chosen[0]
    if placeholder:
        element["placeholder"] = plain(placeholder, 150)
    return element


def multi_select(options: Sequence[Block], initial: Sequence[str] = (), *, placeholder: str = "") -> Block:
    element: Block = {"type": "multi_static_select", "options": list(options[:100])}
    if chosen := _chosen(options[:100], initial):
        element["initial_options"] = chosen
    if placeholder:
        element["placeholder"] = plain(placeholder, 150)
    return element


def users_select(initial: str | None = None, *, placeholder: str = "") -> Block:
    element: Block = {"type": "users_select"}
    if initial:
        element["initial_user"] = initial
    if placeholder:
        element["placeholder"] = plain(placeholder, 150)
    return element


def date_time(initial: datetime) -> Block:
    """A day and a time, in the zone of whoever chooses them."""
    return {"type": "datetimepicker", "initial_date_time": int(initial.timestamp())}


def modal(
    callback_id: str,
    title: str,
    blocks: Sequence[Block],
    *,
    submit: str | None = None,
    close: str,
    private_metadata: str = "",
) -> Block:
    view: Block = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, 24),
        "close": plain(close, 24),
        "blocks": list(blocks[:100]),
        "private_metadata": private_metadata,
    }
    if submit:
        view["submit"] = plain(submit, 24)
    return view


def readable(blocks: Sequence[Mapping[str, Any]]) -> Mrkdwn:
    """The texts of a message's blocks in one line, for notifications and screen readers."""
    texts = [
        block["text"]["text"] if block["type"] in ("section", "header") else block["elements"][0]["text"]
        for block in blocks
        if block["type"] in ("section", "header", "context") and (block.get("text") or block.get("elements"))
    ]
    return Mrkdwn(clip(Mrkdwn(" ".join(" ".join(text.split()) for text in texts)), 1000))
