"""The forms that bring people into a swarm. The snapshots beside this file are the forms as people read them."""

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from domain.customer_updates import LANGUAGES
from domain.incident import Role
from domain.roster import SkillToCall
from templates.forms.assign import assign_form
from templates.forms.call_people import call_people_form
from templates.forms.escalations import escalate_form, escalation_answer_form, topics
from templates.words import Words
from tests.templates.form_outline import outline
from tests.templates.records import CALLS, NAMES, TEAM
from tests.templates.records import snapshot as records
from tests.templates.situations import ESCALATION
from tests.templates.test_customer_update_form import TextSnapshot

DRAFT = "d" * 32


def choice(
    skill: str, *, missing: bool = False, present: tuple[str, ...] = (), then: str | None = None
) -> SkillToCall:
    return SkillToCall(skill=skill, missing=missing, present=present, next=then)


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TextSnapshot)


def words(language: str) -> Words:
    return Words(language, "Asia/Tokyo", NAMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_that_hands_over_a_role(language: str, snapshot: SnapshotAssertion) -> None:
    seen = records(calls=(*CALLS[:3], replace(CALLS[3], role=Role.SERVICE_LEVEL_MANAGER)))
    view = assign_form(DRAFT, seen, words(language), role=Role.OWNER, person="U0BEN")
    assert outline(view) == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_that_calls_people(language: str, snapshot: SnapshotAssertion) -> None:
    choices = [
        choice("network", missing=True),
        choice("database", missing=True, then="U0SITA"),
        choice("payments", present=("U0BEN",), then="U0ADA"),
        choice("x" * 80),
    ]
    view = call_people_form(DRAFT, records().incident, choices, words(language))
    assert outline(view) == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_forms_that_escalate_and_answer(language: str, snapshot: SnapshotAssertion) -> None:
    payments = replace(TEAM.products["payments"], skills=("network",))
    team = replace(TEAM, products={**TEAM.products, "payments": payments}, escalation=("boss@example.com",))
    seen = words(language)
    asking = escalate_form(
        DRAFT,
        records().incident,
        topics(team),
        team,
        seen,
        deadline="14:20",
        chosen="going_public",
    )
    answering = escalation_answer_form(DRAFT, records().incident, ESCALATION, team, seen)
    assert outline(asking) + outline(answering) == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_team_without_skills_calls_by_name(language: str) -> None:
    assert "skills" not in outline(call_people_form(DRAFT, records().incident, [], words(language)))
