"""Who is on duty now and next, and what was entered about it, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.oncall import OncallView, Rota
from domain.roster_entries import EntryKind, EntryState, RosterEntry
from domain.team import Team
from templates.blocks import Block, actions, button, confirm, context, divider, modal, section
from templates.mrkdwn import Mrkdwn, Who, mention
from templates.terms import term
from templates.words import Words

ONCALL = "oncall"
SHOWN = 20
"""Entries and rotations beyond these would not fit the view."""


def oncall_view(
    view: OncallView, team: Team, words: Words, *, reader: str, done: Mrkdwn | None = None
) -> Block:
    """The roster for one reader; `done` says what they have just done."""
    return modal(
        ONCALL,
        words.plain("oncall.title"),
        [
            *([section(done)] if done else []),
            *duty_blocks(view, team, words),
            roster_buttons(view, words),
            divider(),
            *_entries(view, team, words, reader=reader),
        ],
        close=words.plain("notice.close"),
    )


def duty_blocks(view: OncallView, team: Team, words: Words) -> list[Block]:
    """Who is on duty now and next, one block a rotation; then those who have a role whatever the turn."""
    blocks = [section(_rota(rota, view, words)) for rota in view.rotas[:SHOWN]]
    blocks += [
        section(words("oncall.standing", role=term(role, words), people=_people(people[:5], view, words)))
        for role, people in view.standing.items()
    ]
    return blocks or [section(words("oncall.nobody_named"))]


def roster_buttons(view: OncallView, words: Words) -> Block:
    names = ["absent"]
    if view.rotas:
        names = ["take_over", "swap", "absent"]
    return actions(
        *(button(words.plain(f"oncall.{name}"), f"oncall.{name}") for name in names), block_id="oncall"
    )


def own_entries(view: OncallView, team: Team, words: Words, *, reader: str) -> list[Block]:
    """What concerns this reader, each with a button to take it back."""
    found = [entry for entry in view.entries if reader in _concerned(entry) and _is_first(entry)]
    return [_entry(entry, team, words) for entry in found[:SHOWN]]


def rotation_name(name: str, team: Team, words: Words) -> str:
    """The role, with the rotation's own name where it has one: `技術担当（payments_on_call）`."""
    role = term(team.role_of(name), words) if name in team.rotations else name
    own = name in team.rotations and team.rotations[name].role is not None
    return words.plain("oncall.own_name", role=role, name=name) if own else role


def entry_line(entry: RosterEntry, team: Team, words: Words) -> Mrkdwn:
    """One entry as a sentence."""
    name = f"oncall.entry_{entry.kind.value}"
    if entry.kind is EntryKind.SWAP and entry.state is EntryState.ASKED:
        name = f"{name}_asked"
    elif entry.kind is EntryKind.TAKE_OVER and entry.instead_of is None:
        name = f"{name}_all"
    elif entry.reason:
        name = f"{name}_reason"
    return words(
        name,
        who=Who(entry.person),
        before=Who(entry.instead_of or ""),
        rotation=rotation_name(entry.rotation, team, words),
        since=entry.since,
        until=entry.until,
        reason=entry.reason,
    )


def _rota(rota: Rota, view: OncallView, words: Words) -> Mrkdwn:
    on, heading = rota.now.on, term(rota.role, words)
    if rota.name != rota.role.value:
        heading = words.plain("oncall.own_name", role=heading, name=rota.name)
    lines = [words("oncall.heading", rotation=heading)]
    until: Mapping[str, Any] = {"until": rota.now.until} if rota.next else {}
    if on.first:
        name = "oncall.now" if until else "oncall.now_always"
        lines.append(words(name, people=_people(on.first, view, words), **until))
    else:
        lines.append(words("oncall.now_nobody" if until else "oncall.now_nobody_always", **until))
    if on.backup:
        lines.append(words("oncall.backup", people=_people(on.backup, view, words)))
    if rota.next:
        following = rota.next.on
        people = following.first or following.backup
        name = "oncall.next" if people else "oncall.next_nobody"
        lines.append(words(name, people=_people(people, view, words), since=rota.next.since))
    return Mrkdwn("\n".join(lines))


def _people(people: Sequence[str], view: OncallView, words: Words) -> Mrkdwn:
    return words.join([mention(view.people.get(who, who)) for who in people])


def _entries(view: OncallView, team: Team, words: Words, *, reader: str) -> list[Block]:
    entries = [entry for entry in view.entries if _is_first(entry)]
    if not entries:
        return [context(words("oncall.no_entries"))]
    entries.sort(key=lambda entry: (reader not in _concerned(entry), entry.since))
    return [
        section(words("oncall.entries")),
        *(_entry(entry, team, words) for entry in entries[:SHOWN]),
    ]


def _entry(entry: RosterEntry, team: Team, words: Words) -> Block:
    sure = confirm(
        words.plain("oncall.undo"),
        words.plain("oncall.undo_sure"),
        words.plain("oncall.undo"),
        words.plain("oncall.keep"),
    )
    undo = button(words.plain("oncall.undo"), "oncall.undo", str(entry.number), confirm=sure)
    return section(entry_line(entry, team, words), block_id=f"entry.{entry.number}", accessory=undo)


def _concerned(entry: RosterEntry) -> set[str]:
    return {entry.person, entry.entered_by, entry.instead_of or ""}


def _is_first(entry: RosterEntry) -> bool:
    """Of a swap that nobody has answered one half says it all."""
    return not (entry.state is EntryState.ASKED and (entry.swapped_with or 0) < entry.number)
