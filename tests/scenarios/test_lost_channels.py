"""The swarm's channel is archived or deleted, or Hachi is taken out: said where people still read, and the rest goes on."""

from collections.abc import Callable

import pytest

from sandbox import Channel, Fault
from tests.delivery import commands
from tests.delivery.truth import check, converge, ours
from tests.whole import Hachi

LOSE: dict[str, Callable[[Hachi, Channel], None]] = {
    "archived": lambda hachi, channel: hachi.sandbox.archive(channel),
    "deleted": lambda hachi, channel: hachi.sandbox.delete_channel(channel),
    "Hachi taken out": lambda hachi, channel: hachi.sandbox.remove_member(channel, hachi.sandbox.bot_user_id),
}
MEND: dict[str, Callable[[Hachi, Channel], None]] = {
    "archived": lambda hachi, channel: hachi.sandbox.unarchive(channel),
    "Hachi taken out": lambda hachi, channel: hachi.sandbox.add_member(channel, hachi.sandbox.bot_user_id),
}


def reminded(hachi: Hachi, who: str) -> list[str]:
    """Cycle and rung of the reminders in somebody's direct messages."""
    keys = [
        str((one.metadata or {}).get("event_payload", {}).get("key", "")) for one in hachi.person(who).dm()
    ]
    return [key.partition("/reminder/update/")[2] for key in keys if "/reminder/" in key]


@pytest.mark.parametrize("how", LOSE)
async def test_a_swarm_that_cannot_be_written_to_is_named_in_the_announcement_and_reminders_come_in_person(
    hachi: Hachi, how: str
) -> None:
    number = await commands.declare(hachi)
    await commands.accept(hachi, number, "ada")
    await converge(hachi)
    channel = hachi.sandbox.channel("inc-1-カード決済が失敗する")
    LOSE[how](hachi, channel)
    await hachi.later(minutes=5)
    await converge(hachi)
    assert (reminded(hachi, "ada"), reminded(hachi, "cho")) == (["1/0"], [])
    await hachi.later(minutes=5)
    await converge(hachi)
    assert (reminded(hachi, "ada"), reminded(hachi, "cho")) == (["1/0", "1/1"], ["1/1"])

    (announcement,) = [one for _, key, one in ours(hachi, number) if key == "announcement"]
    assert ":warning:" in announcement.text
    await commands.tell(hachi, number)
    await converge(hachi)
    told = {where.name for where, key, _ in ours(hachi, number) if key == "update/1"}
    assert told >= {"customer-news", "tsubame-support", "northwind-support"}

    # Those who would not have got it in person read what became of it, too.
    assert "第1報を送信しました" in hachi.person("cho").dm()[-1].plain

    if how in MEND:
        MEND[how](hachi, channel)
        await hachi.program.retry_refused()  # As it does every hour, and at a start.
        await converge(hachi)
        assert ":warning:" not in announcement.text
        await check(hachi, number)


async def test_where_no_channel_can_be_opened_reminders_come_in_person(hachi: Hachi) -> None:
    hachi.sandbox.faults.add("conversations.create", Fault.error("restricted_action"), times=None)
    number = await commands.declare(hachi)
    await commands.accept(hachi, number, "ada")
    await converge(hachi)
    await hachi.later(minutes=5)
    assert reminded(hachi, "ada") == ["1/0"]
    hachi.sandbox.faults.off()
    await hachi.program.retry_refused()
    await converge(hachi)
    await check(hachi, number)


async def test_a_scope_that_was_taken_away_is_named_with_the_mend_and_the_rest_goes_on(hachi: Hachi) -> None:
    hachi.sandbox.remove_scope("pins:write")
    number = await commands.declare(hachi)
    await converge(hachi)
    (briefing,) = [one for _, key, one in ours(hachi, number) if key == "briefing"]
    assert "権限" in briefing.text or "scope" in briefing.text
    hachi.sandbox.grant_scope("pins:write")
    await hachi.restart()
    await converge(hachi)
    await check(hachi, number)
