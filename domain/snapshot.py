"""Everything recorded about one incident at one moment, and its line in a list: what screens are made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.absence import Absence
from domain.customer_updates import CustomerUpdate, Delivery, Hint
from domain.escalations import Escalation
from domain.incident import Incident
from domain.ladder import Reminder
from domain.roster import Call
from domain.sla import SlaClocks
from domain.sla_warnings import SlaWarning
from domain.update_clock import UpdateClock


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Something Slack refuses to show until somebody mends it."""

    key: str
    place: str
    error: str
    """Slack's error code."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    incident: Incident
    revision: int
    clock: UpdateClock | None
    calls: tuple[Call, ...] = ()
    joined: tuple[str, ...] = ()
    """Slack user ids of those who joined of their own accord."""
    updates: tuple[CustomerUpdate, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    hints: tuple[Hint, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    sla_warnings: tuple[SlaWarning, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    in_person: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Slack user ids of those who have got a message of their own, by its key."""
    people: Mapping[str, str] = field(default_factory=dict)
    """Slack user id by the name the settings use."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Display name by Slack user id."""
    locales: Mapping[str, str] = field(default_factory=dict)
    """Language by Slack user id, for what one person reads alone."""
    channels: Mapping[str, str] = field(default_factory=dict)
    """Slack channel id by the name the settings use."""
    slack_away: Absence | None = None
    """When Slack could not be reached the last time."""

    def slack_id(self, person: str) -> str:
        """The person's Slack user id where it is known, the name the settings use otherwise."""
        return self.people.get(person, person)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One line of the list of open incidents."""

    incident: Incident
    clock: UpdateClock | None
    owners: tuple[str, ...]
    sla: SlaClocks | None
