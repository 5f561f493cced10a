"""Slack's markup as it is seen: styles, mentions, links, emoji and dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.page_markup import Reader

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
NAMES = {"U1": "花", "U2": "Ben", "C1": "support", "C2": "secret"}


def reader(lang: str = "en", tz: str = "Asia/Tokyo") -> Reader:
    places = {"C1": "/?as=hana&in=support"}
    return Reader(id="U1", lang=lang, tz=tz, now=NOW, names=NAMES, place=places.get)


@pytest.mark.parametrize(
    ("markup", "html"),
    [
        ("*bold* _it_ ~no~", "<strong>bold</strong> <em>it</em> <s>no</s>"),
        ("*_both_*", "<strong><em>both</em></strong>"),
        ("2*3*4 and a_b_c", "2*3*4 and a_b_c"),
        ("*重要度1*\u3000#12", "<strong>重要度1</strong>\u3000#12"),
        ("を *過ぎています*。", "を <strong>過ぎています</strong>。"),
        ("`*raw* &lt;b&gt;`", "<code>*raw* &lt;b&gt;</code>"),
        ("```\na < b\n```\nafter", "<pre>a &lt; b</pre>after"),
        ("&gt; one\n&gt; two\nthree", "<blockquote>one<br>two</blockquote>three"),
        ("a\nb", "a<br>b"),
        ("&amp;amp; &lt;i&gt;", "&amp;amp; &lt;i&gt;"),
        ("<script>", "&lt;script&gt;"),
        ("at 12:30:45", "at 12:30:45"),
        (":no_such_emoji:", ":no_such_emoji:"),
        ("\ue0000\ue001", "0"),
    ],
)
def test_text_is_styled_and_escaped(markup, html):
    assert reader().mrkdwn(markup) == html


def test_a_mention_of_oneself_stands_out():
    assert 'class="mention mine">@花<' in reader().mrkdwn("<@U1>")
    assert 'class="mention">@Ben<' in reader().mrkdwn("<@U2|somebody>")
    assert 'class="mention mine">@here<' in reader().mrkdwn("<!here>")


def test_a_channel_is_a_link_only_for_those_who_may_see_it():
    assert 'href="/?as=hana&amp;in=support">#support</a>' in reader().mrkdwn("<#C1>")
    hidden = reader("ja").mrkdwn("<#C2|secret>")
    assert "secret" not in hidden
    assert "非公開チャンネル" in hidden


def test_addresses_become_links():
    html = reader().mrkdwn("see https://example.com/a_b_c?x=1&amp;y=2")
    assert '<a href="https://example.com/a_b_c?x=1&amp;y=2"' in html


def test_a_link_in_bold_is_both():
    html = reader().mrkdwn("*<https://example.com|there>*")
    assert html.startswith("<strong><a href=")
    assert html.endswith("there</a></strong>")


def test_emoji_are_drawn_or_written_and_keep_their_names():
    drawn, written = reader().mrkdwn(":warning:"), reader().mrkdwn(":bee:")
    assert "emoji.svg#warning" in drawn
    assert 'aria-label=":warning:"' in drawn
    assert "🐝" in written


def date(form: str, at: datetime, lang: str = "en", tz: str = "Asia/Tokyo") -> str:
    html = reader(lang, tz).mrkdwn(f"<!date^{int(at.timestamp())}^{form}|fallback>")
    return html.partition(">")[2].partition("<")[0] if html.startswith("<time") else str(html)


@pytest.mark.parametrize(
    ("form", "english", "japanese"),
    [
        ("{time}", "14:12", "14:12"),
        ("by {time}!", "by 14:12!", "by 14:12!"),
        ("{date_num}", "2026-11-24", "2026-11-24"),
        ("{date_short_pretty} {time}", "today 14:12", "今日 14:12"),
        ("{date_short}", "Nov 24, 2026", "2026年11月24日"),
        ("{date_long}", "Tuesday, November 24, 2026", "2026年11月24日（火）"),
        ("{ago}", "in 12 minutes", "12分後"),
        ("{nonsense}", "fallback", "fallback"),
    ],
)
def test_a_date_is_shown_in_the_readers_zone_and_language(form, english, japanese):
    at = NOW + timedelta(minutes=12)
    assert date(form, at) == english
    assert date(form, at, "ja") == japanese


def test_today_ends_at_the_readers_midnight():
    at = NOW + timedelta(hours=10)
    assert date("{date_pretty}", at) == "tomorrow"
    assert date("{date_pretty}", at, tz="UTC") == "today"


@pytest.mark.parametrize("broken", ["!date^x^{time}|f", "!date^1|f", "!date^99999999999999999^{time}|f"])
def test_a_date_that_cannot_be_read_shows_its_fallback(broken):
    assert reader().mrkdwn(f"<{broken}>") == "f"


def test_plain_text_means_what_it_says():
    assert reader().plain("*a* <b> &amp;\n:bee:").startswith("*a* &lt;b&gt; &amp;amp;<br>")


def test_rich_text_is_drawn():
    part = {"type": "text", "text": "a < b", "style": {"bold": True}}
    item = {"type": "rich_text_section", "elements": [part, {"type": "user", "user_id": "U2"}]}
    html = reader().rich([{"type": "rich_text_list", "style": "bullet", "elements": [item]}])
    assert html.startswith("<ul><li><div><strong>a &lt; b</strong>")
    assert "@Ben" in html
