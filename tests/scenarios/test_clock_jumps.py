"""The machine's clock is set back or ahead by hours, or was wrong from the beginning: nothing is lost or doubled."""

import pytest

from sandbox import Fault
from tests.delivery import commands
from tests.delivery.truth import all_said, check, converge, of_card, ours, outside_incidents, pass_next_wait
from tests.whole import Hachi

HOURS = 3 * 3600.0
OVERDUE = "reminder/update/1/1"


async def set_back(hachi: Hachi) -> None:
    """As the watch over the clock does it: Slack's patience is counted by no clock that can be set."""
    closed = hachi.program.gate.monotonic()
    hachi.program.gate.monotonic = lambda: closed + 60
    hachi.machine_waits(-HOURS)
    await hachi.program.look_at_the_clock()


def standing(hachi: Hachi, number: int, key: str) -> int:
    return len([one for where, found, one in ours(hachi, number) if found == key and where.name[:3] == "inc"])


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_what_waits_for_slack_does_not_wait_for_hours_when_the_clock_is_set_back(hachi: Hachi) -> None:
    number = await commands.declare(hachi)
    await converge(hachi)
    hachi.sandbox.faults.add("chat.postMessage", Fault.rate_limited(30), where=of_card(OVERDUE), times=None)
    await hachi.later(minutes=10)
    assert not standing(hachi, number, OVERDUE)
    hachi.sandbox.faults.off()

    await set_back(hachi)
    hachi.machine_waits(20)
    await hachi.settled()
    assert standing(hachi, number, OVERDUE) == 1
    await converge(hachi)
    await check(hachi, number)


async def test_an_attempt_of_unknown_outcome_is_found_when_the_clock_is_set_back(hachi: Hachi) -> None:
    hachi.machine_waits(HOURS)
    number = await commands.declare(hachi)
    await converge(hachi)
    hachi.machine_waits(HOURS)
    hachi.sandbox.faults.add("chat.postMessage", Fault.reset_after(), where=of_card(OVERDUE))
    await hachi.later(minutes=10)
    await set_back(hachi)
    hachi.machine_waits(20)
    await hachi.settled()
    posted = [one for one in hachi.sandbox.calls if of_card(OVERDUE)(one.args)]
    assert len({one.args["channel"] for one in posted}) == len(posted)
    await converge(hachi)
    await check(hachi, number)


async def test_a_clock_that_is_hours_ahead_of_slacks_finds_its_channel_and_its_messages(hachi: Hachi) -> None:
    hachi.machine_waits(HOURS)
    opened = hachi.sandbox.faults.add("conversations.create", Fault.reset_after())
    posted = hachi.sandbox.faults.add("chat.postMessage", Fault.reset_after(), where=of_card(OVERDUE))
    number = await commands.declare(hachi)
    while await pass_next_wait(hachi):
        pass
    await hachi.later(minutes=10)
    while await pass_next_wait(hachi):
        pass
    assert (opened.used, posted.used) == (1, 1)
    made = [one.name for one in hachi.sandbox.workspace.channels.values() if one.name.startswith("inc-")]
    assert made == ["inc-1-カード決済が失敗する"]
    calls = [one for one in hachi.sandbox.calls if of_card(OVERDUE)(one.args)]
    assert len({one.args["channel"] for one in calls}) == len(calls), "none is posted twice"
    await check(hachi, number)


async def test_so_does_a_message_outside_incidents(hachi: Hachi) -> None:
    hachi.machine_waits(HOURS)
    hachi.sandbox.faults.add("chat.postMessage", Fault.reset_after())
    async with hachi.program.database.transaction() as tx:
        content = {"since": hachi.clock.now().isoformat(), "until": None}
        await tx.bulletins.say("behind", "channel:incidents", content, at=hachi.machine_now())
    await all_said(hachi)
    assert {key: len(found) for key, found in outside_incidents(hachi).items()} == {"behind": 1}
    assert len([one for one in hachi.sandbox.calls if one.method == "chat.postMessage"]) == 1
