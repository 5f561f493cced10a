"""At which hours people are called, so that what can wait until the morning wakes nobody at night."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.incident import Role
from domain.severity import Severity
from domain.working_hours import WorkingHours, opening_after


@dataclass(frozen=True, kw_only=True)
class CallHours:
    """Outside these hours only some roles are called; the others when the hours begin."""

    hours: WorkingHours
    always: tuple[Role, ...] = ()
    """The roles that are called at any hour."""


def called_from(
    role: Role, severity: Severity, table: Mapping[Severity, CallHours], *, at: datetime
) -> datetime:
    """When somebody is called for a role that is needed at that instant: at once, or when the hours begin."""
    row = table.get(severity)
    return at if row is None or role in row.always else opening_after(at, row.hours)
