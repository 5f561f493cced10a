"""The card that suggests a graver severity: the owner decides, and the card says what became of it."""

from domain.incident import Incident
from domain.ladder import answering_for_owner
from domain.severity import Decision, Suggestion
from domain.snapshot import Snapshot
from domain.team import Team
from templates.blocks import Block, actions, button, context, section
from templates.cards.card import SWARM, Card, name_of, words_of
from templates.mrkdwn import Mrkdwn, People
from templates.terms import term
from templates.words import Words

SUGGESTION = "suggestion/"


def suggestion_cards(snapshot: Snapshot, team: Team) -> list[Card]:
    return [_card(one, snapshot, team) for one in snapshot.incident.suggestions]


def suggests(incident: Incident, number: int) -> bool:
    """Whether that suggestion still waits for a decision."""
    waiting = incident.suggestion
    return incident.is_open and waiting is not None and waiting.number == number


def suggestion_text(suggestion: Suggestion, incident: Incident, words: Words) -> Mrkdwn:
    """What is suggested, and which criteria say so."""
    between = words.plain("declare.between_reasons")
    reasons = between.join(
        term(one, words) for one in (*suggestion.urgent_because, *suggestion.impact_because)
    )
    old, new = term(incident.severity, words), term(suggestion.severity, words)
    return words("suggestion.open", old=old, new=new, reasons=reasons)


def suggestion_buttons(suggestion: Suggestion, incident: Incident, words: Words) -> tuple[Block, Block]:
    carried = f"{incident.number}/{suggestion.number}"
    return (
        button(words.plain("button.severity_review"), "severity.review", carried, style="primary"),
        button(words.plain("button.severity_keep"), "severity.keep", carried),
    )


def _card(suggestion: Suggestion, snapshot: Snapshot, team: Team) -> Card:
    words = words_of(snapshot, team)
    incident = snapshot.incident
    live = suggests(incident, suggestion.number)
    owners = answering_for_owner(snapshot.calls, declared_by=incident.declared_by)
    called = tuple(dict.fromkeys(snapshot.slack_id(who) for who in owners))
    if live:
        people = People(tuple(called))
        text = suggestion_text(suggestion, incident, words)
        blocks = [
            section(words("suggestion.to", people=people, text=text)),
            actions(*suggestion_buttons(suggestion, incident, words), block_id="suggestion"),
        ]
    else:
        blocks = [context(_outcome(suggestion, snapshot, words))]
    return Card(f"{SUGGESTION}{suggestion.number}", SWARM, tuple(blocks), live=live, pings=True, needs=called)


def _outcome(suggestion: Suggestion, snapshot: Snapshot, words: Words) -> Mrkdwn:
    new = term(suggestion.severity, words)
    if suggestion.decision is Decision.OPEN:
        return words("suggestion.over", new=new)
    name = f"suggestion.{suggestion.decision.value}"
    if suggestion.decided_by is None:
        return words(name, new=new)
    who = name_of(suggestion.decided_by, snapshot)
    return words(f"{name}_by", new=new, who=who, at=suggestion.decided_at)
