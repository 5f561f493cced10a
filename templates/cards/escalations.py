"""An escalation: the question to whoever is asked, how it stands, the answer, and that nobody is left to ask."""

from typing import Any

from domain.escalations import About, Ask, Escalation, ask_key, asked_again
from domain.incident import Role
from domain.ladder import holders
from domain.matters import Matter
from domain.roster import Answer
from domain.snapshot import Snapshot
from domain.team import Team
from templates.blocks import Block, actions, button, context, section
from templates.cards.calls import asked_late
from templates.cards.card import SWARM, Card, direct, name_of, words_of
from templates.cards.hand_over import passed_on
from templates.mrkdwn import Mrkdwn, People, Who, channel_link, escape, quote
from templates.terms import short_term, term
from templates.words import Words


def about_in_words(about: About, team: Team, words: Words) -> str:
    """What knowledge, or which decision, is asked for."""
    if about.skill:
        return about.skill
    if about.product:
        product = team.products.get(about.product)
        return product.called(words.language) if product else about.product
    return term(Matter(about.topic), words)


def escalation_cards(snapshot: Snapshot, team: Team) -> list[Card]:
    cards = []
    for one in snapshot.escalations:
        cards.append(_standing(one, snapshot, team))
        cards += [_asked(turn, one, snapshot, team) for turn in range(1, len(one.asks) + 1)]
        if one.replied_by:
            cards.append(_answer(one, snapshot, team))
        if one.nobody_left_at:
            cards.append(_nobody_left(one, snapshot, team))
        if one.withdrawn_at:
            cards.append(_withdrawn(one, snapshot, team))
    return cards


def _standing(escalation: Escalation, snapshot: Snapshot, team: Team) -> Card:
    """In the swarm, edited as it goes on: who asks what, who was asked when, and what came of it."""
    words = words_of(snapshot, team)
    facts = _facts(escalation, snapshot, team, words)
    lines = [_stands(ask, escalation, snapshot, words) for ask in escalation.asks]
    if escalation.withdrawn_at:
        lines.append(words("escalation.withdrawn_at", at=escalation.withdrawn_at))
    blocks = [
        section(Mrkdwn(f"{words('escalation.heading', **facts)}\n{quote(escalation.question)}")),
        context(Mrkdwn("\n".join(lines))),
    ]
    live = snapshot.incident.is_open and escalation.withdrawn_at is None
    return Card(f"escalation/{escalation.number}", SWARM, tuple(blocks), live=live)


def _stands(ask: Ask, escalation: Escalation, snapshot: Snapshot, words: Words) -> Mrkdwn:
    return words(
        f"escalation.asked_{ask.answer.value}",
        who=name_of(ask.person, snapshot),
        asked=ask.at,
        at=ask.answered_at,
        until=escalation.deadline,
    )


def _asked(turn: int, escalation: Escalation, snapshot: Snapshot, team: Team) -> Card:
    """To the person asked in this turn."""
    incident, ask = snapshot.incident, escalation.asks[turn - 1]
    person = snapshot.slack_id(ask.person)
    words = words_of(snapshot, team, person)
    facts = _facts(escalation, snapshot, team, words)
    value = f"{incident.number}/{escalation.number}"
    reply = button(words.plain("button.escalation_answer"), "escalation.answer", value, style="primary")
    waiting = ask.answer is Answer.WAITING and incident.is_open
    blocks: list[Block]
    if waiting:
        blocks = [
            section(Mrkdwn(f"{words('escalation.ask', **facts)}\n{quote(escalation.question)}")),
            context(Mrkdwn("\n".join(passed_on(snapshot, team, words)))),
            context(words("escalation.answer_by", until=escalation.deadline)),
            *asked_late(ask.at, snapshot, words),
            actions(
                reply,
                button(words.plain("button.decline"), "escalation.decline", value),
                block_id="escalation",
            ),
        ]
    elif ask.answer is Answer.ACCEPTED:
        text = Mrkdwn(f"{words('escalation.you_answered', **facts)}\n{quote(escalation.reply)}")
        blocks = [context(text)]
    else:
        blocks = [context(_without(turn, escalation, snapshot, words, facts))]
        if (
            ask.answer in (Answer.DECLINED, Answer.UNANSWERED)
            and incident.is_open
            and not escalation.replied_by
            and not escalation.withdrawn_at
        ):
            blocks += [context(words("escalation.still_welcome")), actions(reply, block_id="escalation")]
    return Card(ask_key(escalation, turn), direct(person), tuple(blocks), live=waiting, pings=True)


