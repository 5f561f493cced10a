"""The tables. Times are UTC; what is only ever read whole stands in JSON."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Utc(TypeDecorator[datetime]):
    """A moment. Naive values are refused: they would mean another moment on another machine."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012
        datetime: Utc(),
        str: Text(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
        list[dict[str, Any]]: JSON(),
    }


def _incident() -> Mapped[int]:
    return mapped_column(ForeignKey("incident.number", ondelete="CASCADE"), primary_key=True)


class MetaRow(Base):
    """What the database as a whole knows of itself, such as the workspace it belongs to."""

    __tablename__ = "meta"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str]


class IncidentRow(Base):
    __tablename__ = "incident"
    __table_args__ = (
        Index("ix_incident_dirty", "dirty", "retry_at"),
        Index("ix_incident_channel", "channel_id"),
        Index("ix_incident_state", "state"),
        Index("ix_incident_sla_next", "sla_next_at"),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    title: Mapped[str]
    state: Mapped[str] = mapped_column(String(32))
    severity: Mapped[int]
    assessment: Mapped[dict[str, Any]]
    declared_by: Mapped[str]
    declared_at: Mapped[datetime]
    language: Mapped[str]
    swarm: Mapped[bool]
    summary: Mapped[str]
    category: Mapped[str]
    product: Mapped[str | None]
    customers: Mapped[list[str]]
    private: Mapped[bool]
    practice: Mapped[bool]
    source_link: Mapped[str]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[dict[str, Any] | None]
    closed_at: Mapped[datetime | None]
    cause: Mapped[str]
    withdrawn_because: Mapped[str]
    channel_id: Mapped[str | None] = mapped_column(String(32))
    channel_name: Mapped[str | None]
    channel_generation: Mapped[int]
    suggestions: Mapped[list[dict[str, Any]] | None]
    sla_next_at: Mapped[datetime | None]
    """When its SLA clocks are to be looked at next: a step falls due, or something has changed."""
    # What delivery keeps: machine time, not incident time.
    revision: Mapped[int] = mapped_column(default=1)
    shown_revision: Mapped[int] = mapped_column(default=0)
    dirty: Mapped[bool] = mapped_column(Boolean, default=True)
    retry_at: Mapped[datetime | None]
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]


class ClockRow(Base):
    __tablename__ = "update_clock"
    __table_args__ = (Index("ix_update_clock_next", "next_at"),)

    incident: Mapped[int] = _incident()
    cycle: Mapped[int]
    first: Mapped[bool]
    anchor: Mapped[datetime]
    due_at: Mapped[datetime]
    warn_at: Mapped[datetime]
    next_rung: Mapped[int]
    quiet_until: Mapped[datetime | None]
    snoozes: Mapped[int]
    drafted: Mapped[bool]
    undelivered_since: Mapped[datetime | None]
    running: Mapped[bool]
    next_at: Mapped[datetime | None]
    """When it strikes next: the sweep asks for nothing else."""


class ReminderRow(Base):
    __tablename__ = "reminder"
    incident: Mapped[int] = _incident()
    cycle: Mapped[int] = mapped_column(primary_key=True)
    rung: Mapped[int] = mapped_column(primary_key=True)
    fell_due_at: Mapped[datetime]
    raised_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16))
    late: Mapped[bool]
    failed_update: Mapped[int | None]


class SlaWarningRow(Base):
    __tablename__ = "sla_warning"
    incident: Mapped[int] = _incident()
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    fell_due_at: Mapped[datetime]
    raised_at: Mapped[datetime]
    overtaken: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str]
    explained_by: Mapped[str | None]


class HintRow(Base):
    """What somebody says customers may know now."""

    __tablename__ = "hint"
    __table_args__ = (Index("ix_hint_incident", "incident", "cycle"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    incident: Mapped[int] = mapped_column(ForeignKey("incident.number", ondelete="CASCADE"))
    cycle: Mapped[int]
    person: Mapped[str]
    at: Mapped[datetime]
    text: Mapped[str]


class CallRow(Base):
    __tablename__ = "call"
    __table_args__ = (Index("ix_call_due", "due_at"),)
    incident: Mapped[int] = _incident()
    number: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(String(32))
    person: Mapped[str]
    skills: Mapped[list[str]]
    called_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(String(16))
    answered_at: Mapped[datetime | None]
    stands_in: Mapped[bool]
    follows: Mapped[int | None]
    asked_with: Mapped[int | None]
    reached_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    """When it is looked at as unanswered: the sweep asks for nothing else."""
    ran_out_at: Mapped[datetime | None]
    hands_over: Mapped[int | None]
    asked_by: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="", server_default="")


class EscalationRow(Base):
    __tablename__ = "escalation"
    __table_args__ = (Index("ix_escalation_due", "due_at"),)
    incident: Mapped[int] = _incident()
    number: Mapped[int] = mapped_column(primary_key=True)
    direction: Mapped[str] = mapped_column(String(16))
    topic: Mapped[str]
    question: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    wait_seconds: Mapped[int]
    turn: Mapped[int]
    """Counts the people asked; the last of them is waited for."""
    asks: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    reply: Mapped[str]
    replied_by: Mapped[str | None]
    replied_at: Mapped[datetime | None]
    nobody_left_at: Mapped[datetime | None]
    reached_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    """When it is looked at as unanswered: the sweep asks for nothing else."""
    withdrawn_at: Mapped[datetime | None]
    again_of: Mapped[int | None]


class JoinedRow(Base):
    """Somebody who joined the swarm of their own accord."""

    __tablename__ = "joined"
    incident: Mapped[int] = _incident()
    person: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class PlaybookTickRow(Base):
    """A step of the playbook that was done, or skipped with a reason."""

    __tablename__ = "playbook_tick"
    incident: Mapped[int] = _incident()
    step: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str]
    at: Mapped[datetime]
    skipped_because: Mapped[str]


