"""The way in: Slack payloads, alert webhooks, API requests."""

from slack_bolt.async_app import AsyncApp

from handlers import (
    assign,
    by_hand,
    call_people,
    calls,
    commands,
    customer_updates,
    customers,
    declare,
    escalations,
    hints,
    home,
    lifecycle,
    oncall,
    panel,
    patience,
    playbook,
    questions,  # noqa: F401  (its commands register themselves)
    refusals,
    reminders,
    request_log,
    severity,
    sla,
)
from handlers.front import Front


def register(app: AsyncApp, front: Front) -> None:
    """Listen to everything people do in Slack."""
    for part in (
        request_log,
        patience,
        refusals,
        commands,
        declare,
        panel,
        customer_updates,
        hints,
        reminders,
        lifecycle,
        calls,
        assign,
        call_people,
        escalations,
        home,
        oncall,
        sla,
        severity,
        customers,
        playbook,
        by_hand,
    ):
        part.register(app, front)
