"""The warning that Hachi itself is behind: one message in the incidents channel while it lasts, and that it is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.desk import Desk
from storage.bulletins import Bulletin

BEHIND = "behind"
AGAIN_WITHIN = timedelta(minutes=10)
"""What comes back so soon is the same trouble: the message is edited, and nobody called again."""


@dataclass(frozen=True, kw_only=True)
class Behind:
    """Incident time."""

    since: datetime
    until: datetime | None
    """None while it lasts."""


def read(bulletin: Bulletin) -> Behind:
    until = bulletin.content["until"]
    return Behind(
        since=datetime.fromisoformat(bulletin.content["since"]),
        until=datetime.fromisoformat(until) if until else None,
    )


async def current(desk: Desk) -> Behind | None:
    """What the incidents channel was told last, unless it has been over for a while."""
    async with desk.database.reading() as tx:
        found = await tx.bulletins.get(BEHIND)
    return read(found) if found else None


async def note(desk: Desk, *, behind: bool, machine_now: datetime) -> None:
    """Let the incidents channel be told, as things stand; noted again, it changes nothing."""
    async with desk.database.transaction() as tx:
        found = await tx.bulletins.get(BEHIND)
        said, now = read(found) if found else None, desk.now()
        lasts = said is not None and said.until is None
        if behind != lasts:
            since = said.since if said else now
            content = {"since": since.isoformat(), "until": None if behind else now.isoformat()}
            place = f"channel:{desk.team.incidents_channel}"
            await tx.bulletins.say(BEHIND, place, content, at=machine_now)
        elif found and said and said.until and now - said.until > AGAIN_WITHIN:
            await tx.bulletins.drop(found)