def _without(
    turn: int, escalation: Escalation, snapshot: Snapshot, words: Words, facts: dict[str, Any]
) -> Mrkdwn:
    """What was done as this person did not answer, or need not any more."""
    if escalation.replied_by:
        who = Who(escalation.replied_by)
        return words("escalation.answered_by_another", **{**facts, "who": who})
    answer = escalation.asks[turn - 1].answer
    if answer not in (Answer.DECLINED, Answer.UNANSWERED):
        return words("escalation.you_need_not", **facts)
    if turn < len(escalation.asks):
        who = Who(snapshot.slack_id(escalation.asks[turn].person))
        return words(f"escalation.{answer.value}_next", **{**facts, "who": who})
    return words(f"escalation.{answer.value}", **facts)


def _answer(escalation: Escalation, snapshot: Snapshot, team: Team) -> Card:
    """An edit notifies nobody, so the answer is a message of its own to whoever asked."""
    words = words_of(snapshot, team)
    facts = _facts(escalation, snapshot, team, words)
    who = name_of(escalation.replied_by or "", snapshot)
    heading = words("escalation.answered", **{**facts, "who": who}, person=Who(escalation.asked_by))
    return Card(
        f"escalation_answer/{escalation.number}",
        SWARM,
        (section(Mrkdwn(f"{heading}\n{quote(escalation.reply)}")),),
        pings=True,
        needs=(escalation.asked_by,),
    )


def _nobody_left(escalation: Escalation, snapshot: Snapshot, team: Team) -> Card:
    words = words_of(snapshot, team)
    facts = _facts(escalation, snapshot, team, words)
    roles = (Role.OWNER, Role.DUTY_MANAGER)
    told = [snapshot.slack_id(who) for role in roles for who in holders(snapshot.calls, role)]
    told = list(dict.fromkeys([*told, escalation.asked_by]))
    live = snapshot.incident.is_open and not escalation.replied_by and not escalation.withdrawn_at
    if live:
        people = People(tuple(told))
        blocks = [section(words("escalation.nobody_left", people=people, **facts))]
    else:
        blocks = [context(words("escalation.nobody_left_over", **facts))]
    key = f"escalation_nobody/{escalation.number}"
    return Card(key, SWARM, tuple(blocks), live=live, pings=True, needs=tuple(told))


def _withdrawn(escalation: Escalation, snapshot: Snapshot, team: Team) -> Card:
    """After the incident was reopened: whoever asked decides whether the answer is still needed."""
    words = words_of(snapshot, team)
    incident = snapshot.incident
    facts = _facts(escalation, snapshot, team, words)
    again = asked_again(escalation, snapshot.escalations)
    live = incident.is_open and again is None
    if live:
        heading = words("escalation.withdrawn", person=Who(escalation.asked_by), **facts)
        value = f"{incident.number}/{escalation.number}"
        blocks = [
            section(Mrkdwn(f"{heading}\n{quote(escalation.question)}")),
            actions(
                button(words.plain("button.ask_again"), "escalation.again", value), block_id="escalation"
            ),
        ]
    elif again:
        who = name_of(again.asked_by, snapshot)
        blocks = [context(words("escalation.asked_again", **{**facts, "who": who}, at=again.asked_at))]
    else:
        blocks = [context(words("escalation.withdrawn_short", **facts))]
    key = f"escalation_withdrawn/{escalation.number}"
    return Card(key, SWARM, tuple(blocks), live=live, pings=True, needs=(escalation.asked_by,))


def _facts(escalation: Escalation, snapshot: Snapshot, team: Team, words: Words) -> dict[str, Any]:
    incident = snapshot.incident
    return {
        "number": incident.number,
        "title": incident.title,
        "severity": short_term(incident.severity, words),
        "where": channel_link(incident.channel_id) if incident.channel_id else Mrkdwn(""),
        "direction": term(escalation.about.direction, words),
        "about": escape(about_in_words(escalation.about, team, words)),
        "asker": name_of(escalation.asked_by, snapshot),
    }
