"""The parts that panes are made of: faces, lines, entries, what has been read, what is filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.form_state import SLOTS, initial, stateful
from sandbox.model import Json, Message, Values


@dataclass(frozen=True)
class Face:
    """How a member of the workspace is drawn."""

    name: str
    initials: str
    colour: str
    app: bool = False


@dataclass(frozen=True)
class Line:
    """One message as it stands in the pane, with what stands before it."""

    message: Message
    face: Face
    time: str
    day: str = ""
    new: bool = False
    compact: bool = False
    note: str = ""
    replies: int = 0
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One line of the sidebar."""

    name: str
    address: str
    current: bool
    unread: bool = False
    mentions: int = 0
    private: bool = False
    archived: bool = False


@dataclass
class Reads:
    """Up to which message each person has read each conversation."""

    marks: dict[tuple[str, str], str] = field(default_factory=dict)

    def mark(self, person: str, channel: str, ts: str) -> bool:
        """Read up to here; answers whether that is new."""
        before = self.marks.get((person, channel), "")
        self.marks[(person, channel)] = max(before, ts)
        return ts > before

    def of(self, person: str, channel: str) -> str:
        """The timestamp of the last message read, or an empty string."""
        return self.marks.get((person, channel), "")


def given(blocks: Sequence[Json], values: Values) -> dict[str, dict[str, Any]]:
    """What is filled in, by block and action, in the short form in which the page sends it back."""
    found: dict[str, dict[str, Any]] = {}
    for block, element in stateful(blocks):
        state = values.get((block["block_id"], element["action_id"])) or initial(element)
        slot = SLOTS[element["type"]]
        found.setdefault(block["block_id"], {})[element["action_id"]] = _short(state[slot.state])
    return found


def _short(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_short(one) for one in value]
    if isinstance(value, dict) and "value" in value and "text" in value:
        return value["value"]
    return value


def initials(name: str) -> str:
    """One or two letters that stand for a name."""
    words = name.split()
    if not words:
        return "?"
    if name.isascii():
        return "".join(part[0] for part in words[:2]).upper()
    return words[0][0]
