"""The field for a reason, which many forms ask for."""

from templates.blocks import Block, field, text_input
from templates.terms import field_label
from templates.words import Words


def reason_field(
    words: Words, *, example: str, hint: str = "snooze.reason_hint", optional: bool = False
) -> Block:
    """`example` and `hint` are names of texts; the usual hint says who reads the reason."""
    return field(
        "reason",
        field_label("reason", words),
        text_input(placeholder=words.plain(example)),
        optional=optional,
        hint=words.plain(hint),
    )
