"""Whoever asked is answered before Slack gives up on us, however long the database would take."""

from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncApp

from handlers.front import Body, Front


def register(app: AsyncApp, front: Front) -> None:
    @app.middleware
    async def noted(body: Body, next_: Callable[[], Awaitable[None]]) -> None:
        # An event is acknowledged before anybody works on it.
        front.desk.database.serve(somebody_is_waiting=body.get("type") != "event_callback")
        await next_()
