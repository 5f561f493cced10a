"""Who is told, in which language, with which facts, and which kinds of update there are."""

from dataclasses import replace

import pytest

from domain.customer_updates import (
    SWARM,
    WRITTEN,
    Facts,
    Hint,
    Kind,
    Recipient,
    check_facts,
    check_kind,
    check_not_outdated,
    facts_for_holding,
    facts_with_hints,
    field_name,
    holdings_in_a_row,
    language_for_team,
    languages_of,
    recipients_of,
)
from domain.incident import TEXT_LIMIT
from domain.refusals import Refusal, Why
from domain.team import Customer, Team
from tests.domain.people import incident, update
from tests.domain.times import at

TEAM = Team(
    language="ja",
    update_channels=("customer-news",),
    customers={
        "tsubame": Customer(name="つばめ雑貨", products=("payments", "orders"), channels=("tsubame",)),
        "northwind": Customer(
            name="Northwind", language="en", products=("payments",), channels=("northwind",)
        ),
        "twins": Customer(name="Twins", language="en", products=("orders",), channels=("northwind", "twins")),
        "silent": Customer(name="Silent", products=("payments",)),
    },
)


def places(**facts: object) -> list[str]:
    return [recipient.place for recipient in recipients_of(incident(**facts), TEAM)]  # type: ignore[arg-type]


# Recipients


@pytest.mark.parametrize(
    ("customers", "product", "private", "told"),
    [
        # Linked customers, and the channel everybody reads
        (("tsubame",), "payments", False, ["tsubame", "customer-news"]),
        (("northwind", "tsubame"), None, False, ["northwind", "tsubame", "customer-news"]),
        # Nobody linked: every customer of the product
        ((), "payments", False, ["tsubame", "northwind", "customer-news"]),
        ((), "orders", False, ["tsubame", "northwind", "twins", "customer-news"]),
        ((), "unheard-of", False, ["customer-news"]),
        ((), None, False, ["customer-news"]),
        # Two customers who read in one channel are told there once
        (("northwind", "twins"), None, False, ["northwind", "twins", "customer-news"]),
        # A private incident goes to the linked customers alone
        (("tsubame",), "payments", True, ["tsubame"]),
        ((), None, True, [SWARM]),
        ((), "payments", True, [SWARM]),
        # A customer without a channel, or who is in the settings no more
        (("silent",), None, True, [SWARM]),
        (("gone", "tsubame"), None, False, ["tsubame", "customer-news"]),
    ],
)
def test_who_is_told(customers: tuple[str, ...], product: str | None, private: bool, told: list[str]) -> None:
    assert places(customers=customers, product=product, private=private) == told


def test_with_nobody_to_tell_the_text_stands_in_the_swarm_in_the_incident_s_language() -> None:
    alone = Team(update_channels=())
    assert recipients_of(incident(language="en"), alone) == (Recipient(place=SWARM, language="en"),)


def test_a_channel_of_two_customers_names_both_and_speaks_the_first_one_s_language() -> None:
    shared = recipients_of(incident(customers=("northwind", "twins")), TEAM)[0]
    assert shared == Recipient(place="northwind", language="en", customers=("northwind", "twins"))


def test_a_channel_of_customers_that_everybody_reads_too_is_told_once() -> None:
    both = replace(TEAM, update_channels=("tsubame",))
    assert recipients_of(incident(customers=("tsubame",)), both) == (
        Recipient(place="tsubame", language="ja", customers=("tsubame",)),
    )


def test_customers_read_their_own_language_or_the_team_s() -> None:
    told = recipients_of(incident(customers=("tsubame", "northwind")), TEAM)
    assert [one.language for one in told] == ["ja", "en", "ja"]
    assert languages_of(told) == ("ja", "en")
    assert languages_of(told[1:2]) == ("en",)


@pytest.mark.parametrize(
    ("swarm", "read", "shown"),
    [("en", ("ja", "en"), "en"), ("ja", ("ja", "en"), "ja"), ("ja", ("en",), "en"), ("en", (), "en")],
)
def test_a_swarm_reads_an_update_in_its_own_language_where_somebody_gets_that(
    swarm: str, read: tuple[str, ...], shown: str
) -> None:
    recipients = [Recipient(place=language, language=language) for language in read]
    assert language_for_team(incident(language=swarm), recipients) == shown


# Facts


def test_still_working_on_it_says_again_what_was_said_last_and_nothing_new() -> None:
    said = Facts(
        symptom="s", affected="a", doing="d", workaround="w", changed="c", done="x", customer_action="y"
    )
    first = update(1, Kind.FIRST, said={"ja": Facts(symptom="older")})
    assert facts_for_holding([first, update(2, said={"ja": said})]) == {
        "ja": Facts(symptom="s", affected="a", doing="d", workaround="w")
    }
    assert facts_for_holding([]) == {}


