"""The form that asks an expert for one fact."""

from domain.customer_updates import HINT_LIMIT
from templates.blocks import Block, field, modal, text_input
from templates.words import Words


def hint_form(draft_id: str, number: int, words: Words) -> Block:
    asked = text_input(multiline=True, placeholder=words.plain("hint.placeholder"))
    return modal(
        "hint",
        words.plain("hint.title", number=number),
        [field("hint", words.plain("hint.label"), asked, hint=words.plain("hint.hint", limit=HINT_LIMIT))],
        submit=words.plain("hint.submit"),
        close=words.plain("hint.close"),
        private_metadata=draft_id,
    )
