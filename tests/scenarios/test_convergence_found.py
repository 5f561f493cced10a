"""What the search over any sequence of events has found, each told by itself."""

import pytest

from services import calls
from tests.delivery import commands
from tests.delivery.truth import check, converge
from tests.whole import Hachi, buttons


@pytest.mark.parametrize("minutes", [10, 90])
async def test_who_declines_keeps_no_reminder_with_buttons_among_their_messages(
    hachi: Hachi, minutes: int
) -> None:
    number = await commands.declare(hachi)
    await converge(hachi)
    await hachi.later(minutes=minutes)
    await converge(hachi)
    reminder = hachi.person("ada").dm()[-1]
    assert buttons(reminder)
    await calls.decline(hachi.program.desk, number, 1, actor=commands.ada(hachi))
    await converge(hachi)
    assert not buttons(reminder)
    await check(hachi, number)
