"""The update form, its preview and its receipts. The snapshots beside this file are the forms as people read them."""

from dataclasses import replace
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from domain.customer_updates import LANGUAGES, SWARM, Delivery, Facts, Kind, Receipt, Recipient
from domain.incident import State
from domain.snapshot import Snapshot
from domain.team import Customer
from templates.forms.customer_updates import (
    FACTS,
    PHRASES,
    UpdateForm,
    kinds_offered,
    lacks_words,
    not_sent,
    recipients_view,
    update_form,
    update_preview,
)
from templates.forms.reminders import snooze_form
from templates.forms.typed_times import typed_time
from templates.words import Words
from tests.templates.form_outline import outline
from tests.templates.notice_scenario import FIRST, HOLDING, INCIDENT, PROGRESS, STORY, TEAM, at


class TextSnapshot(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TextSnapshot)


TOLD = replace(
    TEAM,
    customers={
        "acme": Customer(name="Acme 病院", language="ja", channels=("acme-support",)),
        "globex": Customer(name="Globex & Co", language="en", channels=("globex-support",)),
    },
)
ACME = Recipient(place="acme-support", language="ja", customers=("acme",))
GLOBEX = Recipient(place="globex-support", language="en", customers=("globex",))
NEWS = Recipient(place="customer-news", language="ja")


def words(language: str) -> Words:
    return Words(language, "Asia/Tokyo", {"U01": "花"})


def form(**facts: Any) -> UpdateForm:
    held: dict[str, Any] = {
        "draft_id": "d" * 32,
        "incident": INCIDENT,
        "team": TOLD,
        "kind": Kind.FIRST,
        "state": State.INVESTIGATING,
        "languages": ("ja",),
        "typed": {"next_update": "14:45"},
        "promise": at("14:45"),
        "recipients": (ACME, NEWS),
        "updates": (),
    }
    return UpdateForm(**held | facts)


