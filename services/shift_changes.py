"""Telling whoever comes on duty what is open: one direct message a hand-over, whatever was away meanwhile."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.duty import on_duty
from domain.incident import Role
from domain.shift_changes import Noted, ShiftChange, shift_change
from domain.snapshot import Listed
from domain.team import HandOverMessages
from services import questions
from services.desk import Actor, Desk
from services.roster import roster
from storage.bulletins import Bulletin
from storage.database import Transaction

SHIFT = "shift"
ON_DUTY = "on_duty"


async def sweep(desk: Desk, *, machine_now: datetime) -> None:
    """Notice who has come on duty, each hand-over once; any number of copies may sweep at once."""
    if not desk.team.rotations:
        return
    now = desk.now()
    async with desk.database.reading() as tx:
        kept = await tx.vitals.kept(ON_DUTY)
        noted = _read_noted(kept)
        standing = await roster(desk, tx, at=min([now, *(one.at for one in noted.values())], default=now))
    changes, new = [], dict(noted)
    for name in desk.team.rotations:
        if name not in noted:
            new[name] = Noted(on=on_duty(name, standing, at=now).first, at=now)
        elif change := shift_change(name, standing, noted[name], now=now):
            new[name] = Noted(on=change.on, at=now)
            changes.append(change)
    if new == noted:
        return
    async with desk.database.transaction() as tx:
        if await tx.vitals.swap(ON_DUTY, kept, _plain(new)):
            for change in changes:
                await _tell(desk, tx, change, machine_now=machine_now)


@dataclass(frozen=True, kw_only=True)
class Handover:
    """What whoever comes on duty is told."""

    rotation: str
    role: Role
    person: str
    since: datetime
    went: Sequence[str]
    """Who was on duty before: Slack user ids, or names of the settings."""
    listed: Sequence[Listed]
    """The open swarms this person may see."""
    people: Mapping[str, str]
    """Slack user id by the name the settings use."""


async def handover(desk: Desk, bulletin: Bulletin) -> Handover | None:
    """What there is to tell now; None where the person is not on duty any more, or nothing is open."""
    kept = bulletin.content
    name, person = kept["rotation"], kept["person"]
    if name not in desk.team.rotations:
        return None
    async with desk.database.reading() as tx:
        ids = await tx.directory.slack_ids()
        on = on_duty(name, await roster(desk, tx, at=desk.now()), at=desk.now()).first
    if person not in {ids.get(who, who) for who in on}:
        return None
    found, people = await questions.open_incidents(desk, actor=Actor(person=person))
    listed = [one for one in found if one.incident.swarm]
    if not listed and desk.team.hand_over_messages is not HandOverMessages.ALWAYS:
        return None
    return Handover(
        rotation=name,
        role=desk.team.role_of(name),
        person=person,
        since=datetime.fromisoformat(kept["since"]),
        went=[ids.get(who, who) for who in kept["went"]],
        listed=listed,
        people=people,
    )


async def _tell(desk: Desk, tx: Transaction, change: ShiftChange, *, machine_now: datetime) -> None:
    if desk.team.hand_over_messages is HandOverMessages.NEVER:
        return
    people = await tx.directory.slack_ids()
    for who in change.came:
        person = people.get(who, who)
        if "@" in person:
            continue  # Nobody in Slack, as far as is known.
        key = f"{SHIFT}/{change.rotation[:100]}/{int(change.since.timestamp())}/{person}"
        content = {
            "rotation": change.rotation,
            "person": person,
            "since": change.since.isoformat(),
            "went": list(change.went),
        }
        await tx.bulletins.say(key, f"dm:{person}", content, at=machine_now)


def _read_noted(kept: str | None) -> Mapping[str, Noted]:
    values = json.loads(kept) if kept else {}
    return {
        name: Noted(on=tuple(one["on"]), at=datetime.fromisoformat(one["at"])) for name, one in values.items()
    }


def _plain(noted: Mapping[str, Noted]) -> str:
    return json.dumps({name: {"on": list(one.on), "at": one.at.isoformat()} for name, one in noted.items()})
