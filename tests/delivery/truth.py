"""What must hold whenever it is quiet: Slack shows what the records say, each thing once."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from domain.ladder import ReminderState
from domain.snapshot import Snapshot
from sandbox import Channel, Message
from storage.shown import Shown
from storage.snapshots import snapshot
from storage.tables import IncidentRow
from templates.cards.card import SWARM, Card
from templates.screen import Screen, screen
from tests.whole import Hachi

LONG_ENOUGH = 60


async def converge(hachi: Hachi) -> None:
    """Let machine time pass until nothing is left to do; what waits for the hourly try is not waited for."""
    for _ in range(LONG_ENOUGH):
        if not await pass_next_wait(hachi):
            # Slack's own time did not pass meanwhile: the two must not drift apart from test step to test step.
            hachi.rewind()
            return
    raise AssertionError("it never becomes quiet")


async def all_said(hachi: Hachi) -> None:
    """Let machine time pass until every message outside incidents is as it should be."""
    for _ in range(LONG_ENOUGH):
        await hachi.program.show_bulletins()
        async with hachi.program.database.reading() as tx:
            due = await tx.bulletins.due(by=hachi.machine_now() + timedelta(hours=1), limit=1)
        if not due:
            return
        assert due[0].again_at
        hachi.machine_waits(max(0.01, (due[0].again_at - hachi.machine_now()).total_seconds() + 0.5))
    raise AssertionError("there is always one more to be said")


def outside_incidents(hachi: Hachi) -> dict[str, list[Message]]:
    """The messages outside incidents that stand in Slack, by their key."""
    found: dict[str, list[Message]] = {}
    for channel in hachi.sandbox.workspace.channels.values():
        for message in channel.messages:
            carried = (message.metadata or {}).get("event_payload", {}).get("key", "")
            if carried.startswith("hachi/"):
                found.setdefault(carried.removeprefix("hachi/"), []).append(message)
    return found


async def until_next(hachi: Hachi) -> datetime | None:
    """When more can be done, by machine time; None when nothing waits."""
    return min(await _waits(hachi), default=None)


async def pass_next_wait(hachi: Hachi) -> bool:
    """Do what can be done now, then let machine time pass until more can; False when nothing waits."""
    await hachi.settled()
    waits = await _waits(hachi)
    if waits:
        hachi.machine_waits(max(0.01, (min(waits) - hachi.machine_now()).total_seconds() + 0.5))
    return bool(waits)


async def _waits(hachi: Hachi) -> list[datetime]:
    async with hachi.program.database.reading() as tx:
        found = await tx.session.execute(
            select(IncidentRow.retry_at, IncidentRow.lease_until).where(IncidentRow.dirty.is_(True))
        )
        return [lease or retry or hachi.machine_now() for retry, lease in found]


def ours(hachi: Hachi, number: int) -> Iterator[tuple[Channel, str, Message]]:
    """Every message about the incident, with the key it carries."""
    for channel in hachi.sandbox.workspace.channels.values():
        for message in channel.messages if not channel.deleted else ():
            carried = (message.metadata or {}).get("event_payload", {}).get("key", "")
            incident, _, key = carried.partition("/")
            if incident == str(number):
                yield channel, key, message


def of_card(*keys: str) -> Callable[[dict[str, object]], bool]:
    """Whether a call posts one of these cards."""

    def concerns(args: dict[str, object]) -> bool:
        metadata = args.get("metadata")
        payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
        return isinstance(payload, dict) and str(payload.get("key", "")).partition("/")[2] in keys

    return concerns


@dataclass
class ByHand:
    """What people have changed in Slack themselves: it may stand as they left it, or as Hachi put it right."""

    topics: set[int] = field(default_factory=set)
    pins: set[int] = field(default_factory=set)
    deleted: set[tuple[int, str, str]] = field(default_factory=set)
    """Incident, channel and key of cards."""
    left: set[tuple[int, str]] = field(default_factory=set)
    """Incident and person."""
    renamed: dict[int, set[str]] = field(default_factory=dict)
    """Channels by incident."""
    archived: set[str] = field(default_factory=set)
    """Channels."""


NOTHING_BY_HAND = ByHand()


@dataclass(frozen=True)
class Seen:
    snapshot: Snapshot
    screen: Screen
    shown: dict[tuple[str, str], Shown]


async def look(hachi: Hachi, number: int) -> Seen:
    async with hachi.program.database.reading() as tx:
        seen = await snapshot(tx, number)
        shown = await tx.shown.of(number)
    wanted = screen(seen, hachi.team)
    assert wanted is not None
    return Seen(seen, wanted, shown)


async def check(
    hachi: Hachi, number: int, *, pings_per_rung: int = 1, by_hand: ByHand = NOTHING_BY_HAND
) -> None:
    """Everything that must hold for one incident when nothing is left to do."""
    seen = await look(hachi, number)
    incident = seen.snapshot.incident
    channel = hachi.sandbox.workspace.channels[incident.channel_id or ""]
    standing = {(where.id, key): message for where, key, message in ours(hachi, number)}
    assert Counter(Counter((where.id, key) for where, key, _ in ours(hachi, number)).values()).keys() <= {1}

    expected = {}
    for card in seen.screen.cards:
        where = conversation(hachi, seen, card)
        if where is None:
            assert not card.live, card.key
            continue
        deleted = (number, where.id, card.key) in by_hand.deleted
        if (where.id, card.key) in standing or (card.live and not deleted):
            expected[(where.id, card.key)] = card
    assert set(standing) == set(expected), (set(standing) ^ set(expected), number)
    for item, card in expected.items():
        row = seen.shown[(card.key, card.place)]
        assert row.ts == standing[item].ts, card.key
        assert card.frozen or standing[item].text == card.fallback, card.key

    assert channel.topic == seen.screen.topic or number in by_hand.topics
    pinned = [pin.ts for pin in channel.pins]
    assert number in by_hand.pins or pinned == [standing[(channel.id, "briefing")].ts]
    left = {person for incident, person in by_hand.left if incident == number}
    assert {one for one in seen.screen.members if "@" not in one} <= set(channel.members) | left
    assert not seen.snapshot.troubles
    gone = {key for incident, _, key in by_hand.deleted if incident == number}
    _check_reminders(hachi, seen, pings_per_rung, gone)
    _check_updates(hachi, number)


def conversation(hachi: Hachi, seen: Seen, card: Card) -> Channel | None:
    """Where the card stands, if there is such a place yet."""
    kind, _, name = card.place.partition(":")
    workspace = hachi.sandbox.workspace
    if card.place == SWARM:
        return workspace.channels[seen.snapshot.incident.channel_id or ""]
    if kind == "dm":
        return workspace.direct(hachi.sandbox.bot_user_id, name)
    return workspace.channels[seen.snapshot.channels[name]]


def _check_reminders(hachi: Hachi, seen: Seen, pings_per_rung: int, gone: set[str]) -> None:
    number = seen.snapshot.incident.number
    # Where the swarm's own was overtaken, somebody may have got theirs as a direct message before.
    posted = {key for _, key, _ in ours(hachi, number)}
    for reminder in seen.snapshot.reminders:
        key = f"reminder/update/{reminder.cycle}/{reminder.rung}"
        assert key in gone or (key in posted) == (reminder.state is ReminderState.RAISED), key
    pings = Counter(
        (person, message.metadata["event_payload"]["key"], message.channel_id)
        for person, messages in hachi.sandbox.workspace.pings.items()
        for message in messages
        if message.metadata and message.metadata["event_payload"]["key"].startswith(f"{number}/")
    )
    assert max(pings.values(), default=0) <= pings_per_rung, pings.most_common(1)


def _check_updates(hachi: Hachi, number: int) -> None:
    for channel in hachi.sandbox.workspace.channels.values():
        told = [
            (message.ts, int(key.removeprefix("update/")))
            for where, key, message in ours(hachi, number)
            if where is channel and key.startswith("update/")
        ]
        order = [update for _, update in sorted(told)]
        assert order == sorted(set(order)), channel.name
