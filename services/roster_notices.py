"""Telling people what was entered about their duties: each once, by direct message."""

from enum import StrEnum

from domain.roster_entries import RosterEntry
from services.desk import Desk
from storage.bulletins import Bulletin
from storage.database import Transaction

ROSTER = "roster"
"""The kind of these messages."""


class Notice(StrEnum):
    """What somebody is told."""

    RELIEVED = "relieved"
    """Another has taken their duty over."""
    ON_DUTY = "on_duty"
    """They are on duty in another's place."""
    ABSENT = "absent"
    """They were entered as absent."""
    SWAP_ASKED = "swap_asked"
    """Somebody asks to swap; the same message says what became of it."""
    SWAP_DECIDED = "swap_decided"
    """The answer to whoever asked."""
    UNDONE = "undone"


async def tell(tx: Transaction, number: int, notice: Notice, person: str, *, by: str) -> None:
    """Let the person (Slack user id) know; not what they did themselves, nor whom Slack does not know."""
    if person == by or "@" in person:
        return
    content = {"entry": number, "notice": notice.value, "by": by, "person": person}
    key = f"{ROSTER}/{number}/{notice.value}/{person}"
    await tx.bulletins.say(key, f"dm:{person}", content, at=await tx.vitals.now())


async def told(desk: Desk, bulletin: Bulletin) -> tuple[Notice, RosterEntry, RosterEntry | None, str]:
    """What the message is about, the other half of a swap, and who did it."""
    async with desk.database.reading() as tx:
        entry = await tx.roster.get(int(bulletin.content["entry"]), lock=False)
        other = await tx.roster.get(entry.swapped_with, lock=False) if entry.swapped_with else None
    return Notice(bulletin.content["notice"]), entry, other, str(bulletin.content["by"])
