"""A small modal that says one thing, where there is no message to say it in."""

from templates.blocks import Block, modal, section
from templates.words import Words


def notice_view(text: str, words: Words) -> Block:
    return modal("notice", words.plain("notice.title"), [section(text)], close=words.plain("notice.close"))
