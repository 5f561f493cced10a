"""What the program writes today, kept for the versions to come: `python -m tests.storage.keep` writes `kept/<revision>.sql`.

Each revision of the tables needs its file before the next one is made; a kept file is never changed.
"""

import asyncio
import sqlite3
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Boolean

from domain.by_hand import ByHand
from domain.customer_updates import Facts, Hint, Kind, Receipt, Recipient
from domain.escalations import About, Ask, Direction, Escalation
from domain.incident import DataLoss, Resolution, State
from domain.ladder import Reminder, ReminderState
from domain.playbook import Tick
from domain.roster import Answer
from domain.roster_entries import EntryKind, EntryState, RosterEntry
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
from domain.timeline import Happened
from domain.update_clock import start, stop
from storage.database import Database, Transaction
from storage.directory import Known, KnownChannel
from storage.migrate import NEWEST, migrate
from storage.shown import Shown
from storage.tables import Base
from tests.domain.people import calls, incident, update
from tests.domain.ticking import CADENCE
from tests.domain.times import at

KEPT = Path(__file__).parent / "kept"
OPEN, CLOSED = 1, 2


async def write_everything(tx: Transaction) -> None:
    """An open incident and a closed one, with a row in every table and a value in every column that may be empty."""
    await _open(tx)
    await _called(tx)
    await _escalated(tx)
    await _warned(tx)
    await _told(tx)
    await _shown(tx)
    await _closed(tx)
    await tx.directory.note_people(
        [
            Known(
                who="ada@example.com",
                slack_id="UADA",
                name="Ada 🔥",
                locale="en-GB",
                timezone="Europe/London",
            )
        ],
        at=at("13:00"),
    )
    await tx.directory.note_people(
        [Known(who="gone@example.com", slack_id=None, missing=True)], at=at("13:00")
    )
    await tx.directory.note_channels([KnownChannel("incidents", "C1")], at=at("13:00"))
    await tx.directory.note_channels([KnownChannel("news", None, "channel_not_found")], at=at("13:00"))
    await tx.directory.remember("team_id", "T1")
    entry = RosterEntry(
        kind=EntryKind.SWAP,
        state=EntryState.AGREED,
        person="UADA",
        rotation="owner",
        instead_of="UBEN",
        since=at("09:00"),
        until=at("+1 09:00"),
        reason="通院",
        swapped_with=2,
        entered_by="UADA",
        entered_at=at("08:00"),
        decided_by="UBEN",
        decided_at=at("08:10"),
    )
    await tx.roster.add(entry)
    await tx.roster.add(
        RosterEntry(**{**vars(entry), "kind": EntryKind.LEAVE, "rotation": "", "instead_of": None})
    )
    await tx.drafts.save(
        "draft", "update", person="UADA", at=at("14:20"), payload={"symptom": "it's"}, incident=OPEN
    )
    await tx.requests.answer("V1", at=at("14:00"), number=OPEN)
    content = {"since": "2026-11-24T05:00:00+00:00", "until": None}
    await tx.bulletins.say("behind", "channel:incidents", content, at=at("14:00"))
    (bulletin,) = await tx.bulletins.due(by=at("14:00"), limit=9)
    await tx.bulletins.attempt(bulletin, held=at("14:00"), at=at("14:00"), until=at("14:01"))
    await tx.bulletins.stands(bulletin, channel_id="C1", ts="1.2", shown="abc", at=at("14:01"))


async def _open(tx: Transaction) -> None:
    grave = Assessment(
        urgency=Level.HIGH,
        impact=Level.HIGH,
        urgent_because=(UrgentBecause.SPREADS,),
        impact_because=(ImpactBecause.MONEY,),
        override=Severity.TWO,
        override_reason="夜間のため",
    )
    await tx.incidents.add(
        incident(
            title="<!channel> & 'card' payments; 決済",
            assessment=grave,
            customers=("acme", "minato"),
            product="payments",
            summary="line one\nline two",
            source_link="https://example.slack.com/archives/C1/p1",
            channel_id="CSWARM",
            channel_name="inc-1-card",
            suggestions=(
                Suggestion(
                    number=1,
                    at=at("14:12"),
                    severity=Severity.ONE,
                    urgent_because=(UrgentBecause.KEY_CUSTOMER,),
                    impact_because=(ImpactBecause.MANY_CUSTOMERS,),
                    decision=Decision.KEPT,
                    decided_by="UADA",
                    decided_at=at("14:13"),
                ),
            ),
        )
    )
    clock = replace(
        start(cycle=2, at=at("14:10"), cadence=CADENCE),
        next_rung=1,
        quiet_until=at("14:36"),
        snoozes=1,
        drafted=True,
        undelivered_since=at("14:20"),
    )
    await tx.clocks.save(OPEN, clock, CADENCE)
    for rung, state in ((0, ReminderState.OVERTAKEN), (1, ReminderState.RAISED)):
        reminder = Reminder(
            cycle=1,
            rung=rung,
            fell_due_at=at("14:05"),
            raised_at=at("14:05"),
            due_at=at("14:10"),
            state=state,
        )
        await tx.reminders.add(OPEN, replace(reminder, late=rung == 1, failed_update=rung or None))


