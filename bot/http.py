"""The HTTP side: is it alive, is it ready, how does it do, and Slack's requests in HTTP mode."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.aiohttp import make_aiohttp_handler
from sqlalchemy.exc import SQLAlchemyError

from bot.program import Program

OLDEST_TICK = timedelta(seconds=10)


async def readiness(program: Program, slack_connected: Callable[[], Awaitable[bool]]) -> dict[str, str]:
    """What is not right, by what it is; empty when ready."""
    wrong = {}
    try:
        async with program.database.reading() as tx:
            await tx.shown.dirty_count()
    except (SQLAlchemyError, OSError) as error:
        wrong["database"] = type(error).__name__
    if program.last_tick is None:
        wrong["tick"] = "not yet"
    elif program.machine_now() - program.last_tick > OLDEST_TICK:
        wrong["tick"] = f"last at {program.last_tick.isoformat(timespec='seconds')}"
    if not await slack_connected():
        wrong["slack"] = "not connected"
    return wrong


def web_app(
    program: Program, slack_connected: Callable[[], Awaitable[bool]], *, slack_path: bool
) -> web.Application:
    """`/healthz`, `/readyz`, `/metrics` and, in HTTP mode, `POST /slack/events`."""
    app = program.app.web_app("/slack/events") if slack_path else web.Application()

    async def healthz(request: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def readyz(request: web.Request) -> web.Response:
        wrong = await readiness(program, slack_connected)
        return web.json_response({"ready": not wrong, "wrong": wrong}, status=503 if wrong else 200)

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", make_aiohttp_handler(_metrics(program)))
    return app


async def serve(app: web.Application, host: str, port: int) -> tuple[web.AppRunner, int]:
    """Listen; answers the runner to clean up and the port that was taken. Raises OSError."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    sockets: Any = site._server.sockets if site._server else []  # type: ignore[attr-defined]
    return runner, sockets[0].getsockname()[1] if sockets else port


def _metrics(program: Program) -> CollectorRegistry:
    registry = CollectorRegistry()
    age = Gauge(
        "hachi_last_tick_age_seconds", "Seconds since the last sweep of due clocks.", registry=registry
    )
    age.set_function(
        lambda: (program.machine_now() - program.last_tick).total_seconds() if program.last_tick else -1.0
    )
    working = Gauge("hachi_reconciling", "Incidents being brought up to date now.", registry=registry)
    working.set_function(lambda: float(program.delivery.busy))
    return registry
