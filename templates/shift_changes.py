"""The message to whoever comes on duty: what is open, by when customers hear something, what the SLA owes."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.incident import Role
from domain.shift_changes import LATE
from domain.snapshot import Listed
from domain.team import Team
from templates.answers import list_answer
from templates.blocks import Block, context, section
from templates.mrkdwn import Mrkdwn, People
from templates.terms import short_term
from templates.words import Words


def handover_blocks(
    words: Words,
    *,
    role: Role,
    since: datetime,
    went: Sequence[str],
    listed: Sequence[Listed],
    team: Team,
    people: Mapping[str, str],
    now: datetime,
    command: str,
) -> list[Block]:
    """`went` are those on duty before, `people` Slack user ids by the settings' names."""
    notes = []
    if went:
        before = People(tuple(went))
        notes.append(words("shift.before", people=before))
    if now - since > LATE:
        notes.append(words("shift.late", since=since))
    if listed:
        notes.append(words("shift.next", command=command))
    short = short_term(role, words)
    heading = words("shift.heading", role=short, since=since)
    shown = list_answer(listed, team, people, words, now=now, command=command) if listed else []
    return [
        section(heading),
        *([context(Mrkdwn("\n".join(notes)))] if notes else []),
        *(shown or [context(words("shift.nothing_open"))]),
    ]
