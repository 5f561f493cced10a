"""Incidents in every situation that cards are drawn for, by what has happened."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.customer_updates import Delivery, Hint, Receipt, Recipient
from domain.escalations import About, Direction, Escalation, ask_next, replied, settled, withdrawn
from domain.incident import Role, State
from domain.ladder import Reminder
from domain.roster import Answer
from domain.severity import (
    Assessment,
    Decision,
    ImpactBecause,
    Level,
    Severity,
    Suggestion,
    UrgentBecause,
)
from domain.sla import SlaKind
from domain.sla_warnings import SlaWarning
from domain.snapshot import Snapshot, Trouble
from tests.templates.records import CALLS, SECOND_WAIT, UPDATE, after, incident, snapshot, stages


def late(rung: int, **facts: object) -> Snapshot:
    """A second wait that climbed to this rung, every step of it shown."""
    rungs = tuple(
        Reminder(
            cycle=2,
            rung=n,
            fell_due_at=after(23 + 5 * n),
            raised_at=after(23 + 5 * n),
            due_at=SECOND_WAIT.due_at,
        )
        for n in range(rung + 1)
    )
    return replace(snapshot(clock=SECOND_WAIT, updates=(UPDATE,), reminders=rungs), **facts)  # type: ignore[arg-type]


def with_receipts(receipt: Receipt) -> Snapshot:
    deliveries = (
        Delivery(
            number=1,
            recipient=Recipient(place="acme-support", language="ja", customers=("acme",)),
            receipt=Receipt.SENT,
        ),
        Delivery(
            number=1,
            recipient=Recipient(place="globex-support", language="en", customers=("globex",)),
            receipt=receipt,
            error="is_archived" if receipt is Receipt.FAILED else "",
        ),
    )
    return snapshot(clock=SECOND_WAIT, updates=(UPDATE,), deliveries=deliveries)


RAN_OUT = replace(CALLS[1], answer=Answer.UNANSWERED, answered_at=after(5), ran_out_at=after(5))
NEXT = replace(CALLS[1], number=5, person="sita@example.com", follows=2, called_at=after(5))

OFFER = replace(
    CALLS[0],
    number=5,
    person="sita@example.com",
    called_at=after(10),
    answer=Answer.WAITING,
    hands_over=1,
    asked_by="U0ADA",
    note="業者の <折り返し> を\n15:00まで待っています",
)

ESCALATION = ask_next(
    Escalation(
        number=1,
        about=About(direction=Direction.HIERARCHICAL, topic="compensation"),
        question="返金してよいですか <!channel>\n上限は？",
        asked_by="U0ADA",
        asked_at=after(10),
        wait=timedelta(minutes=20),
    ),
    "sita@example.com",
    at=after(10),
)
TO_THE_NEXT = ask_next(settled(ESCALATION, Answer.UNANSWERED, at=after(30)), "ben@example.com", at=after(30))

MORNING = after(18 * 60 - 2)
"""Eight o'clock on the next day."""
ENDED = snapshot(
    calls=(*CALLS, replace(OFFER, answer=Answer.OVER, answered_at=after(70))),
    escalations=(withdrawn(TO_THE_NEXT, at=after(70)),),
)
"""Incident open again after it had ended with a role offered and an escalation waiting."""


def warned(*steps: int, **facts: object) -> Snapshot:
    """The steps of the response's deadline that were shown, and one of the resolution's."""
    warnings = [(SlaKind.RESPONSE, after(30), step, after(0.3 * step)) for step in steps]
    warnings.append((SlaKind.RESOLUTION, after(240), 50, after(120)))
    return snapshot(
        **{
            "sla_warnings": tuple(
                SlaWarning(kind=kind, due_at=due, step=step, fell_due_at=at, raised_at=at)
                for kind, due, step, at in warnings
            ),
            **facts,
        }
    )


