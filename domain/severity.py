"""How grave an incident is: urgency × impact, the criteria that raise each, and an override with its reason.

The matrix and the criteria are those of Salesforce's *Customer Service Incident Management*.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class Level(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Severity(IntEnum):
    """1 is the gravest; 1–3 get a swarm unless the settings say otherwise, 4 and 5 are ordinary cases."""

    ONE = 1
    TWO = 2
    THREE = 3
    FOUR = 4
    FIVE = 5


class UrgentBecause(StrEnum):
    """Each alone makes the urgency high."""

    SPREADS = "spreads"
    ESCALATES = "escalates"
    KEY_CUSTOMER = "key_customer"


class ImpactBecause(StrEnum):
    """Each alone makes the impact high."""

    INJURY = "injury"
    MANY_CUSTOMERS = "many_customers"
    MONEY = "money"
    REPUTATION = "reputation"


MATRIX = {
    (Level.HIGH, Level.HIGH): Severity.ONE,
    (Level.HIGH, Level.MEDIUM): Severity.TWO,
    (Level.HIGH, Level.LOW): Severity.THREE,
    (Level.MEDIUM, Level.HIGH): Severity.TWO,
    (Level.MEDIUM, Level.MEDIUM): Severity.THREE,
    (Level.MEDIUM, Level.LOW): Severity.FOUR,
    (Level.LOW, Level.HIGH): Severity.THREE,
    (Level.LOW, Level.MEDIUM): Severity.FOUR,
    (Level.LOW, Level.LOW): Severity.FIVE,
}
"""(urgency, impact) → severity."""


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """What was said about an incident's gravity, and what follows from it."""

    urgency: Level
    impact: Level
    urgent_because: tuple[UrgentBecause, ...] = ()
    impact_because: tuple[ImpactBecause, ...] = ()
    accident: bool = False
    """It has grown into real damage, which alone makes the impact high."""
    override: Severity | None = None
    override_reason: str = ""

    @property
    def effective_urgency(self) -> Level:
        """High when a criterion is ticked, what was chosen otherwise."""
        return effective(self.urgency, self.urgent_because)

    @property
    def effective_impact(self) -> Level:
        """High when a criterion is ticked or there is real damage, what was chosen otherwise."""
        return Level.HIGH if self.accident else effective(self.impact, self.impact_because)

    @property
    def computed(self) -> Severity:
        """The severity by the matrix, whatever a person put in its place."""
        return MATRIX[self.effective_urgency, self.effective_impact]

    @property
    def severity(self) -> Severity:
        return self.override or self.computed


def effective(level: Level, because: Collection[UrgentBecause] | Collection[ImpactBecause]) -> Level:
    return Level.HIGH if because else level


class Decision(StrEnum):
    """What became of a suggestion."""

    OPEN = "open"
    TAKEN = "taken"
    KEPT = "kept"
    """Somebody decided that the severity stays as it is."""
    STALE = "stale"
    """The severity or the customers have changed since, so that it does not hold any more."""


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """The criteria say that an incident is graver than it was assessed; a person decides."""

    number: int
    """Counts the incident's suggestions from 1."""
    at: datetime
    severity: Severity
    """The severity that follows from the criteria."""
    urgent_because: tuple[UrgentBecause, ...] = ()
    impact_because: tuple[ImpactBecause, ...] = ()
    """The criteria that the affected customers fulfil, and that were not ticked."""
    decision: Decision = Decision.OPEN
    decided_by: str | None = None
    """Slack user id; None where nobody decided."""
    decided_at: datetime | None = None

    @property
    def criteria(self) -> frozenset[UrgentBecause | ImpactBecause]:
        return frozenset((*self.urgent_because, *self.impact_because))
