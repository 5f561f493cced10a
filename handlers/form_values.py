"""What stands in a form's fields, read out of a view's state."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar

from domain.refusals import Refusal, Why
from domain.severity import Assessment, ImpactBecause, Level, Severity, UrgentBecause
from handlers.front import Body
from templates.forms.declare import YES

E = TypeVar("E", bound=Enum)


class FormValues:
    def __init__(self, body: Body) -> None:
        state: Mapping[str, Any] = (body["view"].get("state") or {}).get("values") or {}
        self._elements = {name: element for block in state.values() for name, element in block.items()}

    def text(self, name: str) -> str:
        """What was typed; empty where nothing was, or the form has no such field."""
        return str(self._element(name).get("value") or "")

    def choice(self, name: str) -> str | None:
        """The value of the chosen option."""
        chosen = self._element(name).get("selected_option")
        return str(chosen["value"]) if chosen else None

    def person(self, name: str) -> str | None:
        """The Slack user id of the chosen person."""
        return self._element(name).get("selected_user") or None

    def moment(self, name: str) -> datetime:
        """The chosen day and time. Raises Refusal CHOICE_MISSING."""
        chosen = self._element(name).get("selected_date_time")
        if chosen is None:
            raise Refusal(Why.CHOICE_MISSING, field=name)
        return datetime.fromtimestamp(int(chosen), UTC)

    def choices(self, name: str) -> tuple[str, ...]:
        """The values of the ticked options."""
        return tuple(str(one["value"]) for one in self._element(name).get("selected_options") or ())

    def one_of(self, name: str, kind: type[E]) -> E | None:
        """The chosen option as one of a kind. Raises Refusal CHOICE_UNKNOWN."""
        chosen = self.choice(name)
        return None if chosen is None else _member(kind, chosen, name)

    def some_of(self, name: str, kind: type[E]) -> tuple[E, ...]:
        """The ticked options as members of a kind. Raises Refusal CHOICE_UNKNOWN."""
        return tuple(_member(kind, one, name) for one in self.choices(name))

    def required(self, name: str, kind: type[E]) -> E:
        """Raises Refusal: CHOICE_MISSING, CHOICE_UNKNOWN."""
        chosen = self.one_of(name, kind)
        if chosen is None:
            raise Refusal(Why.CHOICE_MISSING, field=name)
        return chosen

    def _element(self, name: str) -> Mapping[str, Any]:
        return self._elements.get(name) or {}


def assessment_in(values: FormValues) -> Assessment:
    """The assessment as declaring and assessing anew ask for it. Raises Refusal: CHOICE_MISSING, CHOICE_UNKNOWN."""
    return Assessment(
        urgency=values.required("urgency", Level),
        impact=values.required("impact", Level),
        urgent_because=values.some_of("urgent_because", UrgentBecause),
        impact_because=values.some_of("impact_because", ImpactBecause),
        accident=YES in values.choices("accident"),
        override=values.one_of("severity_override", Severity),
        override_reason=values.text("override_reason").strip(),
    )


def _member(kind: type[E], value: str, name: str) -> E:
    for member in kind:
        if str(member.value) == value:
            return member
    raise Refusal(Why.CHOICE_UNKNOWN, field=name, typed=value)
