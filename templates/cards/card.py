"""A card: one message that Hachi keeps in one conversation, posted once and edited from then on."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from domain.snapshot import Snapshot
from domain.team import Team
from templates.blocks import Block, readable
from templates.mrkdwn import Mrkdwn, escape, mention
from templates.words import Words

TEXT_LIMIT = 4000
"""chat.update takes no more: https://docs.slack.dev/reference/methods/chat.update"""
SWARM = "swarm"
"""The incident's own channel."""
CHANNEL = "channel"
"""What stands for the opening of that channel among the cards."""


def in_channel(name: str) -> str:
    """The place of a channel that the settings name; a customer update's `swarm` is the swarm."""
    return SWARM if name == SWARM else f"channel:{name}"


def direct(person: str) -> str:
    """The place of a person's direct messages, by Slack user id."""
    return f"dm:{person}"


@dataclass(frozen=True)
class Card:
    key: str
    """Within the incident."""
    place: str
    blocks: tuple[Block, ...]
    text: str = ""
    """What notifications and screen readers say; made from the blocks where it is empty."""
    live: bool = True
    """False for a card that is not true any more: edited where it stands, never posted late."""
    pings: bool = False
    """Posted only while it is still true, checked in the same step that notes the attempt."""
    frozen: bool = False
    """Never edited once it stands: what customers were told stays what they were told."""
    after: str | None = None
    """The key of a card that has to stand in the same place before."""
    needs: tuple[str, ...] = ()
    """People who must be members before a mention reaches them."""

    @property
    def kind(self) -> str:
        """What it is about: `briefing`, `call`, `update`."""
        return self.key.partition("/")[0]

    @property
    def is_reminder(self) -> bool:
        return self.kind == "reminder"

    @cached_property
    def fallback(self) -> str:
        return (self.text or readable(self.blocks))[:TEXT_LIMIT]

    @cached_property
    def digest(self) -> str:
        """Changes whenever what is shown changes."""
        shown = json.dumps([self.blocks, self.fallback], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(shown.encode()).hexdigest()[:16]


def words_of(snapshot: Snapshot, team: Team, person: str | None = None) -> Words:
    """The words of a swarm, which speaks its incident's language, or of what one person reads alone."""
    language = snapshot.locales.get(person, team.language) if person else snapshot.incident.language
    return Words(language, team.timezone, snapshot.names)


def name_of(person: str, snapshot: Snapshot) -> Mrkdwn:
    """A person named without being called: they know already, or need not act."""
    return escape(snapshot.names.get(snapshot.slack_id(person), "")) or mention(snapshot.slack_id(person))


def value(snapshot: Snapshot) -> str:
    """What a button carries: the incident, and the wait it belongs to."""
    return f"{snapshot.incident.number}/{snapshot.clock.cycle if snapshot.clock else 0}"
