"""The update clock over the wire: who is pinged when, what stands in the channel, and what a restart changes."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.incident import DataLoss, State
from domain.ladder import ReminderState
from domain.severity import Assessment, Level
from sandbox import Channel, Fault, Message
from services import lifecycle, severity
from services.desk import Actor
from services.lifecycle import Ending
from tests.delivery import commands
from tests.delivery.truth import converge
from tests.whole import Hachi


def key_of(message: Message) -> str:
    return str((message.metadata or {}).get("event_payload", {}).get("key", ""))


def reminders(hachi: Hachi, place: Channel | None, *, reader: str = "hana") -> list[Message]:
    """The reminders in the swarm, or (without a place) in a person's direct messages."""
    seen = hachi.messages(place, by=reader) if place else hachi.person(reader).dm()
    return [message for message in seen if "/reminder/" in key_of(message)]


def rungs(hachi: Hachi, place: Channel | None, *, reader: str = "hana") -> list[str]:
    """Cycle and rung of each, in the order in which they were posted."""
    keys = (key_of(message) for message in reminders(hachi, place, reader=reader))
    return ["/".join(key.split("/")[-2:]) for key in keys]


def pinged(hachi: Hachi, message: Message) -> set[str]:
    return {hachi.sandbox.workspace.account(one).handle for one in message.notified}


async def recorded(hachi: Hachi, number: int = 1) -> list[str]:
    """`1/0` for a raised rung, `(1/0)` for one that was overtaken."""
    async with hachi.program.database.reading() as tx:
        found = await tx.reminders.of(number)
    return [
        f"({one.cycle}/{one.rung})" if one.state is ReminderState.OVERTAKEN else f"{one.cycle}/{one.rung}"
        for one in found
    ]


async def declared(hachi: Hachi) -> Channel:
    """At 14:00: the first notice is owed at 14:10, then one every 20 minutes. The owner has accepted."""
    channel = await hachi.declare(product="payments")
    assert channel is not None
    await commands.accept(hachi, 1, "ada")
    await hachi.settled()
    return channel


async def hold(hachi: Hachi, channel: Channel, by: str = "ada") -> None:
    """Tell customers that we are still working on it."""
    answer = await hachi.person(by).command("/incident", "hold", channel)
    assert answer.ok, answer
    await hachi.settled()


def answers(hachi: Hachi, channel: Channel, by: str) -> list[str]:
    """What only this person sees in the channel."""
    own = [message for message in hachi.person(by).messages(channel) if message.ephemeral_for]
    return [message.plain_in("Asia/Tokyo") for message in own]


async def test_each_step_of_the_ladder_pings_its_own_people_and_writes_to_those_who_must_act(
    hachi: Hachi,
) -> None:
    channel = await declared(hachi)
    told = {}
    for clock in ("14:05", "14:10", "14:15", "14:20", "14:30", "14:40"):
        await hachi.at(clock)
        told[clock] = pinged(hachi, reminders(hachi, channel)[-1])
    assert rungs(hachi, channel) == ["1/0", "1/1", "1/2", "1/3", "1/4", "1/5"]
    assert told == {
        "14:05": {"ada", "kenji", "mei"},  # The experts are asked what customers may know.
        "14:10": {"ada", "cho"},
        "14:15": {"ada", "sato"},
        "14:20": {"ada", "boss"},
        "14:30": {"ada", "boss"},
        "14:40": {"ada", "boss"},
    }
    assert rungs(hachi, None, reader="ada") == ["1/1", "1/2", "1/3", "1/4", "1/5"]
    assert rungs(hachi, None, reader="sato") == ["1/2"]
    assert rungs(hachi, None, reader="boss") == ["1/3", "1/4", "1/5"]
    for nobody_s_turn in ("cho", "kenji", "mei", "hana"):
        assert rungs(hachi, None, reader=nobody_s_turn) == []


async def test_nothing_is_raised_a_second_before_its_time(hachi: Hachi) -> None:
    channel = await declared(hachi)
    for clock, count in (("14:04:59", 0), ("14:05", 1), ("14:09:59", 1), ("14:10", 2), ("14:14:59", 2)):
        await hachi.at(clock)
        assert len(reminders(hachi, channel)) == count, clock


