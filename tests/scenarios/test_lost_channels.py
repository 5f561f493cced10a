"""The swarm's channel is archived or deleted, or Hachi is taken out: said where people still read, and the rest goes on."""

from collections.abc import Callable

import pytest

from sandbox import Channel
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


@pytest.mark.parametrize("how", LOSE)
async def test_a_swarm_that_cannot_be_written_to_is_named_in_the_announcement_and_the_owner_is_reminded(
    hachi: Hachi, how: str
) -> None:
    number = await commands.declare(hachi)
    await converge(hachi)
    channel = hachi.sandbox.channel("inc-1-カード決済が失敗する")
    LOSE[how](hachi, channel)
    await hachi.later(minutes=10)
    await converge(hachi)

    (announcement,) = [one for _, key, one in ours(hachi, number) if key == "announcement"]
    assert ":warning:" in announcement.text
    ada = hachi.person("ada")
    assert [one for one in ada.dm() if "reminder/update/1/1" in str(one.metadata)]
    await commands.tell(hachi, number)
    await converge(hachi)
    told = {where.name for where, key, _ in ours(hachi, number) if key == "update/1"}
    assert told >= {"customer-news", "tsubame-support", "northwind-support"}

    if how in MEND:
        MEND[how](hachi, channel)
        await hachi.program.retry_refused()  # As it does every hour, and at a start.
        await converge(hachi)
        assert ":warning:" not in announcement.text
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
