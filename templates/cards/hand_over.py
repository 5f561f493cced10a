"""A role on its way from one person to another: what the next one is asked, and what the swarm hears of it."""

from typing import Any

from domain.calls import key_of, line_of, taken_by
from domain.roster import Answer, Call
from domain.snapshot import Snapshot
from domain.team import Team
from templates.blocks import Block, actions, button, context, section
from templates.cards.briefing import clock_lines, newest_update
from templates.cards.card import SWARM, Card, direct, name_of, words_of
from templates.mrkdwn import Mrkdwn, People, Who, channel_link, quote
from templates.playbook import first_steps, open_button
from templates.terms import short_term, term
from templates.words import Words

HAND_OVER = "hand_over/"
NAMED = 5
"""More customers than anybody reads in one line."""


def hand_over_cards(snapshot: Snapshot, team: Team) -> list[Card]:
    """In the swarm: who took a role over, that whoever was asked by name does not come, or may be asked again."""
    asked = [call for call in snapshot.calls if call.asked_by and (call.hands_over or call.is_personal)]
    return [_outcome(call, snapshot, team) for call in asked if _is_told(call)]


def offer(call: Call, snapshot: Snapshot, team: Team) -> Card:
    """To the next person: everything that comes with the role."""
    incident = snapshot.incident
    person = snapshot.slack_id(call.person)
    words = words_of(snapshot, team, person)
    facts = _facts(call, snapshot, words)
    value = f"{incident.number}/{call.number}"
    waiting = call.answer is Answer.WAITING and incident.is_open
    blocks: list[Block]
    if waiting:
        blocks = [
            section(words("hand_over.asked", **facts)),
            *_note(call, words),
            context(Mrkdwn("\n".join(passed_on(snapshot, team, words)))),
            context(
                words("hand_over.until_then", wait=team.call_time_out.of(incident.severity), **facts),
            ),
            actions(
                button(words.plain("button.take_over"), "call.accept", value, style="primary"),
                button(words.plain("button.decline"), "call.decline", value),
                block_id="call",
            ),
            *first_steps(team.playbook.first_steps([call.role], incident), words),
        ]
    elif call.answer is Answer.ACCEPTED:
        blocks = [context(words("hand_over.you_have_it", **facts)), *_note(call, words)]
        if incident.is_open and team.playbook.first_steps([call.role], incident):
            blocks.append(actions(open_button(incident.number, words), block_id="call"))
    else:
        blocks = [context(_ended(call, snapshot, words, facts))]
    return Card(key_of(call), direct(person), tuple(blocks), live=waiting, pings=True)


def handed_over_to(call: Call, snapshot: Snapshot, words: Words, **facts: Any) -> Mrkdwn:
    """What stands on the card of somebody whose role another has taken over."""
    after = (one for one in line_of(call, snapshot.calls) if one.number > call.number)
    came = (Answer.ACCEPTED, Answer.HANDED_OVER)
    taker = next((one for one in after if one.hands_over and one.answer in came), None)
    who = Who(snapshot.slack_id(taker.person)) if taker else Mrkdwn("")
    return words("hand_over.you_handed_over", **{**facts, "who": who})


def _is_told(call: Call) -> bool:
    if call.answer in (Answer.DECLINED, Answer.UNANSWERED):
        return True
    told = (Answer.ACCEPTED, Answer.HANDED_OVER, Answer.OVER)
    return call.hands_over is not None and call.answer in told


