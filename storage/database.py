"""The database and the unit of work: leave `transaction()` normally and all is kept, raise and nothing is."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import datetime
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from storage import file
from storage.bulletins import Bulletins
from storage.calls import Calls
from storage.clocks import Clocks
from storage.customer_updates import CustomerUpdates
from storage.directory import Directory, Remembered
from storage.drafts import Drafts, Requests
from storage.escalations import Escalations
from storage.incidents import Incidents
from storage.playbook import PlaybookTicks
from storage.reminders import Reminders
from storage.roster import RosterEntries
from storage.shown import ShownItems
from storage.sla import Sla
from storage.tables import IncidentRow
from storage.timeline import Timeline
from storage.trouble import DatabaseUnusableError, Trouble, unusable
from storage.vitals import Vitals
from storage.waiting import begin_request, for_nobody, in_time

REACH_SECONDS = 1.5
"""So long a server may take to let us begin: whoever waits has to be answered within three seconds."""
ANSWER_SECONDS = 2.0
"""So long a server may take, from beginning to end, for all that one person waits for."""
TRANSACTION_SECONDS = 10.0
"""So long it may take for one transaction that nobody waits for; after that it is taken for dead."""
ASK_AGAIN_SECONDS = 0.5
"""A server that did not answer is not asked again at once: those who come meanwhile are answered without waiting."""
PATIENT_AT_ONCE = 4
"""So many connections to a server may be used for what nobody waits for."""
CLOSE_SECONDS = 1.0
"""So long transactions that are under way may go on when the database is closed."""

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}

Now = Callable[[], datetime]


class DatabaseUrlError(ValueError):
    """DATABASE_URL names no database Hachi can use; the message says why."""


class DatabaseInUseError(RuntimeError):
    """Another process works on this SQLite file."""


def driver_url(url: str) -> str:
    """The URL with the driver Hachi uses. Raises DatabaseUrlError."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseUrlError("it is not a database URL") from None
    kind = parsed.drivername.partition("+")[0]
    if kind not in DRIVERS:
        raise DatabaseUrlError(f"Hachi keeps its records in sqlite or postgresql, not in {kind}")
    if kind == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise DatabaseUrlError("a database in memory would forget everything; name a file")
    return parsed.set(drivername=DRIVERS[kind]).render_as_string(hide_password=False)


class Transaction:
    """All records, read and written together."""

    def __init__(self, session: AsyncSession, *, writes: bool, remembered: Remembered) -> None:
        self.session = session
        self.changed: set[int] = set()
        """Numbers of the incidents whose screens are behind once this is kept."""
        self.incidents = Incidents(session, self.changed)
        self.clocks = Clocks(session, self.changed)
        self.reminders = Reminders(session, self.changed)
        self.sla = Sla(session, self.changed)
        self.calls = Calls(session, self.changed)
        self.escalations = Escalations(session, self.changed)
        self.playbook = PlaybookTicks(session)
        self.customer_updates = CustomerUpdates(session, self.changed)
        self.timeline = Timeline(session)
        self.shown = ShownItems(session)
        self.drafts = Drafts(session)
        self.requests = Requests(session, writes=writes)
        self.directory = Directory(session, remembered)
        self.roster = RosterEntries(session)
        self.bulletins = Bulletins(session)
        self.vitals = Vitals(session)

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[None]:
        """What raises in here is undone by itself; what came before in the transaction can still be kept."""
        changed = set(self.changed)
        try:
            async with self.session.begin_nested():
                yield
        except BaseException:
            self.changed.intersection_update(changed)
            raise


