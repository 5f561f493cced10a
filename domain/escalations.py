"""Escalation in both directions: to the expert for a product or skill, and to whoever may decide; with a deadline."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.incident import TEXT_LIMIT
from domain.matters import Matter
from domain.refusals import Refusal, Why
from domain.roster import Answer
from domain.team import Team
from domain.texts import required

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(hours=24)
LATE = timedelta(seconds=60)
"""Who can read a question so much later than it was asked has the whole time from then on."""


class Direction(StrEnum):
    FUNCTIONAL = "functional"
    """To whoever knows more."""
    HIERARCHICAL = "hierarchical"
    """To whoever may decide."""


@dataclass(frozen=True, kw_only=True)
class About:
    """What knowledge or which decision is needed."""

    direction: Direction
    topic: str
    """`skill:database`, `product:payments`, or the matter."""

    @property
    def skill(self) -> str | None:
        return self._after("skill:")

    @property
    def product(self) -> str | None:
        return self._after("product:")

    def _after(self, prefix: str) -> str | None:
        return self.topic.removeprefix(prefix) if self.topic.startswith(prefix) else None


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One person asked, one after the other."""

    person: str
    """As the settings name them, or a Slack user id."""
    at: datetime
    answer: Answer = Answer.WAITING
    answered_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Escalation:
    number: int
    """Counts the incident's escalations from 1."""
    about: About
    question: str
    asked_by: str
    """Slack user id."""
    asked_at: datetime
    wait: timedelta
    """How long each person asked may take."""
    asks: tuple[Ask, ...] = ()
    reply: str = ""
    replied_by: str | None = None
    """Slack user id."""
    replied_at: datetime | None = None
    nobody_left_at: datetime | None = None
    reached_at: datetime | None = None
    """Since when the person asked last can read it."""
    due_at: datetime | None = None
    """When it is looked at as unanswered; None where no answer is waited for."""
    withdrawn_at: datetime | None = None
    """When the incident ended before there was an answer; reopening it does not ask again by itself."""
    again_of: int | None = None
    """The withdrawn escalation that somebody asks again by this one."""

    @property
    def waiting(self) -> Ask | None:
        """The person whose answer is waited for."""
        return self.asks[-1] if self.asks and self.asks[-1].answer is Answer.WAITING else None

    @property
    def deadline(self) -> datetime | None:
        """Until when the person asked last may answer."""
        if not self.asks:
            return None
        since = self.asks[-1].at
        if self.reached_at and self.reached_at - since > LATE:
            since = self.reached_at
        return since + self.wait


def question_of(text: str) -> str:
    """A question as typed, trimmed. Raises Refusal: TEXT_MISSING, TEXT_TOO_LONG."""
    return required(text, field="question", limit=TEXT_LIMIT)


def answer_of(text: str) -> str:
    """An answer as typed, trimmed. Raises Refusal: TEXT_MISSING, TEXT_TOO_LONG."""
    return required(text, field="answer", limit=TEXT_LIMIT)


def wait_until(deadline: datetime, *, now: datetime) -> timedelta:
    """How long an answer is waited for: 5 minutes at least and 24 hours at most, as clocks show them.

    Raises Refusal: DEADLINE_TOO_SOON, DEADLINE_TOO_LATE.
    """
    shown = now.replace(second=0, microsecond=0)
    if deadline - shown < SHORTEST:
        raise Refusal(
            Why.DEADLINE_TOO_SOON, field="deadline", earliest=shown + SHORTEST + timedelta(minutes=1)
        )
    if deadline - now > LONGEST:
        raise Refusal(Why.DEADLINE_TOO_LATE, field="deadline", latest=now + LONGEST)
    return deadline - now


def deciders(matter: str, team: Team) -> tuple[str, ...]:
    """Who may decide a matter, in the order in which they are asked."""
    return team.decisions.get(Matter(matter)) or team.escalation


def settled(escalation: Escalation, answer: Answer, *, at: datetime, person: str | None = None) -> Escalation:
    """With the answer of one person (or of whoever is waited for); nobody is waited for any longer."""
    asks = tuple(
        replace(one, answer=answer, answered_at=at)
        if (one.person == person if person else one.answer is Answer.WAITING)
        else one
        for one in escalation.asks
    )
    waits = any(one.answer is Answer.WAITING for one in asks)
    return replace(escalation, asks=asks, due_at=escalation.due_at if waits else None)


def ask_next(escalation: Escalation, person: str | None, *, at: datetime) -> Escalation:
    """The next person is asked; without one nobody is left."""
    if person is None:
        return replace(escalation, nobody_left_at=at, due_at=None)
    asks = (*escalation.asks, Ask(person=person, at=at))
    return replace(escalation, asks=asks, reached_at=None, due_at=at + escalation.wait)


def replied(escalation: Escalation, text: str, *, by: str, person: str, at: datetime) -> Escalation:
    """Answered by this person (`by` is their Slack user id); nobody else need answer."""
    answered = settled(escalation, Answer.ACCEPTED, at=at, person=person)
    return replace(
        settled(answered, Answer.TAKEN, at=at), reply=text, replied_by=by, replied_at=at, due_at=None
    )


def withdrawn(escalation: Escalation, *, at: datetime) -> Escalation:
    """The incident is over: nobody need answer any more. What was answered, or withdrawn before, stays as it is."""
    if escalation.replied_by or escalation.withdrawn_at:
        return escalation
    return replace(settled(escalation, Answer.OVER, at=at), withdrawn_at=at, due_at=None)


def asked_again(escalation: Escalation, escalations: Iterable[Escalation]) -> Escalation | None:
    """The escalation by which a withdrawn one was asked again."""
    return next((one for one in escalations if one.again_of == escalation.number), None)


def ask_key(escalation: Escalation, turn: int) -> str:
    """The key, within its incident, of the message to the person asked in this turn, counted from 1."""
    return f"escalation_ask/{escalation.number}/{turn}"


def asked(escalation: Escalation) -> Collection[str]:
    return {one.person for one in escalation.asks}
