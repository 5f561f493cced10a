"""Escalating: what knowledge or decision is needed, the question, and until when; and the answer."""

from collections.abc import Sequence

from domain.escalations import About, Direction, Escalation
from domain.incident import Incident
from domain.matters import Matter
from domain.team import Team
from templates.blocks import (
    OPTION_LIMIT,
    Block,
    context,
    field,
    grouped_select,
    modal,
    option,
    section,
    text_input,
)
from templates.cards.escalations import about_in_words
from templates.mrkdwn import Mrkdwn, quote
from templates.terms import field_label
from templates.words import Words

ESCALATE = "escalate"
ANSWER = "escalation_answer"


def topics(team: Team) -> Sequence[About]:
    """Everything that can be escalated: experts for skills and products, and decisions that somebody may make."""
    known = [f"skill:{skill}" for skill in team.skills()]
    known += [f"product:{key}" for key, product in team.products.items() if product.skills]
    found = [About(direction=Direction.FUNCTIONAL, topic=topic) for topic in known]
    found += [
        About(direction=Direction.HIERARCHICAL, topic=matter.value)
        for matter in Matter
        if team.decisions.get(matter) or team.escalation
    ]
    return [about for about in found if len(about.topic) <= OPTION_LIMIT]


def escalate_form(
    draft_id: str,
    incident: Incident,
    offered: Sequence[About],
    team: Team,
    words: Words,
    *,
    deadline: str,
    chosen: str | None = None,
    question: str = "",
) -> Block:
    """`deadline` as it would be typed; `chosen` is a topic."""
    groups = [
        (
            words.plain(f"escalate.{direction}"),
            [
                option(_name(about, team, words), about.topic)
                for about in offered
                if about.direction is direction
            ],
        )
        for direction in Direction
    ]
    return modal(
        ESCALATE,
        words.plain("escalate.title"),
        [
            section(words("escalate.heading", number=incident.number, title=incident.title)),
            field(
                "about",
                field_label("about", words),
                grouped_select(groups, chosen, placeholder=words.plain("escalate.about_placeholder")),
                hint=words.plain("escalate.about_hint"),
            ),
            field(
                "question",
                field_label("question", words),
                text_input(question, multiline=True, placeholder=words.plain("escalate.question_example")),
            ),
            field(
                "deadline",
                field_label("deadline", words),
                text_input(deadline),
                hint=words.plain("escalate.deadline_hint"),
            ),
        ],
        submit=words.plain("escalate.submit"),
        close=words.plain("lifecycle.cancel"),
        private_metadata=draft_id,
    )


def escalation_answer_form(
    draft_id: str, incident: Incident, escalation: Escalation, team: Team, words: Words
) -> Block:
    about = about_in_words(escalation.about, team, words)
    return modal(
        ANSWER,
        words.plain("escalation_answer.title"),
        [
            section(words("escalate.heading", number=incident.number, title=incident.title)),
            context(Mrkdwn(f"{words('escalation_answer.about', about=about)}\n{quote(escalation.question)}")),
            field(
                "answer",
                field_label("answer", words),
                text_input(multiline=True, placeholder=words.plain("escalation_answer.example")),
                hint=words.plain("escalation_answer.hint"),
            ),
        ],
        submit=words.plain("escalation_answer.submit"),
        close=words.plain("lifecycle.cancel"),
        private_metadata=draft_id,
    )


def _name(about: About, team: Team, words: Words) -> str:
    name = about_in_words(about, team, words)
    return words.plain("escalate.product", name=name) if about.product else name
