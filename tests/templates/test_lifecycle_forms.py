"""The forms that change and end an incident. The snapshots beside this file are the forms as people read them."""

from dataclasses import replace
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from domain.customer_updates import LANGUAGES, Recipient
from domain.severity import Assessment, Level, Severity, UrgentBecause
from templates.forms.lifecycle import (
    ResolveForm,
    close_form,
    reopen_form,
    resolve_form,
    state_form,
    withdraw_form,
)
from templates.forms.severity import severity_form
from tests.templates.form_outline import outline
from tests.templates.notice_scenario import INCIDENT, RECOVERY, RESOLVED, STORY
from tests.templates.test_customer_update_form import ACME, GLOBEX, TOLD, TextSnapshot, words

DRAFT = "d" * 32
CASE = replace(INCIDENT, swarm=False, assessment=Assessment(urgency=Level.LOW, impact=Level.LOW))


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TextSnapshot)


KEY = Assessment(
    urgency=Level.LOW,
    impact=Level.MEDIUM,
    urgent_because=(UrgentBecause.KEY_CUSTOMER,),
    accident=True,
    override=Severity.THREE,
)
SEVERITIES = {
    "as it is": INCIDENT.assessment,
    "lower": Assessment(urgency=Level.MEDIUM, impact=Level.MEDIUM),
    "an accident, overridden": KEY,
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", SEVERITIES)
def test_the_severity_form(case: str, language: str, snapshot: SnapshotAssertion) -> None:
    view = severity_form(DRAFT, INCIDENT, SEVERITIES[case], TOLD, words(language))
    assert outline(view) == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_severity_form_of_a_case_that_gets_a_swarm(language: str, snapshot: SnapshotAssertion) -> None:
    grave = Assessment(urgency=Level.HIGH, impact=Level.HIGH)
    view = severity_form(DRAFT, CASE, grave, TOLD, words(language))
    assert outline(view) == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_state_form(language: str, snapshot: SnapshotAssertion) -> None:
    assert outline(state_form(DRAFT, INCIDENT, words(language))) == snapshot


def resolving(**facts: Any) -> ResolveForm:
    held: dict[str, Any] = {
        "draft_id": DRAFT,
        "incident": INCIDENT,
        "team": TOLD,
        "languages": ("ja",),
        "typed": {"started_at": "14:08", "ended_at": "15:30"},
        "recipients": (ACME,),
        "updates": STORY[:3],
    }
    return ResolveForm(**held | facts)


RESOLVING = {
    "as it opens": resolving(),
    "with what customers will read": resolving(
        languages=("ja", "en"),
        recipients=(ACME, GLOBEX),
        typed={
            "started_at": "14:03",
            "ended_at": "15:12",
            "done": RECOVERY.facts["ja"].done,
            "done_en": RECOVERY.facts["en"].done,
        },
        final=RECOVERY,
        ended=RESOLVED,
    ),
    "with a time that cannot be": resolving(problem="“End” must be after the start (<!channel>)."),
    "an ordinary case": resolving(incident=CASE),
    "no customer channel": resolving(recipients=(Recipient(place="swarm", language="ja"),)),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", RESOLVING)
def test_the_resolve_form(case: str, language: str, snapshot: SnapshotAssertion) -> None:
    assert outline(resolve_form(RESOLVING[case], words(language))) == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reopen_form(language: str, snapshot: SnapshotAssertion) -> None:
    assert outline(reopen_form(DRAFT, RESOLVED, TOLD, words(language))) == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_close_form(language: str, snapshot: SnapshotAssertion) -> None:
    assert outline(close_form(DRAFT, RESOLVED, words(language))) == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("told", [True, False])
def test_the_withdraw_form(told: bool, language: str, snapshot: SnapshotAssertion) -> None:
    view = withdraw_form(
        DRAFT,
        INCIDENT,
        words(language),
        told=told,
        recipients=(ACME, GLOBEX),
        languages=("ja", "en") if told else (),
    )
    assert outline(view) == snapshot