def _outcome(call: Call, snapshot: Snapshot, team: Team) -> Card:
    words = words_of(snapshot, team)
    incident = snapshot.incident
    taken = call.answer in (Answer.ACCEPTED, Answer.HANDED_OVER)
    place = _place(call, snapshot)
    told = [call.asked_by] if call.asked_by else []
    if taken and place:
        told.append(snapshot.slack_id(place.person))
    told = [who for who in dict.fromkeys(told) if who != snapshot.slack_id(call.person)]
    live = incident.is_open and call.answer is not Answer.HANDED_OVER and not _is_old(call, snapshot)
    facts = {
        **_facts(call, snapshot, words),
        "who": name_of(call.person, snapshot),
        "before": name_of(place.person, snapshot) if place else Mrkdwn(""),
        "people": People(tuple(told)),
        "at": call.answered_at,
    }
    if not live:
        return Card(
            f"{HAND_OVER}{call.number}",
            SWARM,
            (context(words(f"hand_over.{_told_shortly(call)}", **facts)),),
            live=False,
            pings=True,
        )
    text = words(_told(call), **facts)
    blocks = [section(words("hand_over.to", people=facts["people"], text=text) if told else text)]
    value = f"{incident.number}/{call.number}"
    if call.answer is Answer.OVER:
        again = button(words.plain("button.ask_again"), "hand_over.again", value)
        blocks += [*_note(call, words), actions(again, block_id="hand_over")]
    elif not taken:
        asks = "incident.assign" if call.hands_over else "incident.call_people"
        other = button(words.plain("button.assign_other"), asks, value)
        blocks.append(actions(other, block_id="hand_over"))
    return Card(f"{HAND_OVER}{call.number}", SWARM, tuple(blocks), live=True, pings=True, needs=tuple(told))


def _is_old(call: Call, snapshot: Snapshot) -> bool:
    """Whether something was asked for since; where it ended with the incident, reopening is nothing of the kind."""
    if call.answer is Answer.OVER:
        return any(one.number > call.number and one.hands_over for one in line_of(call, snapshot.calls))
    return any(one.number > call.number and one.role is call.role for one in snapshot.calls)


def _told_shortly(call: Call) -> str:
    if call.answer is Answer.OVER:
        return "over_short"
    return "done_short" if call.answer in (Answer.ACCEPTED, Answer.HANDED_OVER) else "failed_short"


def _told(call: Call) -> str:
    if call.answer in (Answer.ACCEPTED, Answer.HANDED_OVER):
        return "hand_over.done"
    kind = "expert_" if call.hands_over is None else ""
    return f"hand_over.{kind}{call.answer.value}"


def _facts(call: Call, snapshot: Snapshot, words: Words) -> dict[str, Any]:
    incident = snapshot.incident
    place = _place(call, snapshot)
    return {
        "number": incident.number,
        "title": incident.title,
        "severity": short_term(incident.severity, words),
        "role": term(call.role, words),
        "where": channel_link(incident.channel_id) if incident.channel_id else Mrkdwn(""),
        "asker": name_of(call.asked_by or "", snapshot),
        "who": name_of(place.person, snapshot) if place else Mrkdwn(""),
    }


def _place(call: Call, snapshot: Snapshot) -> Call | None:
    return next((one for one in snapshot.calls if one.number == call.hands_over), None)


def _note(call: Call, words: Words) -> list[Block]:
    return [context(Mrkdwn(f"{words('hand_over.note')}\n{quote(call.note)}"))] if call.note else []


def passed_on(snapshot: Snapshot, team: Team, words: Words) -> list[Mrkdwn]:
    """The promise to customers, the SLA clocks, who is affected and what they heard last."""
    incident = snapshot.incident
    lines = [clock_lines(snapshot, team, words)]
    if snapshot.updates:
        newest = snapshot.updates[-1]
        lines.append(newest_update(newest, words, who=name_of(newest.author, snapshot)))
    else:
        lines.append(words("hand_over.nothing_told"))
    known = team.customers_named(incident.customers)
    named = [
        words("hand_over.key_customer", name=one.name) if one.is_key else one.name
        for one in sorted(known, key=lambda one: not one.is_key)
    ]
    if named:
        more = len(named) - NAMED
        name = "hand_over.customers_more" if more > 0 else "hand_over.customers"
        lines.append(words(name, customers=words.join(named[:NAMED]), more=more))
    return lines


def _ended(call: Call, snapshot: Snapshot, words: Words, facts: dict[str, Any]) -> Mrkdwn:
    match call.answer:
        case Answer.HANDED_OVER:
            return handed_over_to(call, snapshot, words, **facts)
        case Answer.DECLINED:
            return words("hand_over.you_declined", **facts)
        case Answer.UNANSWERED:
            return words("hand_over.you_did_not_answer", **facts)
        case Answer.OVER:
            return words("hand_over.you_need_not", **facts)
        case Answer.TAKEN if taker := taken_by(call, snapshot.calls):
            return words("call.taken", **{**facts, "who": Who(snapshot.slack_id(taker.person))})
        case _:
            return words("hand_over.not_needed", **facts)
