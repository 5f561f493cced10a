"""The database and the unit of work: leave `transaction()` normally and all is kept, raise and nothing is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from datetime import datetime
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, event, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from storage.calls import Calls
from storage.clocks import Clocks
from storage.customer_updates import CustomerUpdates
from storage.directory import Directory
from storage.drafts import Drafts, Requests
from storage.incidents import Incidents
from storage.reminders import Reminders
from storage.shown import ShownItems
from storage.tables import IncidentRow
from storage.timeline import Timeline

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


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

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.changed: set[int] = set()
        """Numbers of the incidents whose screens are behind once this is kept."""
        self.incidents = Incidents(session, self.changed)
        self.clocks = Clocks(session, self.changed)
        self.reminders = Reminders(session, self.changed)
        self.calls = Calls(session, self.changed)
        self.customer_updates = CustomerUpdates(session, self.changed)
        self.timeline = Timeline(session)
        self.shown = ShownItems(session)
        self.drafts = Drafts(session)
        self.requests = Requests(session)
        self.directory = Directory(session)


class Database:
    def __init__(self, url: str, *, on_change: Callable[[int], None] = lambda number: None) -> None:
        """Raises DatabaseUrlError."""
        self.url = driver_url(url)
        self.is_sqlite = self.url.startswith("sqlite")
        self.on_change = on_change
        """Told the number of each incident a kept transaction changed."""
        options: dict[str, Any] = {"pool_pre_ping": True} if not self.is_sqlite else {}
        self.engine: AsyncEngine = create_async_engine(self.url, **options)
        # One writer at a time is SQLite's rule; waiting here is cheaper than waiting for its lock.
        self._writing = asyncio.Lock() if self.is_sqlite else nullcontext()
        file = self.engine.url.database if self.is_sqlite else None
        self._held = FileLock(f"{file}.lock") if file else None
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _sqlite_connect)
            event.listen(self.engine.sync_engine, "begin", _sqlite_begin)

    def hold(self) -> None:
        """Keep other processes off an SQLite file until `close`; PostgreSQL is for many.

        Raises DatabaseInUseError, OSError.
        """
        if self._held:
            try:
                self._held.acquire(timeout=0)
            except Timeout:
                raise DatabaseInUseError(self.engine.url.database) from None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Read and write; the incidents it changed get their next revision."""
        async with self._writing, AsyncSession(self.engine, expire_on_commit=False) as session:
            await session.connection(execution_options={"hachi_writes": True})
            tx = Transaction(session)
            yield tx
            await session.flush()
            if tx.changed:
                await session.execute(
                    update(IncidentRow)
                    .where(IncidentRow.number.in_(tx.changed))
                    .values(revision=IncidentRow.revision + 1, dirty=True, retry_at=None)
                )
            await session.commit()
        for number in tx.changed:
            self.on_change(number)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """Read only; nothing is kept."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            yield Transaction(session)
            await session.rollback()

    async def close(self) -> None:
        await self.engine.dispose()
        if self._held:
            self._held.release()


def _sqlite_connect(connection: Any, record: object) -> None:
    # The driver's own implicit BEGIN would start as a reader and fail when it turns writer.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("hachi_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


Now = Callable[[], datetime]
