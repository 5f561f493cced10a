"""The cards Hachi keeps in Slack, in every state and both languages, as people read them."""

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from domain.customer_updates import LANGUAGES, Receipt
from domain.ladder import ReminderState
from domain.roster import Answer
from domain.snapshot import Snapshot
from sandbox.block_kit import checked_blocks
from sandbox.readable import buttons_of, readable
from templates.blocks import Block
from templates.cards.card import Card
from templates.screen import screen
from tests.templates.records import CALLS, NAMES, TEAM, after, snapshot
from tests.templates.situations import OFFER, SEEN, late, with_receipts

ESCALATING = replace(TEAM, escalation=("U0BEN",), update_channels=("customer-news",))


def cards(seen: Snapshot, language: str) -> list[Card]:
    """What would stand in Slack, each card as Slack takes it; the team and the swarm speak one language."""
    seen = replace(seen, incident=replace(seen.incident, language=language))
    wanted = screen(seen, replace(ESCALATING, language=language))
    assert wanted is not None
    for card in wanted.cards:
        checked_blocks(list(card.blocks))
    return list(wanted.cards)


def as_read(shown: list[Card]) -> str:
    """Every card with its place, its text and its buttons."""
    return "\n\n".join(
        "\n".join([f"== {card.key} @ {card.place}", text(card), *pressable(card.blocks)]) for card in shown
    )


def text(card: Card) -> str:
    return readable(card.fallback, list(card.blocks), tz="Asia/Tokyo", names=NAMES)


def pressable(blocks: tuple[Block, ...]) -> list[str]:
    return [f"[{one.text}] {one.action_id} {one.value}" for one in buttons_of(list(blocks))]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SEEN)
def test_the_cards(name: str, language: str, snapshot: SnapshotAssertion) -> None:
    assert as_read(cards(SEEN[name], language)) == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SEEN)
def test_what_people_typed_is_escaped_once_and_nothing_else_is(name: str, language: str) -> None:
    for card in cards(SEEN[name], language):
        shown = str(card.blocks)
        assert "&lt;!date" not in shown
        assert "&lt;@" not in shown
        assert "&amp;lt;" not in shown
        assert "<が>" not in "".join(markup(card.blocks))


def test_one_live_reminder_has_buttons_and_the_ones_before_have_none() -> None:
    shown = {card.key: card for card in cards(late(2), "ja") if card.place == "swarm"}
    assert pressable(shown["reminder/update/2/0"].blocks) == []
    assert pressable(shown["reminder/update/2/1"].blocks) == []
    assert len(pressable(shown["reminder/update/2/2"].blocks)) == 5


def test_whoever_had_the_role_for_a_while_keeps_the_reminder_they_got() -> None:
    back = replace(
        CALLS[0], number=6, hands_over=5, called_at=after(39), answered_at=after(40), asked_by="U0SITA"
    )
    calls = (
        replace(CALLS[0], answer=Answer.HANDED_OVER, answered_at=after(35)),
        *CALLS[1:],
        replace(OFFER, answer=Answer.HANDED_OVER, answered_at=after(40)),
        back,
    )
    got = {"reminder/update/2/1": ("U0ADA", "U0SITA")}
    seen = late(1, calls=calls, in_person=got)
    shown = {card.place: card.live for card in cards(seen, "en") if card.key.endswith("/2/1")}
    assert (shown["dm:U0ADA"], shown["dm:U0SITA"]) == (True, False)


def test_an_overtaken_rung_is_never_wanted() -> None:
    seen = late(2)
    overtaken = replace(seen.reminders[1], state=ReminderState.OVERTAKEN)
    keys = [
        card.key
        for card in cards(replace(seen, reminders=(seen.reminders[0], overtaken, seen.reminders[2])), "ja")
    ]
    assert "reminder/update/2/1" not in keys
    assert "reminder/update/2/2" in keys


def test_customers_read_their_own_language_and_no_button() -> None:
    shown = {card.place: card for card in cards(with_receipts(Receipt.SENT), "ja") if card.key == "update/1"}
    assert "Update 1" in text(shown["channel:globex-support"])
    assert "第1報" in text(shown["channel:acme-support"])
    for place in ("channel:globex-support", "channel:acme-support"):
        assert pressable(shown[place].blocks) == []
        assert "<@" not in str(shown[place].blocks)


def test_a_swarm_speaks_its_incidents_language_and_the_announcement_the_teams() -> None:
    seen = snapshot()
    english = replace(seen, incident=replace(seen.incident, language="en"))
    wanted = screen(english, ESCALATING)
    assert wanted is not None and "Investigating" in wanted.topic
    shown = {card.key: text(card) for card in wanted.cards}
    assert "Next customer update by" in shown["briefing"]
    assert "調査中" in shown["announcement"]


def test_the_longest_title_and_summary_stay_within_slacks_limits() -> None:
    seen = snapshot()
    long = replace(seen.incident, title="&" * 120, summary="<" * 2000)
    cards(replace(seen, incident=long), "ja")


def test_a_private_incident_is_announced_nowhere() -> None:
    seen = snapshot()
    hidden = replace(seen, incident=replace(seen.incident, private=True))
    assert all(not card.place.startswith("channel:") for card in cards(hidden, "ja"))


def markup(blocks: tuple[Block, ...]) -> list[str]:
    """The texts in which Slack looks for markup."""
    found = []
    for block in blocks:
        texts = [block.get("text"), *block.get("elements", [])]
        found += [one["text"] for one in texts if isinstance(one, dict) and one.get("type") == "mrkdwn"]
    return found
