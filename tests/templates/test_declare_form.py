"""The declare form, its live line and its answer, in both languages."""

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from domain.customer_updates import LANGUAGES
from domain.incident import Role
from domain.roster import Place
from domain.severity import Assessment, ImpactBecause, Level, Severity, UrgentBecause
from domain.sla import Team, sla_clocks
from sandbox.block_kit import checked_view
from templates.forms.declare import declare_form, live_line, ordinary_case, waiting_line
from templates.words import Words
from tests.templates.records import NAMES, PEOPLE, TEAM, after, incident


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


def words(language: str) -> Words:
    return Words(language, "Asia/Tokyo", NAMES)


PLACES = (
    Place(role=Role.OWNER, person="ada@example.com"),
    Place(role=Role.EXPERT, person="ben@example.com", skills=("payments", "database")),
    Place(role=Role.EXPERT, person="unknown@example.com", skills=("network",)),
    Place(role=Role.SERVICE_LEVEL_MANAGER, person="U0HANA", stands_in=True),
    Place(role=Role.DUTY_MANAGER, person="U0HANA", stands_in=True),
)
ASSESSMENTS = {
    "by the levels": Assessment(urgency=Level.HIGH, impact=Level.MEDIUM),
    "raised by what was ticked": Assessment(
        urgency=Level.LOW,
        impact=Level.LOW,
        urgent_because=(UrgentBecause.SPREADS, UrgentBecause.KEY_CUSTOMER),
        impact_because=(ImpactBecause.MONEY,),
    ),
    "overruled": Assessment(urgency=Level.HIGH, impact=Level.HIGH, override=Severity.THREE),
}


def live(language: str, assessment: Assessment, **facts: Any) -> list[dict[str, Any]]:
    shown: dict[str, Any] = {
        "swarm": True,
        "first_update_by": after(10),
        "sla": sla_clocks(incident(assessment=assessment), TEAM, (), ()),
        "places": PLACES,
        "missing": (),
        "people": PEOPLE,
        "look_alikes": (),
    }
    return live_line(words(language), assessment=assessment, **shown | facts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form(language: str, snapshot: SnapshotAssertion) -> None:
    form = declare_form(
        "draft", TEAM, words(language), title="", summary="", live=waiting_line(words(language))
    )
    checked_view(form)
    assert form == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", ASSESSMENTS)
def test_the_live_line(language: str, case: str, snapshot: SnapshotAssertion) -> None:
    assert live(language, ASSESSMENTS[case], look_alikes=(incident(),)) == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_live_line_at_night(language: str, snapshot: SnapshotAssertion) -> None:
    morning = after(18 * 60 - 2)
    places = (
        Place(role=Role.OWNER, person="U0HANA", stands_in=True),
        Place(role=Role.OWNER, person="ada@example.com", call_at=morning),
        Place(role=Role.EXPERT, person="ben@example.com", skills=("payments",), call_at=morning),
        Place(role=Role.SERVICE_LEVEL_MANAGER, person="sita@example.com"),
        Place(role=Role.DUTY_MANAGER, person="cho@example.com"),
    )
    assert live(language, ASSESSMENTS["by the levels"], places=places, missing=("network",)) == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_live_line_of_an_ordinary_case(language: str, snapshot: SnapshotAssertion) -> None:
    assert live(language, Assessment(urgency=Level.LOW, impact=Level.LOW), swarm=False) == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_to_an_ordinary_case(language: str, snapshot: SnapshotAssertion) -> None:
    case = incident(swarm=False, assessment=Assessment(urgency=Level.LOW, impact=Level.LOW))
    view = ordinary_case(case, words(language), command="/incident")
    checked_view(view)
    assert view == snapshot


def test_redrawing_changes_nothing_but_the_live_part() -> None:
    before = declare_form("d", TEAM, words("ja"), title="決済", summary="x", live=waiting_line(words("ja")))
    lines = live("ja", ASSESSMENTS["overruled"], look_alikes=(incident(),))
    later = declare_form("d", TEAM, words("ja"), title="決済", summary="x", live=lines)
    inputs = [[b for b in form["blocks"] if b["type"] == "input"] for form in (before, later)]
    assert inputs[0] == inputs[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_texts_stay_within_slacks_limits(language: str) -> None:
    places = tuple(
        Place(role=Role.EXPERT, person=f"{'x' * 60}{n}@example.com", skills=(f"技能{n}" * 10,))
        for n in range(60)
    )
    lines = live(
        language,
        ASSESSMENTS["raised by what was ticked"],
        places=places,
        look_alikes=(incident(title="長" * 120),) * 1,
    )
    form = declare_form("d" * 32, Team(), words(language), title="長" * 4000, summary="&" * 4000, live=lines)
    checked_view(form)
