"""The timeline in words: one sentence an entry."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum

from domain.customer_updates import Kind
from domain.incident import Role, State
from domain.playbook import Part
from domain.severity import Severity
from domain.sla import SlaKind
from domain.timeline import Entry, Happened
from templates.mrkdwn import Channel, Mrkdwn
from templates.terms import in_words
from templates.words import Words

_READ: Mapping[str, Callable[..., object]] = {
    "role": Role,
    "kind": Kind,
    "severity": Severity,
    "until": datetime.fromisoformat,
    "channel": Channel,
    "sla": SlaKind,
    "part": Part,
    "due": datetime.fromisoformat,
}
_OLD_AND_NEW: Mapping[Happened, type[Enum]] = {
    Happened.SEVERITY_CHANGED: Severity,
    Happened.SEVERITY_SUGGESTED: Severity,
    Happened.STATE_CHANGED: State,
}


def timeline_text(entry: Entry, words: Words) -> Mrkdwn:
    """What happened, in the reader's language. Raises KeyError when the entry lacks a fact its words need."""
    facts: dict[str, object] = {"who": entry.actor} if entry.actor else {}
    facts |= {name: _value(entry.kind, name, kept) for name, kept in entry.facts.items()}
    if isinstance(said := facts.get("todo"), Mapping):
        facts["todo"] = said.get(words.language) or next(iter(said.values()))
    name = f"timeline.{entry.kind.value}"
    if not facts.get("who") and words.has(f"{name}.without_who"):
        name = f"{name}.without_who"
    return words(name, **in_words(facts, words))


def _value(kind: Happened, name: str, kept: object) -> object:
    """The value as it was before the record made it plain."""
    if name in ("old", "new") and kind in _OLD_AND_NEW:
        return _OLD_AND_NEW[kind](kept)
    return _READ[name](kept) if name in _READ and kept is not None else kept
