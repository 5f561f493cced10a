"""What Prometheus may ask: figures alone, no name, no title, nothing that anybody wrote."""

from collections.abc import Callable
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from delivery.slack import Done, Outcome, Refused, Throttled
from domain.ladder import Reminder, ReminderState

ACKNOWLEDGED_WITHIN = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
"""Seconds; Slack gives up after three."""
LATE_BY = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 1800.0)
CARDS = {"chat.postMessage": "posted", "chat.update": "updated"}


class Metrics:
    """One process's figures. Those that are asked for at the moment are handed over as functions by `show`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._acknowledged = Histogram(
            "hachi_acknowledge_seconds",
            "From a request of Slack's to its acknowledgement.",
            ["kind"],
            buckets=ACKNOWLEDGED_WITHIN,
            registry=self.registry,
        )
        self._raised = Counter(
            "hachi_reminders_raised",
            "Steps of the ladder that were raised; overtaken ones were never posted.",
            ["state"],
            registry=self.registry,
        )
        self._late = Histogram(
            "hachi_reminder_lateness_seconds",
            "From when a reminder fell due to when it was raised.",
            buckets=LATE_BY,
            registry=self.registry,
        )
        self._cards = Counter(
            "hachi_cards", "Messages posted and updated in Slack.", ["what"], registry=self.registry
        )
        self._calls = Counter(
            "hachi_slack_calls",
            "Calls to Slack by what became of them.",
            ["method", "outcome"],
            registry=self.registry,
        )
        self._retries = Counter(
            "hachi_slack_retries",
            "Calls to Slack that have to be made again: asked for patience, not reached, or of unknown outcome.",
            ["method"],
            registry=self.registry,
        )
        self._throttled = Counter(
            "hachi_slack_throttled_seconds",
            "Patience that Slack asked for.",
            ["method"],
            registry=self.registry,
        )

    def acknowledged(self, kind: str, seconds: float) -> None:
        self._acknowledged.labels(kind).observe(seconds)

    def raised(self, reminder: Reminder) -> None:
        self._raised.labels(reminder.state.value).inc()
        if reminder.state is ReminderState.RAISED:
            self._late.observe((reminder.raised_at - reminder.fell_due_at) / timedelta(seconds=1))

    def called(self, method: str, outcome: Outcome) -> None:
        self._calls.labels(method, type(outcome).__name__.lower()).inc()
        if isinstance(outcome, Done) and method in CARDS:
            self._cards.labels(CARDS[method]).inc()
        if not isinstance(outcome, Done | Refused):
            self._retries.labels(method).inc()
        if isinstance(outcome, Throttled) and outcome.why == "ratelimited":
            self._throttled.labels(method).inc(outcome.seconds)

    def show(self, name: str, meaning: str, figure: Callable[[], float | None]) -> None:
        """A figure of the moment; NaN while it is not known."""
        gauge = Gauge(name, meaning, registry=self.registry)

        def ask() -> float:
            value = figure()
            return float("nan") if value is None else value

        gauge.set_function(ask)
