"""The loop that makes Slack show what the records say, one incident at a time under a lease."""

import asyncio
import math
import uuid
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from delivery.carry_out import CarryOut
from delivery.order import opens_the_way
from delivery.plan import Addresses, Call, GiveUp, LetGo, Overtake, Plan, items_of, plan
from delivery.records import Records
from domain.snapshot import Snapshot
from storage.snapshots import snapshot_and_shown
from storage.trouble import DatabaseUnusableError
from templates.screen import Screen, screen

LEASE = timedelta(seconds=15)
RENEW_EVERY_SECONDS = 5
AT_ONCE = 20
"""How many incidents one process works on at a time."""
BACK_OFF = timedelta(seconds=5)
LONGEST_BACK_OFF = timedelta(seconds=60)
BURST_SECONDS = 0.005
SETTLE_SECONDS = 0.2
"""So long a look may wait for other calls to end after one that nothing else has waited for."""
FINISH_SECONDS = 3.0
"""So long calls that are under way may go on when the process stops."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class View:
    """What is wanted and what is shown, read together."""

    snapshot: Snapshot
    screen: Screen | None
    plan: Plan


@dataclass(kw_only=True)
class Reconciler:
    records: Records
    carry_out: CarryOut
    monotonic: Callable[[], float]
    owner: str = field(default_factory=lambda: uuid.uuid4().hex)
    stopping: bool = False
    _woken: dict[int, asyncio.Event] = field(default_factory=dict)
    _lease_ends: dict[int, float] = field(default_factory=dict)
    _failures: dict[int, int] = field(default_factory=dict)

    def wake(self, number: int) -> None:
        """The incident changed; if it is being worked on, plan anew at once."""
        if event := self._woken.get(number):
            event.set()

    def finish(self) -> None:
        """Begin no more calls; those under way may end."""
        self.stopping = True
        for event in self._woken.values():
            event.set()

    async def reconcile(self, number: int) -> bool:
        """Close the difference for one incident; False when another holds its lease.

        What fails for a reason of our own is put off, a little longer each time, and the error raised.
        """
        if number in self._woken:
            return False
        # Before the lease, which is the whole process's: of two who ask at once both would get it.
        self._woken[number] = asyncio.Event()
        try:
            if not await self._take_lease(number):
                return False
            await self._work(number)
            return True
        finally:
            del self._woken[number]

    async def _work(self, number: int) -> None:
        renewing = asyncio.create_task(self._keep_lease(number))
        shown_revision, again_at = 0, None
        try:
            with structlog.contextvars.bound_contextvars(incident=number):
                shown_revision, again_at = await self._close_difference(number)
            self._failures.pop(number, None)
        except Exception:
            again_at = self.records.machine_now() + self._back_off(number)
            raise
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
            del self._lease_ends[number]
            async with self.records.database.transaction(patient=True) as tx:
                if not await tx.shown.release(
                    number, owner=self.owner, shown_revision=shown_revision, retry_at=again_at
                ):
                    tx.changed.add(number)  # What we did late may have undone what another did since.

    def _back_off(self, number: int) -> timedelta:
        failures = self._failures[number] = self._failures.get(number, 0) + 1
        return min(BACK_OFF * (1 << min(failures - 1, 10)), LONGEST_BACK_OFF)

    async def _close_difference(self, number: int) -> tuple[int, datetime | None]:
        """Plan, call, plan again, until nothing is left to do; what waits is left for later."""
        running: dict[asyncio.Task[None], Call] = {}
        woken = self._woken[number]
        held_back = 0
        try:
            while True:
                woken.clear()
                view = await self._look(number)
                if view.screen is None:
                    return view.snapshot.revision, None
                busy = {item for call in running.values() for item in items_of(call)}
                ready, again_at = self._ready(view.plan, busy)
                if self.stopping or not self._lease_is_long_enough(number):
                    ready = [call for call in ready if isinstance(call, GiveUp | Overtake | LetGo)]
                    if not running:
                        return 0, again_at
                allowed = await self.records.attempt(number, ready, owner=self.owner)
                if not self._lease_is_long_enough(number):
                    allowed = []  # What was noted is of unknown outcome, for whoever comes next.
                for call in allowed:
                    task = asyncio.create_task(
                        self.carry_out(number, call, view.screen, view.snapshot.incident.channel_id)
                    )
                    running[task] = call
                if not running:
                    if ready and view.snapshot.revision > held_back:
                        held_back = view.snapshot.revision
                        continue  # What pinged was not true any more; the records say so now.
                    return view.snapshot.revision, again_at
                await self._wait(running, woken, again_at)
        except Exception:
            # Calls under way are let end: what one cut short has done, whoever took over would not look for.
            if running:
                await asyncio.wait(running)
            raise
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _look(self, number: int) -> View:
        async with self.records.database.reading(patient=True) as tx:
            seen, shown = await snapshot_and_shown(tx, number)
            addresses = Addresses(channels=seen.channels, problems=await tx.directory.channel_problems())
        wanted = screen(seen, self.records.team)
        at = self.records.machine_now()
        if wanted is None:
            return View(seen, None, Plan(calls=(), again_at=None))
        throttled = self.carry_out.gate.seconds_closed("conversations.create") > 0
        decided = plan(wanted, seen.incident, shown, addresses, at=at, channel_is_throttled=throttled)
        return View(seen, wanted, decided)

    def _ready(self, decided: Plan, busy: set[tuple[str, str]]) -> tuple[list[Call], datetime | None]:
        """The calls that may be made now, and when the others may."""
        waits = [decided.again_at] if decided.again_at else []
        ready = []
        for call in decided.calls:
            if any(item in busy for item in items_of(call)):
                continue
            if seconds := self.carry_out.closed_for(call):
                waits.append(self.records.machine_now() + timedelta(seconds=seconds))
            else:
                ready.append(call)
        return ready, min(waits, default=None)

    async def _wait(
        self, running: dict[asyncio.Task[None], Call], woken: asyncio.Event, again_at: datetime | None
    ) -> None:
        """Until a call ends, the incident changes, or something that waits may go on."""
        clock = asyncio.get_running_loop().time
        wait = (again_at - self.records.machine_now()).total_seconds() if again_at else math.inf
        until = clock() + wait
        change = asyncio.create_task(woken.wait())
        done: set[asyncio.Task[Any]] = set()
        try:
            while len(done) < len(running):
                ended, _ = await asyncio.wait(
                    {*running, change} - done,
                    return_when=asyncio.FIRST_COMPLETED,
                    timeout=None if until == math.inf else max(until - clock(), 0.0),
                )
                done |= ended
                if not ended or change in ended:
                    break
                # Answers come in bursts: one look at the records serves them all.
                urgent = any(opens_the_way(call) for task, call in running.items() if task in ended)
                until = min(until, clock() + (BURST_SECONDS if urgent else SETTLE_SECONDS))
        finally:
            change.cancel()
        failed = next((task for task in running if task in done and task.exception()), None)
        if failed:
            call = running[failed]
            error = failed.exception()
            assert error is not None  # noqa: S101 - it was asked for above
            error.add_note(f"while carrying out {type(call).__name__} for {items_of(call)}")
            raise error
        for task in [task for task in running if task in done]:
            del running[task]

    async def _take_lease(self, number: int) -> bool:
        at = self.records.machine_now()
        ends = self.monotonic() + LEASE.total_seconds()
        async with self.records.database.transaction() as tx:
            taken = await tx.shown.lease(number, owner=self.owner, at=at, until=at + LEASE)
        if taken:
            self._lease_ends[number] = ends
        return taken

    async def _keep_lease(self, number: int) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY_SECONDS)
            try:
                if not await self._take_lease(number):
                    return
            except Exception as error:  # It runs out, and no call is begun from then on.
                log.warning("A lease could not be renewed.", incident=number, error=type(error).__name__)

    def _lease_is_long_enough(self, number: int) -> bool:
        """A call that may take as long as its time-out must end before somebody else may begin."""
        return self._lease_ends[number] - self.monotonic() > self.carry_out.timeout


@dataclass(kw_only=True)
class Delivery:
    """Works on whatever is dirty: at once when woken, and whatever the database says when polled."""

    reconciler: Reconciler
    _tasks: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _waiting: deque[int] = field(default_factory=deque)
    """Dirty incidents in the order in which the database named them."""
    _more: bool = False
    """Whether there may be others by now."""
    _ending: set[asyncio.Task[None]] = field(default_factory=set)
    """Whoever works on an incident, or looks for the next after it."""

    @property
    def busy(self) -> int:
        """How many incidents are being worked on."""
        return len(self._tasks)

    def wake(self, number: int) -> None:
        """An incident has changed."""
        if self.reconciler.stopping:
            return
        if number in self._tasks:
            self.reconciler.wake(number)
            self._more = True
        elif len(self._tasks) < AT_ONCE:
            self._start(number)
        else:
            self._more = True

    async def poll(self) -> None:
        """Take up what the database says is dirty, in its order: after a restart, or when something had to wait."""
        records = self.reconciler.records
        self._more = False
        async with records.database.reading() as tx:
            dirty = await tx.shown.dirty(at=records.machine_now(), limit=AT_ONCE * 5)
        self._more |= len(dirty) == AT_ONCE * 5
        self._waiting = deque(dirty)
        self._fill()

    async def until_quiet(self) -> None:
        """Wait until everything that can be done now is done."""
        await self.poll()
        while self._ending:
            await asyncio.wait(self._ending)

    async def stop(self) -> None:
        """Let calls under way end, for a few seconds; what is not known then is found out after the next start."""
        self.reconciler.finish()
        if self._ending:
            await asyncio.wait(self._ending, timeout=FINISH_SECONDS)
        tasks = list(self._ending)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _fill(self) -> None:
        while self._waiting and len(self._tasks) < AT_ONCE and not self.reconciler.stopping:
            number = self._waiting.popleft()
            if number not in self._tasks:
                self._start(number)

    def _start(self, number: int) -> None:
        task = self._tasks[number] = asyncio.create_task(self._work(number))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _work(self, number: int) -> None:
        try:
            await self.reconciler.reconcile(number)
        except DatabaseUnusableError as error:  # It stays dirty, and is taken up again later.
            log.info("An incident has to wait for the database.", incident=number, why=str(error))
        except Exception as error:
            log.error("An incident could not be brought up to date.", incident=number, exc_info=error)
        finally:
            self._tasks.pop(number, None)
        self._fill()
        if self._more and len(self._tasks) < AT_ONCE and not self.reconciler.stopping:
            with suppress(DatabaseUnusableError):
                await self.poll()
