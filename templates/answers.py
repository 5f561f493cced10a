"""Answers that only the asker sees: the list, one incident's status, its timeline, and help."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.incident import Incident
from domain.playbook import Checklist
from domain.sla import SlaClocks
from domain.snapshot import Listed, Snapshot
from domain.team import Team
from domain.timeline import Entry
from templates.blocks import Block, context, section
from templates.cards.briefing import DOTS
from templates.forms.panel import incident_actions, incident_facts, late_by, next_step
from templates.mrkdwn import Mrkdwn, Who, channel_link, escape
from templates.playbook import what_to_do
from templates.terms import short_term, term
from templates.timeline import timeline_text
from templates.words import Words

LISTED = 25
"""More lines than anybody reads, and well within what one message holds."""
SECTION_ROOM = 2900
MESSAGE_ROOM = 11_000
"""Characters of all blocks together: messages of more than 13,200 were refused.

https://github.com/slackapi/bolt-js/issues/2509
"""


def list_answer(
    listed: Sequence[Listed],
    team: Team,
    people: Mapping[str, str],
    words: Words,
    *,
    now: datetime,
    command: str,
) -> list[Block]:
    """Open incidents, those whose customers wait in vain first. `people` are Slack ids by the settings' names."""
    if not listed:
        return [section(words("list.empty")), context(words("list.empty_next", command=command))]
    late = {one.incident.number: late_by(one.incident, one.clock, team, now) for one in listed}
    ordered = sorted(listed, key=lambda one: not late[one.incident.number])
    shown = ordered[:LISTED]
    blocks = [section(words("list.heading", n=len(listed)))]
    blocks += [section(_line(one, late[one.incident.number], team, people, words, now=now)) for one in shown]
    if len(ordered) > len(shown):
        blocks.append(context(words("list.more", n=len(ordered) - len(shown), command=command)))
    return blocks


def status_answer(
    snapshot: Snapshot, team: Team, words: Words, *, now: datetime, command: str
) -> list[Block]:
    return [
        *incident_facts(snapshot, team, words, now=now),
        context(next_step(snapshot, team, words, now=now, command=command)),
        incident_actions(snapshot, team, words),
    ]


def timeline_answer(
    incident: Incident, entries: Sequence[Entry], people: Mapping[str, str], words: Words
) -> list[Block]:
    """The newest entries that one message holds, in the order in which they happened."""
    lines: list[Mrkdwn] = []
    room = MESSAGE_ROOM
    for entry in reversed(entries):
        line = words("happened.line", at=entry.at, what=timeline_text(_with_ids(entry, people), words))
        room -= len(line) + 1
        if room < 0:
            break
        lines.insert(0, line)
    heading = words("happened.heading", number=incident.number, title=incident.title)
    blocks = [section(heading, block_id="timeline")]
    if hidden := len(entries) - len(lines):
        blocks.append(context(words("happened.earlier", n=hidden)))
    return blocks + [section(part) for part in _parts(lines)]


def help_answer(
    commands: Iterable[tuple[str, str]], now: Sequence[Block], words: Words, *, command: str
) -> list[Block]:
    """What can be typed, after what to do `now` in a swarm. `commands` are (name, name as shown to this reader)."""
    lines = [
        words("help.line", command=command, typed=shown, what=words(f"help.{name}"))
        for name, shown in commands
    ]
    blocks = [*now, section(words("help.alone", command=command))]
    blocks += [section(part) for part in _parts(lines)]
    more = [words("help.number", command=command), words("help.shortcuts")]
    blocks.append(context(Mrkdwn("\n".join(more))))
    return blocks


def help_now(
    snapshot: Snapshot, checklist: Checklist, team: Team, words: Words, *, now: datetime, command: str
) -> list[Block]:
    """What to do now in this swarm, by everybody and by the reader."""
    incident = snapshot.incident
    step = next_step(snapshot, team, words, now=now, command=command)
    said = words("help.now", number=incident.number, title=incident.title, step=step)
    return [section(said), *what_to_do(checklist, words)]


def _line(
    one: Listed,
    late: timedelta,
    team: Team,
    people: Mapping[str, str],
    words: Words,
    *,
    now: datetime,
) -> Mrkdwn:
    incident, clock = one.incident, one.clock
    facts = [term(incident.state, words)]
    if one.owners:
        owner = Who(people.get(one.owners[0], one.owners[0]))
        facts.append(words("list.owner", role=words.plain("role.short.owner"), who=owner))
    if clock is None or not clock.running:
        facts.append(words("list.ordinary"))
    elif late:
        facts.append(words("list.late", late=late, due=clock.due_at))
    else:
        facts.append(words("list.due_first" if clock.first else "list.due", due=clock.due_at))
    if one.sla and incident.swarm:
        facts += _sla_facts(one.sla, words, now=now)
    if incident.private:
        facts.append(words("list.private"))
    if incident.channel_id:
        facts.append(channel_link(incident.channel_id))
    return words(
        "list.line",
        dot=DOTS[incident.severity],
        severity=short_term(incident.severity, words),
        number=incident.number,
        title=incident.title,
        facts=Mrkdwn(words.plain("list.between_facts").join(escape(fact) for fact in facts)),
    )


def _sla_facts(sla: SlaClocks, words: Words, *, now: datetime) -> list[Mrkdwn]:
    """The response while it is owed, and the resolution."""
    facts = []
    if sla.response.met_at is None:
        name = "list.sla_response_over" if sla.response.by < now else "list.sla_response"
        facts.append(words(name, by=sla.response.by))
    by = sla.resolution.by
    return [*facts, words("list.sla_over" if by < now else "list.sla", by=by)]


def _with_ids(entry: Entry, people: Mapping[str, str]) -> Entry:
    who = entry.facts.get("who")
    if not isinstance(who, str) or who not in people:
        return entry
    return replace(entry, facts={**entry.facts, "who": people[who]})


def _parts(lines: Sequence[Mrkdwn]) -> list[Mrkdwn]:
    """The lines in as few texts as Slack's limit allows."""
    parts: list[Mrkdwn] = []
    for line in lines:
        if parts and len(parts[-1]) + len(line) < SECTION_ROOM:
            parts[-1] = Mrkdwn(f"{parts[-1]}\n{line}")
        else:
            parts.append(line)
    return parts
