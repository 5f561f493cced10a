"""Ways in which Slack goes wrong, switched on by tests: throttling, errors, slowness, lost answers, late effects."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal

How = Literal["rate_limited", "error", "http", "slow", "held", "reset", "hang", "late_effect"]


@dataclass(frozen=True)
class Fault:
    """What goes wrong with a call; made by the functions below."""

    how: How
    seconds: float = 0.0
    code: str = ""
    status: int = 200
    after_effect: bool = False

    @classmethod
    def rate_limited(cls, retry_after: int = 1) -> Fault:
        """HTTP 429 with `Retry-After` (whole seconds); no effect."""
        return cls("rate_limited", seconds=retry_after)

    @classmethod
    def error(cls, code: str, *, after_effect: bool = False) -> Fault:
        """`ok: false` with this code, before or after the effect."""
        return cls("error", code=code, after_effect=after_effect)

    @classmethod
    def http(cls, status: int, *, after_effect: bool = False) -> Fault:
        """An HTTP status and a page of HTML, before or after the effect."""
        return cls("http", status=status, after_effect=after_effect)

    @classmethod
    def slow(cls, seconds: float) -> Fault:
        """The call takes that much longer, and succeeds."""
        return cls("slow", seconds=seconds)

    @classmethod
    def held(cls, *, after_effect: bool = False) -> Fault:
        """The call is under way until `Planted.release`, and answered then; its effect comes then, or at once."""
        return cls("held", after_effect=after_effect)

    @classmethod
    def reset_before(cls) -> Fault:
        """The connection breaks; no effect."""
        return cls("reset")

    @classmethod
    def reset_after(cls) -> Fault:
        """The connection breaks after the effect: the answer is lost."""
        return cls("reset", after_effect=True)

    @classmethod
    def hang_before(cls) -> Fault:
        """Never an answer; no effect."""
        return cls("hang")

    @classmethod
    def hang_after(cls) -> Fault:
        """Never an answer, but the effect."""
        return cls("hang", after_effect=True)

    @classmethod
    def late_effect(cls) -> Fault:
        """The connection breaks; the effect comes at `Planted.release`."""
        return cls("late_effect")


class Planted:
    """A fault that waits for its calls. `used` counts how often it struck, `holding` what waits for `release`."""

    def __init__(
        self,
        owner: Faults,
        method: str,
        fault: Fault,
        times: int | None,
        where: Callable[[dict[str, Any]], bool] | None,
    ) -> None:
        self._owner = owner
        self.method = method
        self.fault = fault
        self.times = times
        self.where = where
        self.used = 0
        self.holding = 0
        self._late: list[Callable[[], object]] = []
        self._released = asyncio.Event()

    def release(self) -> None:
        """Calls it holds go on, and late effects land, in the order of their calls; so do those still to come."""
        self._released.set()
        for effect in self._late:
            effect()
        self._late.clear()
        self.holding = 0

    def hold(self) -> Coroutine[Any, Any, bool]:
        """Begin to wait for `release`."""
        self.holding += not self._released.is_set()
        return self._released.wait()

    def land_later(self, effect: Callable[[], object]) -> None:
        """Have this effect at `release`."""
        if self._released.is_set():
            effect()
        else:
            self._late.append(effect)
            self.holding += 1

    def remove(self) -> None:
        """It strikes no more."""
        self._owner.planted = [planted for planted in self._owner.planted if planted is not self]

    def strikes(self, method: str, args: dict[str, Any]) -> bool:
        """Whether it concerns this call."""
        return self.method in (method, "*") and (self.where is None or bool(self.where(args)))


class Faults:
    """All faults in wait; the one planted first strikes first, one a call."""

    def __init__(self) -> None:
        self.planted: list[Planted] = []

    def add(
        self,
        method: str,
        fault: Fault,
        times: int | None = 1,
        where: Callable[[dict[str, Any]], bool] | None = None,
    ) -> Planted:
        """The fault strikes the next `times` calls of the method (None: all; "*": any method) for which `where` holds."""
        planted = Planted(self, method, fault, times, where)
        self.planted.append(planted)
        return planted

    def off(self) -> None:
        """All is well again."""
        self.planted = []

    def only_for(self, fault: Fault) -> Planted:
        """A fault for the call at hand alone."""
        return Planted(self, "*", fault, 1, None)

    def strike(self, method: str, args: dict[str, Any]) -> Planted | None:
        """The fault for this call, counted as used."""
        for planted in self.planted:
            if planted.strikes(method, args):
                planted.used += 1
                if planted.times is not None and planted.used >= planted.times:
                    planted.remove()
                return planted
        return None
