"""Calling people: the skills that are missing first, each with whoever would be called, or a person by name."""

from collections.abc import Sequence

from domain.incident import Incident
from domain.roster import SkillToCall
from templates.blocks import (
    OPTION_LIMIT,
    Block,
    context,
    field,
    modal,
    multi_select,
    option,
    section,
    users_select,
)
from templates.terms import field_label
from templates.words import Words

CALL_PEOPLE = "call_people"


def call_people_form(
    draft_id: str, incident: Incident, choices: Sequence[SkillToCall], words: Words
) -> Block:
    missing = [one.skill for one in choices if one.missing]
    blocks = [section(words("call_people.about", number=incident.number, title=incident.title))]
    if missing:
        blocks.append(context(words("call_people.missing", skills=words.join(missing))))
    offered = [one for one in choices if len(one.skill) <= OPTION_LIMIT]
    if offered:  # Slack takes no choice without options.
        able = [one.skill for one in offered if one.missing and one.next]
        blocks.append(
            field(
                "skills",
                field_label("skills", words),
                multi_select(
                    [option(_name(one, words), one.skill, _who(one, words)) for one in offered],
                    able,
                    placeholder=words.plain("call_people.skills_placeholder"),
                ),
                optional=True,
                hint=words.plain("call_people.skills_hint"),
            )
        )
    blocks.append(
        field(
            "person",
            field_label("person", words),
            users_select(),
            optional=True,
            hint=words.plain("call_people.person_hint"),
        )
    )
    return modal(
        CALL_PEOPLE,
        words.plain("call_people.title"),
        blocks,
        submit=words.plain("call_people.submit"),
        close=words.plain("lifecycle.cancel"),
        private_metadata=draft_id,
    )


def _name(choice: SkillToCall, words: Words) -> str:
    return words.plain("call_people.skill_missing", skill=choice.skill) if choice.missing else choice.skill


def _who(choice: SkillToCall, words: Words) -> str:
    parts = []
    if choice.present:
        parts.append(words.plain("call_people.present", people=_names(choice.present, words)))
    if choice.next:
        parts.append(words.plain("call_people.next", who=_names([choice.next], words)))
    else:
        parts.append(words.plain("call_people.nobody_left"))
    return words.plain("call_people.between").join(parts)


def _names(people: Sequence[str], words: Words) -> str:
    return words.plain("list.between").join(words.names.get(who, who) for who in people)
