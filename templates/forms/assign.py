"""Handing over a role: to whom, which one, and what the next person should know."""

from domain.hand_over import holding
from domain.incident import REASON_LIMIT, Role
from domain.snapshot import Snapshot
from templates.blocks import Block, field, modal, option, radio, section, text_input, users_select
from templates.terms import field_label, term
from templates.words import Words

ASSIGN = "assign"


def assign_form(
    draft_id: str,
    snapshot: Snapshot,
    words: Words,
    *,
    role: Role | None = None,
    person: str | None = None,
    note: str = "",
) -> Block:
    """`role`, `person` (a Slack user id) and `note` are filled in."""
    incident = snapshot.incident
    roles = [option(term(one, words), one.value, _now(one, snapshot, words)) for one in Role]
    return modal(
        ASSIGN,
        words.plain("assign.title"),
        [
            section(words("assign.about", number=incident.number, title=incident.title)),
            field(
                "person",
                field_label("person", words),
                users_select(person),
                hint=words.plain("assign.person_hint"),
            ),
            field(
                "role", field_label("role", words), radio(roles, role), hint=words.plain("assign.role_hint")
            ),
            field(
                "note",
                field_label("note", words),
                text_input(note, multiline=True, max_length=REASON_LIMIT),
                optional=True,
                hint=words.plain("assign.note_hint"),
            ),
        ],
        submit=words.plain("assign.submit"),
        close=words.plain("lifecycle.cancel"),
        private_metadata=draft_id,
    )


def _now(role: Role, snapshot: Snapshot, words: Words) -> str:
    ids = [snapshot.slack_id(call.person) for call in holding(snapshot.calls, role)]
    if not ids:
        return words.plain("assign.role_open")
    names = [snapshot.names.get(who, who) for who in ids]
    return words.plain("assign.role_held", people=words.plain("list.between").join(names))
