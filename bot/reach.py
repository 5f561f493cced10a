"""Whether Slack can be reached, as far as the calls that are made anyway tell."""

from collections.abc import Awaitable, Callable

from delivery.slack import Outcome, Throttled, Unknown

FORGET_SECONDS = 60.0
"""A call that failed says nothing about a minute later."""


class Reach:
    """Told of every call's outcome; asks nothing itself. `monotonic` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failed_at: float | None = None

    def heard(self, outcome: Outcome) -> None:
        failed = isinstance(outcome, Unknown) or (
            isinstance(outcome, Throttled) and outcome.why != "ratelimited"
        )
        self._failed_at = self._monotonic() if failed else None

    @property
    def failing(self) -> bool:
        """Whether the last call did not get through."""
        return self._failed_at is not None and self._monotonic() - self._failed_at < FORGET_SECONDS


async def always() -> bool:
    """In HTTP mode there is no connection of our own to watch."""
    return True


Connected = Callable[[], Awaitable[bool]]
