"""What happened in an incident, when, and by whom: the record everything is reviewed from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Happened(StrEnum):
    """The kinds of timeline entry; each has words in `templates/words/timeline.*.po`."""

    DECLARED = "declared"
    CALLED = "called"
    CALL_PLANNED = "call_planned"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    NOT_REACHED = "not_reached"
    CALL_TAKEN = "call_taken"
    CALLED_NEXT = "called_next"
    NOBODY_LEFT = "nobody_left"
    HAND_OVER_ASKED = "hand_over_asked"
    HANDED_OVER = "handed_over"
    CALLED_OFF = "called_off"
    CALLED_BY = "called_by"
    ESCALATED = "escalated"
    ESCALATED_TO_NEXT = "escalated_to_next"
    ESCALATION_ANSWERED = "escalation_answered"
    ESCALATION_DECLINED = "escalation_declined"
    ESCALATION_UNANSWERED = "escalation_unanswered"
    ESCALATION_NOT_REACHED = "escalation_not_reached"
    ESCALATION_NOBODY_LEFT = "escalation_nobody_left"
    CALL_WITHDRAWN = "call_withdrawn"
    HAND_OVER_WITHDRAWN = "hand_over_withdrawn"
    ESCALATION_WITHDRAWN = "escalation_withdrawn"
    JOINED = "joined"
    CHANNEL_OPENED = "channel_opened"
    UPDATE_SENT = "update_sent"
    UPDATE_DELIVERED = "update_delivered"
    UPDATE_FAILED = "update_failed"
    REMINDER_RAISED = "reminder_raised"
    REMINDER_OVERTAKEN = "reminder_overtaken"
    SNOOZED = "snoozed"
    DRAFTING = "drafting"
    HINTED = "hinted"
    SEVERITY_CHANGED = "severity_changed"
    SEVERITY_SUGGESTED = "severity_suggested"
    SEVERITY_KEPT = "severity_kept"
    ACCIDENT = "accident"
    NO_ACCIDENT = "no_accident"
    CUSTOMERS_ADDED = "customers_added"
    CUSTOMERS_REMOVED = "customers_removed"
    STATE_CHANGED = "state_changed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    SLACK_REFUSED = "slack_refused"
    SLACK_RECOVERED = "slack_recovered"
    HACHI_AWAY = "hachi_away"
    TOPIC_PUT_BACK = "topic_put_back"
    TOPIC_LET_BE = "topic_let_be"
    PIN_PUT_BACK = "pin_put_back"
    PIN_LET_BE = "pin_let_be"
    SLA_WARNED = "sla_warned"
    SLA_BREACHED = "sla_breached"
    SLA_EXPLAINED = "sla_explained"
    STEP_DONE = "step_done"
    STEP_SKIPPED = "step_skipped"
    STEP_UNDONE = "step_undone"


@dataclass(frozen=True, kw_only=True)
class Entry:
    at: datetime
    kind: Happened
    actor: str | None = None
    """Slack user id; None when the clock or Slack did it."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """Plain values: texts, numbers, ISO 8601 times."""
