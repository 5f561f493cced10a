"""Names of swarm channels, for titles in any script."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.channel_names import LIMIT, name_after, swarm_channel_name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("カード決済が失敗する", "inc-12-カード決済が失敗する"),
        ("Card payments FAIL", "inc-12-card-payments-fail"),
        ("ｶｰﾄﾞ決済　ＮＧ", "inc-12-カード決済-ng"),
        ("人々がログインできない", "inc-12-人々がログインできない"),
        ("API 5xx: /v1/pay -- 50%", "inc-12-api-5xx-v1-pay-50"),
        ("inc #3 (again)!", "inc-12-inc-3-again"),
        ("_-_", "inc-12"),
        ("🔥🔥", "inc-12"),
        ("👩‍💻🔥️ down", "inc-12-down"),
        ("1️⃣ 障害", "inc-12-1-障害"),
        ("", "inc-12"),
        ("<!channel> & co", "inc-12-channel-co"),
        ("الدفع لا يعمل", "inc-12-الدفع-لا-يعمل"),
        ("pay\u202egnp", "inc-12-pay-gnp"),
        ("か\u3099ぞう", "inc-12-がぞう"),
        ("नमस्ते", "inc-12-नमस्ते"),
        ("e\u0301te\u0301", "inc-12-été"),
        ("İstanbul", "inc-12-i̇stanbul"),
        ("葛\U000e0100城", "inc-12-葛城"),
        ("株式会社㈱Ⅷ", "inc-12-株式会社-株-viii"),
        ("\u0301 accent alone", "inc-12-accent-alone"),
    ],
)
def test_a_name_keeps_what_letters_and_digits_the_title_has(title: str, name: str) -> None:
    assert swarm_channel_name(12, title) == name


def test_a_long_title_is_cut_to_what_slack_takes_and_does_not_end_in_a_hyphen() -> None:
    name = swarm_channel_name(12, "決済" * 100)
    assert len(name) == LIMIT
    assert not swarm_channel_name(12, "a" * 72 + " tail").endswith("-")


def test_a_second_channel_of_one_incident_says_so_at_the_end() -> None:
    assert swarm_channel_name(12, "決済", generation=2) == "inc-12-決済-2"
    assert swarm_channel_name(12, "🔥", generation=3) == "inc-12-3"
    assert len(swarm_channel_name(12, "a" * 200, generation=10)) == LIMIT


@settings(deadline=None, derandomize=True, database=None)
@given(st.integers(1, 10**6), st.text(max_size=120), st.integers(1, 12))
def test_whatever_the_title_the_name_is_one_slack_takes(number: int, title: str, generation: int) -> None:
    name = swarm_channel_name(number, title, generation=generation)
    assert name.startswith(f"inc-{number}")
    assert len(name) <= LIMIT
    assert name == name.lower()
    assert "--" not in name
    assert not name.endswith("-")
    assert all(c in "-_" or unicodedata.category(c)[0] in "LMN" for c in name)


def test_names_that_are_taken_are_counted_on() -> None:
    first = "inc-12-決済"
    tried = [first]
    for _ in range(3):
        tried.append(name_after(tried[-1], first=first))
    assert tried[1:] == ["inc-12-決済-b2", "inc-12-決済-b3", "inc-12-決済-b4"]


def test_a_title_that_ends_like_a_count_is_no_count() -> None:
    first = "inc-12-plan-b2"
    assert name_after(first, first=first) == "inc-12-plan-b2-b2"


def test_the_count_fits_into_the_limit() -> None:
    first = swarm_channel_name(12, "a" * 200)
    name = first
    for _ in range(12):
        name = name_after(name, first=first)
        assert len(name) <= LIMIT
    assert name.endswith("-b13")
