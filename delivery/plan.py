"""The fewest calls after which Slack shows what the records say: decided here, made elsewhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.incident import Incident
from storage.shown import Shown
from templates.cards.card import SWARM, Card
from templates.screen import Screen

LOOK_AFTER = (timedelta(seconds=2), timedelta(seconds=5))
"""After an attempt of unknown outcome, when to look whether it had its effect: effects land late, history lags."""
EDIT_AGAIN_AFTER = timedelta(seconds=30)
CHECK_AFTER = timedelta(seconds=60)
WAIT_FOR_CHANNEL = timedelta(seconds=2)

CHANNEL = "channel"
TOPIC = "topic"
PIN = "pin"
INVITE = "invite/"


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the places of cards are in Slack."""

    channels: Mapping[str, str] = field(default_factory=dict)
    """Slack channel id by the name the settings use."""
    problems: Mapping[str, str] = field(default_factory=dict)
    """Slack's error by the name of a channel that could not be reached."""

    def of(self, place: str, incident: Incident, shown: Shown | None) -> str | None:
        """The id to post to; None while it is not known."""
        kind, _, name = place.partition(":")
        if place == SWARM:
            return incident.channel_id
        if shown and shown.channel_id:
            return shown.channel_id
        if kind == "dm":
            # Slack opens the conversation when it is posted to; who is not matched yet has none.
            return None if "@" in name else name
        return self.channels.get(name)

    def problem(self, place: str) -> str | None:
        return self.problems.get(place.partition(":")[2])


@dataclass(frozen=True)
class OpenChannel:
    shown: Shown


@dataclass(frozen=True)
class FindChannel:
    """An attempt to open the channel had no known outcome: is it there?"""

    shown: Shown


@dataclass(frozen=True)
class Invite:
    people: tuple[str, ...]


@dataclass(frozen=True)
class SetTopic:
    shown: Shown
    text: str


@dataclass(frozen=True)
class Pin:
    shown: Shown
    ts: str


@dataclass(frozen=True)
class Post:
    shown: Shown
    card: Card
    to: str


@dataclass(frozen=True)
class Edit:
    shown: Shown
    card: Card
    to: str
    ts: str


@dataclass(frozen=True)
class LookUp:
    """Read a conversation's history for cards whose posting had no known outcome, or may have happened twice."""

    place: str
    to: str
    cards: tuple[tuple[Shown, Card], ...]


@dataclass(frozen=True)
class GiveUp:
    """There is no way to this card's place; people are told why."""

    shown: Shown
    card: Card
    error: str


Call = OpenChannel | FindChannel | Invite | SetTopic | Pin | Post | Edit | LookUp | GiveUp


@dataclass(frozen=True)
class Plan:
    calls: tuple[Call, ...]
    again_at: datetime | None
    """When something that has to wait may go on (machine time)."""


def items_of(call: Call) -> tuple[tuple[str, str], ...]:
    """The (key, place) of everything a call is about: one call at a time for each."""
    match call:
        case Invite(people=people):
            return tuple((f"{INVITE}{person}", SWARM) for person in people)
        case LookUp(cards=cards):
            return tuple((shown.key, shown.place) for shown, _ in cards)
        case _:
            return ((call.shown.key, call.shown.place),)


