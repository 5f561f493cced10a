"""How connections to an SQLite file are made: each statement is one visit to the file's thread."""

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
    """The driver visits its thread four times a statement: for the cursor, to run it, to read it and to close it.

    The visits cost far more computing than the statements.
    """

    def cursor(self) -> "Statement":  # type: ignore[override]
        return Statement(self)


class Statement:
    """A cursor as the engine uses it: one statement, all its rows, and closed before anybody can be cut short."""

    def __init__(self, connection: FileConnection) -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> Self:
        return await self._run(sqlite3.Cursor.execute, sql, parameters)

    async def executemany(self, sql: str, parameters: Any) -> Self:
        return await self._run(sqlite3.Cursor.executemany, sql, parameters)

    async def fetchall(self) -> Sequence[Any]:
        rows, self._rows = self._rows, ()
        return rows

    async def close(self) -> None:
        self._rows = ()

    async def _run(self, how: Callable[..., object], sql: str, parameters: Any) -> Self:
        work = (_in_thread, self._connection, how, sql, parameters)
        found = await self._connection._execute(*work)  # type: ignore[no-untyped-call]
        self._rows, self.description, self.rowcount, self.lastrowid = found
        return self


def _in_thread(
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
    connection._thread.daemon = (
        True  # As with the driver's own: a thread never keeps the process from ending.
    )
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
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _closed(connection: Any, record: object) -> None:
    # A statement that was cut short outlives the connection while anybody holds its cursor, and without this the
    # transaction and its lock would too.
    with suppress(Exception):
        connection.rollback()
