"""Open modals and Home tabs: who sees which view, trigger ids, hashes, the stack of three."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.errors import SlackError, invalid_arguments
from sandbox.form_state import carried, initial, stateful
from sandbox.model import Json, View
from sandbox.workspace import Workspace, new_id

STACK = 3
TRIGGER_SECONDS = 3.0
FORGOTTEN_SECONDS = 600.0


@dataclass
class Trigger:
    """Permission to open one modal for one person, for three seconds."""

    person: str
    born: float
    view_id: str | None
    used: bool = False


class Modals:
    """All views of all people. `monotonic` tells the time by which trigger ids expire, after `trigger_seconds`."""

    def __init__(
        self, workspace: Workspace, monotonic: Callable[[], float], trigger_seconds: float = TRIGGER_SECONDS
    ) -> None:
        self._workspace = workspace
        self._monotonic = monotonic
        self._trigger_seconds = trigger_seconds
        self._triggers: dict[str, Trigger] = {}
        self._hashes = 0
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def trigger(self, person: str, view_id: str | None = None) -> str:
        """A fresh trigger id; `view_id` is the modal in which the person did something."""
        while (
            self._triggers
            and self._monotonic() - next(iter(self._triggers.values())).born > FORGOTTEN_SECONDS
        ):
            del self._triggers[next(iter(self._triggers))]
        trigger_id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._triggers[trigger_id] = Trigger(person, self._monotonic(), view_id)
        return trigger_id

    def peek(self, trigger_id: object) -> Trigger:
        """The trigger behind an id.

        Raises SlackError: invalid_arguments, invalid_trigger_id, exchanged_trigger_id, expired_trigger_id.
        """
        if not isinstance(trigger_id, str) or trigger_id.count(".") != 2:
            raise invalid_arguments("invalid `trigger_id` [json-pointer:/trigger_id]")
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._monotonic() - trigger.born > self._trigger_seconds:
            raise SlackError("expired_trigger_id")
        return trigger

    def open(self, trigger: Trigger, definition: Json) -> View:
        """A new modal, in place of whatever the person had open. Raises SlackError duplicate_external_id."""
        self._unique(definition, None)
        trigger.used = True
        view = self._new(trigger.person, definition, None)
        self.stacks[trigger.person] = [view]
        self._workspace.changed("view", person=trigger.person)
        return view

    def push(self, trigger: Trigger, definition: Json) -> View:
        """One more modal on top. Raises SlackError invalid_trigger_id, not_found, push_limit_reached."""
        if trigger.view_id is None:
            raise SlackError("invalid_trigger_id")
        stack = self.stacks.get(trigger.person, [])
        if trigger.view_id not in [view.id for view in stack]:
            raise SlackError("not_found")
        self._unique(definition, None)
        if len(stack) >= STACK:
            raise SlackError("push_limit_reached")
        trigger.used = True
        return self.put_on_top(trigger.person, definition)

    def put_on_top(self, person: str, definition: Json) -> View:
        """One more modal on top, as the answer to a submission asks. Raises SlackError push_limit_reached."""
        stack = self.stacks.setdefault(person, [])
        if len(stack) >= STACK:
            raise SlackError("push_limit_reached")
        view = self._new(person, definition, stack[-1] if stack else None)
        stack.append(view)
        self._workspace.changed("view", person=person)
        return view

    def find(self, view_id: object, external_id: object) -> View:
        """An open modal or a Home tab. Raises SlackError not_found."""
        everything = [view for stack in self.stacks.values() for view in stack] + list(self.homes.values())
        for view in everything:
            if view.id == view_id or (external_id and view.definition.get("external_id") == external_id):
                return view
        raise SlackError("not_found")

    def update(self, view: View, definition: Json, seen_hash: object = None) -> None:
        """The view looks different now; what is filled in stays where the ids are the same.

        Raises SlackError hash_conflict, duplicate_external_id.
        """
        if seen_hash and seen_hash != view.hash:
            raise SlackError("hash_conflict")
        self._unique(definition, view)
        view.definition = definition
        view.values = carried(view.values, view.blocks)
        self._prefill(view)
        view.hash = self._hash()
        self._workspace.changed("home" if view.type == "home" else "view", person=view.owner)

    def publish(self, person: str, definition: Json, seen_hash: object = None) -> View:
        """The person's Home tab. Raises SlackError hash_conflict."""
        home = self.homes.get(person)
        if home is not None:
            self.update(home, definition, seen_hash)
            return home
        if seen_hash:
            raise SlackError("hash_conflict")
        self._unique(definition, None)
        home = self.homes[person] = self._new(person, definition, None)
        self._workspace.changed("home", person=person)
        return home

    def close(self, person: str, *, everything: bool) -> list[View]:
        """The topmost modal closes, or all of them. Answers those that closed, topmost first."""
        stack = self.stacks.get(person, [])
        closed = [stack.pop() for _ in range(len(stack) if everything else min(1, len(stack)))]
        self._workspace.changed("view", person=person)
        return closed

    def top(self, person: str) -> View | None:
        """The modal the person looks at."""
        stack = self.stacks.get(person)
        return stack[-1] if stack else None

    def _new(self, person: str, definition: Json, below: View | None) -> View:
        view_id = new_id("V")
        root = below.root_id if below else view_id
        view = View(view_id, person, definition, self._hash(), root, below.id if below else None)
        self._prefill(view)
        return view

    def _prefill(self, view: View) -> None:
        for block, element in stateful(view.blocks):
            view.values.setdefault((block["block_id"], element["action_id"]), initial(element))

    def _hash(self) -> str:
        self._hashes += 1
        return f"{self._hashes}.{secrets.token_hex(4)}"

    def _unique(self, definition: Json, but: View | None) -> None:
        external_id = definition.get("external_id")
        if not external_id:
            return
        try:
            other = self.find(None, external_id)
        except SlackError:
            return
        if other is not but:
            raise SlackError("duplicate_external_id")
