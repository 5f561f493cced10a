"""An incident: what it is, which states it goes through, and who answers for it."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.refusals import Refusal, Why
from domain.severity import Assessment, Decision, Severity, Suggestion
from domain.texts import required

TITLE_LIMIT = 120
TEXT_LIMIT = 2000
REASON_LIMIT = 300


class State(StrEnum):
    REPORTED = "reported"
    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({State.REPORTED, State.INVESTIGATING, State.IDENTIFIED, State.MONITORING})
"""Customers still wait for an end."""
WORKING = (State.INVESTIGATING, State.IDENTIFIED, State.MONITORING)
"""The states a person may choose; choosing resolved opens its own form."""


class Category(StrEnum):
    HARDWARE = "hardware"
    SOFTWARE = "software"
    NETWORK = "network"
    USER_ERROR = "user_error"
    OTHER = "other"


class Role(StrEnum):
    OWNER = "owner"
    EXPERT = "expert"
    SERVICE_LEVEL_MANAGER = "service_level_manager"
    DUTY_MANAGER = "duty_manager"


class DataLoss(StrEnum):
    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """How an incident ended; data loss is stated even if there was none."""

    done: str
    data_loss: DataLoss
    started_at: datetime
    ended_at: datetime
    customer_action: str = ""


@dataclass(frozen=True, kw_only=True)
class Incident:
    number: int
    title: str
    state: State
    assessment: Assessment
    declared_by: str
    """Slack user id."""
    declared_at: datetime
    language: str
    """What the swarm's channel speaks, and updates to customers whose own language is not known."""
    swarm: bool
    """False for an ordinary case: no channel, no update clock."""
    summary: str = ""
    category: Category = Category.OTHER
    product: str | None = None
    customers: tuple[str, ...] = ()
    private: bool = False
    practice: bool = False
    source_link: str = ""
    """Permalink of the message it was declared from."""
    resolved_at: datetime | None = None
    resolution: Resolution | None = None
    """How it was last resolved, also when it was reopened since."""
    closed_at: datetime | None = None
    cause: str = ""
    """The cause, or why none was found; asked for at closing."""
    withdrawn_because: str = ""
    channel_id: str | None = None
    channel_name: str | None = None
    channel_generation: int = 1
    """Counts the swarm channels: a reopened incident whose channel was archived gets another."""
    suggestions: tuple[Suggestion, ...] = ()
    """Every time the criteria said that it had become graver, the oldest first."""

    @property
    def suggestion(self) -> Suggestion | None:
        """The suggestion that waits for a decision; there is one at most."""
        return next((one for one in self.suggestions if one.decision is Decision.OPEN), None)

    @property
    def severity(self) -> Severity:
        return self.assessment.severity

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


_JOINERS = "\u200c\u200d"
"""They hold emoji and Persian words together."""


def title_of(text: str) -> str:
    """A title as typed, trimmed and on one line, without signs that nobody sees but that move what stands beside it.

    Raises Refusal: TITLE_MISSING, TITLE_TOO_LONG.
    """
    title = " ".join("".join(c for c in text if _is_harmless(c)).split())
    if not any(_is_visible(c) for c in title):
        raise Refusal(Why.TITLE_MISSING, field="title")
    if len(title) > TITLE_LIMIT:
        raise Refusal(Why.TITLE_TOO_LONG, field="title", limit=TITLE_LIMIT, length=len(title))
    return title


def _is_harmless(c: str) -> bool:
    """False for control characters, half characters, and signs that turn or hide the text around them."""
    if c.isspace() or c in _JOINERS:
        return True
    # The tags in the flags of England, Scotland and Wales are format characters too.
    return unicodedata.category(c) not in ("Cc", "Cf", "Cs") or "\U000e0020" <= c <= "\U000e007f"


def _is_visible(c: str) -> bool:
    return unicodedata.category(c)[0] not in "CZM"


def check_open(incident: Incident) -> None:
    """Raises Refusal INCIDENT_OVER when customers no longer wait for an end."""
    if not incident.is_open:
        raise Refusal(Why.INCIDENT_OVER, number=incident.number, state=incident.state)


def check_can_resolve(incident: Incident) -> None:
    """Raises Refusal: ALREADY_RESOLVED, INCIDENT_OVER."""
    if incident.state is State.RESOLVED:
        raise Refusal(Why.ALREADY_RESOLVED, number=incident.number, at=incident.resolved_at)
    check_open(incident)


def check_can_close(incident: Incident) -> None:
    """Only what is resolved can be closed; an ordinary case is resolved by closing it.

    Raises Refusal: ALREADY_CLOSED, NOT_RESOLVED_YET.
    """
    if incident.state is State.CLOSED:
        raise Refusal(Why.ALREADY_CLOSED, number=incident.number, at=incident.closed_at)
    if incident.state is State.WITHDRAWN:
        raise Refusal(Why.INCIDENT_OVER, number=incident.number, state=incident.state)
    if incident.swarm and incident.state is not State.RESOLVED:
        raise Refusal(Why.NOT_RESOLVED_YET, number=incident.number)


def check_swarming(incident: Incident) -> None:
    """Whether a swarm works on it. Raises Refusal: INCIDENT_OVER, NO_SWARM."""
    check_open(incident)
    if not incident.swarm:
        raise Refusal(Why.NO_SWARM, number=incident.number)


def check_can_reopen(incident: Incident) -> None:
    """Raises Refusal INCIDENT_NOT_OVER unless it is resolved or closed."""
    if incident.state not in (State.RESOLVED, State.CLOSED):
        raise Refusal(Why.INCIDENT_NOT_OVER, number=incident.number, state=incident.state)


def check_resolution(
    *, done: str, started_at: datetime, ended_at: datetime, now: datetime, customer_action: str = ""
) -> None:
    """Raises Refusal: TEXT_MISSING, TEXT_TOO_LONG, END_BEFORE_START, TIME_IN_THE_FUTURE."""
    if not done.strip():
        raise Refusal(Why.TEXT_MISSING, field="done")
    for name, text in (("done", done), ("customer_action", customer_action)):
        if len(text) > TEXT_LIMIT:
            raise Refusal(Why.TEXT_TOO_LONG, field=name, limit=TEXT_LIMIT, length=len(text))
    if ended_at > now:
        raise Refusal(Why.TIME_IN_THE_FUTURE, field="ended_at", now=now)
    if ended_at < started_at:
        raise Refusal(Why.END_BEFORE_START, field="ended_at", started_at=started_at)


def reason_of(text: str, *, field: str = "reason") -> str:
    """A reason as typed, trimmed. Raises Refusal: REASON_MISSING, TEXT_TOO_LONG."""
    return required(text, field=field, limit=REASON_LIMIT, missing=Why.REASON_MISSING)
