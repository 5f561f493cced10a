"""The playbook's steps in a reader's words."""

from collections.abc import Sequence
from typing import Any

from domain.playbook import Checklist, Part, Step
from templates.blocks import Block, actions, button, context, section
from templates.mrkdwn import Mrkdwn
from templates.terms import short_term, term
from templates.words import Words

OPEN = "playbook.open"


def first_steps(steps: Sequence[Step], words: Words) -> list[Block]:
    """What somebody who is called does first."""
    return [context(Mrkdwn("\n".join([words("playbook.first"), *_numbered(steps, words)])))] if steps else []


def open_button(number: int, words: Words) -> Block:
    return button(words.plain("playbook.open"), OPEN, str(number))


def what_to_do(checklist: Checklist, words: Words) -> list[Block]:
    """What is left to do for the reader, part by part, and the way to their checklist."""
    parts = [part for part in checklist.mine if checklist.steps[part]]
    if not parts:
        return []
    blocks = [section(_left(checklist, part, words)) for part in parts]
    return [*blocks, actions(open_button(checklist.incident.number, words), block_id="playbook")]


def progress(checklist: Checklist, words: Words) -> list[Block]:
    """In the panel: how far the reader's steps are, and the next of each part."""
    lines = []
    for part in checklist.mine:
        if checklist.steps[part]:
            left = checklist.left(part)
            lines.append(words("playbook.progress", **counted(checklist, part, words)))
            lines += [words("playbook.next", step=step.text(words.language)) for step in left[:1]]
    if not lines:
        return []
    accessory = open_button(checklist.incident.number, words)
    return [section(Mrkdwn("\n".join(lines)), block_id="playbook", accessory=accessory)]


def counted(checklist: Checklist, part: Part, words: Words) -> dict[str, Any]:
    return {
        "part": short_term(part, words),
        "settled": checklist.settled(part),
        "all": len(checklist.steps[part]),
    }


def _left(checklist: Checklist, part: Part, words: Words) -> Mrkdwn:
    state = term(checklist.incident.state, words)
    heading = words("playbook.now", state=state, **counted(checklist, part, words))
    every = _numbered(checklist.steps[part], words)
    left = [
        said
        for said, step in zip(every, checklist.steps[part], strict=True)
        if step.key not in checklist.ticks
    ]
    return Mrkdwn("\n".join([heading, *(left or [words("playbook.all_done")])]))


def _numbered(steps: Sequence[Step], words: Words) -> list[Mrkdwn]:
    return [
        words("playbook.step", place=place, step=step.text(words.language))
        for place, step in enumerate(steps, 1)
    ]
