"""The playbook: what each person does in each state of an incident, in order, and what has been done of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import chain, zip_longest

from domain.incident import Category, Incident, Role, State

STEP_LIMIT = 150
"""Characters of a step: it is read by somebody in a hurry."""
STEPS_LIMIT = 10
"""Steps in one list; more are a manual."""
FIRST = 3
"""So many steps stand in a call."""


class Part(StrEnum):
    """Whose steps they are: a role's, or those of somebody in the swarm who has none."""

    OWNER = "owner"
    EXPERT = "expert"
    SERVICE_LEVEL_MANAGER = "service_level_manager"
    DUTY_MANAGER = "duty_manager"
    MEMBER = "member"


STATES = (State.INVESTIGATING, State.IDENTIFIED, State.MONITORING, State.RESOLVED)
"""The states that have steps; once it is closed nothing is left to do."""


@dataclass(frozen=True, kw_only=True)
class Step:
    key: str
    """Stays the same when the text is edited, so that ticks stay too: `owner/investigating/first-notice`."""
    part: Part
    texts: Mapping[str, str]
    """By language."""

    def text(self, language: str) -> str:
        """In that language, or in the one there is."""
        return self.texts.get(language) or next(iter(self.texts.values()))


@dataclass(frozen=True, kw_only=True)
class Playbook:
    by_part: Mapping[tuple[Part, State], tuple[Step, ...]] = field(default_factory=dict)
    by_category: Mapping[tuple[Category, Part, State], tuple[Step, ...]] = field(default_factory=dict)
    """What a category's incidents need first, ahead of the part's other steps."""

    def steps(self, part: Part, incident: Incident) -> tuple[Step, ...]:
        """What this part does in the incident's present state, in order."""
        state = State.INVESTIGATING if incident.state is State.REPORTED else incident.state
        first = self.by_category.get((incident.category, part, state), ())
        return (*first, *self.by_part.get((part, state), ()))

    def step(self, key: str) -> Step | None:
        everything = chain(*self.by_part.values(), *self.by_category.values())
        return next((step for step in everything if step.key == key), None)

    def first_steps(self, roles: Iterable[Role], incident: Incident) -> tuple[Step, ...]:
        """What somebody called for these roles does first: a little of each."""
        lists = [self.steps(Part(role.value), incident) for role in roles]
        in_turns = (step for steps in zip_longest(*lists) for step in steps if step)
        return tuple(in_turns)[:FIRST]


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A step that was done, or skipped with a reason."""

    step: str
    person: str
    """Slack user id."""
    at: datetime
    skipped_because: str = ""
    """Empty where it was done."""


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """An incident's steps as one person sees them."""

    incident: Incident
    mine: tuple[Part, ...]
    """The parts the reader has."""
    steps: Mapping[Part, tuple[Step, ...]]
    ticks: Mapping[str, Tick]
    """By the step's key."""

    def settled(self, part: Part) -> int:
        """How many of a part's steps are done or skipped."""
        return sum(step.key in self.ticks for step in self.steps[part])

    def left(self, part: Part) -> tuple[Step, ...]:
        return tuple(step for step in self.steps[part] if step.key not in self.ticks)


def parts_of(roles: Iterable[Role]) -> tuple[Part, ...]:
    """The parts of whoever holds these roles; a member's where there are none."""
    return tuple(Part(role.value) for role in roles) or (Part.MEMBER,)
