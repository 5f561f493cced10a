"""Every log line written while a request is served says which request it was."""

import secrets
from collections.abc import Awaitable, Callable

import structlog
from slack_bolt.async_app import AsyncApp

from handlers.front import Body, Front, person_in


def register(app: AsyncApp, front: Front) -> None:
    @app.middleware
    async def named(body: Body, next_: Callable[[], Awaitable[None]]) -> None:
        # Not as a context manager: Bolt calls the listener after its middleware has returned, in the same task.
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(
            request=secrets.token_hex(4), kind=body.get("type", "command"), person=person_in(body)
        )
        await next_()
