"""What people typed comes out of Slack's markup as they saw it."""

import pytest

from handlers.typed import plain

NAMES = {"U012": "花"}


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("", ""),
        ("A &amp; B &lt;c&gt;", "A & B <c>"),
        ("&amp;lt; stays", "&lt; stays"),
        ("<@U012> and <@U012|hana>", "@花 and @花"),
        ("<@U999|ben> and <@U999>", "@ben and @U999"),
        ("<#C1|support> <#C1>", "#support #C1"),
        ("<!channel> <!here|here> <!subteam^S1|@experts> <!subteam^S1>", "@channel here @experts @subteam"),
        ("<!date^1392734382^{date}|18 Feb 2014>", "18 Feb 2014"),
        ("<https://example.com>", "https://example.com"),
        ("<https://example.com|the page>", "the page (https://example.com)"),
        ("<https://example.com|https://example.com>", "https://example.com"),
        ("<http://example.com|example.com>", "example.com (http://example.com)"),
        ("<mailto:ada@example.com|ada@example.com>", "ada@example.com"),
        ("<tel:0312345678|0312345678>", "0312345678"),
        ("&lt;!channel&gt;", "<!channel>"),
        ("half <@U012", "half <@U012"),
        ("<>", "<>"),
    ],
)
def test_markup_becomes_what_was_seen(sent: str, seen: str) -> None:
    assert plain(sent, NAMES) == seen