class CustomerUpdateRow(Base):
    __tablename__ = "customer_update"
    incident: Mapped[int] = _incident()
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(32))
    author: Mapped[str]
    sent_at: Mapped[datetime]
    promise: Mapped[datetime | None]
    cycle: Mapped[int]
    minutes_late: Mapped[int]
    facts: Mapped[dict[str, Any]]
    delivered_at: Mapped[datetime | None]
    data_loss: Mapped[str | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class DeliveryRow(Base):
    """One update on its way to one recipient, written in the same transaction as the update."""

    __tablename__ = "delivery"
    incident: Mapped[int] = _incident()
    number: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str]
    customers: Mapped[list[str]]
    receipt: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime | None]
    error: Mapped[str]


class TimelineRow(Base):
    __tablename__ = "timeline"
    __table_args__ = (Index("ix_timeline_incident", "incident", "at"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    incident: Mapped[int] = mapped_column(ForeignKey("incident.number", ondelete="CASCADE"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str | None]
    facts: Mapped[dict[str, Any]]


class ShownRow(Base):
    """One thing Hachi wants in Slack (a card, the topic, an invitation …) and how far it has come."""

    __tablename__ = "shown"
    incident: Mapped[int] = _incident()
    key: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[str | None]
    ts: Mapped[str | None]
    digest: Mapped[str | None]
    attempted_at: Mapped[datetime | None]
    looked_up: Mapped[int] = mapped_column(default=0)
    check_at: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
    stopped: Mapped[str | None]
    stopped_digest: Mapped[str | None]
    put_back_at: Mapped[datetime | None]
    let_be: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())


class BulletinRow(Base):
    """One message outside any incident, and how far it has come. Machine time."""

    __tablename__ = "bulletin"
    __table_args__ = (Index("ix_bulletin_again", "again_at"),)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    place: Mapped[str] = mapped_column(String(120))
    content: Mapped[dict[str, Any]]
    revision: Mapped[int] = mapped_column(default=1)
    """Counts the changes of its content."""
    again_at: Mapped[datetime | None]
    """When a copy looks at it next; None while nothing is to be done."""
    attempted_at: Mapped[datetime | None]
    channel_id: Mapped[str | None] = mapped_column(String(32))
    ts: Mapped[str | None]
    shown: Mapped[str | None] = mapped_column(String(16))


class DraftRow(Base):
    """What stands in a form; the form itself carries only the draft's id."""

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_created", "created_at"),)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    incident: Mapped[int | None]
    person: Mapped[str]
    created_at: Mapped[datetime]
    payload: Mapped[dict[str, Any]]


class RequestRow(Base):
    """A request that was carried out: the same one delivered again changes nothing."""

    __tablename__ = "request"
    __table_args__ = (Index("ix_request_at", "at"),)
    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime]
    answer: Mapped[dict[str, Any]]


class RosterEntryRow(Base):
    """What somebody entered about who is on duty; kept when it is over or taken back."""

    __tablename__ = "roster_entry"
    __table_args__ = (Index("ix_roster_entry_until", "until"), {"sqlite_autoincrement": True})
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    person: Mapped[str]
    """Slack user id, as everywhere in this table."""
    rotation: Mapped[str]
    instead_of: Mapped[str | None]
    since: Mapped[datetime]
    until: Mapped[datetime]
    reason: Mapped[str]
    swapped_with: Mapped[int | None]
    """The other half of a swap."""
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    """Who agreed, declined or took it back."""
    decided_at: Mapped[datetime | None]


class PersonRow(Base):
    """A person as the settings name them, or by Slack user id, and what Slack says of them."""

    __tablename__ = "person"
    who: Mapped[str] = mapped_column(String(254), primary_key=True)
    slack_id: Mapped[str | None] = mapped_column(String(32), index=True)
    name: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(default="")
    timezone: Mapped[str] = mapped_column(default="")
    missing: Mapped[bool] = mapped_column(default=False)
    looked_up_at: Mapped[datetime]


class ChannelRow(Base):
    """A channel as the settings name it, and what Slack says of it."""

    __tablename__ = "channel"
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    slack_id: Mapped[str | None] = mapped_column(String(32))
    problem: Mapped[str] = mapped_column(default="")
    looked_up_at: Mapped[datetime]
