"""The direct message that calls a person into a swarm, and the card that says that nobody is left to call."""

from datetime import datetime
from typing import Any

from domain.calls import asked_together, brought_nobody, called, ends, key_of, line_of, taken_by
from domain.incident import Role
from domain.ladder import holders
from domain.roster import Answer, Call
from domain.snapshot import Snapshot
from domain.team import Team
from templates.blocks import Block, actions, button, context, section
from templates.cards.card import SWARM, Card, direct, name_of, words_of
from templates.cards.hand_over import handed_over_to, offer
from templates.mrkdwn import Mrkdwn, People, Who, channel_link
from templates.playbook import first_steps, open_button
from templates.terms import short_term
from templates.words import Words

NOBODY = "nobody/"


def call_cards(snapshot: Snapshot, team: Team) -> list[Card]:
    """One card a person asked; whoever declared, and whoever stands in, need not be asked."""
    cards = [
        offer(call, snapshot, team) if call.hands_over else _card(call, snapshot, team)
        for call in called(snapshot.calls)
        if call.asked_with is None and not _came_unasked(call, snapshot)
    ]
    left = {end.number for end in ends(snapshot.calls)}
    cards += [
        _nobody_left(call, snapshot, team, live=snapshot.incident.is_open and call.number in left)
        for call in snapshot.calls
        if (brought_nobody(call) or call.ran_out_at) and not call.is_offer and not call.is_personal
    ]
    return cards


def _came_unasked(call: Call, snapshot: Snapshot) -> bool:
    """Whoever stands in, declared, or took a role themselves."""
    person = snapshot.slack_id(call.person)
    if call.asked_by:
        return person in ("", call.asked_by)
    return call.stands_in or person == snapshot.incident.declared_by


def _card(call: Call, snapshot: Snapshot, team: Team) -> Card:
    incident = snapshot.incident
    person = snapshot.slack_id(call.person)
    words = words_of(snapshot, team, person)
    asked = asked_together(call, snapshot.calls)
    skills = words.join([skill for one in asked for skill in one.skills])
    facts: dict[str, Any] = {
        "number": incident.number,
        "title": incident.title,
        "severity": short_term(incident.severity, words),
        "role": words.join([words.plain(f"role.{one.role}") for one in asked]),
        "where": channel_link(incident.channel_id) if incident.channel_id else Mrkdwn(""),
    }
    value = f"{incident.number}/{call.number}"
    accept = button(words.plain("button.accept"), "call.accept", value, style="primary")
    waiting = call.answer is Answer.WAITING and incident.is_open
    if waiting:
        name = "call.asked_skills" if skills else "call.asked"
        blocks = [
            section(words(name, skills=skills, **facts)),
            *asked_late(call.called_at, snapshot, words),
            context(words("call.answer_within", wait=team.call_time_out.of(incident.severity))),
            actions(
                accept,
                button(words.plain("button.decline"), "call.decline", value),
                block_id="call",
            ),
            *first_steps(team.playbook.first_steps((one.role for one in asked), incident), words),
        ]
    elif call.answer is Answer.ACCEPTED:
        blocks = [context(words("call.accepted", **facts), *_times(call, words))]
        if incident.is_open and team.playbook.first_steps((one.role for one in asked), incident):
            blocks.append(actions(open_button(incident.number, words), block_id="call"))
    elif call.answer is Answer.HANDED_OVER:
        blocks = [context(handed_over_to(call, snapshot, words, **facts))]
    elif call.answer in (Answer.WAITING, Answer.OVER):
        blocks = [context(_withdrawn(call, snapshot, words, facts))]
    else:
        blocks = [context(_without(call, snapshot, words, facts), *_times(call, words))]
        if call.answer is Answer.UNANSWERED and incident.is_open and not taken_by(call, snapshot.calls):
            blocks += [context(words("call.still_welcome")), actions(accept, block_id="call")]
    return Card(key_of(call), direct(person), tuple(blocks), live=waiting, pings=True)


