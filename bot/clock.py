"""What time it is: the one place that asks.

Incident time (declared, due, promised) can be sped up, paused and moved, so that an hour can be tried out in a
minute. Machine time (leases, attempts, time-outs) never is.
"""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Incident time."""

    def __init__(self, *, speed: float = 1.0, starts_at: datetime | None = None) -> None:
        self._speed = speed
        self._base = starts_at or machine_now()
        self._since = time.monotonic()
        self._real = speed == 1.0 and starts_at is None

    @property
    def speed(self) -> float:
        """Incident seconds a real second; 0 stands still."""
        return self._speed

    def now(self) -> datetime:
        """Now, in UTC."""
        if self._real:
            return machine_now()
        return self._base + timedelta(seconds=(time.monotonic() - self._since) * self._speed)

    def set_speed(self, speed: float) -> None:
        """From now on so many incident seconds a real second. Raises ValueError below 0."""
        if speed < 0:
            raise ValueError("time does not run backwards")
        self._rebase(self.now())
        self._speed = speed

    def advance(self, by: timedelta) -> None:
        """Jump ahead. Raises ValueError for a jump back."""
        if by < timedelta(0):
            raise ValueError("time does not run backwards")
        self._rebase(self.now() + by)

    def _rebase(self, to: datetime) -> None:
        self._base = to
        self._since = time.monotonic()
        self._real = False


def machine_now() -> datetime:
    """The machine's own time, in UTC."""
    return datetime.now(UTC)  # noqa: TID251


def seconds_running() -> float:
    """Monotonic seconds, which no change of the wall clock touches."""
    return time.monotonic()
