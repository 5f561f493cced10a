"""What the command line says, in the language of the terminal: Japanese or English."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from storage.trouble import unusable
from templates.words import Words


def words() -> Words:
    """The texts in the language that the terminal is set to; English where it is neither."""
    locale = next(
        (value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), ""
    )
    return Words("ja" if locale.lower().startswith("ja") else "en", "UTC")


@dataclass(frozen=True)
class Text:
    """A text by its name and facts; `str` gives it in the language of the terminal."""

    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return words().plain(self.name, **self.facts)


def text(name: str, /, **facts: object) -> Text:
    return Text(name, facts)


def why_unusable(error: Exception) -> dict[str, object]:
    """What the database's driver says, in one line and without the password, and what to do about it."""
    trouble = unusable(error)
    said = trouble or getattr(error, "orig", None) or error
    kind = trouble.trouble.value if trouble else "other"
    return {"why": str(said).strip().partition("\n")[0], "mend": text(f"database.mend.{kind}")}
