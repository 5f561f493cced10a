"""What customers read. The snapshots beside this file are the notices themselves, as a mail would carry them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from domain.customer_updates import CustomerUpdate, Facts, Kind
from domain.incident import DataLoss, State
from domain.severity import Assessment, Level
from domain.team import Team
from templates.notices import notice, slack_notice, slack_sections
from tests.templates.notice_scenario import (
    COMPANY,
    FIRST,
    HOLDING,
    INCIDENT,
    PROGRESS,
    PROGRESS_EN,
    PROGRESS_JA,
    RECOVERY,
    RESOLVED,
    STORY,
    TEAM,
    at,
    mail,
    read,
    update,
)

LANGUAGES = ("ja", "en")
STATE_OF = {
    Kind.FIRST: State.INVESTIGATING,
    Kind.SCOPE: State.INVESTIGATING,
    Kind.PROGRESS: State.IDENTIFIED,
    Kind.HOLDING: State.IDENTIFIED,
    Kind.MONITORING: State.MONITORING,
    Kind.RESOLVED: State.RESOLVED,
    Kind.CORRECTION: State.WITHDRAWN,
}
LAST = (Kind.RESOLVED, Kind.CORRECTION)


class Letter(SingleFileSnapshotExtension):
    """One readable text file a notice."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest.fixture