class Database:
    def __init__(
        self,
        url: str,
        *,
        on_change: Callable[[int], None] = lambda number: None,
        reach_seconds: float = REACH_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        """Raises DatabaseUrlError."""
        self.reach_seconds = reach_seconds
        self.answer_seconds = answer_seconds
        self.url = driver_url(url)
        self.is_sqlite = self.url.startswith("sqlite")
        self.on_change = on_change
        """Told the number of each incident a kept transaction changed."""
        self.on_trouble: Callable[[DatabaseUnusableError | None], None] = lambda trouble: None
        """Told when it cannot be used any more, and, with None, when it can again."""
        self.trouble: DatabaseUnusableError | None = None
        """Why it cannot be used, as far as the last attempt tells."""
        self.engine: AsyncEngine = create_async_engine(
            self.url,
            hide_parameters=True,  # Errors are logged, and what people wrote is not.
            **(file.OPTIONS if self.is_sqlite else _server_options(reach_seconds)),
        )
        self._users: dict[object, asyncio.Task[Any] | None] = {}
        self._unused = asyncio.Event()
        self._unused.set()
        self._closed = False
        self._ask_again_at = 0.0
        self._remembered = Remembered()
        # One writer at a time is SQLite's rule; waiting here is cheaper than waiting for its lock.
        self._writing: AbstractAsyncContextManager[Any] = asyncio.Lock() if self.is_sqlite else nullcontext()
        # Of many that nobody waits for only so many stand in the way of the next that somebody does.
        self._behind = asyncio.Semaphore(1 if self.is_sqlite else PATIENT_AT_ONCE)
        self._held = FileLock(f"{self.engine.url.database}.lock") if self.is_sqlite else None
        if self.is_sqlite:
            file.prepare(self.engine)

    def hold(self) -> None:
        """Keep other processes off an SQLite file until `close`; PostgreSQL is for many.

        Raises DatabaseInUseError, OSError.
        """
        if self._held:
            try:
                self._held.acquire(timeout=0)
            except Timeout:
                raise DatabaseInUseError(self.engine.url.database) from None

    def serve(self, *, somebody_is_waiting: bool) -> None:
        """From here on this task serves another request.

        Somebody who waits is told that a server does not answer before Slack tells them that Hachi does not.
        """
        begin_request(self.answer_seconds if somebody_is_waiting else None)

    @asynccontextmanager
    async def transaction(self, *, patient: bool = False) -> AsyncIterator[Transaction]:
        """Read and write; the incidents it changed get their next revision. Raises DatabaseUnusableError.

        What is `patient` lets those go first whom a person waits for.
        """
        async with self._behind if patient else nullcontext(), self._session(writes=True) as session:
            tx = Transaction(session, writes=True, remembered=self._remembered)
            yield tx
            await session.flush()
            if tx.changed:
                await session.execute(
                    update(IncidentRow)
                    .where(IncidentRow.number.in_(tx.changed))
                    .values(revision=IncidentRow.revision + 1, dirty=True, retry_at=None)
                )
            await session.commit()
        with for_nobody():
            for number in tx.changed:
                self.on_change(number)

    @asynccontextmanager
    async def reading(self, *, patient: bool = False) -> AsyncIterator[Transaction]:
        """Read only, everything as it was at one moment; nothing is kept. Raises DatabaseUnusableError."""
        async with self._behind if patient else nullcontext(), self._session(writes=False) as session:
            yield Transaction(session, writes=False, remembered=self._remembered)
            await session.rollback()

    async def check(self) -> None:
        """See whether it can be used, which `trouble` says from then on. Raises DatabaseUnusableError.

        Reads only, unless it could not be written to before.
        """
        if self.trouble and self.trouble.trouble.concerns_writing:
            async with self.transaction() as tx:
                await tx.directory.remember("written", secrets.token_hex(4))
        else:
            async with self.reading() as tx:
                await tx.directory.recall("team_id")

    async def close(self) -> None:
        """Let go of it once those who use it are done; who takes too long is cut short. Closing twice is once."""
        self._closed = True
        for _ in range(2):
            try:
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._unused.wait()
            except TimeoutError:
                for task in self._users.values():
                    if task and task is not asyncio.current_task():
                        task.cancel()
        await self.engine.dispose()
        if self._held:
            self._held.release()

    @asynccontextmanager
    async def _session(self, *, writes: bool) -> AsyncIterator[AsyncSession]:
        if self._closed:
            raise DatabaseUnusableError(Trouble.CLOSED, "the process is stopping")
        user = object()
        # A connection that comes back after its pool was thrown away is closed by nobody.
        self._users[user] = asyncio.current_task()
        self._unused.clear()
        try:
            async with (
                self._writing if writes else nullcontext(),
                nullcontext() if self.is_sqlite else in_time(TRANSACTION_SECONDS),
                AsyncSession(self.engine, expire_on_commit=False) as session,
            ):
                await self._begin(session, writes=writes)
                yield session
        except Exception as error:
            if (trouble := unusable(error)) is None:
                raise
            if trouble.trouble is not Trouble.LOCKED:
                self._note(trouble)
            raise trouble from error
        else:
            if writes or (self.trouble and not self.trouble.trouble.concerns_writing):
                self._note(None)
        finally:
            del self._users[user]
            if not self._users:
                self._unused.set()

    async def _begin(self, session: AsyncSession, *, writes: bool) -> None:
        if self.is_sqlite:
            await session.connection(execution_options={"hachi_writes": writes})
            return
        now = asyncio.get_running_loop().time
        if self.trouble and now() < self._ask_again_at:
            raise DatabaseUnusableError(self.trouble.trouble, str(self.trouble))
        try:
            async with asyncio.timeout(self.reach_seconds):
                level = {} if writes else {"isolation_level": "REPEATABLE READ"}
                await session.connection(execution_options=level)
        except Exception as error:
            self._ask_again_at = now() + ASK_AGAIN_SECONDS
            if isinstance(error, TimeoutError):
                said = f"the server did not answer within {self.reach_seconds} s"
                raise DatabaseUnusableError(Trouble.AWAY, said) from error
            raise

    def _note(self, trouble: DatabaseUnusableError | None) -> None:
        before, self.trouble = self.trouble, trouble
        if (before and before.trouble) != (trouble and trouble.trouble):
            self.on_trouble(trouble)


def _server_options(reach_seconds: float) -> dict[str, Any]:
    # The driver is slow to import, and who keeps a file needs none.
    from storage import server

    return server.options(reach_seconds=reach_seconds)
