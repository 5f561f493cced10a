"""What people are told about their duties: one message each, with buttons where an answer is wanted."""

from typing import Any

from domain.roster_entries import EntryState, RosterEntry
from domain.team import Team
from templates.blocks import Block, actions, button, context, section
from templates.mrkdwn import Who
from templates.oncall import rotation_name
from templates.words import Words


def notice_blocks(
    notice: str,
    entry: RosterEntry,
    team: Team,
    words: Words,
    *,
    by: str,
    other: RosterEntry | None = None,
    command: str = "/incident",
) -> list[Block]:
    """`notice` names what happened, `by` is who did it; `other` is the other half of a swap."""
    facts: dict[str, Any] = {
        "author": Who(by),
        "who": Who(entry.person),
        "rotation": rotation_name(entry.rotation, team, words),
        "since": entry.since,
        "until": entry.until,
        "other_since": other.since if other else None,
        "other_until": other.until if other else None,
    }
    if notice in ("swap_asked", "swap_decided"):
        name = f"roster.{notice}.{entry.state.value}"
        if notice == "swap_asked" and entry.state is EntryState.ASKED:
            number = str(entry.number)
            agree = button(words.plain("oncall.agree"), "oncall.agree", number, style="primary")
            decline = button(words.plain("oncall.decline"), "oncall.decline", number)
            return [section(words(name, **facts)), actions(agree, decline, block_id="swap")]
        return [context(words(name, **facts)) if notice == "swap_asked" else section(words(name, **facts))]
    if notice == "undone":
        return [section(words(f"roster.undone.{entry.kind.value}", **facts))]
    if notice == "relieved" and entry.entered_by != entry.person:
        notice = "relieved_by"
    return [section(words(f"roster.{notice}", **facts)), context(words("roster.see", command=command))]
