"""Which reminders a run of customer updates calls for, computed apart from the product: a second opinion.

Nothing of Hachi's is imported here. It knows only the times of an incident and the cadence.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, takewhile

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """A cadence in minutes; `every` by the state an update sets."""

    every: Mapping[str, float]
    warn_before: float
    first: float = 10
    first_warn_before: float = 5
    rungs: tuple[float, ...] = (0, 5, 10)
    repeat: float = 10


@dataclass(frozen=True)
class Wait:
    raised: tuple[datetime, ...]
    """When each rung from 0 on was due, as long as customers waited."""
    minutes_late: int


def expected_waits(declared: datetime, told: Sequence[tuple[datetime, str]], rules: Rules) -> list[Wait]:
    """One wait per update; the last update is the final one."""
    waits = []
    anchor, due, warn_before = declared, declared + rules.first * MINUTE, rules.first_warn_before
    for at, state in told:
        warning = max(due - warn_before * MINUTE, anchor + (due - anchor) / 2)
        raised = takewhile(lambda time, end=at: time <= end, _rungs(warning, due, rules))  # type: ignore[misc]
        late = (at.replace(second=0) - due.replace(second=0)) // MINUTE
        waits.append(Wait(tuple(raised), max(0, late)))
        anchor, due, warn_before = at, at + rules.every.get(state, 0) * MINUTE, rules.warn_before
    return waits


def _rungs(warning: datetime, due: datetime, rules: Rules) -> Iterator[datetime]:
    yield warning
    yield from (due + step * MINUTE for step in rules.rungs)
    last = due + rules.rungs[-1] * MINUTE
    for n in count(1):
        yield last + min(n, 6) * rules.repeat * MINUTE + max(0, n - 6) * max(60, rules.repeat) * MINUTE
