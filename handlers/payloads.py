"""Reading payloads: what a button carries, what a form was filled with, and which request it all is."""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

from domain.refusals import Refusal, Why
from handlers.front import Body, person_in

_VALUE = re.compile(r"^(\d{1,9})(?:/(\d{1,9}))?$")

Choice = TypeVar("Choice", bound=Enum)


class Filled:
    """What stands in a form, by the name of the field."""

    def __init__(self, view: Mapping[str, Any]) -> None:
        values = (view.get("state") or {}).get("values") or {}
        self._states: Mapping[str, Any] = {
            name: elements[name] for name, elements in values.items() if name in elements
        }

    def __contains__(self, name: object) -> bool:
        return name in self._states

    def text(self, name: str) -> str:
        """What was typed; empty where nothing was, or the form has no such field."""
        return str(self._states.get(name, {}).get("value") or "")

    def texts(self) -> dict[str, str]:
        """Every text field of the form, the empty ones too."""
        return {
            name: self.text(name)
            for name, state in self._states.items()
            if state.get("type") == "plain_text_input"
        }

    def option(self, name: str) -> str | None:
        """The value of the chosen option; None where none is chosen, or the form has no such field."""
        chosen = self._states.get(name, {}).get("selected_option")
        return str(chosen["value"]) if chosen else None

    def choice(self, name: str, of: type[Choice]) -> Choice:
        """The chosen option as what it stands for. Raises Refusal: CHOICE_MISSING, CHOICE_UNKNOWN."""
        value = self.option(name)
        if value is None:
            raise Refusal(Why.CHOICE_MISSING, field=name)
        try:
            return of(value)
        except ValueError:
            raise Refusal(Why.CHOICE_UNKNOWN, field=name, typed=value) from None


def numbers_in(body: Body) -> tuple[int, int]:
    """What the pressed button carries: the incident, and its cycle, call or update (0 where it names none).

    Raises Refusal INCIDENT_UNKNOWN when it is no button of ours.
    """
    found = _VALUE.match(str(body["actions"][0].get("value") or ""))
    if not found:
        raise Refusal(Why.INCIDENT_UNKNOWN, number=0)
    return int(found[1]), int(found[2] or 0)


def request_in(body: Body) -> str:
    """Names what the person did, the same however often Slack delivers it."""
    if body.get("type") == "view_submission":
        return f"view:{body['view']['id']}"
    if actions := body.get("actions"):
        return f"action:{person_in(body)}:{actions[0]['action_id']}:{actions[0]['action_ts']}"
    return f"command:{body['trigger_id']}"
