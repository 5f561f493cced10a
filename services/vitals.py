"""Heartbeats in the records: when clocks were last looked at and Slack last reached, by whichever copy."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.absence import NOTICED, Absence
from services.desk import Desk
from storage.database import Transaction
from storage.vitals import SLACK_AWAY, read_absence

SWEPT = "swept"
SLACK_REACHED = "slack_reached"


@dataclass(frozen=True, kw_only=True)
class Beat:
    """The same moment on both clocks."""

    machine: datetime
    incident: datetime


async def last_beat(tx: Transaction, name: str) -> Beat | None:
    kept = await tx.vitals.kept(name)
    return _beat(kept) if kept else None


async def beat(desk: Desk, name: str, *, machine_now: datetime) -> None:
    """Note that clocks were just looked at, or Slack reached; any number of copies may."""
    async with desk.database.transaction() as tx:
        await _beat_now(desk, tx, name, machine_now)


async def notice_absence(desk: Desk, *, machine_now: datetime) -> Absence | None:
    """After a start, or a standstill: was every copy away, and since when? It is on the timelines, once.

    Of several copies that start at once, one writes it down.
    """
    async with desk.database.transaction() as tx:
        kept = await tx.vitals.kept(SWEPT)
        before = _beat(kept) if kept else None
        now = Beat(machine=machine_now, incident=desk.now())
        if not await tx.vitals.swap(SWEPT, kept, _text(now)):
            return None
        if before is None or now.incident - before.incident < NOTICED:
            return None
        away = now.incident - before.incident
        await tx.vitals.note_absence(
            since=before.incident, until=now.incident, minutes=max(1, round(away / timedelta(minutes=1)))
        )
    return Absence(since=before.incident, until=now.incident)


async def slack_is_away(desk: Desk, *, machine_now: datetime) -> bool:
    """No copy has reached Slack for a minute: what is posted from now on comes late. Whether that is so."""
    async with desk.database.transaction() as tx:
        reached = await last_beat(tx, SLACK_REACHED)
        if reached is None or machine_now - reached.machine < NOTICED:
            return False
        kept = await tx.vitals.kept(SLACK_AWAY)
        before = read_absence(kept)
        if before is None or before.until is not None:
            away = json.dumps({"since": reached.incident.isoformat(), "until": None})
            await tx.vitals.swap(SLACK_AWAY, kept, away)
        return True


async def slack_is_reached(desk: Desk, *, machine_now: datetime) -> None:
    """A copy has just reached Slack; an absence ends with it."""
    async with desk.database.transaction() as tx:
        await _beat_now(desk, tx, SLACK_REACHED, machine_now)
        kept = await tx.vitals.kept(SLACK_AWAY)
        away = read_absence(kept)
        if away and away.until is None:
            ended = json.dumps({"since": away.since.isoformat(), "until": desk.now().isoformat()})
            await tx.vitals.swap(SLACK_AWAY, kept, ended)


async def _beat_now(desk: Desk, tx: Transaction, name: str, machine_now: datetime) -> None:
    kept = await tx.vitals.kept(name)
    # Of two copies that beat at once one is enough.
    await tx.vitals.swap(name, kept, _text(Beat(machine=machine_now, incident=desk.now())))


def _beat(kept: str) -> Beat:
    values = json.loads(kept)
    return Beat(
        machine=datetime.fromisoformat(values["machine"]), incident=datetime.fromisoformat(values["incident"])
    )


def _text(beat: Beat) -> str:
    return json.dumps({"machine": beat.machine.isoformat(), "incident": beat.incident.isoformat()})
