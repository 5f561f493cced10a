"""One switch for the page: how well Slack answers the app."""

from __future__ import annotations

from typing import Any

from sandbox.faults import Fault, Faults, Planted

WAYS = ("off", "throttled", "slow", "failing")
RETRY_AFTER = 5
SLOW_SECONDS = 1.5


class FaultSwitch:
    """Plants one fault for every call, and takes away only what it planted."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._planted: Planted | None = None
        self._way = "off"
        self._calls = 0

    @property
    def way(self) -> str:
        """How Slack answers: one of `WAYS`, or `other` where somebody else has planted faults."""
        mine = self._planted if self._planted in self._faults.planted else None
        if mine is None:
            return "other" if self._faults.planted else "off"
        return self._way

    def turn(self, way: str) -> None:
        """Raises ValueError for a way that does not exist."""
        if way not in WAYS:
            raise ValueError(way)
        if self._planted is not None:
            self._planted.remove()
            self._planted = None
        self._way = way
        match way:
            case "throttled":
                fault = Fault.rate_limited(RETRY_AFTER)
                self._planted = self._faults.add("*", fault, times=None, where=self._every_other)
            case "slow":
                self._planted = self._faults.add("*", Fault.slow(SLOW_SECONDS), times=None)
            case "failing":
                self._planted = self._faults.add("*", Fault.http(503), times=None)

    def _every_other(self, _args: dict[str, Any]) -> bool:
        self._calls += 1
        return self._calls % 2 == 1