def letter(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(Letter)


def told(kind: Kind, *, number: int = 5, **facts: Facts) -> CustomerUpdate:
    """An update of a kind, fifth of the incident unless it must be the first."""
    return update(
        1 if kind is Kind.FIRST else number,
        kind,
        STATE_OF[kind],
        "15:40",
        None if kind in LAST else "16:00",
        **facts,
    )


EACH_KIND_AND_LANGUAGE = [(kind, language) for kind in Kind for language in LANGUAGES]


# The story, to compare with the notices of a well-run support desk


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", STORY, ids=lambda step: f"{step.number}-{step.kind}")
def test_an_outage_is_told_from_the_first_notice_to_the_last(
    step: CustomerUpdate, language: str, letter: SnapshotAssertion
) -> None:
    incident = RESOLVED if step is RECOVERY else INCIDENT
    company = COMPANY if language == "ja" else "Tsubame Zakka"
    assert mail(read(step, language, incident=incident, addressee=company)) == letter


# Every kind


@pytest.mark.parametrize(("kind", "language"), EACH_KIND_AND_LANGUAGE)
def test_every_kind_with_facts(kind: Kind, language: str, letter: SnapshotAssertion) -> None:
    facts = {"ja": PROGRESS_JA, "en": PROGRESS_EN}
    assert mail(read(told(kind, **facts), language, earlier=(FIRST, PROGRESS))) == letter


@pytest.mark.parametrize(("kind", "language"), EACH_KIND_AND_LANGUAGE)
def test_every_kind_without_facts_leaves_their_lines_out(
    kind: Kind, language: str, letter: SnapshotAssertion
) -> None:
    said = read(told(kind), language, earlier=(FIRST, PROGRESS))
    assert mail(said) == letter
    assert "None" not in said.body
    assert "：\n" not in said.body and ":\n" not in said.body


@pytest.mark.parametrize(("kind", "language"), EACH_KIND_AND_LANGUAGE)
def test_every_kind_in_a_language_nobody_wrote_marks_the_original(
    kind: Kind, language: str, letter: SnapshotAssertion
) -> None:
    facts = {"en": PROGRESS_EN} if language == "ja" else {"ja": PROGRESS_JA}
    said = read(told(kind, **facts), language, earlier=(FIRST, PROGRESS))
    assert mail(said) == letter
    mark = (
        "（以下は英語の原文です）"
        if language == "ja"
        else "(The following is the original text in Japanese.)"
    )
    assert mark in said.body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("loss", DataLoss)
def test_data_loss_is_stated_even_if_there_was_none(
    loss: DataLoss, language: str, letter: SnapshotAssertion
) -> None:
    assert mail(read(replace(RECOVERY, data_loss=loss), language, incident=RESOLVED)) == letter


@pytest.mark.parametrize("language", LANGUAGES)
def test_data_loss_nobody_spoke_about_is_not_called_none(language: str) -> None:
    said = read(replace(RECOVERY, data_loss=None), language)
    unknown = read(replace(RECOVERY, data_loss=DataLoss.UNKNOWN), language)
    assert said == unknown


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_practice_says_so_in_the_subject_and_in_the_body(language: str, letter: SnapshotAssertion) -> None:
    said = read(FIRST, language, incident=replace(INCIDENT, practice=True))
    assert said.subject.startswith("【訓練】" if language == "ja" else "[PRACTICE] ")
    assert mail(said) == letter


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_holding_update_can_be_the_very_first_and_needs_no_free_text(
    language: str, letter: SnapshotAssertion
) -> None:
    said = read(told(Kind.HOLDING, number=1), language)
    assert mail(said) == letter
    assert "第1報" in said.subject or "Update 1" in said.subject


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_outage_that_comes_back_is_not_called_progress(language: str, letter: SnapshotAssertion) -> None:
    again = told(Kind.SCOPE, ja=FIRST.facts["ja"], en=FIRST.facts["en"])
    assert mail(read(again, language)) == letter


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_incident_without_a_product_is_called_by_its_title(
    language: str, letter: SnapshotAssertion
) -> None:
    title = "カード決済が失敗する" if language == "ja" else "Card payments fail"
    incident = replace(INCIDENT, product=None, title=title)
    letters = [mail(read(step, language, incident=incident)) for step in STORY]
    assert "\n----\n".join(letters) == letter


# Manners


def test_a_single_customer_is_addressed_by_name_and_everybody_together() -> None:
    assert read(FIRST, "ja", addressee=COMPANY).body.startswith("株式会社つばめ雑貨　ご担当者様\n\n")
    assert read(FIRST, "ja").body.startswith("お客様各位\n\n")
    assert read(FIRST, "en", addressee="Tsubame Zakka").body.startswith("To the team at Tsubame Zakka,\n\n")
    assert read(FIRST, "en").body.startswith("To our customers,\n\n")


@pytest.mark.parametrize("kind", Kind)
def test_the_apology_is_deep_for_the_severities_1_and_2_only(kind: Kind) -> None:
    slight = replace(INCIDENT, assessment=Assessment(urgency=Level.MEDIUM, impact=Level.MEDIUM))
    assert "深くお詫び申し上げます" in read(told(kind), "ja").body
    plain = read(told(kind), "ja", incident=slight).body
    assert "お詫び申し上げます" in plain and "深く" not in plain


def test_what_changed_comes_first_from_the_second_notice_on() -> None:
    assert read(PROGRESS, "ja").body.split("\n")[2] == PROGRESS_JA.changed
    assert read(PROGRESS, "en").body.split("\n")[2] == PROGRESS_EN.changed


def test_nothing_has_changed_is_said_only_while_the_state_is_the_same() -> None:
    assert "変わりはなく" in read(HOLDING, "ja").body
    assert "nothing has changed" in read(HOLDING, "en").body
    moved_on = replace(HOLDING, state=State.MONITORING)
    assert "変わりはなく" not in read(moved_on, "ja").body
    assert "nothing has changed" not in read(moved_on, "en").body


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_holding_update_leaves_old_texts_of_another_language_out(language: str) -> None:
    only_other = {other: facts for other, facts in HOLDING.facts.items() if other != language}
    body = read(replace(HOLDING, facts=only_other), language).body
    assert "原文" not in body and "original" not in body
    assert not any(text and text in body for facts in only_other.values() for text in vars(facts).values())


def test_what_customers_must_do_reaches_those_whose_language_it_was_not_written_in() -> None:
    half = {"ja": RECOVERY.facts["ja"], "en": FIRST.facts["en"]}
    body = read(replace(RECOVERY, facts=half), "en", incident=RESOLVED).body
    assert FIRST.facts["en"].symptom in body
    mark = body.index("(The following is the original text in Japanese.)")
    assert body.index(RECOVERY.facts["ja"].customer_action) > mark


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in LAST])
def test_a_notice_while_it_runs_never_lacks_the_next_one(kind: Kind, language: str) -> None:
    promised = "16:00まで" if language == "ja" else "by 16:00 JST"
    assert promised in read(told(kind), language).body
    with pytest.raises(ValueError, match="does not say when"):
        read(replace(told(kind), promise=None), language)


# Times


def test_a_promise_on_another_day_carries_its_date() -> None:
    overnight = replace(PROGRESS, promise=at("9:00", day=25))
    assert "次回のご案内：11月25日（水）09:00まで" in read(overnight, "ja").body
    assert "Next update: by 09:00 JST on Wednesday 25 November," in read(overnight, "en").body


def test_a_promise_in_another_year_carries_the_year() -> None:
    later = replace(PROGRESS, promise=at("9:00") + timedelta(days=40))
    assert "2027年1月3日（日）09:00まで" in read(later, "ja").body
    assert "by 09:00 JST on Sunday 3 January 2027" in read(later, "en").body


def test_an_outage_over_midnight_names_both_days() -> None:
    ended = at("0:12", day=25)
    resolution = replace(RESOLVED.resolution, ended_at=ended) if RESOLVED.resolution else None
    over = replace(RECOVERY, ended_at=ended, sent_at=at("0:30", day=25))
    incident = replace(RESOLVED, resolution=resolution)
    assert (
        "2026年11月24日（火）14:03～11月25日（水）00:12（日本時間。10時間9分）"
        in read(over, "ja", incident=incident).body
    )
    assert (
        "from 14:03 JST on Tuesday 24 November to 00:12 JST (10 h 9 min)"
        in read(over, "en", incident=incident).body
    )


