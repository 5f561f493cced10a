"""The names of things: states, severities, roles and kinds as the reader's language calls them."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from domain.customer_updates import Kind
from domain.escalations import Direction
from domain.incident import Category, DataLoss, Role, State
from domain.matters import Matter
from domain.playbook import Part
from domain.severity import ImpactBecause, Level, Severity, UrgentBecause
from domain.sla import SlaKind
from templates.mrkdwn import People, Who
from templates.words import LANGUAGES, Words

_CATALOGUE_OF = {
    State: "state",
    Severity: "severity",
    Level: "level",
    UrgentBecause: "urgent_because",
    ImpactBecause: "impact_because",
    Role: "role",
    Kind: "kind",
    Category: "category",
    DataLoss: "data_loss",
    SlaKind: "sla_kind",
    Part: "role",
    Direction: "direction",
    Matter: "matter",
}
_PEOPLE = frozenset({"who", "author", "owner", "duty_manager", "before", "asker"})


def term(value: Enum, words: Words) -> str:
    """What the reader's language calls it: `調査中`, `Severity 1 (high)`. Raises KeyError for other enumerations."""
    return words.plain(f"{_CATALOGUE_OF[type(value)]}.{value.value}")


def short_term(value: Role | Severity | Part, words: Words) -> str:
    """The same where there is little room: `責任者`, `重要度1`; the whole term where nothing shorter is usual."""
    name = f"{_CATALOGUE_OF[type(value)]}.short.{value.value}"
    return words.plain(name) if words.has(name) else term(value, words)


def field_label(name: str | None, words: Words) -> str:
    """What a form calls a field; one of a second language says which: `回避策（英語）`."""
    if name is None:
        return words.plain("field.this")
    if words.has(f"field.{name}"):
        return words.plain(f"field.{name}")
    own, _, language = name.rpartition("_")
    if language in LANGUAGES and words.has(f"field.{own}"):
        return words.plain(
            "field.in_language",
            field=words.plain(f"field.{own}"),
            language=words.plain(f"language.{language}"),
        )
    return words.plain("field.this")


def rung_name(rung: int, words: Words) -> str:
    """What a step of the reminder ladder is called: the warning, overdue, then by its number."""
    return words.plain(f"rung.{rung}") if words.has(f"rung.{rung}") else words.plain("rung.more", n=rung)


def lateness(minutes_late: int, words: Words) -> str:
    """`期限内`, `4分遅れ`; `on time`, `4 min late`."""
    return words.plain("timing.late", n=minutes_late) if minutes_late else words.plain("timing.on_time")


def in_words(facts: Mapping[str, object], words: Words) -> dict[str, Any]:
    """Facts ready for a text: enumerations by their names, people as people, fields, rungs and lateness in words."""
    return {name: _in_words(name, value, words) for name, value in facts.items()}


def _in_words(name: str, value: object, words: Words) -> object:
    match value:
        case Enum() if type(value) in _CATALOGUE_OF:
            return term(value, words)
        case str() if name in _PEOPLE:
            return Who(value)
        case tuple() if name == "people":
            return People(value)
        case tuple() if name == "roles":
            return words.plain("list.between").join(term(role, words) for role in value)
        case list() if name == "customers":
            return words.join(value)
        case str() if name == "field":
            return field_label(value, words)
        case int() if name == "rung":
            return rung_name(value, words)
        case int() if name == "late":
            return lateness(value, words)
        case _:
            return value
