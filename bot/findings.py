"""What `hachi check` found: fine, worth knowing, or to be mended."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from templates.words import Words


class Mark(StrEnum):
    FINE = "✓"
    NOTE = "!"
    WRONG = "✗"


@dataclass(frozen=True)
class Finding:
    mark: Mark
    name: str
    facts: Mapping[str, Any]

    @property
    def is_wrong(self) -> bool:
        return self.mark is Mark.WRONG

    def line(self, words: Words) -> str:
        """The finding, and under it what to do where something is to be done."""
        text = f"check.{self.mark.name.lower()}.{self.name}"
        lines = [f"{self.mark.value} {words.plain(text, **self.facts)}"]
        if words.has(f"{text}.mend"):
            lines.append(f"  → {words.plain(f'{text}.mend', **self.facts)}")
        return "\n".join(lines)


def fine(name: str, **facts: object) -> Finding:
    return Finding(Mark.FINE, name, facts)


def note(name: str, **facts: object) -> Finding:
    """Worth knowing; nothing is wrong, or nobody can tell."""
    return Finding(Mark.NOTE, name, facts)


def wrong(name: str, **facts: object) -> Finding:
    return Finding(Mark.WRONG, name, facts)
