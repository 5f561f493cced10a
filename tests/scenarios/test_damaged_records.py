"""An incident whose records cannot be read holds up no other."""

from sqlalchemy import text
from structlog.testing import capture_logs

from domain.ladder import ReminderState
from tests.delivery import commands
from tests.whole import Hachi, on_both_engines


async def damage(hachi: Hachi, number: int, state: str) -> None:
    """As somebody would who writes into the database by hand."""
    async with hachi.program.database.transaction() as tx:
        await tx.session.execute(
            text("UPDATE incident SET state = :state WHERE number = :number"),
            {"state": state, "number": number},
        )


async def raised(hachi: Hachi, number: int) -> list[int]:
    async with hachi.program.database.reading() as tx:
        return [one.rung for one in await tx.reminders.of(number) if one.state is ReminderState.RAISED]


@on_both_engines
async def test_everybody_else_is_reminded_and_called_and_it_is_too_once_it_is_mended(hachi: Hachi) -> None:
    damaged, sound = await commands.declare(hachi), await commands.declare(hachi)
    await hachi.settled()
    await damage(hachi, damaged, "lost")
    hachi.clock.advance(commands.A_RUNG * 2)
    with capture_logs() as logs:
        await hachi.program.tick()

    assert await raised(hachi, sound) != []
    assert await raised(hachi, damaged) == []
    assert damaged in {one["incident"] for one in logs if one["log_level"] == "error"}

    await damage(hachi, damaged, "investigating")
    await hachi.program.tick()
    assert await raised(hachi, damaged) == await raised(hachi, sound)
