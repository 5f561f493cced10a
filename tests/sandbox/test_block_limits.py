"""What Slack refuses in blocks and views, and how it says so."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.block_kit import checked_blocks, checked_view
from sandbox.errors import SlackError

Json = dict[str, Any]


def plain(text: str = "x", **more: Any) -> Json:
    return {"type": "plain_text", "text": text, **more}


def markup(text: str = "x") -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "x", **more: Any) -> Json:
    return {"type": "section", "text": markup(text), **more}


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain(), "action_id": "b", **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def options(number: int) -> list[Json]:
    return [{"text": plain(), "value": f"v{n}"} for n in range(number)]


def asks(element: Json, **more: Any) -> Json:
    return {
        "type": "input",
        "block_id": "i",
        "label": plain(),
        "element": {"action_id": "i", **element},
        **more,
    }


def select(**more: Any) -> Json:
    return {"type": "static_select", "action_id": "s", "options": options(1), **more}


MESSAGE_FAULTS = [
    ([section()] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ([section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ([{"type": "section"}], "missing required field: text [json-pointer:/blocks/0]"),
    (
        [{"type": "section", "fields": [markup()] * 11}],
        "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
    ),
    (
        [{"type": "section", "fields": [markup("x" * 2001)]}],
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    ([{"type": "header", "text": markup()}], "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"),
    (
        [{"type": "header", "text": plain("x" * 151)}],
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    (
        [{"type": "context", "elements": [markup()] * 11}],
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    (
        [actions(*[button(action_id=f"b{n}") for n in range(26)])],
        "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ),
    (
        [actions(button(), button())],
        'action_id "b" already exists for block_id "None" [json-pointer:/blocks/0/elements/1/action_id]',
    ),
    (
        [section(block_id="a"), section(block_id="a")],
        'block_id "a" already exists [json-pointer:/blocks/1/block_id]',
    ),
    ([section(block_id="a" * 256)], "must be less than 256 characters [json-pointer:/blocks/0/block_id]"),
    (
        [actions(button(text=plain("x" * 76)))],
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    (
        [actions(button(value="x" * 2001))],
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    (
        [actions(button(style="warning"))],
        "must be a valid enum value: primary, danger [json-pointer:/blocks/0/elements/0/style]",
    ),
    (
        [actions(button(colour="red"))],
        "invalid additional property: colour [json-pointer:/blocks/0/elements/0]",
    ),
    ([section(accessory=select(options=options(101)))], "no more than 100 items allowed"),
    ([section(accessory=select(options=[]))], "no fewer than 1 items allowed"),
    ([section(accessory=select(placeholder=plain("x" * 151)))], "must be less than 151 characters"),
    (
        [section(accessory=select(initial_option={"text": plain(), "value": "z"}))],
        "initial option must match",
    ),
    (
        [section(accessory={"type": "overflow", "action_id": "o", "options": options(6)})],
        "no more than 5 items",
    ),
    (
        [section(accessory={"type": "checkboxes", "action_id": "o", "options": options(11)})],
        "no more than 10 items",
    ),
    ([asks({"type": "number_input", "is_decimal_allowed": False})], "unsupported type: number_input"),
    ([{"type": "marquee"}], "unsupported type: marquee [json-pointer:/blocks/0/type]"),
    (
        [{"type": "image", "image_url": "https://x"}],
        "missing required field: alt_text [json-pointer:/blocks/0]",
    ),
    ([{"type": "markdown", "text": "x" * 12_001}], "must be less than 12001 characters"),
    (
        [
            actions(
                button(
                    confirm={"title": plain("x" * 101), "text": plain(), "confirm": plain(), "deny": plain()}
                )
            )
        ],
        "must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]",
    ),
]


@pytest.mark.parametrize(("blocks", "words"), MESSAGE_FAULTS)
def test_a_message_with_faulty_blocks_is_refused_with_the_place_named(blocks, words):
    with pytest.raises(SlackError) as refused:
        checked_blocks(blocks)
    assert refused.value.code == "invalid_blocks"
    assert any(words in message for message in refused.value.messages), refused.value.messages
    assert all(message.startswith("[ERROR] ") for message in refused.value.messages)


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("T"), "submit": plain("Go"), "blocks": list(blocks), **more}


VIEW_FAULTS = [
    (modal(title=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
    (modal(submit=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/submit/text]"),
    ({"type": "modal", "blocks": []}, "missing required field: title [json-pointer:/view]"),
    (modal(*[section()] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
    (
        modal(private_metadata="x" * 3001),
        "must be less than 3001 characters [json-pointer:/view/private_metadata]",
    ),
    (modal(callback_id="x" * 256), "must be less than 256 characters [json-pointer:/view/callback_id]"),
    (modal(submit_disabled=True), "invalid additional property: submit_disabled [json-pointer:/view]"),
    (
        {"type": "modal", "title": plain("T"), "blocks": [asks({"type": "plain_text_input"})]},
        "missing required field: submit [json-pointer:/view]",
    ),
    (
        modal({"type": "markdown", "text": "x"}),
        "unsupported type: markdown [json-pointer:/view/blocks/0/type]",
    ),
    (modal(asks(button())), "unsupported type: button [json-pointer:/view/blocks/0/element/type]"),
    (modal(asks({"type": "plain_text_input", "max_length": 3001})), "must be less than or equal to 3000"),
    (
        modal(asks({"type": "plain_text_input", "min_length": 5, "max_length": 3})),
        "max_length must not be less",
    ),
    (modal(asks({"type": "number_input"})), "missing required field: is_decimal_allowed"),
    (modal(asks({"type": "datepicker", "initial_date": "21.11.2026"})), "does not match the expected format"),
    (modal(asks({"type": "file_input", "max_files": 11})), "must be less than or equal to 10"),
    ({"type": "home", "blocks": []}, "unsupported type: home [json-pointer:/view/type]"),
    ([], "must provide an object [json-pointer:/view]"),
]


@pytest.mark.parametrize(("view", "words"), VIEW_FAULTS)
def test_a_faulty_view_is_refused_with_the_place_named(view, words):
    with pytest.raises(SlackError) as refused:
        checked_view(view)
    assert refused.value.code == "invalid_arguments"
    assert any(words in message for message in refused.value.messages), refused.value.messages


@pytest.mark.parametrize(
    "blocks",
    [
        [],
        [section("x" * 3000)] * 4,
        [actions(*[button(action_id=f"b{n}") for n in range(25)])],
        [section(accessory=select(options=options(100)))],
        [{"type": "divider"}] * 50,
    ],
)
def test_a_message_at_the_limit_is_taken(blocks):
    assert len(checked_blocks(blocks)) == len(blocks)


def test_blocks_with_too_much_text_altogether_are_refused():
    with pytest.raises(SlackError, match="msg_blocks_too_long"):
        checked_blocks([section("x" * 2900)] * 5)


def test_a_view_of_more_than_250_kilobytes_is_refused():
    with pytest.raises(SlackError, match="view_too_large"):
        checked_view(modal(*[section("決" * 900)] * 100))


def test_ids_that_are_missing_are_given_out():
    block = checked_blocks([{"type": "actions", "elements": [{"type": "button", "text": plain()}]}])[0]
    assert block["block_id"]
    assert block["elements"][0]["action_id"]


@pytest.mark.parametrize("value", ["{", "5", 5, {}])
def test_what_is_no_list_of_blocks_is_refused(value):
    with pytest.raises(SlackError, match="invalid_blocks_format"):
        checked_blocks(value)
