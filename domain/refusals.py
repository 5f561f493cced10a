"""Every "no" Hachi can say: a code, the field it is about, and the facts its words need."""

from collections.abc import Mapping
from enum import StrEnum


class Why(StrEnum):
    """The codes of refusals; each has words in every language, in `templates/words/refusals.*.po`."""

    # What was typed
    TITLE_MISSING = "title_missing"
    TITLE_TOO_LONG = "title_too_long"
    TEXT_MISSING = "text_missing"
    TEXT_TOO_LONG = "text_too_long"
    REASON_MISSING = "reason_missing"
    CHOICE_MISSING = "choice_missing"
    CHOICE_UNKNOWN = "choice_unknown"
    PRODUCT_UNKNOWN = "product_unknown"
    CUSTOMER_UNKNOWN = "customer_unknown"
    PERSON_UNKNOWN = "person_unknown"
    PERSON_MISSING = "person_missing"
    PERSON_LEFT = "person_left"
    PERSON_IS_BOT = "person_is_bot"
    ONE_PERSON_ONLY = "one_person_only"
    NOBODY_CHOSEN = "nobody_chosen"
    SKILL_UNKNOWN = "skill_unknown"
    ROLE_UNKNOWN = "role_unknown"
    TIME_UNREADABLE = "time_unreadable"
    TIME_IN_THE_FUTURE = "time_in_the_future"
    END_BEFORE_START = "end_before_start"
    PROMISE_NOT_AFTER_NOW = "promise_not_after_now"
    PROMISE_TOO_LATE = "promise_too_late"
    DEADLINE_TOO_SOON = "deadline_too_soon"
    DEADLINE_TOO_LATE = "deadline_too_late"
    FIRST_NOTICE_SENT_BEFORE = "first_notice_sent_before"
    # What was asked for
    COMMAND_UNKNOWN = "command_unknown"
    COMMAND_NOT_READY = "command_not_ready"
    INCIDENT_UNKNOWN = "incident_unknown"
    INCIDENT_NOT_HERE = "incident_not_here"
    INCIDENT_OVER = "incident_over"
    INCIDENT_NOT_OVER = "incident_not_over"
    STATE_SAME = "state_same"
    SEVERITY_SAME = "severity_same"
    SUGGESTION_OVER = "suggestion_over"
    CUSTOMERS_SAME = "customers_same"
    CUSTOMERS_NONE = "customers_none"
    NO_SWARM = "no_swarm"
    ALREADY_RESOLVED = "already_resolved"
    ALREADY_CLOSED = "already_closed"
    NOT_RESOLVED_YET = "not_resolved_yet"
    SLA_NOT_BREACHED = "sla_not_breached"
    STEP_UNKNOWN = "step_unknown"
    CYCLE_OVER = "cycle_over"
    CYCLE_ANSWERED = "cycle_answered"
    NEWER_UPDATE = "newer_update"
    DRAFT_GONE = "draft_gone"
    CALL_OVER = "call_over"
    CALL_TAKEN = "call_taken"
    CALL_NOT_YOURS = "call_not_yours"
    HAS_THE_ROLE = "has_the_role"
    ASKED_ALREADY = "asked_already"
    NOBODY_TO_ASK = "nobody_to_ask"
    ESCALATION_OVER = "escalation_over"
    ESCALATION_NOT_YOURS = "escalation_not_yours"
    ESCALATION_ANSWERED = "escalation_answered"
    ESCALATION_WITHDRAWN = "escalation_withdrawn"
    ESCALATION_ASKED_AGAIN = "escalation_asked_again"
    HERE_ALREADY = "here_already"
    CALLED_ALREADY = "called_already"
    PRODUCT_COVERED = "product_covered"
    HAND_OVER_WAITS = "hand_over_waits"
    ENTRY_UNKNOWN = "entry_unknown"
    ENTRY_NOT_YOURS = "entry_not_yours"
    ENTRY_DECIDED = "entry_decided"
    ROTATION_UNKNOWN = "rotation_unknown"
    ROTATIONS_DIFFER = "rotations_differ"
    SPAN_BACKWARDS = "span_backwards"
    SPAN_OVER = "span_over"
    SPAN_TOO_LONG = "span_too_long"
    INSTEAD_OF_ONESELF = "instead_of_oneself"
    PERSON_ABSENT = "person_absent"
    NOT_ON_DUTY = "not_on_duty"
    WHOSE_DUTY = "whose_duty"
    ON_DUTY_ALREADY = "on_duty_already"
    OVERRIDE_OVERLAPS = "override_overlaps"
    NO_DUTY_TO_SWAP = "no_duty_to_swap"
    ROSTER_NOT_PERMITTED = "roster_not_permitted"
    SNOOZES_USED_UP = "snoozes_used_up"
    DRAFTING_USED_UP = "drafting_used_up"
    NEXT_REMINDER_LATER = "next_reminder_later"
    # Who asked
    NOT_A_MEMBER = "not_a_member"
    NOT_PERMITTED = "not_permitted"
    # What went wrong
    FORM_NOT_OPENED = "form_not_opened"
    RECORDS_AWAY = "records_away"
    UNEXPECTED = "unexpected"


class Refusal(Exception):
    """A "no" that a person reads: why, about which field of a form, with the facts the words need."""

    def __init__(self, why: Why, *, field: str | None = None, **facts: object) -> None:
        super().__init__(why.value)
        self.why = why
        self.field = field
        self.facts: Mapping[str, object] = facts

    def __str__(self) -> str:
        return f"{self.why.value} ({', '.join(f'{name}={value!r}' for name, value in self.facts.items())})"