async def _called(tx: Transaction) -> None:
    for call in calls(owner="-ben,ada", expert="cho"):
        kept = replace(call, skills=("payments",), answered_at=at("14:01"), stands_in=True)
        took_over = call.number == 2
        await tx.calls.save(
            OPEN,
            replace(kept, hands_over=1, asked_by="UBEN", note="業者の折り返し待ち") if took_over else kept,
        )
    await tx.playbook.save(
        OPEN,
        Tick(step="owner/investigating/lead", person="UMEI", at=at("14:03"), skipped_because="交代のため"),
    )
    await tx.incidents.join(OPEN, "UMEI", at=at("14:02"))


async def _escalated(tx: Transaction) -> None:
    await tx.escalations.save(
        OPEN,
        Escalation(
            number=1,
            about=About(direction=Direction.HIERARCHICAL, topic="compensation"),
            question="返金してよいですか",
            asked_by="UHANA",
            asked_at=at("14:10"),
            wait=timedelta(minutes=20),
            asks=(
                Ask(person="ben", at=at("14:10"), answer=Answer.ACCEPTED, answered_at=at("14:20")),
                Ask(person="cho", at=at("14:30")),
            ),
            reply="5万円まで",
            replied_by="UBEN",
            replied_at=at("14:20"),
            nobody_left_at=at("14:40"),
            reached_at=at("14:31"),
            due_at=at("23:00"),
            withdrawn_at=at("14:50"),
            again_of=7,
        ),
    )


async def _warned(tx: Transaction) -> None:
    for step in (50, 80, 100):
        warning = SlaWarning(
            kind=SlaKind.RESPONSE,
            due_at=at("14:30"),
            step=step,
            fell_due_at=at("14:15"),
            raised_at=at("14:15"),
            overtaken=step == 80,
        )
        await tx.sla.add(OPEN, warning)
    await tx.sla.explain(OPEN, SlaKind.RESPONSE, reason="電話でご案内済み", by="UMEI")


async def _told(tx: Transaction) -> None:
    facts = {"ja": Facts(symptom="決済できません", affected="全員"), "en": Facts(symptom="No payments")}
    news = Recipient(place="news", language="ja", customers=("acme",))
    first = replace(update(1, Kind.FIRST, said=facts), started_at=at("13:50"))
    await tx.customer_updates.add(OPEN, first, [news])
    (delivery,) = await tx.customer_updates.deliveries(OPEN)
    await tx.customer_updates.receipt(
        OPEN, replace(delivery, receipt=Receipt.FAILED, error="is_archived", at=at("14:11"))
    )
    await tx.customer_updates.add_hint(
        OPEN, Hint(cycle=2, person="UMEI", at=at("14:15"), text="Refunds work again.")
    )
    await tx.timeline.add(OPEN, Happened.DECLARED, at=at("14:00"), actor="UHANA", severity=Severity.TWO)


async def _shown(tx: Transaction) -> None:
    await tx.shown.save(
        OPEN,
        Shown(
            key="briefing",
            place="swarm",
            channel_id="CSWARM",
            ts="1.2",
            digest="abc",
            attempted_at=at("14:00"),
            looked_up=1,
            check_at=at("14:01"),
            retry_at=at("14:02"),
            stopped="restricted_action",
            stopped_digest="abc",
        ),
    )
    await tx.shown.change_by_hand(OPEN, "briefing", "swarm", ByHand(put_back_at=at("14:03"), let_be=True))


async def _closed(tx: Transaction) -> None:
    resolution = Resolution(
        done={"ja": "設定を戻しました"},
        data_loss=DataLoss.UNKNOWN,
        started_at=at("09:00"),
        ended_at=at("10:00"),
        customer_action={"ja": "再起動してください"},
    )
    await tx.incidents.add(
        incident(
            State.CLOSED,
            private=True,
            practice=True,
            resolution=resolution,
            resolved_at=at("10:00"),
            closed_at=at("11:00"),
            cause="expired certificate",
            withdrawn_because="",
            channel_generation=2,
        )
    )
    await tx.clocks.save(CLOSED, stop(start(cycle=1, at=at("09:00"), cadence=CADENCE)), CADENCE)
    await tx.reminders.overtake_unshown(CLOSED, cycle=1)


def as_inserts(file: Path) -> str:
    """Every row, in words that both engines understand; times are UTC."""
    lines = []
    with sqlite3.connect(file) as database:
        for table in Base.metadata.sorted_tables:
            names = [column.name for column in table.columns]
            booleans = [isinstance(column.type, Boolean) for column in table.columns]
            for row in database.execute(f"SELECT {', '.join(names)} FROM {table.name} ORDER BY 1, 2"):  # noqa: S608
                values = ", ".join(map(_literal, row, booleans))
                lines.append(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({values});")  # noqa: S608
    database.close()
    return "\n".join(lines) + "\n"


def _literal(value: object, boolean: bool) -> str:
    if value is None:
        return "NULL"
    if boolean:
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


async def _keep() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "hachi.db")
        database = Database(f"sqlite:///{file}")
        await migrate(database)
        async with database.transaction() as tx:
            await write_everything(tx)
        await database.close()
        (KEPT / f"{NEWEST}.sql").write_text(as_inserts(file), "utf-8")


if __name__ == "__main__":
    asyncio.run(_keep())
