"""The roster as it stands: the rotations of the settings, what people entered, who is unknown or has much to do."""

from datetime import datetime

from domain.duty import Roster
from domain.roster_entries import roster_of
from services.desk import Desk
from storage.database import Transaction


async def roster(desk: Desk, tx: Transaction, *, at: datetime) -> Roster:
    """What counts at that instant and from then on."""
    return roster_of(
        desk.team,
        await tx.roster.since(at),
        slack_ids=await tx.directory.slack_ids(),
        unknown=await tx.directory.missing(),
        open_swarms=await tx.roster.open_swarms(),
    )