@pytest.mark.parametrize(
    ("kinds", "count"),
    [
        ("", 0),
        ("first", 0),
        ("holding", 1),
        ("first holding", 1),
        ("first holding holding", 2),
        ("holding holding progress", 0),
        ("holding progress holding", 1),
        ("first holding holding holding", 3),
    ],
)
def test_how_often_in_a_row_nothing_new_was_said(kinds: str, count: int) -> None:
    told = [update(n, Kind(kind)) for n, kind in enumerate(kinds.split(), 1)]
    assert holdings_in_a_row(told) == count


def test_what_experts_say_goes_into_the_draft_in_the_language_they_wrote() -> None:
    hints = [
        Hint(cycle=2, person="UMEI", at=at("14:20"), text="Failover started"),
        Hint(cycle=2, person="UKENJI", at=at("14:21"), text="切り替えを始めました"),
        Hint(cycle=2, person="UMEI", at=at("14:22"), text="60% recovered"),
    ]
    draft = facts_with_hints({"ja": Facts(symptom="失敗", changed="再起動しました")}, hints, first=False)
    assert draft["ja"] == Facts(symptom="失敗", changed="再起動しました\n切り替えを始めました")
    assert draft["en"] == Facts(changed="Failover started\n60% recovered")
    assert facts_with_hints({}, hints[:1], first=True) == {"en": Facts(doing="Failover started")}


# What a form may hold


def no(ask: object, *arguments: object) -> tuple[Why, str | None]:
    with pytest.raises(Refusal) as refusal:
        ask(*arguments)  # type: ignore[operator]
    return refusal.value.why, refusal.value.field


WHOLE = Facts(symptom="失敗します", affected="全加盟店様", changed="復旧中です")


@pytest.mark.parametrize(
    ("kind", "needs"),
    [
        (Kind.FIRST, ["symptom", "affected"]),
        (Kind.SCOPE, ["symptom", "affected"]),
        (Kind.PROGRESS, ["changed", "symptom", "affected"]),
        (Kind.MONITORING, ["symptom", "affected"]),
        (Kind.HOLDING, []),
    ],
)
def test_what_each_kind_needs_is_asked_for_at_its_field(kind: Kind, needs: list[str]) -> None:
    check_facts(kind, {"ja": WHOLE}, ["ja"])
    for name in needs:
        lacking = {"ja": replace(WHOLE, **{name: " 　\n"})}
        assert no(check_facts, kind, lacking, ["ja"]) == (Why.TEXT_MISSING, name)
    if not needs:
        check_facts(kind, {}, ["ja", "en"])
    elif kind in WRITTEN:
        assert no(check_facts, kind, {}, ["ja", "en"]) == (Why.TEXT_MISSING, needs[0])


def test_one_language_of_two_is_enough() -> None:
    check_facts(Kind.PROGRESS, {"ja": Facts(), "en": WHOLE}, ["ja", "en"])


def test_too_long_a_text_is_refused_at_its_field_in_its_language() -> None:
    long = replace(WHOLE, workaround="長" * (TEXT_LIMIT + 1))
    assert no(check_facts, Kind.FIRST, {"ja": long}, ["ja", "en"]) == (Why.TEXT_TOO_LONG, "workaround")
    both = {"ja": WHOLE, "en": long}
    assert no(check_facts, Kind.FIRST, both, ["ja", "en"]) == (Why.TEXT_TOO_LONG, "workaround_en")
    assert no(check_facts, Kind.HOLDING, both, ["en", "ja"]) == (Why.TEXT_TOO_LONG, "workaround")
    check_facts(Kind.FIRST, {"ja": replace(WHOLE, workaround="長" * TEXT_LIMIT)}, ["ja"])


def test_the_first_language_has_plain_fields_and_the_second_a_suffix() -> None:
    assert field_name("symptom", "ja", ["ja", "en"]) == "symptom"
    assert field_name("symptom", "en", ["ja", "en"]) == "symptom_en"
    assert field_name("symptom", "ja", ["en", "ja"]) == "symptom_ja"


def test_there_is_one_first_notice() -> None:
    check_kind(Kind.FIRST, [])
    check_kind(Kind.PROGRESS, [update(1)])
    assert no(check_kind, Kind.FIRST, [update(1)]) == (Why.FIRST_NOTICE_SENT_BEFORE, "kind")


def test_a_draft_is_outdated_when_customers_were_told_something_since() -> None:
    check_not_outdated(0, [])
    check_not_outdated(2, [update(1), update(2)])
    with pytest.raises(Refusal) as refusal:
        check_not_outdated(1, [update(1), update(2, sent_at="14:20")])
    assert refusal.value.why is Why.NEWER_UPDATE
    assert refusal.value.facts == {"number": 2, "author": "UADA", "at": at("14:20")}
