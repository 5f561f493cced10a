"""How long a call waits for an answer, by severity."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from domain.severity import Severity


@dataclass(frozen=True, kw_only=True)
class CallTimeOuts:
    """How long a call may stay without an answer before the next in line is called."""

    default: timedelta = timedelta(minutes=10)
    by_severity: Mapping[Severity, timedelta] = field(
        default_factory=lambda: {Severity.ONE: timedelta(minutes=5)}
    )

    def of(self, severity: Severity) -> timedelta:
        return self.by_severity.get(severity, self.default)
