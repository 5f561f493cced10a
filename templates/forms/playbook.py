"""The checklist of an incident, and the form that says why a step is skipped."""

from domain.playbook import Checklist, Part, Step, Tick
from templates.blocks import (
    Block,
    actions,
    button,
    context,
    field,
    modal,
    option,
    section,
    select,
)
from templates.forms.reasons import reason_field
from templates.mrkdwn import Mrkdwn, Who
from templates.playbook import counted
from templates.terms import field_label, short_term, term
from templates.words import Words

CHECKLIST = "playbook"
SKIP = "playbook_skip"


def checklist_view(draft_id: str, checklist: Checklist, part: Part, words: Words) -> Block:
    """One part's steps; the others' are a choice away."""
    incident = checklist.incident
    heading = words(
        "playbook.heading", number=incident.number, title=incident.title, state=term(incident.state, words)
    )
    parts = [
        option(words.plain("playbook.part", **counted(checklist, one, words)), one.value) for one in Part
    ]
    blocks = [
        section(heading),
        actions({**select(parts, part.value), "action_id": "playbook.part"}, block_id="part"),
        *(
            _line(place, step, checklist.ticks.get(step.key), words)
            for place, step in enumerate(checklist.steps[part], 1)
        ),
    ]
    if not checklist.steps[part]:
        blocks.append(section(words("playbook.none", part=short_term(part, words))))
    elif checklist.left(part):
        skip = button(words.plain("playbook.skip"), "playbook.skip")
        blocks += [context(words("playbook.seen_by_all")), actions(skip, block_id="skip")]
    else:
        blocks.append(context(words("playbook.all_done")))
    return modal(
        CHECKLIST,
        words.plain("playbook.title"),
        blocks,
        close=words.plain("notice.close"),
        private_metadata=draft_id,
    )


def _line(place: int, step: Step, tick: Tick | None, words: Words) -> Block:
    said = words("playbook.step", place=place, step=step.text(words.language))
    if tick is None:
        done = button(words.plain("playbook.done"), "playbook.done", step.key)
        return section(said, block_id=step.key, accessory=done)
    name = "playbook.skipped_by" if tick.skipped_because else "playbook.done_by"
    settled = words(name, step=said, who=Who(tick.person), at=tick.at, reason=tick.skipped_because)
    undo = button(words.plain("playbook.undo"), "playbook.undo", step.key)
    return section(Mrkdwn(settled), block_id=step.key, accessory=undo)


def skip_form(draft_id: str, checklist: Checklist, part: Part, words: Words) -> Block:
    """Which of the steps that are left is not needed, and why."""
    left = [option(step.text(words.language), step.key) for step in checklist.left(part)]
    return modal(
        SKIP,
        words.plain("playbook.skip_title"),
        [
            field("step", field_label("step", words), select(left, left[0]["value"] if left else None)),
            reason_field(words, example="playbook.reason_example"),
        ],
        submit=words.plain("playbook.skip_submit"),
        close=words.plain("lifecycle.cancel"),
        private_metadata=draft_id,
    )
