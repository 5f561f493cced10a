"""A small modal that says one thing, where there is no message to say it in."""

from collections.abc import Sequence

from templates.blocks import Block, modal, section
from templates.words import Words


def notice_view(text: str, words: Words, blocks: Sequence[Block] = ()) -> Block:
    """`blocks` take the place of the text."""
    return modal(
        "notice",
        words.plain("notice.title"),
        list(blocks) or [section(text)],
        close=words.plain("notice.close"),
    )