def _withdrawn(call: Call, snapshot: Snapshot, words: Words, facts: dict[str, Any]) -> Mrkdwn:
    """The incident ended before an answer came; who is called when it is taken up again."""
    if not snapshot.incident.is_open:
        return words("call.over", **facts)
    following = _following(call, snapshot)
    if following and following.person != call.person:
        return words("call.over_next", who=Who(snapshot.slack_id(following.person)), **facts)
    return words("call.asked_again", **facts)


def _following(call: Call, snapshot: Snapshot) -> Call | None:
    return next(
        (one for one in called(snapshot.calls) if one.follows == call.number and not one.stands_in), None
    )


def _without(call: Call, snapshot: Snapshot, words: Words, facts: dict[str, Any]) -> Mrkdwn:
    """What was done as this person did not come, and who came."""
    taker = taken_by(call, snapshot.calls)
    if call.answer is not Answer.DECLINED and taker:
        return words("call.taken", who=Who(snapshot.slack_id(taker.person)), **facts)
    name = f"call.{call.answer.value}"
    if call.answer is Answer.TAKEN:
        return words("call.over_for_you", **facts)
    if following := _following(call, snapshot):
        return words(f"{name}_next", who=Who(snapshot.slack_id(following.person)), **facts)
    return words(name, **facts)


def _times(call: Call, words: Words) -> list[Mrkdwn]:
    if call.answered_at is None:
        return []
    return [words(f"call.times.{call.answer.value}", called=call.called_at, at=call.answered_at)]


def asked_late(at: datetime, snapshot: Snapshot, words: Words) -> list[Block]:
    """That somebody was asked while Slack was away, and reads it late."""
    if snapshot.slack_away and snapshot.slack_away.has(at):
        return [context(words("call.late_slack", at=at))]
    return []


def _nobody_left(last: Call, snapshot: Snapshot, team: Team, *, live: bool) -> Card:
    """In the swarm: which role or skill is missing, for those who can do something about it."""
    words = words_of(snapshot, team)
    taker = last if last.answer is Answer.ACCEPTED else taken_by(last, snapshot.calls)
    if taker is None and (taker := _came_with(last.skills, snapshot, team)):
        live = False
    pinged = [
        snapshot.slack_id(who)
        for role in (Role.OWNER, Role.DUTY_MANAGER)
        for who in holders(snapshot.calls, role)
    ]
    pinged = list(dict.fromkeys(pinged))
    facts: dict[str, Any] = {
        "role": words.plain(f"role.{last.role}"),
        "skills": words.join(last.skills),
        "people": People(tuple(pinged)),
    }
    if live:
        stands_in = next((one for one in line_of(last, snapshot.calls) if one.stands_in), None)
        name = "nobody.skills" if last.skills else "nobody.role"
        if stands_in:
            name = "nobody.role_standing_in"
            facts["who"] = name_of(stands_in.person, snapshot)
        asked = [
            _asked(one, snapshot, words)
            for one in line_of(last, snapshot.calls)
            if one.answered_at and one.person and not one.stands_in
        ]
        blocks = [section(words(name, **facts)), *([context(*asked)] if asked else [])]
    elif taker:
        blocks = [context(words("nobody.found", who=name_of(taker.person, snapshot), **facts))]
    else:
        blocks = [context(words("nobody.over", **facts))]
    return Card(
        f"{NOBODY}{last.role.value}/{last.number}",
        SWARM,
        tuple(blocks),
        live=live,
        pings=True,
        needs=tuple(pinged),
    )


def _came_with(skills: tuple[str, ...], snapshot: Snapshot, team: Team) -> Call | None:
    """Whoever has come by another way and has all of these skills."""
    able = {one.who for one in team.people if skills and set(skills) <= set(one.skills)}
    return next((one for one in snapshot.calls if one.answer is Answer.ACCEPTED and one.person in able), None)


def _asked(call: Call, snapshot: Snapshot, words: Words) -> Mrkdwn:
    return words(
        "nobody.asked",
        who=name_of(call.person, snapshot),
        times=words(f"call.times.{call.answer.value}", called=call.called_at, at=call.answered_at),
    )