def suggested(
    *,
    decision: Decision = Decision.OPEN,
    decided_by: str | None = None,
    decided_at: datetime | None = None,
    **facts: object,
) -> Snapshot:
    """Severity 3, to which a key customer was added as the tenth."""
    suggestion = Suggestion(
        number=1,
        at=after(20),
        severity=Severity.ONE,
        urgent_because=(UrgentBecause.KEY_CUSTOMER,),
        impact_because=(ImpactBecause.MANY_CUSTOMERS,),
        decision=decision,
        decided_by=decided_by,
        decided_at=decided_at,
    )
    milder = Assessment(urgency=Level.MEDIUM, impact=Level.MEDIUM)
    return snapshot(incident=incident(assessment=milder, suggestions=(suggestion,), **facts))


SEEN = {
    "sla warning": warned(50, 80),
    "sla breach": warned(50, 100),
    "sla breach explained": replace(
        warned(),
        sla_warnings=(
            SlaWarning(
                kind=SlaKind.RESPONSE,
                due_at=after(30),
                step=100,
                fell_due_at=after(30),
                raised_at=after(50),
                reason="電話で <済み>",
                explained_by="U0BEN",
            ),
        ),
    ),
    "sla met": replace(warned(80), incident=replace(stages()["resolved"].incident, customers=())),
    "sla of another severity": warned(
        80, incident=incident(assessment=Assessment(urgency=Level.HIGH, impact=Level.MEDIUM))
    ),
    **{name: seen for name, seen in stages().items() if name != "ordinary"},
    **{f"rung {rung}": late(rung) for rung in range(6)},
    "first warning": snapshot(
        reminders=(Reminder(cycle=1, rung=0, fell_due_at=after(5), raised_at=after(5), due_at=after(10)),)
    ),
    "late after a stop": late(1, reminders=(replace(late(1).reminders[1], late=True),)),
    "undelivered": late(1, reminders=(replace(late(1).reminders[1], failed_update=1),)),
    "hinted": late(0, hints=(Hint(cycle=2, person="U0BEN", at=after(24), text="予備の設備へ <切替> 中"),)),
    "answered late": late(
        1,
        clock=replace(SECOND_WAIT, cycle=3),
        updates=(UPDATE, replace(UPDATE, number=2, cycle=2, sent_at=after(32), minutes_late=4)),
    ),
    "sending": with_receipts(Receipt.WAITING),
    "failed": with_receipts(Receipt.FAILED),
    "declined": snapshot(calls=(*CALLS[:1], replace(CALLS[1], answer=Answer.DECLINED), *CALLS[2:])),
    "two roles": snapshot(
        calls=(
            *CALLS[:2],
            replace(CALLS[2], person="ben@example.com", answer=Answer.WAITING, stands_in=False, asked_with=2),
            CALLS[3],
        )
    ),
    "unanswered": snapshot(calls=(*CALLS[:1], RAN_OUT, *CALLS[2:])),
    "the next is called": snapshot(calls=(*CALLS[:1], RAN_OUT, *CALLS[2:], NEXT)),
    "taken by the next": snapshot(
        calls=(*CALLS[:1], RAN_OUT, *CALLS[2:], replace(NEXT, answer=Answer.ACCEPTED, answered_at=after(6)))
    ),
    "accepted late": snapshot(
        calls=(
            *CALLS[:1],
            replace(RAN_OUT, answer=Answer.ACCEPTED, answered_at=after(7)),
            *CALLS[2:],
            replace(NEXT, answer=Answer.TAKEN, answered_at=after(7)),
        )
    ),
    "nobody is found as owner": snapshot(
        calls=(
            replace(CALLS[0], answer=Answer.UNANSWERED, answered_at=after(5), ran_out_at=after(5)),
            *CALLS[1:],
            replace(CALLS[2], number=5, role=Role.OWNER, follows=1, answered_at=after(5)),
        )
    ),
    "nobody is needed": snapshot(
        incident=stages()["resolved"].incident,
        calls=(*CALLS[:1], RAN_OUT, *CALLS[2:], replace(NEXT, answer=Answer.OVER, answered_at=after(7))),
    ),
    "asked again": snapshot(
        calls=(
            *CALLS[:1],
            replace(CALLS[1], answer=Answer.OVER, answered_at=after(70)),
            *CALLS[2:],
            replace(CALLS[1], number=5, follows=2),
        )
    ),
    "suggestion": suggested(),
    "suggestion taken": suggested(decision=Decision.TAKEN, decided_by="U0ADA", decided_at=after(21)),
    "suggestion kept": suggested(decision=Decision.KEPT, decided_by="U0ADA", decided_at=after(21)),
    "suggestion set aside": suggested(decision=Decision.STALE, decided_by="U0ADA", decided_at=after(21)),
    "suggestion without its customers": suggested(decision=Decision.STALE, decided_at=after(21)),
    "suggestion after the end": suggested(state=State.RESOLVED, resolved_at=after(70)),
    "accident": snapshot(
        incident=incident(assessment=Assessment(urgency=Level.HIGH, impact=Level.LOW, accident=True))
    ),
    "asked to take over": late(0, calls=(*CALLS, OFFER)),
    "handed over": late(
        0,
        calls=(
            replace(CALLS[0], answer=Answer.HANDED_OVER, answered_at=after(12)),
            *CALLS[1:],
            replace(OFFER, answer=Answer.ACCEPTED, answered_at=after(12)),
        ),
    ),
    "nobody takes over": snapshot(
        calls=(*CALLS, replace(OFFER, answer=Answer.UNANSWERED, answered_at=after(15)))
    ),
    "somebody asked by name cannot come": snapshot(
        calls=(
            *CALLS,
            replace(OFFER, role=Role.EXPERT, hands_over=None, answer=Answer.DECLINED, answered_at=after(11)),
        )
    ),
    "escalated": late(0, escalations=(ESCALATION,)),
    "escalated to the next": snapshot(escalations=(TO_THE_NEXT,)),
    "escalation answered": snapshot(
        escalations=(
            replied(TO_THE_NEXT, "5万円まで <可>", by="U0BEN", person="ben@example.com", at=after(45)),
        )
    ),
    "nobody is left to escalate to": snapshot(
        escalations=(ask_next(settled(TO_THE_NEXT, Answer.DECLINED, at=after(35)), None, at=after(35)),)
    ),
    "withdrawn at the end": replace(ENDED, incident=stages()["resolved"].incident),
    "reopened": ENDED,
    "asked again after reopening": replace(
        ENDED,
        calls=(*ENDED.calls, replace(OFFER, number=6, called_at=after(80))),
        escalations=(
            *ENDED.escalations,
            replace(ESCALATION, number=2, asked_by="U0CHO", asked_at=after(80), again_of=1),
        ),
    ),
    "called in the morning": snapshot(
        calls=(
            replace(CALLS[2], number=1, role=Role.OWNER),
            replace(CALLS[0], number=2, answer=Answer.PLANNED, called_at=MORNING, due_at=MORNING, follows=1),
            replace(CALLS[1], number=3, answer=Answer.PLANNED, called_at=MORNING, due_at=MORNING),
            replace(CALLS[3], number=4),
        )
    ),
    "reopened when somebody else is on duty": snapshot(
        calls=(
            *CALLS[:1],
            replace(CALLS[1], answer=Answer.OVER, answered_at=after(70)),
            *CALLS[2:],
            replace(CALLS[1], number=5, person="sita@example.com", follows=2, called_at=after(80)),
        )
    ),
    "troubled": snapshot(
        troubles=(
            Trouble(key="channel", place="swarm", error="restricted_action"),
            Trouble(key="invite/U0BEN", place="swarm", error="user_is_restricted"),
            Trouble(key="update/1", place="channel:acme-support", error="is_archived"),
        )
    ),
}
