"""Taking a duty over, swapping, being absent."""

from collections.abc import Sequence
from datetime import datetime

from domain.incident import REASON_LIMIT
from domain.oncall import Turn
from domain.team import Team
from templates.blocks import (
    OPTION_VALUE_LIMIT,
    Block,
    date_time,
    field,
    modal,
    option,
    section,
    select,
    text_input,
    users_select,
)
from templates.oncall import rotation_name
from templates.terms import field_label
from templates.words import Words

TAKE_OVER = "take_over"
SWAP = "swap"
ABSENT = "absent"


def take_over_form(team: Team, words: Words, *, who: str, since: datetime, until: datetime) -> Block:
    rotations = [option(rotation_name(name, team, words), name) for name in team.rotations]
    several = any(len(shift) > 1 for rotation in team.rotations.values() for shift in rotation.shifts)
    whom = field(
        "instead_of",
        field_label("instead_of", words),
        users_select(),
        optional=True,
        hint=words.plain("oncall.instead_of_hint"),
    )
    return modal(
        TAKE_OVER,
        words.plain("oncall.take_over_title"),
        [
            field("rotation", field_label("rotation", words), select(rotations, rotations[0]["value"])),
            field("who", field_label("on_duty", words), users_select(who)),
            *([whom] if several else []),
            *_span(words, since, until),
        ],
        submit=words.plain("oncall.take_over_submit"),
        close=words.plain("lifecycle.cancel"),
    )


def swap_form(mine: Sequence[Turn], theirs: Sequence[Turn], team: Team, words: Words) -> Block:
    own = [_turn(turn, team, words) for turn in mine]
    others = [_turn(turn, team, words, named=True) for turn in theirs]
    return modal(
        SWAP,
        words.plain("oncall.swap_title"),
        [
            section(words("oncall.swap_about")),
            field("my_turn", field_label("my_turn", words), select(_fitting(own))),
            field("their_turn", field_label("their_turn", words), select(_fitting(others))),
        ],
        submit=words.plain("oncall.swap_submit"),
        close=words.plain("lifecycle.cancel"),
    )


def absent_form(words: Words, *, person: str, since: datetime, until: datetime) -> Block:
    return modal(
        ABSENT,
        words.plain("oncall.absent_title"),
        [
            section(words("oncall.absent_about")),
            field("who", field_label("absent", words), users_select(person)),
            *_span(words, since, until),
            field(
                "reason",
                field_label("reason", words),
                text_input(max_length=REASON_LIMIT),
                optional=True,
                hint=words.plain("oncall.absent_reason_hint"),
            ),
        ],
        submit=words.plain("oncall.absent_submit"),
        close=words.plain("lifecycle.cancel"),
    )


def _span(words: Words, since: datetime, until: datetime) -> list[Block]:
    return [
        field("since", field_label("since", words), date_time(since)),
        field("until", field_label("until", words), date_time(until)),
    ]


def _turn(turn: Turn, team: Team, words: Words, *, named: bool = False) -> Block:
    said = words.plain(
        "oncall.turn_of" if named else "oncall.turn",
        who=words.names.get(turn.who, turn.who),
        rotation=rotation_name(turn.rotation, team, words),
        since=turn.since,
        until=turn.until,
    )
    value = f"{int(turn.since.timestamp())} {int(turn.until.timestamp())} {turn.who} {turn.rotation}"
    return option(said, value)


def _fitting(options: Sequence[Block]) -> list[Block]:
    return [one for one in options if len(one["value"]) <= OPTION_VALUE_LIMIT]
