"""The form for the customers an incident affects. The snapshots beside this file are the form as people read it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from domain.customer_updates import LANGUAGES
from domain.severity import Assessment, Level, Severity, Suggestion, UrgentBecause
from domain.sla import sla_clocks
from domain.team import Customer
from templates.forms.customers import customers_form, customers_outlook
from templates.words import Words
from tests.templates.form_outline import outline
from tests.templates.records import DECLARED_AT, TEAM, incident
from tests.templates.test_customer_update_form import TextSnapshot

DRAFT = "d" * 32


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TextSnapshot)


@pytest.mark.parametrize("language", LANGUAGES)
def test_as_it_opens(language: str, snapshot: SnapshotAssertion) -> None:
    assert outline(customers_form(DRAFT, incident(), TEAM, Words(language, "Asia/Tokyo"))) == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_with_what_the_choice_would_do(language: str, snapshot: SnapshotAssertion) -> None:
    words = Words(language, "Asia/Tokyo")
    before = incident(customers=("globex",), assessment=Assessment(urgency=Level.LOW, impact=Level.HIGH))
    now = replace(before, customers=("acme",))
    live = customers_outlook(
        before,
        now,
        TEAM,
        words,
        sla=sla_clocks(now, TEAM, (), ()),
        managers=("U0SITA",),
        suggestion=Suggestion(
            number=1,
            at=DECLARED_AT,
            severity=Severity.ONE,
            urgent_because=(UrgentBecause.KEY_CUSTOMER,),
        ),
        at=DECLARED_AT,
    )
    assert outline(customers_form(DRAFT, before, TEAM, words, live=live)) == snapshot


def test_a_customer_whose_time_is_up_already_is_said_to_be() -> None:
    now = incident(customers=("acme",))
    live = customers_outlook(
        incident(customers=()),
        now,
        TEAM,
        Words("en", "Asia/Tokyo"),
        sla=sla_clocks(now, TEAM, (), ()),
        managers=(),
        suggestion=None,
        at=DECLARED_AT + timedelta(hours=2),
    )
    assert "response breached" in "".join(live)
    assert "resolution breached" not in "".join(live)


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_more_customers_than_a_menu_holds_the_affected_are_first_and_others_are_typed(
    language: str, snapshot: SnapshotAssertion
) -> None:
    crowd = replace(TEAM, customers={f"c{n:03}": Customer(name=f"C{n}") for n in range(101)})
    view = customers_form(DRAFT, incident(customers=("c100",)), crowd, Words(language, "Asia/Tokyo"))
    (chosen,) = (block for block in view["blocks"] if block.get("block_id") == "customers")
    assert [one["value"] for one in chosen["element"]["initial_options"]] == ["c100"]
    assert chosen["element"]["options"][0]["value"] == "c100"
    assert chosen["hint"]["text"] == snapshot(name=f"hint-{language}")
    assert "more_customers" in {block.get("block_id") for block in view["blocks"]}
