"""The direct message that calls a person into a swarm."""

from typing import Any

from domain.roster import Answer, Call
from domain.snapshot import Snapshot
from domain.team import Team
from templates.blocks import Block, actions, button, context, section
from templates.cards.card import Card, direct, words_of
from templates.mrkdwn import Mrkdwn, Who, channel_link
from templates.words import Words


def call_cards(snapshot: Snapshot, team: Team) -> list[Card]:
    """One card a call; whoever declared, and whoever stands in, need not be asked."""
    own = snapshot.incident.declared_by
    return [
        _card(call, snapshot, team)
        for call in snapshot.calls
        if not call.stands_in and snapshot.slack_id(call.person) != own
    ]


def _card(call: Call, snapshot: Snapshot, team: Team) -> Card:
    incident = snapshot.incident
    person = snapshot.slack_id(call.person)
    words = words_of(snapshot, team, person)
    facts: dict[str, Any] = {
        "number": incident.number,
        "title": incident.title,
        "severity": words.plain(f"severity.short.{int(incident.severity)}"),
        "role": words.plain(f"role.{call.role}"),
        "where": channel_link(incident.channel_id) if incident.channel_id else Mrkdwn(""),
    }
    waiting = call.answer is Answer.WAITING and incident.is_open
    if waiting:
        asked = words(
            "call.asked_skills" if call.skills else "call.asked", skills=words.join(call.skills), **facts
        )
        value = f"{incident.number}/{call.number}"
        blocks = [
            section(asked),
            *_late(call, snapshot, words),
            actions(
                button(words.plain("button.accept"), "call.accept", value, style="primary"),
                button(words.plain("button.decline"), "call.decline", value),
                block_id="call",
            ),
        ]
    elif call.answer is Answer.ACCEPTED:
        blocks = [context(words("call.accepted", **facts))]
    elif call.answer is Answer.DECLINED:
        following = next(
            (one for one in snapshot.calls if one.number > call.number and one.role is call.role), None
        )
        if following:
            blocks = [
                context(words("call.declined_next", who=Who(snapshot.slack_id(following.person)), **facts))
            ]
        else:
            blocks = [context(words("call.declined", **facts))]
    else:
        blocks = [context(words("call.over", **facts))]
    return Card(f"call/{call.role}/{call.number}", direct(person), tuple(blocks), live=waiting, pings=True)


def _late(call: Call, snapshot: Snapshot, words: Words) -> list[Block]:
    if snapshot.slack_away and snapshot.slack_away.has(call.called_at):
        return [context(words("call.late_slack", at=call.called_at))]
    return []
