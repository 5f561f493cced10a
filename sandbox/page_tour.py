"""The guided tour of the page: what to try, and how the page knows that it has been done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class TourStep:
    """One thing to try, in both languages; `done` says whether it has been."""

    ja: str
    en: str
    done: Callable[[], bool]

    def text(self, lang: str) -> str:
        """What to do, in `ja` or `en`."""
        return self.ja if lang == "ja" else self.en
