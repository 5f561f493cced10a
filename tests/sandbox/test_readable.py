"""What a reader reads."""

from __future__ import annotations

import pytest

from sandbox.readable import mentions, readable, typed

NAMES = {"U1": "花", "C1": "support"}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("<@U1> in <#C1>", "@花 in #support"),
        ("<@U9|nobody>", "@nobody"),
        ("<!here> <!subteam^S1|@team>", "@here @team"),
        ("<https://example.com|the page> <https://example.com>", "the page https://example.com"),
        ("<!date^1790000000^{date_num} {time}|later>", "2026-09-21 23:13"),
        ("<!date^nonsense^{time}|later>", "later"),
    ],
)
def test_markup_is_read_as_text(text, read):
    assert readable(text, [], tz="Asia/Tokyo", names=NAMES) == read


def test_blocks_are_read_from_top_to_bottom_and_hide_the_text():
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "<Title>"}},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "*bold*"},
            "fields": [{"type": "mrkdwn", "text": "one"}, {"type": "mrkdwn", "text": "two"}],
        },
        {
            "type": "context",
            "elements": [{"type": "mrkdwn", "text": "small"}, {"type": "plain_text", "text": "print"}],
        },
        {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Go"}}]},
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_list",
                    "style": "bullet",
                    "elements": [
                        {"type": "rich_text_section", "elements": [{"type": "text", "text": "first"}]},
                        {"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U1"}]},
                    ],
                }
            ],
        },
    ]
    lines = ["<Title>", "*bold*", "one", "two", "small print", "Go", "first", "@花"]
    assert readable("hidden", blocks, tz="UTC", names=NAMES).split("\n") == lines
    assert mentions("", blocks).users == ("U1",)


@pytest.mark.parametrize(
    ("text", "with_names", "sent"),
    [
        ("@hana <b> & #support", True, "<@U1|hana> &lt;b&gt; &amp; <#C1|support>"),
        ("@hana @here mail@hana", False, "<@U1> <!here> mail@hana"),
        ("<@U1> <@U2>", True, "<@U1|hana> &lt;@U2&gt;"),
        ("@here", True, "@here"),
        ("@hanaさん、#support.", True, "<@U1|hana>さん、<#C1|support>."),
        ("@hanako", True, "@hanako"),
    ],
)
def test_typing_becomes_markup(text, with_names, sent):
    assert typed(text, {"hana": "U1"}, {"support": "C1"}, with_names) == sent
