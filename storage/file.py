"""How connections to an SQLite file are made: a statement visits the file's thread once, or not at all."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Self

import aiosqlite
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine

BUSY_MILLISECONDS = 2000
"""So long another program may keep an SQLite file while somebody waits."""


class FileConnection(aiosqlite.Connection):
    """Reads where it is asked to, and goes to its thread for whatever may wait: for other writers, or for the disk.

    A visit to the thread costs more computing than most statements, and readers wait for nobody in a file that is
    written ahead: https://www.sqlite.org/wal.html
    """

    reads = False
    """Whether the transaction that is under way only reads."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self.reads:
            return fn(*args, **kwargs)
        return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]

    def cursor(self) -> "Statement":  # type: ignore[override]
        return Statement(self)


class Statement:
    """A cursor as the engine uses it: one statement, all its rows, and closed before anybody can be cut short.

    The driver's own visits the thread four times: to be made, to run, to be read and to be closed.
    """

    def __init__(self, connection: FileConnection) -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> Self:
        return await self._step(sqlite3.Cursor.execute, sql, parameters)

    async def executemany(self, sql: str, parameters: Any) -> Self:
        return await self._step(sqlite3.Cursor.executemany, sql, parameters)

    async def fetchall(self) -> Sequence[Any]:
        rows, self._rows = self._rows, ()
        return rows

    async def close(self) -> None:
        self._rows = ()

    async def _step(self, how: Callable[..., object], sql: str, parameters: Any) -> Self:
        found = await self._connection._execute(_run, self._connection, how, sql, parameters)
        self._rows, self.description, self.rowcount, self.lastrowid = found
        return self


def _run(
    connection: FileConnection, how: Callable[..., object], sql: str, parameters: Any
) -> tuple[Sequence[Any], Any, int, int | None]:
    cursor = connection._conn.cursor()
    try:
        how(cursor, sql, parameters)
        return cursor.fetchall(), cursor.description, cursor.rowcount, cursor.lastrowid
    finally:
        cursor.close()


def connect(file: str, **settings: Any) -> FileConnection:
    connection = FileConnection(lambda: sqlite3.connect(file, **settings), iter_chunk_size=64)
    connection._thread.daemon = True  # Never keeps the process from ending.
    return connection


OPTIONS: dict[str, Any] = {"connect_args": {"async_creator_fn": connect}}


def prepare(engine: AsyncEngine) -> None:
    """What each connection to the file, and each transaction on it, begins and ends with."""
    event.listen(engine.sync_engine, "connect", _connected)
    event.listen(engine.sync_engine, "begin", _begun)
    event.listen(engine.sync_engine, "close", _closed)


def _connected(connection: Any, record: object) -> None:
    # The driver's own implicit BEGIN would start as a reader and fail when it turns writer.
    try:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()
    except BaseException:  # Cut short; the pool does not know of it yet, and nobody else would close it.
        connection.terminate()
        raise


def _begun(connection: Connection) -> None:
    writes = connection.get_execution_options().get("hachi_writes")
    driver = connection.connection.driver_connection
    if isinstance(driver, FileConnection):
        driver.reads = writes is False
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _closed(connection: Any, record: object) -> None:
    # A statement that was cut short outlives the connection while anybody holds its cursor, and without this the
    # transaction and its lock would too.
    with suppress(Exception):
        connection.rollback()
