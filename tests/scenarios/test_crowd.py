"""Many declare at once: each is told at once what their swarm waits for."""

import pytest

from handlers.declare import CROWD
from sandbox import Fault
from tests.delivery import commands
from tests.whole import Hachi


@pytest.mark.parametrize(
    ("who", "says"), [("hana", "ほかに5件の起票があり"), ("ada", "as 5 others do")], ids=["ja", "en"]
)
async def test_where_many_wait_for_their_channels_the_form_says_so(hachi: Hachi, who: str, says: str) -> None:
    hachi.sandbox.faults.add("conversations.create", Fault.rate_limited(30), times=None)
    for number in range(CROWD):
        await commands.declare(hachi, f"障害その{number}")
    await hachi.settled()
    await hachi.declare("カード決済が失敗する", by=who)
    view = hachi.person(who).view
    assert view
    assert "カード決済が失敗する" in str(view["blocks"])
    assert says in str(view["blocks"])
