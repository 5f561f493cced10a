"""Update clocks as the tests speak of them: told when, and raised what."""

from domain.cadence import Cadence
from domain.update_clock import UpdateClock, delivered, start, strike
from tests.domain.times import at

CADENCE = Cadence()
"""What ships: first 10 minutes, then every 30, warned 10 minutes before, the ladder at 0, 5, 10, repeats every 10."""


def told(sent_at: str, promise: str, *, cadence: Cadence = CADENCE) -> UpdateClock:
    """A wait for the next update, after customers were told at `sent_at`."""
    declared = start(cycle=1, at=at("13:00"), cadence=cadence)
    return delivered(declared, sent_at=at(sent_at), promise=at(promise), cadence=cadence)


def raised(clock: UpdateClock, *times: str, cadence: Cadence = CADENCE) -> tuple[UpdateClock, list[str]]:
    """Strike at these times; says which rungs were raised when: `14:30 1`, `(2)` when overtaken, `late`."""
    said = []
    for time in times:
        clock, rungs = strike(clock, cadence, now=at(time))
        for rung in rungs:
            number = f"({rung.rung})" if rung.overtaken else str(rung.rung)
            said.append(f"{time} {number}" + (" late" if rung.late and not rung.overtaken else ""))
    return clock, said
