"""The Home tab: is everybody told in time, what is open, and the button to declare."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.oncall import OncallView
from domain.snapshot import Listed
from domain.team import Team
from templates.answers import list_answer
from templates.blocks import Block, actions, button, divider, section
from templates.forms.panel import late_by
from templates.oncall import duty_blocks, own_entries
from templates.words import Words

DECLARE = "home.declare"


def home_view(
    listed: Sequence[Listed],
    team: Team,
    people: Mapping[str, str],
    words: Words,
    *,
    behind: bool,
    now: datetime,
    command: str,
    roster: OncallView,
    reader: str,
) -> Block:
    """`people` are Slack ids by the settings' names; `behind` says that Hachi itself runs late."""
    late = sum(bool(late_by(one.incident, one.clock, team, now)) for one in listed)
    health = [section(words("home.behind"))] if behind else []
    if late:
        health.append(section(words("home.late", n=late)))
    elif listed:
        health.append(section(words("home.on_time")))
    declare = button(words.plain("home.declare"), DECLARE, style="primary")
    oncall = button(words.plain("oncall.home"), "home.oncall")
    return {
        "type": "home",
        "blocks": [
            *health,
            actions(declare, oncall, block_id="home"),
            divider(),
            *list_answer(listed, team, people, words, now=now, command=command),
            divider(),
            section(words("oncall.home_heading")),
            *duty_blocks(roster, team, words),
            *own_entries(roster, team, words, reader=reader),
        ],
    }
