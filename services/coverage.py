"""The warning of hours without anybody on duty: said in the incidents channel, at most once a day, when it has changed."""

import json
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.coverage import Uncovered, uncovered
from domain.incident import Role
from services.desk import Desk
from services.roster import roster
from storage.bulletins import Bulletin
from storage.database import Transaction

COVERAGE = "coverage"
DAYS_AHEAD = 7
SAID_FROM = time(9)
"""By the team's clock: what can wait until the morning is not said at night."""


async def look(desk: Desk) -> Sequence[Uncovered]:
    """The hours from now until a week ahead in which nobody is on duty for a role or a skill."""
    async with desk.database.reading() as tx:
        return await _look(desk, tx)


async def sweep(desk: Desk, *, machine_now: datetime) -> None:
    """Let the incidents channel know what is uncovered; asked again on the same day, or unchanged, it says nothing.

    Any number of copies may sweep at once. Where there is less than before, or nothing any more, the message is
    edited; what is new is said in a new one.
    """
    local = desk.now().astimezone(ZoneInfo(desk.team.timezone))
    if local.time() < SAID_FROM:
        return
    async with desk.database.reading() as tx:
        kept = await tx.vitals.kept(COVERAGE)
        found = await _look(desk, tx)
    nothing: dict[str, Any] = {"day": "", "key": "", "spans": []}
    said = json.loads(kept) if kept else nothing
    spans, today = [plain(one) for one in found], local.date().isoformat()
    if said["day"] == today or _seen(spans) == _seen(said["spans"]):
        return
    news = any(not _overlaps_any(one, said["spans"]) for one in spans)
    key = f"{COVERAGE}/{today}" if news else said["key"]
    place = f"channel:{desk.team.incidents_channel}"
    new = json.dumps({"day": today, "key": key, "spans": spans})
    async with desk.database.transaction() as tx:
        if not await tx.vitals.swap(COVERAGE, kept, new):
            return
        if news and said["spans"]:
            await tx.bulletins.say(said["key"], place, {"spans": [], "replaced": True}, at=machine_now)
        await tx.bulletins.say(key, place, {"spans": spans, "replaced": False}, at=machine_now)


def plain(one: Uncovered) -> dict[str, Any]:
    """As it is kept."""
    return {
        "role": one.role.value,
        "skill": one.skill,
        "since": one.since.isoformat(),
        "until": one.until.isoformat(),
        "begun": one.begun,
        "goes_on": one.goes_on,
    }


def read(bulletin: Bulletin) -> Sequence[Uncovered]:
    return [
        Uncovered(
            **{
                **one,
                "role": Role(one["role"]),
                "since": datetime.fromisoformat(one["since"]),
                "until": datetime.fromisoformat(one["until"]),
            }
        )
        for one in bulletin.content["spans"]
    ]


async def _look(desk: Desk, tx: Transaction) -> Sequence[Uncovered]:
    zone = ZoneInfo(desk.team.timezone)
    now = desk.now()
    # From the day's beginning, so that what is said stays the same all day.
    day = now.astimezone(zone).date()
    since = datetime.combine(day, time(0), tzinfo=zone)
    until = datetime.combine(day + timedelta(days=DAYS_AHEAD + 1), time(0), tzinfo=zone)
    found = uncovered(await roster(desk, tx, at=since), since=since, until=until)
    return [one for one in found if one.until > now]


def _seen(spans: Sequence[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    """What a reader sees of them."""
    return [
        (
            one["role"],
            one["skill"],
            "" if one["begun"] else one["since"],
            "" if one["goes_on"] else one["until"],
        )
        for one in spans
    ]


def _overlaps_any(one: dict[str, Any], others: Sequence[dict[str, Any]]) -> bool:
    return any(
        (one["role"], one["skill"]) == (other["role"], other["skill"])
        and one["since"] <= other["until"]
        and other["since"] <= one["until"]
        for other in others
    )
