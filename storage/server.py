"""How connections to a PostgreSQL server are made, so that nobody waits for one that is dead."""

import asyncio
import math
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus
from psycopg.waiting import wait_async


class HangingUp(psycopg.AsyncConnection[Any]):
    """Hangs up when a query is cut short, where the driver would ask the server to end it and wait for the answer."""

    async def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:  # noqa: ASYNC109
        try:
            return await wait_async(gen, self.pgconn.socket, interval=interval, timeout=timeout)
        except asyncio.CancelledError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


CONNECT: dict[str, Any] = {
    "async_creator_fn": HangingUp.connect,
    # A server that is gone without a word is noticed by the network, not waited for; nor does a copy that was
    # stopped in the middle of a transaction keep what it had locked.
    "tcp_user_timeout": 3000,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "options": "-c lock_timeout=1500ms -c statement_timeout=10s -c idle_in_transaction_session_timeout=5s",
}
SHORTEST_CONNECT_SECONDS = 2
"""The driver waits for no connection any shorter."""


def options(*, reach_seconds: float) -> dict[str, Any]:
    """How the engine keeps and makes connections to a server that has so long to let us begin."""
    return {
        "pool_pre_ping": True,
        "use_native_hstore": False,  # Nobody keeps any; asking for it costs a question for each connection.
        "pool_size": 10,
        "pool_timeout": reach_seconds,
        "connect_args": {
            **CONNECT,
            "connect_timeout": max(SHORTEST_CONNECT_SECONDS, math.ceil(reach_seconds)),
        },
    }
