"""The playbook as people read it: in a call, the panel, help, and as a checklist; in both languages."""

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from bot.config_playbook import shipped_playbook
from domain.customer_updates import LANGUAGES
from domain.incident import Category, State
from domain.playbook import Part, Tick
from domain.snapshot import Snapshot
from sandbox.block_kit import checked_view
from templates.blocks import modal
from templates.cards.calls import call_cards
from templates.forms.playbook import checklist_view, skip_form
from templates.playbook import progress, what_to_do
from templates.words import Words
from tests.templates.records import CALLS, NAMES, PEOPLE, TEAM, after, checklist, incident

TEAM_WITH_STEPS = replace(TEAM, playbook=shipped_playbook())
TICKS = (
    Tick(step="owner/investigating/lead", person="U0ADA", at=after(3)),
    Tick(
        step="owner/investigating/severity",
        person="U0CHO",
        at=after(4),
        skipped_because="<!channel> 明らかなため",
    ),
)


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


def words(language: str) -> Words:
    return Words(language, "Asia/Tokyo", NAMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_checklist_shows_what_was_done_and_what_skipped(
    language: str, snapshot: SnapshotAssertion
) -> None:
    found = checklist(incident(), Part.OWNER, playbook=shipped_playbook(), ticks=TICKS)
    view = checklist_view("draft", found, Part.OWNER, words(language))
    checked_view(view)
    assert view == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_to_skip_a_step_is_to_choose_it_and_say_why(language: str, snapshot: SnapshotAssertion) -> None:
    found = checklist(incident(), Part.OWNER, playbook=shipped_playbook(), ticks=TICKS)
    view = skip_form("draft", found, Part.OWNER, words(language))
    checked_view(view)
    assert view == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_and_panel_say_what_is_left_for_each_of_the_readers_roles(
    language: str, snapshot: SnapshotAssertion
) -> None:
    mine = (Part.OWNER, Part.SERVICE_LEVEL_MANAGER)
    found = checklist(incident(), *mine, playbook=shipped_playbook(), ticks=TICKS)
    blocks = [*what_to_do(found, words(language)), *progress(found, words(language))]
    checked_view(modal("x", "x", [block | {"block_id": str(n)} for n, block in enumerate(blocks)], close="x"))
    assert blocks == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_call_says_what_to_do_first_and_once_accepted_where_the_rest_is(
    language: str, snapshot: SnapshotAssertion
) -> None:
    seen = Snapshot(
        incident=incident(category=Category.SOFTWARE),
        revision=1,
        clock=None,
        calls=CALLS[:2],
        people=PEOPLE,
        locales=dict.fromkeys(PEOPLE.values(), language),
    )
    cards = call_cards(seen, TEAM_WITH_STEPS)
    assert [(card.key, card.blocks) for card in cards] == snapshot


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("category", list(Category))
@pytest.mark.parametrize("part", list(Part))
def test_slack_takes_every_checklist_that_ships(part: Part, category: Category, state: State) -> None:
    found = checklist(incident(state=state, category=category), part, playbook=shipped_playbook())
    for language in LANGUAGES:
        checked_view(checklist_view("draft", found, part, words(language)))
        checked_view(skip_form("draft", found, part, words(language))) if found.left(part) else None
    if state not in (State.CLOSED, State.WITHDRAWN):
        assert 3 <= len(found.steps[part]) <= 7
