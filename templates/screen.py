"""What Slack should look like for one incident: a pure function of its records."""

import re
from dataclasses import dataclass, replace

from domain.calls import called
from domain.channel_names import swarm_channel_name
from domain.snapshot import Snapshot
from domain.team import Team
from templates.cards.briefing import announcement, briefing, declared, topic
from templates.cards.calls import call_cards
from templates.cards.card import SWARM, Card, words_of
from templates.cards.customer_updates import customer_update_cards
from templates.cards.escalations import escalation_cards
from templates.cards.hand_over import hand_over_cards
from templates.cards.reminders import pinged_ids, reminder_cards
from templates.cards.sla import sla_cards
from templates.cards.suggestions import suggestion_cards
from templates.mrkdwn import Mrkdwn

_MENTION = re.compile(r"<@[UW][A-Z0-9]+>")


@dataclass(frozen=True, kw_only=True)
class Screen:
    channel_name: str
    private: bool
    topic: str
    members: tuple[str, ...]
    """Whom the swarm's channel should have been offered to; nobody is ever removed."""
    cards: tuple[Card, ...]
    pinned: str
    """The key of the pinned card."""


def screen(snapshot: Snapshot, team: Team) -> Screen | None:
    """None for an ordinary case, which has no place in Slack."""
    incident = snapshot.incident
    if not incident.swarm:
        return None
    members = [
        incident.declared_by,
        *(snapshot.slack_id(call.person) for call in called(snapshot.calls) if call.person),
    ]
    members += [snapshot.slack_id(ask.person) for one in snapshot.escalations for ask in one.asks]
    members += [*snapshot.joined, *pinged_ids(snapshot, team)]
    cards = [briefing(snapshot, team), declared(snapshot, team)]
    if not incident.private:
        cards.append(announcement(snapshot, team))
    cards += call_cards(snapshot, team)
    cards += hand_over_cards(snapshot, team)
    cards += escalation_cards(snapshot, team)
    cards += reminder_cards(snapshot, team)
    cards += sla_cards(snapshot, team)
    cards += suggestion_cards(snapshot, team)
    cards += customer_update_cards(snapshot, team)
    if incident.private:
        cards = [_unnamed(card, snapshot, team) for card in cards]
    # The name of a private channel is seen by more people than its members: on screens that are shared, in exports.
    title = "" if incident.private else incident.title
    return Screen(
        channel_name=swarm_channel_name(incident.number, title, generation=incident.channel_generation),
        private=incident.private,
        topic=topic(snapshot, team),
        members=tuple(dict.fromkeys(members)),
        cards=tuple(cards),
        pinned=cards[0].key,
    )


def is_true(snapshot: Snapshot, team: Team, key: str, place: str) -> bool:
    """Whether a card still says something that is true, so that it may be posted."""
    wanted = screen(snapshot, team)
    return wanted is not None and any(
        card.live for card in wanted.cards if (card.key, card.place) == (key, place)
    )


def _unnamed(card: Card, snapshot: Snapshot, team: Team) -> Card:
    """A notification may be read by others, on a locked phone or in a mail: it says that there is something, no more."""
    kind, _, reader = card.place.partition(":")
    if kind not in (SWARM, "dm"):
        return card
    words = words_of(snapshot, team, reader)
    name = f"private.{card.key.partition('/')[0]}"
    said = words(name if words.has(name) else "private.notice", number=snapshot.incident.number)
    called = dict.fromkeys(_MENTION.findall(card.fallback))
    return replace(card, text=Mrkdwn(" ".join([said, *called])))