async def test_the_last_resort_is_made_a_member_before_being_mentioned(hachi: Hachi) -> None:
    channel = await declared(hachi)
    for clock in ("14:05", "14:10", "14:15"):
        await hachi.at(clock)
    assert "boss" not in hachi.members(channel)
    before = len(hachi.sandbox.calls)
    await hachi.at("14:20")
    assert "boss" in hachi.members(channel)
    calls = hachi.sandbox.calls[before:]
    invited = next(call for call in calls if call.method == "conversations.invite")
    mentioned = next(
        call for call in calls if call.method == "chat.postMessage" and call.args.get("channel") == channel.id
    )
    assert invited.finished <= mentioned.started


async def test_one_reminder_is_live_with_its_buttons_and_those_before_it_are_one_line(hachi: Hachi) -> None:
    channel = await declared(hachi)
    for clock in ("14:05", "14:10", "14:15"):
        await hachi.at(clock)
        *before, live = reminders(hachi, channel)
        assert {button.action_id for button in live.buttons} >= {
            "update.write",
            "update.hold",
            "reminder.drafting",
            "reminder.snooze",
        }
        assert {button.value for button in live.buttons} == {"1/1"}
        for message in before:
            assert message.buttons == []
            assert len(message.plain.splitlines()) == 1
    first, second, _ = reminders(hachi, channel)
    assert first.plain_in("Asia/Tokyo") == "14:05 事前通知 → 14:10 期限超過"
    assert second.plain_in("Asia/Tokyo").startswith("14:10 期限超過 → 14:15 ")


@pytest.mark.parametrize(
    ("ticks", "told_at", "outcome"),
    [
        (("14:05",), "14:08", "14:08 Adaさんが第1報を送信しました（期限内）"),
        (("14:05", "14:10"), "14:10:59", "14:10 Adaさんが第1報を送信しました（期限内）"),
        (("14:05", "14:10", "14:15"), "14:19", "14:19 Adaさんが第1報を送信しました（9分遅れ）"),
    ],
)
async def test_when_customers_are_told_the_live_reminder_says_by_whom_and_whether_on_time(
    hachi: Hachi, ticks: tuple[str, ...], told_at: str, outcome: str
) -> None:
    channel = await declared(hachi)
    for clock in ticks:
        await hachi.at(clock)
    await hachi.at(told_at)
    await hold(hachi, channel)
    *before, last = reminders(hachi, channel)
    assert outcome in last.plain_in("Asia/Tokyo")
    assert [message.buttons for message in (*before, last)] == [[]] * len(ticks)
    for message in reminders(hachi, None, reader="ada"):
        assert message.buttons == []
    await hachi.at("14:20")
    assert len(reminders(hachi, channel)) == len(ticks)


async def test_the_next_wait_is_the_promise_of_the_last_update(hachi: Hachi) -> None:
    channel = await declared(hachi)
    await hachi.at("14:08:20")
    await hold(hachi, channel)  # The next one is promised for 14:28:20.
    for clock in ("14:23:19", "14:23:20", "14:28:20"):
        await hachi.at(clock)
    assert rungs(hachi, channel) == ["1/0", "2/0", "2/1"]
    assert {button.value for button in reminders(hachi, channel)[-1].buttons} == {"1/2"}


async def test_neither_severity_nor_state_moves_what_was_promised(hachi: Hachi) -> None:
    channel = await declared(hachi)
    await hold(hachi, channel)  # 14:20
    desk, ada = hachi.program.desk, Actor(person=hachi.person("ada").id)
    milder = Assessment(urgency=Level.MEDIUM, impact=Level.MEDIUM)
    await severity.change_severity(desk, 1, milder, reason="回避策あり", actor=ada)
    await lifecycle.change_state(desk, 1, state=State.MONITORING, actor=ada)
    for clock in ("14:19:59", "14:20"):
        await hachi.at(clock)
    async with hachi.program.database.reading() as tx:
        (warning, overdue) = await tx.reminders.of(1)
    assert overdue.due_at - warning.fell_due_at == timedelta(minutes=5)
    assert overdue.fell_due_at == overdue.due_at == hachi.clock.at


async def test_drafting_is_five_minutes_of_silence_and_then_the_step_that_is_due(hachi: Hachi) -> None:
    channel = await declared(hachi)
    for clock in ("14:05", "14:10", "14:11"):
        await hachi.at(clock)
    assert (await hachi.person("ada").click("reminder.drafting", channel=channel)).ok
    for clock, raised in (("14:15", "1/1"), ("14:15:59", "1/1"), ("14:16", "1/2"), ("14:20", "1/3")):
        await hachi.at(clock)
        assert rungs(hachi, channel)[-1] == raised, clock


