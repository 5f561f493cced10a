"""The fewest calls after which Slack shows what the records say: decided here, made elsewhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.by_hand import Thing
from domain.incident import Incident
from storage.shown import INVITE, Shown
from templates.cards.card import CHANNEL, SWARM, Card
from templates.screen import Screen

LOOK_AFTER = timedelta(seconds=2)
"""After an attempt of unknown outcome, when to look whether it had its effect: effects land late, history lags."""
LOOK_AGAIN_AFTER = timedelta(seconds=3)
LOOKS = 2
EDIT_AGAIN_AFTER = timedelta(seconds=30)
CHECK_AFTER = timedelta(seconds=60)
CHECKS = 3
WAIT_FOR_CHANNEL = timedelta(seconds=2)
NOWHERE = "nowhere"
"""What was refused is not the card but its place: as soon as there is an address, it is tried again."""

TOPIC = Thing.TOPIC.value
PIN = Thing.PIN.value


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
        if shown and shown.channel_id and not self.is_elsewhere(shown):
            return shown.channel_id
        if kind == "dm":
            # Slack opens the conversation when it is posted to; who is not matched yet has none.
            return None if "@" in name else name
        return self.channels.get(name)

    def is_elsewhere(self, shown: Shown) -> bool:
        """Whether Slack lost the channel it stood in, and another of that name is known by now."""
        kind, _, name = shown.place.partition(":")
        now = self.channels.get(name) if kind == "channel" else None
        return shown.stopped == "channel_not_found" and now not in (None, shown.channel_id)

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
    card: Shown
    """The message to pin."""


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


@dataclass(frozen=True)
class Overtake:
    """A reminder that was never posted and is not true any more: it never will be, and the records say so."""

    shown: Shown
    card: Card


@dataclass(frozen=True)
class LetGo:
    """Slack refused what nobody wants any more: it is no trouble now."""

    shown: Shown


Note = GiveUp | Overtake | LetGo
"""What is only written down, without a call to Slack."""
Call = OpenChannel | FindChannel | Invite | SetTopic | Pin | Post | Edit | LookUp | Note


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
        yield from self.notes()

    def channel_opens_now(self) -> bool:
        """Whether other cards wait for the channel, so that they can link to it; never for long."""
        shown = self.known(CHANNEL)
        if self.incident.channel_id or shown.stopped or self.channel_is_throttled:
            return False
        if shown.attempted_at is None:
            return True
        until = shown.attempted_at + WAIT_FOR_CHANNEL
        if until > self.at:
            self.waits.append(until)
        return until > self.at

    def channel(self) -> Iterator[Call]:
        shown = self.known(CHANNEL)
        if not self.may_go(shown, self.screen.channel_name):
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
            and "@" not in person  # Not matched with Slack yet; the card says the name meanwhile.
            and self.may_go(shown, person)
        ]
        for start in range(0, len(waiting), 100):
            yield Invite(tuple(waiting[start : start + 100]))

    def topic(self) -> Iterator[Call]:
        shown = self.known(TOPIC)
        if shown.by_hand.let_be:
            return
        if self.may_go(shown, self.screen.topic) and (
            shown.digest != self.screen.topic or self.due_to_repeat(shown)
        ):
            yield SetTopic(shown, self.screen.topic)

    def pin(self) -> Iterator[Call]:
        card = self.known(self.screen.pinned)
        shown = self.known(PIN)
        if shown.by_hand.let_be:
            return
        if card.ts and shown.digest != card.ts and self.may_go(shown, card.ts):
            yield Pin(shown, card)

    def card(self, card: Card, to_look_up: dict[str, list[tuple[Shown, Card]]]) -> Iterator[Call]:
        shown = self.known(card.key, card.place)
        if shown.ts and self.addresses.is_elsewhere(shown):
            shown = replace(
                shown, ts=None, channel_id=None, attempted_at=None, check_at=None, stopped_digest=None
            )
        to = self.addresses.of(card.place, self.incident, shown)
        if to is None:
            yield from self.without_address(card, shown)
        elif not self.may_go(shown, card.digest):
            return
        elif shown.ts is not None:
            if shown.check_at and shown.check_at <= self.at:
                to_look_up.setdefault(card.place, []).append((shown, card))
                return
            if shown.check_at:
                self.waits.append(shown.check_at)
            # What customers were told stays; all else is edited, and once more where nobody knows which edit won.
            if not card.frozen and (shown.digest != card.digest or self.due_to_repeat(shown)):
                yield Edit(shown, card, to, shown.ts)
        elif shown.attempted_at is not None:
            if self.due_to_look(shown):
                to_look_up.setdefault(card.place, []).append((shown, card))
        elif card.live and self.reachable(card):
            yield Post(shown, card, to)

    def without_address(self, card: Card, shown: Shown) -> Iterator[Call]:
        error = self.addresses.problem(card.place)
        if card.live and error and (shown.stopped, shown.stopped_digest) != (error, NOWHERE):
            yield GiveUp(shown, card, error)

    def notes(self) -> Iterator[Call]:
        """Reminders that came too late, and troubles that are none any more."""
        begun = {key for (key, _), shown in self.shown.items() if shown.ts or shown.attempted_at}
        wanted = {(key, SWARM) for key in (TOPIC, PIN) if not self.known(key).by_hand.let_be}
        wanted |= {(f"{INVITE}{person}", SWARM) for person in self.screen.members}
        if self.incident.channel_id is None:
            wanted.add((CHANNEL, SWARM))
        for card in self.screen.cards:
            shown = self.known(card.key, card.place)
            if card.live or shown.ts or shown.attempted_at:
                wanted.add((card.key, card.place))
            elif card.is_reminder and card.place == SWARM and card.key not in begun:
                yield Overtake(shown, card)
        for item, shown in self.shown.items():
            if shown.stopped and item not in wanted:
                yield LetGo(shown)

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
        # What Slack refuses holds up nothing, but when it is tried again it goes first.
        return before.ts is not None or (before.stopped is not None and before.stopped_digest is not None)

    def due_to_look(self, shown: Shown) -> bool:
        """When to look for something attempted; how long after the first look is its `retry_at`."""
        if shown.attempted_at is None:
            return False
        return self.is_due(shown.attempted_at + LOOK_AFTER)

    def due_to_repeat(self, shown: Shown) -> bool:
        """Whether an edit of unknown outcome has to be sent once more: a late one may have come last."""
        return shown.attempted_at is not None and self.is_due(shown.attempted_at + EDIT_AGAIN_AFTER)

    def is_due(self, at: datetime) -> bool:
        if at > self.at:
            self.waits.append(at)
        return at <= self.at


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
