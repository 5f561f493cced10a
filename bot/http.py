"""The HTTP side: is it alive, is it ready, how does it do, and Slack's requests in HTTP mode."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from prometheus_client.aiohttp import make_aiohttp_handler

from bot.clock import seconds_running
from bot.health import Health

SLACK_PATH = "/slack/events"


def web_app(health: Health, *, slack_path: bool) -> web.Application:
    """`/healthz`, `/readyz`, `/metrics` and, in HTTP mode, `POST /slack/events`."""
    program = health.program
    app = program.app.web_app(SLACK_PATH) if slack_path else web.Application()
    if slack_path:
        app.middlewares.append(_timed(program.metrics.acknowledged))

    async def healthz(request: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def readyz(request: web.Request) -> web.Response:
        wrong = await health.wrong()
        said = {"ready": not wrong, "wrong": wrong, "measured": health.figures()}
        return web.json_response(said, status=503 if wrong else 200, dumps=_readable)

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", make_aiohttp_handler(program.metrics.registry))
    return app


async def serve(app: web.Application, host: str, port: int) -> tuple[web.AppRunner, int]:
    """Listen; answers the runner to clean up and the port that was taken. Raises OSError."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    sockets: Any = site._server.sockets if site._server else []  # type: ignore[attr-defined]
    return runner, sockets[0].getsockname()[1] if sockets else port


def _readable(content: object) -> str:
    return json.dumps(content, ensure_ascii=False)


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _timed(acknowledged: Callable[[str, float], None]) -> Any:
    @web.middleware
    async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
        began = seconds_running()
        response = await handler(request)
        if request.path == SLACK_PATH:
            acknowledged("http", seconds_running() - began)
        return response

    return measure