async def test_a_snooze_asks_for_a_reason_and_the_third_is_refused(hachi: Hachi) -> None:
    channel = await declared(hachi)
    for clock in ("14:05", "14:10"):
        await hachi.at(clock)
    ada = hachi.person("ada")
    for clock in ("14:14", "14:18"):
        await hachi.at(clock)
        await ada.click("reminder.snooze", channel=channel)
        await hachi.until(lambda: ada.view)
        await ada.fill(reason="切り替えの結果待ち")
        assert (await ada.submit()).closed
    assert rungs(hachi, channel) == ["1/0", "1/1"]
    await hachi.at("14:23")
    assert await recorded(hachi) == ["1/0", "1/1", "(1/2)", "1/3"]
    # Rung 2 was never shown: its people are pinged with this one.
    assert pinged(hachi, reminders(hachi, channel)[-1]) == {"ada", "boss", "sato"}
    await hachi.at("14:26")
    await ada.click("reminder.snooze", channel=channel)
    await hachi.until(lambda: answers(hachi, channel, "ada"))
    assert ada.view is None
    await hachi.at("14:30")
    assert rungs(hachi, channel)[-1] == "1/4"


async def test_a_press_with_nothing_due_is_answered_with_the_next_time_and_not_counted(hachi: Hachi) -> None:
    channel = await declared(hachi)
    await hold(hachi, channel)  # Warned at 14:15, due at 14:20.
    for clock in ("14:15", "14:20", "14:25", "14:30", "14:31"):
        await hachi.at(clock)
    await hachi.person("cho").click("reminder.drafting", channel=channel)
    await hachi.until(lambda: any("14:40" in said for said in answers(hachi, channel, "cho")))
    async with hachi.program.database.reading() as tx:
        clock = (await tx.clocks.all([1]))[1]
    assert (clock.drafted, clock.quiet_until) == (False, None)


async def test_still_working_on_it_pressed_by_two_people_is_sent_once(hachi: Hachi) -> None:
    channel = await declared(hachi)
    await hachi.at("14:05")
    (warning,) = reminders(hachi, channel)
    blocks = list(warning.blocks)
    await hachi.person("ada").click("update.hold", warning)
    await hachi.settled()
    warning.blocks = blocks  # Cho's screen has not caught up with the edit.
    await hachi.person("cho").click("update.hold", warning)
    await hachi.until(lambda: answers(hachi, channel, "cho"))
    assert "第1報" in answers(hachi, channel, "cho")[-1]
    await hachi.settled()
    async with hachi.program.database.reading() as tx:
        assert len(await tx.customer_updates.of(1)) == 1


async def test_a_restart_between_two_ticks_raises_nothing_twice(hachi: Hachi) -> None:
    channel = await declared(hachi)
    for clock in ("14:05", "14:10", "14:15"):
        await hachi.at(clock)
        await hachi.restart()
        await hachi.tick()
    assert rungs(hachi, channel) == ["1/0", "1/1", "1/2"]
    assert rungs(hachi, None, reader="ada") == ["1/1", "1/2"]


async def test_sweeping_many_times_at_once_raises_each_step_once(hachi: Hachi) -> None:
    channel = await declared(hachi)
    hachi.clock.advance(timedelta(minutes=10))
    await asyncio.gather(*(hachi.program.tick() for _ in range(5)))
    await hachi.settled()
    assert rungs(hachi, channel) == ["1/1"]
    assert await recorded(hachi) == ["(1/0)", "1/1"]


async def test_after_an_hour_away_only_the_highest_step_is_shown_and_says_that_it_is_late(
    hachi: Hachi,
) -> None:
    channel = await declared(hachi)
    await hachi.at("14:05")
    await hachi.stop()
    hachi.clock.advance(timedelta(minutes=61))
    await hachi.start()
    await hachi.tick()
    assert rungs(hachi, channel) == ["1/0", "1/7"]
    assert await recorded(hachi) == ["1/0", "(1/1)", "(1/2)", "(1/3)", "(1/4)", "(1/5)", "(1/6)", "1/7"]
    shown = reminders(hachi, channel)[-1]
    assert "Hachiが停止していたため、14:10に" in shown.plain_in("Asia/Tokyo")
    assert pinged(hachi, shown) == {"ada", "cho", "sato", "boss"}
    await hachi.at("15:10")
    assert rungs(hachi, channel)[-1] == "1/8"
    assert "停止していた" not in reminders(hachi, channel)[-1].plain


