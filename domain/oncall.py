"""Who is on duty now and next, as people look at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.duty import Duty
from domain.incident import Role
from domain.roster_entries import RosterEntry


@dataclass(frozen=True, kw_only=True)
class Rota:
    """One rotation as it stands: who is on duty now, and who comes next."""

    name: str
    role: Role
    now: Duty
    next: Duty | None


@dataclass(frozen=True, kw_only=True)
class OncallView:
    """The roster as it stands; people are called what the settings call them, entries name Slack user ids."""

    rotas: Sequence[Rota]
    standing: Mapping[Role, Sequence[str]]
    """Who takes the roles for which nobody takes turns."""
    entries: Sequence[RosterEntry]
    people: Mapping[str, str]
    """Slack user id by the name the settings use."""
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A span in which somebody is on duty in a rotation."""

    rotation: str
    who: str
    """Slack user id."""
    since: datetime
    until: datetime
