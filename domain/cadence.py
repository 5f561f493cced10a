"""How often customers must hear from us, and how far apart the steps of the ladder stand.

Every 20–30 minutes, even if the news is "still working on it": Atlassian, *Incident response communications*.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TypedDict

from domain.severity import Severity


@dataclass(frozen=True, kw_only=True)
class Cadence:
    """The times of one wait for a customer update."""

    first: timedelta = timedelta(minutes=10)
    """From the declaration to the first update."""
    first_warn_before: timedelta = timedelta(minutes=5)
    every: timedelta = timedelta(minutes=30)
    """From one update to the next."""
    warn_before: timedelta = timedelta(minutes=10)
    rungs: tuple[timedelta, ...] = (timedelta(0), timedelta(minutes=5), timedelta(minutes=10))
    """When rungs 1, 2, 3 … are due, counted from the due time."""
    repeat: timedelta = timedelta(minutes=10)
    snooze: timedelta = timedelta(minutes=5)
    snoozes: int = 2
    """How often a cycle may be snoozed."""
    drafting: timedelta = timedelta(minutes=5)
    holdings: int = 2
    """How many "still working on it" in a row go out with one tap."""


class CadencePart(TypedDict, total=False):
    """The times that a state or a severity sets otherwise."""

    first: timedelta
    first_warn_before: timedelta
    every: timedelta
    warn_before: timedelta
    rungs: tuple[timedelta, ...]
    repeat: timedelta
    snooze: timedelta
    snoozes: int
    drafting: timedelta
    holdings: int


@dataclass(frozen=True, kw_only=True)
class CadenceTable:
    """Which cadence holds when: what a state sets, before what a severity sets, before the default."""

    default: Cadence = field(default_factory=Cadence)
    by_state: Mapping[str, CadencePart] = field(
        default_factory=lambda: {"monitoring": CadencePart(every=timedelta(minutes=30))}
    )
    by_severity: Mapping[Severity, CadencePart] = field(
        default_factory=lambda: {
            Severity.ONE: CadencePart(every=timedelta(minutes=20), warn_before=timedelta(minutes=5))
        }
    )

    def of(self, state: str, severity: Severity) -> Cadence:
        """The cadence of an incident in this state and of this severity."""
        parts = CadencePart()
        parts.update(self.by_severity.get(severity, CadencePart()))
        parts.update(self.by_state.get(state, CadencePart()))
        return replace(self.default, **parts)
