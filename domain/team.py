"""The team that uses Hachi, as its settings describe it: people, rotations, products, customers, times."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum

from domain.cadence import CadenceTable
from domain.call_hours import CallHours
from domain.call_time_outs import CallTimeOuts
from domain.incident import Role
from domain.matters import Matter
from domain.permissions import DEFAULT_PERMISSIONS, Act
from domain.playbook import Playbook
from domain.severity import Severity
from domain.working_hours import WorkingHours


@dataclass(frozen=True, kw_only=True)
class Person:
    who: str
    """The person as the settings name them: an e-mail address or a Slack user id."""
    roles: tuple[Role, ...] = ()
    skills: tuple[str, ...] = ()


Shift = tuple[str, ...]
"""Everybody who is on duty together, in the order in which they are called."""


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """Shifts that take turns; with no `hand_over` the first one is on duty all the time."""

    members: tuple[str | Shift, ...]
    """One person, or everybody on that shift, for each turn."""
    hand_over_weekday: int | None = None
    """Monday is 0; None hands over every day."""
    hand_over_at: time | None = None
    since: date | None = None
    """The first shift's first day."""
    timezone: str = ""
    """The zone of `hand_over_at`; empty for the team's."""
    role: Role | None = None
    """The role its people take; None for the one that the rotation is named after."""
    backup: "Rotation | None" = None
    """Who is called after the shift on duty."""

    @property
    def shifts(self) -> tuple[Shift, ...]:
        return tuple((one,) if isinstance(one, str) else one for one in self.members)

    def everybody(self) -> Shift:
        """Everybody of every shift and of the backup, each once."""
        named = [who for shift in self.shifts for who in shift]
        return tuple(dict.fromkeys([*named, *(self.backup.everybody() if self.backup else ())]))


@dataclass(frozen=True, kw_only=True)
class Product:
    name: str
    skills: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """What customers who read another language call it, by language."""

    def called(self, language: str) -> str:
        return self.names.get(language, self.name)


@dataclass(frozen=True, kw_only=True)
class Customer:
    name: str
    tier: str = ""
    language: str = ""
    products: tuple[str, ...] = ()
    service_level_manager: str = ""
    sla: str = ""
    """The plan they have bought; empty for what everybody is owed."""
    channels: tuple[str, ...] = ()
    """Slack channels where they read updates."""

    @property
    def is_key(self) -> bool:
        return self.tier == "key"


class HandOverMessages(StrEnum):
    """When whoever comes on duty gets a message."""

    WHEN_OPEN = "when_open"
    """Where an incident is open."""
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, kw_only=True)
class SlaTarget:
    response: timedelta
    resolution: timedelta


@dataclass(frozen=True, kw_only=True)
class SlaPlan:
    """What a customer has bought: a time limit for each severity that has one."""

    targets: Mapping[Severity, SlaTarget]
    hours: WorkingHours | None = None
    """None counts around the clock."""


DEFAULT_SLA = {
    Severity.ONE: SlaTarget(response=timedelta(minutes=30), resolution=timedelta(hours=4)),
    Severity.TWO: SlaTarget(response=timedelta(hours=1), resolution=timedelta(hours=8)),
    Severity.THREE: SlaTarget(response=timedelta(hours=2), resolution=timedelta(days=7)),
}


@dataclass(frozen=True, kw_only=True)
class Team:
    """All settings of `hachi.yml`; every one has a default, so that none is needed."""

    language: str = "ja"
    timezone: str = "Asia/Tokyo"
    incidents_channel: str = "incidents"
    update_channels: tuple[str, ...] = ()
    escalation: tuple[str, ...] = ()
    decisions: Mapping[Matter, tuple[str, ...]] = field(default_factory=dict)
    """Who may decide each matter, in the order in which they are asked; `escalation` where nobody is named."""
    cadences: CadenceTable = field(default_factory=CadenceTable)
    call_time_out: CallTimeOuts = field(default_factory=CallTimeOuts)
    call_hours: Mapping[Severity, CallHours] = field(default_factory=dict)
    """When people are called for an incident of that severity; at any hour for one that is not named."""
    sla: Mapping[Severity, SlaTarget] = field(default_factory=lambda: DEFAULT_SLA)
    sla_plans: Mapping[str, SlaPlan] = field(default_factory=dict)
    """By the name that customers' `sla` says."""
    permissions: Mapping[Act, tuple[str, ...]] = field(default_factory=lambda: DEFAULT_PERMISSIONS)
    """Who may do each act: `everyone`, `member`, or names of roles."""
    swarm_severities: tuple[Severity, ...] = (Severity.ONE, Severity.TWO, Severity.THREE)
    many_customers: int = 10
    """From so many affected customers on, they count as many: the impact is high."""
    products: Mapping[str, Product] = field(default_factory=dict)
    people: tuple[Person, ...] = ()
    rotations: Mapping[str, Rotation] = field(default_factory=dict)
    """By name: a role's, or one of its own."""
    hand_over_messages: HandOverMessages = HandOverMessages.WHEN_OPEN
    customers: Mapping[str, Customer] = field(default_factory=dict)
    playbook: Playbook = field(default_factory=Playbook)
    """Nobody is told what to do where it is empty; the one that ships comes with the settings."""

    def everybody(self) -> tuple[str, ...]:
        """Everybody the settings name, each once."""
        named = [person.who for person in self.people]
        named += [who for rotation in self.rotations.values() for who in rotation.everybody()]
        named += [customer.service_level_manager for customer in self.customers.values()]
        named += self.escalation
        named += [who for people in self.decisions.values() for who in people]
        return tuple(dict.fromkeys(who for who in named if who))

    def skills(self) -> tuple[str, ...]:
        """Every skill that a product needs or a person has, each once."""
        needed = [skill for product in self.products.values() for skill in product.skills]
        return tuple(dict.fromkeys(needed + [skill for person in self.people for skill in person.skills]))

    def skills_of(self, people: Collection[str]) -> frozenset[str]:
        """What these people, as the settings name them, can do together."""
        return frozenset(skill for person in self.people if person.who in people for skill in person.skills)

    def customers_named(self, keys: Iterable[str]) -> tuple[Customer, ...]:
        """The customers with these keys, without those that the settings name no more."""
        return tuple(self.customers[key] for key in keys if key in self.customers)

    def role_of(self, rotation: str) -> Role:
        """The role that the people of this rotation take."""
        return self.rotations[rotation].role or Role(rotation)

    def rotations_of(self, role: Role) -> tuple[str, ...]:
        """The names of the rotations for a role, in the order of the settings."""
        return tuple(name for name in self.rotations if self.role_of(name) is role)

    def channels(self) -> tuple[str, ...]:
        """Every channel the settings name, each once."""
        named = [self.incidents_channel, *self.update_channels]
        named += [place for customer in self.customers.values() for place in customer.channels]
        return tuple(dict.fromkeys(named))
