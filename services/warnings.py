"""The one warning of the incidents channel, that Hachi itself is behind: claimed by a row, so that it is said once."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from services.desk import Desk

WARNING = "warning"
AGAIN_WITHIN = timedelta(minutes=10)
"""What comes back so soon is the same trouble: the message is edited, and nobody called again."""


@dataclass(frozen=True, kw_only=True)
class Warned:
    key: str
    since: datetime
    """Incident time, as are `until` and nothing else here."""
    attempted_at: datetime
    again_at: datetime
    """Machine time before which no copy looks at it again."""
    until: datetime | None = None
    ts: str | None = None
    channel_id: str | None = None
    text: str | None = None
    """The row as it is kept; whoever changes it must have read this."""


_TIMES = ("since", "attempted_at", "again_at", "until")


async def current(desk: Desk) -> Warned | None:
    async with desk.database.reading() as tx:
        kept = await tx.vitals.kept(WARNING)
    if not kept:
        return None
    values: dict[str, Any] = {
        name: datetime.fromisoformat(value) if value and name in _TIMES else value
        for name, value in json.loads(kept).items()
    }
    return Warned(**values, text=kept)


async def claim(desk: Desk, *, machine_now: datetime, hold: timedelta) -> Warned | None:
    """Begin a warning, and hold it for so long; None when another copy was first."""
    now = desk.now()
    new = Warned(
        key=f"hachi/behind/{int(machine_now.timestamp())}",
        since=now,
        attempted_at=machine_now,
        again_at=machine_now + hold,
    )
    return await _swap(desk, None, new)


async def take(desk: Desk, warned: Warned, *, machine_now: datetime, hold: timedelta) -> Warned | None:
    """Hold it for so long; None when another copy was faster."""
    return await _swap(desk, warned, replace(warned, again_at=machine_now + hold))


async def keep(desk: Desk, warned: Warned, **changes: Any) -> Warned | None:
    return await _swap(desk, warned, replace(warned, **changes))


async def forget(desk: Desk, warned: Warned) -> None:
    async with desk.database.transaction() as tx:
        await tx.vitals.swap(WARNING, warned.text, None)


async def _swap(desk: Desk, old: Warned | None, new: Warned) -> Warned | None:
    values = {name: value for name, value in asdict(new).items() if name != "text"}
    text = json.dumps(
        {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
    )
    async with desk.database.transaction() as tx:
        if not await tx.vitals.swap(WARNING, old.text if old else None, text):
            return None
    return replace(new, text=text)