@pytest.mark.parametrize(
    ("timezone", "ja", "en"),
    [
        ("Asia/Tokyo", "14:08（日本時間。以下同じ）", "14:15 JST (UTC+9) on Tuesday 24 November 2026"),
        ("UTC", "05:08（UTC。以下同じ）", "05:15 UTC on Tuesday 24 November 2026"),
        ("Europe/Berlin", "06:08（中央ヨーロッパ時間・UTC+1。以下同じ）", "06:15 CET (UTC+1) on Tuesday 24"),
        ("America/Los_Angeles", "21:08（アメリカ太平洋時間・UTC-8。", "21:15 PST (UTC-8) on Monday 23"),
        ("America/Sao_Paulo", "02:08（ブラジリア時間・UTC-3。", "02:15 Brasilia Time (UTC-3) on Tuesday"),
        ("Asia/Kathmandu", "10:53（ネパール時間・UTC+5:45。", "11:00 Nepal Time (UTC+5:45) on Tuesday"),
    ],
)
def test_every_zone_is_named(timezone: str, ja: str, en: str) -> None:
    team = replace(TEAM, timezone=timezone)
    assert ja in read(FIRST, "ja", team=team).body
    assert en in read(FIRST, "en", team=team).body


def test_a_promise_beyond_a_change_of_the_clocks_names_its_own_offset() -> None:
    team = replace(TEAM, timezone="America/Los_Angeles")
    incident = replace(INCIDENT, declared_at=at("0:10", day=1, timezone=team.timezone))
    over = replace(
        FIRST,
        sent_at=at("0:20", day=1, timezone=team.timezone),
        promise=at("3:00", day=1, timezone=team.timezone),
    )
    assert "03:00（アメリカ太平洋時間・UTC-8）まで" in read(over, "ja", incident=incident, team=team).body
    assert "by 03:00 PST," in read(over, "en", incident=incident, team=team).body


# Safety

NASTY = "{{ 7*7 }} {x} {% raw %} <!channel> <@U01> </b> & ${HOME} %s"


@pytest.mark.parametrize(("kind", "language"), EACH_KIND_AND_LANGUAGE)
def test_what_people_type_stays_as_typed(kind: Kind, language: str) -> None:
    nasty = Facts(**dict.fromkeys(vars(Facts()), NASTY))
    incident = replace(INCIDENT, title=NASTY, product=None)
    said = read(told(kind, **{language: nasty}), language, incident=incident, addressee=NASTY)
    assert NASTY in said.subject and NASTY in said.body
    assert "49" not in said.body


@pytest.mark.parametrize(("kind", "language"), EACH_KIND_AND_LANGUAGE)
def test_no_mention_survives_in_slack(kind: Kind, language: str) -> None:
    nasty = Facts(**dict.fromkeys(vars(Facts()), NASTY))
    incident = replace(INCIDENT, title=NASTY, product=None)
    said = read(told(kind, **{language: nasty}), language, incident=incident, addressee=NASTY)
    assert "<" not in slack_notice(said) and ">" not in slack_notice(said)
    assert "&lt;!channel&gt;" in slack_notice(said)


def test_a_subject_is_one_line_whatever_the_title_holds() -> None:
    incident = replace(INCIDENT, title="カード\r\nBcc: all@example.com", product=None)
    said = read(FIRST, "ja", incident=incident)
    assert said.subject == "【重要】【第1報】「カード Bcc: all@example.com」の件について"
    assert said.body.startswith("お客様各位\n")


def test_a_text_of_several_lines_keeps_them() -> None:
    lines = replace(FIRST, facts={"ja": Facts(symptom="一行目\r\n・二行目\n", affected="全社")})
    assert "対象・事象：一行目\n・二行目\n影響範囲：全社\n" in read(lines, "ja").body


def test_slack_gets_the_subject_in_bold_and_the_same_words() -> None:
    said = read(FIRST, "ja")
    assert slack_notice(said).split("\n", 1) == [f"*{said.subject}*", said.body]


@pytest.mark.parametrize("limit", [60, 200, 3000])
def test_a_long_notice_is_cut_into_whole_lines_and_nothing_is_lost(limit: int) -> None:
    long = replace(FIRST, facts={"ja": Facts(symptom="a & b < c。" * 200, affected="全社")})
    said = read(long, "ja")
    pieces = slack_sections(said, limit)
    assert all(len(piece) <= limit for piece in pieces)
    assert "".join(pieces).replace("\n", "") == slack_notice(said).replace("\n", "")
    assert not any(piece.endswith(("&", "&a", "&am", "&amp", "&l", "&lt")) for piece in pieces)


def test_a_language_nobody_speaks_here_reads_english() -> None:
    assert notice(FIRST, incident=INCIDENT, team=Team(), language="fr", earlier=()).subject.startswith(
        "[Update"
    )
