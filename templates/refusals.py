"""The words of a "no": what is wrong, and what to do about it."""

from collections.abc import Iterator

from domain.incident import State
from domain.refusals import Refusal
from templates.mrkdwn import Mrkdwn
from templates.terms import field_label, in_words
from templates.words import LANGUAGES, Words


def refusal_text(refusal: Refusal, words: Words, *, markup: bool, command: str = "/incident") -> str:
    """The refusal for the person who asked: Slack markup (a Mrkdwn) or, for a form's field, plain text.

    `command` is what the workspace calls the slash command. Raises KeyError when the refusal lacks a fact its
    words need.
    """
    name = next(name for name in _names(refusal) if words.has(name))
    facts = {"command": command, **in_words(refusal.facts, words)}
    facts["field"] = field_label(refusal.field, words)
    return Mrkdwn(words(name, **facts)) if markup else words.plain(name, **facts)


def _names(refusal: Refusal) -> Iterator[str]:
    """The names its text may have, the most particular first: by state, by field, without a fact, at last the code."""
    base = f"refusals.{refusal.why.value}"
    for value in refusal.facts.values():
        if isinstance(value, State):
            yield f"{base}.{value.value}"
    if refusal.field:
        yield f"{base}.{_without_language(refusal.field)}"
    for fact in ("at", "next", "number", "severity", "suggestion", "who"):
        if not refusal.facts.get(fact):
            yield f"{base}.without_{fact}"
    yield base


def _without_language(field: str) -> str:
    own, _, language = field.rpartition("_")
    return own if own and language in LANGUAGES else field