@dataclass
class _Planner:
    screen: Screen
    incident: Incident
    shown: Mapping[tuple[str, str], Shown]
    addresses: Addresses
    at: datetime
    channel_is_throttled: bool
    waits: list[datetime] = field(default_factory=list)

    def known(self, key: str, place: str = SWARM) -> Shown:
        return self.shown.get((key, place)) or Shown(key=key, place=place)

    def may_go(self, shown: Shown, digest: str) -> bool:
        """False while Slack asked for patience, and for what Slack refuses until something changes."""
        if shown.stopped and shown.stopped_digest == digest:
            return False
        if shown.retry_at and shown.retry_at > self.at:
            self.waits.append(shown.retry_at)
            return False
        return True

    def calls(self) -> Iterator[Call]:
        swarm_open = self.incident.channel_id is not None
        if not swarm_open:
            yield from self.channel()
        else:
            yield from self.invitations()
            yield from self.topic()
            yield from self.pin()
        to_look_up: dict[str, list[tuple[Shown, Card]]] = {}
        held = self.channel_opens_now()
        for card in self.screen.cards:
            if not swarm_open and (held or card.place == SWARM):
                continue
            yield from self.card(card, to_look_up)
        for place, cards in to_look_up.items():
            to = self.addresses.of(place, self.incident, cards[0][0])
            if to:
                yield LookUp(place, to, tuple(cards))

    def channel_opens_now(self) -> bool:
        """Whether other cards wait for the channel, so that they can link to it; never for long."""
        shown = self.known(CHANNEL)
        if self.incident.channel_id or shown.stopped or self.channel_is_throttled:
            return False
        return shown.attempted_at is None or self.at - shown.attempted_at < WAIT_FOR_CHANNEL

    def channel(self) -> Iterator[Call]:
        shown = self.known(CHANNEL)
        name = self.screen.channel_name
        if not self.may_go(shown, name):
            return
        if shown.attempted_at is None:
            yield OpenChannel(shown)
        elif self.due_to_look(shown):
            yield FindChannel(shown)

    def invitations(self) -> Iterator[Call]:
        waiting = [
            person
            for person in self.screen.members
            if (shown := self.known(f"{INVITE}{person}")).ts is None
            and not shown.stopped
            and "@" not in person  # Not matched with Slack yet; the card says the name meanwhile.
            and self.may_go(shown, person)
        ]
        for start in range(0, len(waiting), 100):
            yield Invite(tuple(waiting[start : start + 100]))

    def topic(self) -> Iterator[Call]:
        shown = self.known(TOPIC)
        if shown.digest != self.screen.topic and self.may_go(shown, self.screen.topic):
            yield SetTopic(shown, self.screen.topic)

    def pin(self) -> Iterator[Call]:
        ts = self.known(self.screen.pinned).ts
        shown = self.known(PIN)
        if ts and shown.digest != ts and self.may_go(shown, ts):
            yield Pin(shown, ts)

    def card(self, card: Card, to_look_up: dict[str, list[tuple[Shown, Card]]]) -> Iterator[Call]:
        shown = self.known(card.key, card.place)
        if not self.may_go(shown, card.digest):
            return
        to = self.addresses.of(card.place, self.incident, shown)
        if shown.ts is not None:
            if shown.check_at and shown.check_at <= self.at:
                to_look_up.setdefault(card.place, []).append((shown, card))
            elif shown.digest != card.digest and to and not card.frozen:
                yield Edit(shown, card, to, shown.ts)
            elif shown.check_at:
                self.waits.append(shown.check_at)
        elif shown.attempted_at is not None:
            if self.due_to_look(shown):
                to_look_up.setdefault(card.place, []).append((shown, card))
        elif card.live and self.reachable(card):
            if to:
                yield Post(shown, card, to)
            elif error := self.addresses.problem(card.place):
                yield GiveUp(shown, card, error)

    def reachable(self, card: Card) -> bool:
        """Whether everybody it mentions is a member, and what comes before it stands."""
        invited = all(
            self.known(f"{INVITE}{person}").ts or self.known(f"{INVITE}{person}").stopped
            for person in card.needs
            if "@" not in person
        )
        if not invited or card.after is None:
            return invited
        before = self.known(card.after, card.place)
        return before.ts is not None or before.stopped is not None

    def due_to_look(self, shown: Shown) -> bool:
        if shown.attempted_at is None:
            return False
        look_at = shown.attempted_at + LOOK_AFTER[min(shown.looked_up, len(LOOK_AFTER) - 1)]
        if look_at > self.at:
            self.waits.append(look_at)
            return False
        return True


def plan(
    screen: Screen,
    incident: Incident,
    shown: Mapping[tuple[str, str], Shown],
    addresses: Addresses,
    *,
    at: datetime,
    channel_is_throttled: bool = False,
) -> Plan:
    """What to call now, and when to look again; `at` is machine time."""
    planner = _Planner(screen, incident, shown, addresses, at, channel_is_throttled)
    calls = tuple(planner.calls())
    return Plan(calls, min(planner.waits, default=None))


def attempted(shown: Shown, *, at: datetime) -> Shown:
    """Written before a call: from here on its outcome is unknown until somebody says otherwise."""
    return replace(shown, attempted_at=at, looked_up=0, retry_at=None)