async def test_an_update_that_reaches_nobody_holds_the_ladder_for_a_minute_and_is_named_after_it(
    hachi: Hachi,
) -> None:
    channel = await declared(hachi)
    await hachi.at("14:05")
    customers = {
        hachi.sandbox.channel(name).id for name in ("customer-news", "tsubame-support", "northwind-support")
    }
    fault = hachi.sandbox.faults.add(
        "chat.postMessage",
        Fault.http(503),
        times=None,
        where=lambda args: args.get("channel") in customers,
    )
    await hachi.at("14:09:30")
    await hold(hachi, channel)
    for clock in ("14:10", "14:10:29"):
        await hachi.at(clock)
        assert rungs(hachi, channel) == ["1/0"]
    await hachi.at("14:10:30")
    assert rungs(hachi, channel) == ["1/0", "1/1"]
    assert "第1報）は、まだどなたにも届いていません" in reminders(hachi, channel)[-1].plain
    hachi.sandbox.faults.off()
    assert fault.used > 0
    await converge(hachi)
    # It was sent on time, whenever it arrived, and the next wait is counted from there.
    assert "（期限内）" in reminders(hachi, channel)[-1].plain
    await hachi.at("14:24:30")
    assert rungs(hachi, channel) == ["1/0", "1/1", "2/0"]


async def test_a_step_whose_wait_has_ended_before_it_could_be_posted_is_never_posted(hachi: Hachi) -> None:
    channel = await declared(hachi)
    hachi.sandbox.faults.add(
        "chat.postMessage",
        Fault.rate_limited(30),
        times=None,
        where=lambda args: args.get("channel") == channel.id,
    )
    await hachi.at("14:05")
    await hachi.at("14:06")
    await hold(hachi, channel)
    hachi.sandbox.faults.off()
    hachi.machine_waits(31)
    await hachi.settled()
    assert rungs(hachi, channel) == []
    assert await recorded(hachi) == ["(1/0)"]


async def test_it_stops_when_resolved_and_starts_with_a_first_notice_when_reopened(hachi: Hachi) -> None:
    channel = await declared(hachi)
    for clock in ("14:05", "14:10"):
        await hachi.at(clock)
    desk, ada = hachi.program.desk, Actor(person=hachi.person("ada").id)
    ending = Ending(
        done={"ja": "切り替えました"},
        customer_action={},
        data_loss=DataLoss.NO,
        started_at=hachi.clock.at - timedelta(minutes=10),
        ended_at=hachi.clock.at,
    )
    await lifecycle.resolve(desk, 1, ending, actor=ada, request="resolve")
    await hachi.settled()
    assert "（期限内）" in reminders(hachi, channel)[-1].plain
    await hachi.at("14:40")
    assert rungs(hachi, channel) == ["1/0", "1/1"]
    (said,) = [one.plain for one in channel.messages if "【復旧・第1報】" in one.plain]

    await lifecycle.reopen(desk, 1, reason="再発", actor=ada, request="reopen")
    await hachi.settled()
    assert [one.plain for one in channel.messages if "【復旧・第1報】" in one.plain] == [said]
    for clock in ("14:44:59", "14:45", "14:50"):
        await hachi.at(clock)
    assert rungs(hachi, channel) == ["1/0", "1/1", "3/0", "3/1"]
    assert pinged(hachi, reminders(hachi, channel)[-1]) == {"ada", "cho"}

    again = replace(ending, started_at=hachi.clock.at - timedelta(minutes=20), ended_at=hachi.clock.at)
    await lifecycle.resolve(desk, 1, again, actor=ada, request="resolve again")
    await hachi.settled()
    assert said in [one.plain for one in channel.messages]  # With the start and end it told customers.


async def test_a_withdrawn_incident_owes_nobody_anything(hachi: Hachi) -> None:
    channel = await declared(hachi)
    await hachi.at("14:05")
    desk, ada = hachi.program.desk, Actor(person=hachi.person("ada").id)
    await lifecycle.withdraw(desk, 1, reason="誤検知", explanation={}, actor=ada, request="withdraw")
    await hachi.at("15:00")
    (warning,) = reminders(hachi, channel)
    assert warning.buttons == []
    assert "取り下げ" in warning.plain
