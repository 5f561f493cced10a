"""People change the swarm's channel by hand: topic and pin are put back once, and after that they are theirs."""

import asyncio

from domain.timeline import Happened
from sandbox import Channel, Fault
from tests.delivery import commands
from tests.delivery.truth import check, converge, ours
from tests.whole import PATIENCE_SECONDS, Hachi, on_both_engines

THEIRS = "会議 <https://meet.example/7> & メモ"


async def swarm(hachi: Hachi) -> Channel:
    await commands.declare(hachi)
    await converge(hachi)
    return next(one for one in hachi.sandbox.workspace.channels.values() if one.name.startswith("inc-"))


async def told(hachi: Hachi) -> list[tuple[str, str | None]]:
    """What the timeline says of changes by hand, and by whom."""
    async with hachi.program.database.reading() as tx:
        return [
            (entry.kind.value, entry.actor)
            for entry in await tx.timeline.of(1)
            if entry.kind.value.startswith(("topic_", "pin_"))
        ]


async def until_told(hachi: Hachi, *kinds: Happened) -> None:
    wanted, changed, database = [kind.value for kind in kinds], asyncio.Event(), hachi.program.database
    show = database.on_change

    def noticed(number: int) -> None:
        changed.set()
        show(number)

    database.on_change = noticed
    async with asyncio.timeout(PATIENCE_SECONDS):
        while [kind for kind, _ in await told(hachi)] != wanted:
            await changed.wait()
            changed.clear()
    database.on_change = show


@on_both_engines
async def test_a_topic_changed_by_hand_is_put_back_once_and_whoever_changes_it_again_keeps_theirs(
    hachi: Hachi,
) -> None:
    channel = await swarm(hachi)
    topic = channel.topic
    hachi.sandbox.set_topic(channel, THEIRS, by="mei")
    await hachi.until(lambda: channel.topic == topic)
    await hachi.until(lambda: channel.ephemerals)
    (said,) = channel.ephemerals
    assert said.ephemeral_for == hachi.person("mei").id
    assert "once more" in said.text  # Mei reads English.

    hachi.sandbox.set_topic(channel, THEIRS, by="mei")
    mei = hachi.person("mei").id
    await until_told(hachi, Happened.TOPIC_PUT_BACK, Happened.TOPIC_LET_BE)
    await converge(hachi)
    await commands.change_severity(hachi, 1, grave=False)
    await converge(hachi)
    assert channel.topic == THEIRS
    assert await told(hachi) == [("topic_put_back", mei), ("topic_let_be", mei)]
    assert len(channel.ephemerals) == 1


async def test_a_briefing_unpinned_by_hand_is_pinned_once_more(hachi: Hachi) -> None:
    channel = await swarm(hachi)
    (briefing,) = [one for _, key, one in ours(hachi, 1) if key == "briefing"]
    hachi.sandbox.unpin(briefing, by="hana")
    await hachi.until(lambda: briefing.pinned)
    await until_told(hachi, Happened.PIN_PUT_BACK)
    await converge(hachi)
    await check(hachi, 1)

    hachi.sandbox.unpin(briefing, by="ada")
    await until_told(hachi, Happened.PIN_PUT_BACK, Happened.PIN_LET_BE)
    await converge(hachi)
    assert not channel.pins


async def test_events_that_come_twice_or_the_wrong_way_round_count_once(hachi: Hachi) -> None:
    channel = await swarm(hachi)
    topic = channel.topic
    socket = hachi.sandbox.socket_mode
    socket.hold_events()
    for theirs in ("one", "two"):
        hachi.sandbox.set_topic(channel, theirs, by="hana")
    socket.let_events_go(newest_first=True)
    await hachi.until(lambda: channel.topic == topic)
    topics = [one for one in socket.deliveries if one.payload.get("event", {}).get("topic")]
    for one in topics:
        await socket.deliver("events_api", one.payload, 1)
    (briefing,) = [one for _, key, one in ours(hachi, 1) if key == "briefing"]
    hachi.sandbox.unpin(briefing)  # It comes after the others.
    await until_told(hachi, Happened.TOPIC_PUT_BACK, Happened.PIN_PUT_BACK)
    await converge(hachi)
    await check(hachi, 1)


async def test_a_change_while_the_topic_is_being_set_is_not_overlooked(hachi: Hachi) -> None:
    channel = await swarm(hachi)
    held = hachi.sandbox.faults.add("conversations.setTopic", Fault.held(after_effect=True))
    await commands.change_severity(hachi, 1, grave=False)
    await hachi.until(lambda: held.holding)
    topic = channel.topic
    hachi.sandbox.set_topic(channel, THEIRS, by="hana")
    await until_told(hachi, Happened.TOPIC_PUT_BACK)
    held.release()
    await converge(hachi)
    assert channel.topic == topic
    await check(hachi, 1)


async def test_other_channels_and_incidents_that_are_over_are_nobodys_business(hachi: Hachi) -> None:
    over = await swarm(hachi)
    hachi.sandbox.add_member("support", hachi.sandbox.bot_user_id)
    await commands.resolve(hachi, 1)
    await commands.declare(hachi)
    await converge(hachi)
    going_on = hachi.sandbox.channel("inc-2-カード決済が失敗する")
    for channel in (hachi.sandbox.channel("support"), over, going_on):
        hachi.sandbox.set_topic(channel, THEIRS)
    await hachi.until(lambda: going_on.topic != THEIRS)
    assert over.topic == THEIRS
    assert await told(hachi) == []