TYPED = {
    **{name: getattr(PROGRESS.facts["ja"], name) for name in FACTS},
    **{f"{name}_en": getattr(PROGRESS.facts["en"], name) for name in FACTS},
    "next_update": "15:10",
}
FORMS = {
    "first notice": form(),
    "progress in two languages": form(
        kind=Kind.PROGRESS,
        state=State.IDENTIFIED,
        languages=("ja", "en"),
        typed=TYPED,
        promise=at("15:10"),
        recipients=(ACME, GLOBEX),
        updates=(FIRST,),
    ),
    "still working on it": form(kind=Kind.HOLDING, updates=(FIRST,)),
    "somebody was faster": form(kind=Kind.SCOPE, updates=(FIRST, PROGRESS), shown_update=2),
    "one fact is wanted": form(kind=Kind.PROGRESS, updates=(FIRST, HOLDING), needs_words=True),
    "a time nobody can read": form(typed={"next_update": "あとで"}, promise=None),
    "no customer channel": form(recipients=(Recipient(place=SWARM, language="ja"),)),
    "a word in another language": form(to_translate="The standby is warm. <!channel>"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", FORMS)
def test_the_update_form(case: str, language: str, snapshot: SnapshotAssertion) -> None:
    assert outline(update_form(FORMS[case], words(language))) == snapshot


PREVIEWS = {
    "in both languages": (
        form(recipients=(ACME, NEWS, GLOBEX), updates=(FIRST,), languages=("ja", "en")),
        PROGRESS,
    ),
    "without English words": (
        form(recipients=(ACME, GLOBEX), updates=(FIRST,)),
        replace(PROGRESS, facts={"ja": PROGRESS.facts["ja"], "en": Facts()}),
    ),
    "nothing new": (form(recipients=(GLOBEX,), updates=(FIRST, PROGRESS)), HOLDING),
    "in the swarm": (form(recipients=(Recipient(place=SWARM, language="ja"),)), FIRST),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", PREVIEWS)
def test_the_preview(case: str, language: str, snapshot: SnapshotAssertion) -> None:
    shown, update = PREVIEWS[case]
    assert outline(update_preview(shown, update, words(language))) == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_it_was_not_sent(language: str, snapshot: SnapshotAssertion) -> None:
    said = words(language)("refusals.incident_unknown", number=12, command="/incident")
    assert outline(not_sent(said, words(language))) == snapshot


def receipts(*deliveries: Delivery) -> Snapshot:
    return Snapshot(
        incident=INCIDENT,
        revision=1,
        clock=None,
        updates=STORY,
        deliveries=deliveries,
        channels={"customer-news": "C0NEWS"},
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_receipts_begin_with_whom_it_did_not_reach(language: str, snapshot: SnapshotAssertion) -> None:
    known = receipts(
        Delivery(number=2, recipient=ACME, receipt=Receipt.SENT, at=at("14:41")),
        Delivery(number=2, recipient=NEWS),
        Delivery(number=2, recipient=GLOBEX, receipt=Receipt.FAILED, at=at("14:41"), error="is_archived"),
        Delivery(number=1, recipient=ACME, receipt=Receipt.SENT, at=at("14:15")),
    )
    assert outline(recipients_view(known, TOLD, 2, words(language))) == snapshot


def test_a_thousand_receipts_fit_a_modal() -> None:
    many = [
        Delivery(
            number=2,
            recipient=Recipient(place="ch" * 39, language="ja", customers=("acme",) * 40),
            receipt=Receipt.FAILED,
            error="an_error_nobody_knows",
        )
        for _ in range(1000)
    ]
    assert "1000件" in outline(recipients_view(receipts(*many), TOLD, 2, words("ja")))


def test_a_thousand_recipients_fit_a_preview() -> None:
    many = tuple(
        Recipient(place=f"customer-channel-{n}", language=("ja", "en")[n % 2], customers=("acme",))
        for n in range(1000)
    )
    shown = outline(update_preview(form(recipients=many), FIRST, words("ja")))
    assert "500件" in shown
    assert "ほか440件" in shown


def test_the_longest_texts_fit_a_form() -> None:
    longest = dict.fromkeys(TYPED, "<" * 3500)
    huge = form(
        incident=replace(INCIDENT, title="長" * 120),
        languages=("ja", "en"),
        typed=longest,
        updates=(replace(FIRST, facts={"ja": Facts(symptom="&" * 2000, affected="<" * 2000)}),),
        shown_update=1,
        to_translate="<" * 4000,
        kind=Kind.PROGRESS,
    )
    outline(update_form(huge, words("ja")))


def test_the_only_first_update_is_the_first_notice_or_that_we_are_on_it() -> None:
    assert kinds_offered([]) == (Kind.FIRST, Kind.HOLDING)
    assert Kind.FIRST not in kinds_offered([FIRST])


def test_a_language_lacks_words_when_another_has_them() -> None:
    symptom = Facts(symptom="x")
    assert lacks_words({"ja": symptom}, "en")
    assert lacks_words({"ja": replace(symptom, doing="y"), "en": symptom}, "en")
    assert not lacks_words({"ja": symptom, "en": replace(symptom, doing="y")}, "en")
    assert not lacks_words({}, "en")


def test_every_ready_sentence_exists_in_every_language() -> None:
    for language in LANGUAGES:
        sentences = [words(language).plain(f"phrase.{phrase}") for phrase in PHRASES]
        assert len(set(sentences)) == len(PHRASES)
        assert max(map(len, sentences)) <= 75  # It is an option of a menu.


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_snooze_form(language: str, snapshot: SnapshotAssertion) -> None:
    wait = TOLD.cadences.default.snooze
    assert outline(snooze_form("d" * 32, INCIDENT, wait, words(language))) == snapshot


@pytest.mark.parametrize(
    ("moment", "typed"),
    [
        (at("14:30"), "14:30"),
        (at("00:10", day=25), "11/25 00:10"),
        (at("14:30").replace(year=2027), "2027/11/24 14:30"),
    ],
)
def test_a_time_is_written_as_a_person_types_it(moment: Any, typed: str) -> None:
    assert typed_time(moment, now=at("23:50"), words=words("ja")) == typed
