"""Which calls close the difference between what is wanted and what is shown: tables, without Slack or records."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from delivery import plan as planning
from delivery.plan import (
    Addresses,
    Call,
    Edit,
    FindChannel,
    GiveUp,
    Invite,
    LetGo,
    LookUp,
    OpenChannel,
    Overtake,
    Pin,
    Post,
    SetTopic,
)
from domain.incident import Incident, State
from domain.severity import Assessment, Level
from storage.shown import Shown
from templates.blocks import section
from templates.cards.card import Card
from templates.mrkdwn import Mrkdwn
from templates.screen import Screen

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def card(key: str = "briefing", place: str = "swarm", said: str = "hello", **more: object) -> Card:
    return Card(key, place, (section(Mrkdwn(said)),), **more)  # type: ignore[arg-type]


def incident(channel_id: str | None = "C1") -> Incident:
    return Incident(
        number=1,
        title="t",
        state=State.INVESTIGATING,
        assessment=Assessment(urgency=Level.HIGH, impact=Level.HIGH),
        declared_by="U1",
        declared_at=NOW,
        language="en",
        swarm=True,
        channel_id=channel_id,
    )


def calls(
    *shown: Shown,
    cards: tuple[Card, ...] = (),
    members: tuple[str, ...] = (),
    channel_id: str | None = "C1",
    addresses: Addresses | None = None,
    throttled: bool = False,
) -> tuple[tuple[Call, ...], float | None]:
    """The calls, and in how many seconds there may be more; the topic is set already."""
    screen = Screen(
        channel_name="inc-1-t", private=False, topic="t", members=members, cards=cards, pinned="briefing"
    )
    known = {("topic", "swarm"): Shown(key="topic", place="swarm", ts="done", digest="t")}
    known |= {(one.key, one.place): one for one in shown}
    decided = planning.plan(
        screen,
        incident(channel_id),
        known,
        addresses or Addresses(),
        at=NOW,
        channel_is_throttled=throttled,
    )
    wait = (decided.again_at - NOW).total_seconds() if decided.again_at else None
    return decided.calls, wait


NEW = Shown(key="briefing", place="swarm")
PINNED = Shown(key="pin", place="swarm", ts="done", digest="1.0")
STANDING = replace(NEW, ts="1.0", digest=card().digest, channel_id="C1")


@pytest.mark.parametrize(
    ("shown", "expected", "wait"),
    [
        (NEW, "Post", None),
        (replace(NEW, attempted_at=ago(1.5)), None, 0.5),
        (replace(NEW, attempted_at=ago(2)), "LookUp", None),
        (replace(NEW, attempted_at=ago(3), looked_up=1, retry_at=ago(-2)), None, 2),
        (replace(NEW, attempted_at=ago(5), looked_up=1, retry_at=ago(0)), "LookUp", None),
        (replace(NEW, check_at=ago(0)), "Post", None),
        (STANDING, None, None),
        (replace(STANDING, digest="older"), "Edit", None),
        (replace(STANDING, digest=None, retry_at=ago(-2), attempted_at=ago(0)), None, 2),
        (replace(STANDING, attempted_at=ago(29)), None, 1),
        (replace(STANDING, attempted_at=ago(30)), "Edit", None),
        (replace(STANDING, check_at=ago(-60)), None, 60),
        (replace(STANDING, check_at=ago(0)), "LookUp", None),
        (replace(NEW, stopped="is_archived", stopped_digest=card().digest), None, None),
        (replace(NEW, stopped="is_archived", stopped_digest="older"), "Post", None),
        (replace(NEW, stopped="is_archived", stopped_digest=None), "Post", None),
    ],
    ids=[
        "a new card is posted",
        "an attempt is given two seconds to show itself",
        "then it is looked for",
        "the second look comes three seconds after the first",
        "the second look",
        "not seen twice: it is posted again",
        "what is shown already needs nothing",
        "a changed card is edited",
        "an edit of unknown outcome waits a moment",
        "an edit of unknown outcome waits for a late one",
        "and is sent once more although nothing changed",
        "what was posted twice is checked after a minute",
        "the check",
        "what Slack refuses is let be",
        "until it changes",
        "or until its hour has come",
    ],
)
def test_a_card(shown: Shown, expected: str | None, wait: float | None) -> None:
    made, again = calls(shown, PINNED, cards=(card(),))
    assert [type(call).__name__ for call in made] == ([expected] if expected else [])
    assert again == wait


def test_a_frozen_card_is_never_edited() -> None:
    assert calls(replace(STANDING, digest="older"), PINNED, cards=(card(frozen=True),)) == ((), None)


def test_a_card_that_is_not_true_any_more_is_edited_but_never_posted() -> None:
    old = card(live=False)
    assert calls(NEW, cards=(old,)) == ((), None)
    (edit,), _ = calls(replace(STANDING, digest="older"), PINNED, cards=(old,))
    assert isinstance(edit, Edit)


def test_a_reminder_that_was_never_posted_and_is_over_is_recorded_as_overtaken() -> None:
    over = card("reminder/update/1/1", live=False, pings=True)
    (note,), _ = calls(cards=(over,))
    assert note == Overtake(Shown(key=over.key, place="swarm"), over)
    attempted = Shown(key=over.key, place="dm:U1", attempted_at=ago(1))
    assert calls(attempted, cards=(over,))[0] == ()


def test_trouble_with_what_nobody_wants_any_more_is_no_trouble() -> None:
    stopped = Shown(key="reminder/update/1/1", place="swarm", stopped="is_archived", stopped_digest="x")
    assert calls(stopped)[0] == (LetGo(stopped),)


def test_an_update_waits_for_the_one_before_it_in_its_channel() -> None:
    place = "channel:news"
    first, second = card("update/1", place), card("update/2", place, after="update/1")
    to = Addresses(channels={"news": "C2"})
    begun = Shown(key="update/1", place=place, attempted_at=ago(1))
    assert [type(call) for call in calls(cards=(first, second), addresses=to)[0]] == [Post]
    assert calls(begun, cards=(first, second), addresses=to)[0] == ()
    refused = replace(begun, attempted_at=None, stopped="is_archived", stopped_digest=first.digest)
    (post,), _ = calls(refused, cards=(first, second), addresses=to)
    assert isinstance(post, Post)
    assert post.card.key == "update/2"
    (post,), _ = calls(replace(refused, stopped_digest=None), cards=(first, second), addresses=to)
    assert isinstance(post, Post)
    assert post.card.key == "update/1"


def test_a_reminder_waits_until_those_it_mentions_are_members() -> None:
    wanted = card("reminder/update/1/1", needs=("U1",), pings=True)
    (invite,), _ = calls(cards=(wanted,), members=("U1",))
    assert invite == Invite(("U1",))
    for settled in ({"ts": "done"}, {"stopped": "cant_invite", "stopped_digest": "U1"}):
        invited = Shown(key="invite/U1", place="swarm", **settled)
        (post,), _ = calls(invited, cards=(wanted,), members=("U1",))
        assert isinstance(post, Post)


def test_people_are_invited_once_a_hundred_a_call_and_whoever_left_is_not_invited_again() -> None:
    people = tuple(f"U{n}" for n in range(150))
    made, _ = calls(Shown(key="invite/U7", place="swarm", ts="done"), members=people)
    assert [len(call.people) for call in made if isinstance(call, Invite)] == [100, 49]


def test_who_could_not_be_invited_is_tried_again_in_an_hour() -> None:
    refused = Shown(key="invite/U1", place="swarm", stopped="cant_invite", stopped_digest="U1")
    assert calls(refused, members=("U1",))[0] == ()
    assert calls(replace(refused, stopped_digest=None), members=("U1",))[0] == (Invite(("U1",)),)


def test_a_place_that_cannot_be_reached_is_named_once_and_used_as_soon_as_it_can_be() -> None:
    wanted = card("announcement", "channel:incidents")
    lost = Addresses(problems={"incidents": "channel_not_found"})
    shown = Shown(key="announcement", place="channel:incidents")
    assert calls(cards=(wanted,), addresses=lost)[0] == (GiveUp(shown, wanted, "channel_not_found"),)
    given_up = replace(shown, stopped="channel_not_found", stopped_digest=planning.NOWHERE)
    assert calls(given_up, cards=(wanted,), addresses=lost)[0] == ()
    (post,), _ = calls(given_up, cards=(wanted,), addresses=Addresses(channels={"incidents": "C3"}))
    assert isinstance(post, Post)


CHANNEL = Shown(key="channel", place="swarm")


@pytest.mark.parametrize(
    ("shown", "throttled", "expected"),
    [
        (CHANNEL, False, [OpenChannel]),
        (replace(CHANNEL, attempted_at=ago(1)), False, []),
        (replace(CHANNEL, attempted_at=ago(2)), False, [FindChannel, Post]),
        (CHANNEL, True, [OpenChannel, Post]),
        (replace(CHANNEL, stopped="restricted_action", stopped_digest="inc-1-t"), False, [Post]),
    ],
    ids=["opens first", "others wait for it", "two seconds", "not when throttled", "nor when refused"],
)
def test_other_cards_wait_for_the_channel_to_link_to_but_never_for_long(
    shown: Shown, throttled: bool, expected: list[type]
) -> None:
    direct = card("declared", "dm:U1")
    made, _ = calls(shown, cards=(card(), direct), channel_id=None, throttled=throttled)
    assert [type(call) for call in made] == expected


def test_one_read_of_a_conversation_answers_for_all_its_cards() -> None:
    cards = (card("update/1"), card("update/2"))
    shown = [Shown(key=one.key, place="swarm", attempted_at=ago(9)) for one in cards]
    (look,), _ = calls(*shown, cards=cards)
    assert isinstance(look, LookUp)
    assert len(look.cards) == 2


def test_the_topic_is_set_when_it_changed_or_when_nobody_knows_which_came_last() -> None:
    topic = Shown(key="topic", place="swarm", ts="done", digest="t")
    assert calls(topic)[0] == ()
    for behind in (replace(topic, digest="old"), replace(topic, attempted_at=ago(31))):
        assert calls(behind)[0] == (SetTopic(behind, "t"),)


def test_the_pin_follows_the_card() -> None:
    assert calls(STANDING, cards=(card(),))[0] == (Pin(Shown(key="pin", place="swarm"), STANDING),)
    moved = replace(PINNED, digest="0.5")
    assert calls(STANDING, moved, cards=(card(),))[0] == (Pin(moved, STANDING),)
