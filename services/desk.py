"""What every use case works with, and who asks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.cadence import Cadence
from domain.incident import Incident
from domain.ladder import Reminder
from domain.team import Team
from storage.database import Database


@dataclass(frozen=True, kw_only=True)
class Desk:
    database: Database
    team: Team
    now: Callable[[], datetime]
    """Incident time."""
    on_raised: Callable[[Reminder], None] = lambda reminder: None
    """Told of each reminder that was raised, once it is kept; for those who watch the program."""

    on_failure: Callable[[int, Exception], None] = lambda number, error: None
    """Told of each incident that could not be swept."""

    def cadence(self, incident: Incident) -> Cadence:
        """The cadence the incident's present state and severity ask for."""
        return self.team.cadences.of(incident.state.value, incident.severity)


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person who asks for something, and the Slack channel they ask from."""

    person: str
    channel_id: str | None = None
