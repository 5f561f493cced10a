"""Hours without anybody on duty, in words: for the incidents channel, the log and the check."""

from collections.abc import Sequence
from typing import Any

from domain.coverage import Uncovered
from templates.blocks import Block, context, section
from templates.mrkdwn import Mrkdwn
from templates.terms import short_term
from templates.words import Words

SHOWN = 15
"""More lines than anybody reads."""


def coverage_blocks(words: Words, spans: Sequence[Uncovered], *, replaced: bool = False) -> list[Block]:
    """The warning; one line once it is over, or said anew elsewhere."""
    if replaced:
        return [context(words("coverage.replaced"))]
    if not spans:
        return [context(words("coverage.over"))]
    lines = [words(_name(one), **_facts(one, words)) for one in spans[:SHOWN]]
    if more := len(spans) - len(lines):
        lines.append(words("coverage.more", n=more))
    return [
        section(words("coverage.heading")),
        section(Mrkdwn("\n".join(lines))),
        context(words("coverage.next")),
    ]


def coverage_text(one: Uncovered, words: Words) -> str:
    """One span as plain text: `Sat 22 Nov 09:00 – Mon 24 Nov 09:00: nobody for database`."""
    return words.plain(_name(one), **_facts(one, words))


def _name(one: Uncovered) -> str:
    match one.begun, one.goes_on:
        case True, True:
            return "coverage.always"
        case True, False:
            return "coverage.until"
        case False, True:
            return "coverage.from"
        case _:
            return "coverage.span"


def _facts(one: Uncovered, words: Words) -> dict[str, Any]:
    name = "coverage.skill" if one.skill else "coverage.role"
    short = short_term(one.role, words)
    what = words.plain(name, skill=one.skill, role=short)
    return {"since": one.since, "until": one.until, "what": what}
