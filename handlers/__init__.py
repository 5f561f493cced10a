"""The way in: Slack payloads, alert webhooks, API requests."""

from slack_bolt.async_app import AsyncApp

from handlers import commands, declare, panel, questions, refusals  # noqa: F401
from handlers.front import Front


def register(app: AsyncApp, front: Front) -> None:
    """Listen to everything people do in Slack."""
    for part in (refusals, commands, declare, panel):
        part.register(app, front)
