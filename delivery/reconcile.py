"""The loop that makes Slack show what the records say, one incident at a time under a lease."""

import asyncio
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from delivery.carry_out import CarryOut
from delivery.plan import Addresses, Call, Plan, items_of, plan
from delivery.records import Records
from delivery.slack import TIMEOUT_SECONDS
from domain.snapshot import Snapshot
from storage.snapshots import snapshot
from templates.screen import Screen, screen

LEASE = timedelta(seconds=15)
RENEW_EVERY_SECONDS = 5
AT_ONCE = 20
"""How many incidents one process works on at a time."""

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
    monotonic: Callable[[], float] = time.monotonic
    owner: str = field(default_factory=lambda: uuid.uuid4().hex)
    _woken: dict[int, asyncio.Event] = field(default_factory=dict)
    _lease_ends: dict[int, float] = field(default_factory=dict)

    def wake(self, number: int) -> None:
        """The incident changed; if it is being worked on, plan anew at once."""
        if event := self._woken.get(number):
            event.set()

    def is_working_on(self, number: int) -> bool:
        return number in self._woken

    async def reconcile(self, number: int) -> bool:
        """Close the difference for one incident; False when another holds its lease."""
        if number in self._woken or not await self._take_lease(number):
            return False
        self._woken[number] = asyncio.Event()
        renewing = asyncio.create_task(self._keep_lease(number))
        shown_revision, again_at = 0, None
        try:
            with structlog.contextvars.bound_contextvars(incident=number):
                shown_revision, again_at = await self._close_difference(number)
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
            del self._woken[number]
            async with self.records.database.transaction() as tx:
                await tx.shown.release(
                    number, owner=self.owner, shown_revision=shown_revision, retry_at=again_at
                )
        return True

    async def _close_difference(self, number: int) -> tuple[int, datetime | None]:
        """Plan, call, plan again, until nothing is left to do; what waits is left for later."""
        running: dict[asyncio.Task[None], Call] = {}
        woken = self._woken[number]
        try:
            while True:
                woken.clear()
                view = await self._look(number)
                if view.screen is None:
                    return view.snapshot.revision, None
                busy = {item for call in running.values() for item in items_of(call)}
                ready, again_at = self._ready(view.plan, busy)
                for call in await self.records.attempt(number, ready):
                    if not self._lease_is_long_enough(number):
                        return 0, again_at
                    task = asyncio.create_task(
                        self.carry_out(number, call, view.screen, view.snapshot.incident.channel_id)
                    )
                    running[task] = call
                if not running:
                    if ready:
                        continue  # What pinged was not true any more; the records say so now.
                    return view.snapshot.revision, again_at
                await self._wait(running, woken)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _look(self, number: int) -> View:
        async with self.records.database.reading() as tx:
            seen = await snapshot(tx, number)
            shown = await tx.shown.of(number)
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

    async def _wait(self, running: dict[asyncio.Task[None], Call], woken: asyncio.Event) -> None:
        change = asyncio.create_task(woken.wait())
        done, _ = await asyncio.wait({*running, change}, return_when=asyncio.FIRST_COMPLETED)
        if change not in done:
            change.cancel()
        for task in [task for task in running if task in done]:
            call = running.pop(task)
            if error := task.exception():
                log.error(
                    "A call to Slack could not be carried out.", call=type(call).__name__, exc_info=error
                )
                raise error

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
            if not await self._take_lease(number):
                return

    def _lease_is_long_enough(self, number: int) -> bool:
        """A call that may take as long as its time-out must end before somebody else may begin."""
        return self._lease_ends[number] - self.monotonic() > TIMEOUT_SECONDS


@dataclass(kw_only=True)
class Delivery:
    """Works on whatever is dirty: at once when woken, and whatever the database says when polled."""

    reconciler: Reconciler
    _tasks: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _waiting: dict[int, None] = field(default_factory=dict)

    @property
    def busy(self) -> int:
        """How many incidents are being worked on."""
        return len(self._tasks)

    def wake(self, number: int) -> None:
        """An incident has changed."""
        if number in self._tasks:
            self.reconciler.wake(number)
            self._waiting[number] = None
        elif len(self._tasks) < AT_ONCE:
            self._start(number)
        else:
            self._waiting[number] = None

    async def poll(self) -> None:
        """Take up what the database says is dirty: after a restart, or when something had to wait."""
        records = self.reconciler.records
        async with records.database.reading() as tx:
            dirty = await tx.shown.dirty(at=records.machine_now(), limit=AT_ONCE * 5)
        for number in dirty:
            if number not in self._tasks:
                self.wake(number)

    async def until_quiet(self) -> None:
        """Wait until everything that can be done now is done."""
        await self.poll()
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    async def stop(self) -> None:
        """Let go of everything; what was under way is found out after the next start."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _start(self, number: int) -> None:
        self._waiting.pop(number, None)
        self._tasks[number] = asyncio.create_task(self._work(number))

    async def _work(self, number: int) -> None:
        try:
            await self.reconciler.reconcile(number)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # It stays dirty, and the next poll takes it up again.
            log.error("An incident could not be brought up to date.", incident=number, exc_info=error)
        finally:
            self._tasks.pop(number, None)
            if self._waiting and len(self._tasks) < AT_ONCE:
                self._start(next(iter(self._waiting)))
