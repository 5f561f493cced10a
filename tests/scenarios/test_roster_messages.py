"""What the roster makes known over the wire: who comes on duty and what they find open, and hours without anybody."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from domain.roster_entries import EntryKind, RosterEntry
from domain.team import HandOverMessages, Team
from sandbox import Fault
from services import coverage, shift_changes
from tests.delivery import commands
from tests.delivery.crash import Kill, Killed
from tests.delivery.truth import all_said
from tests.whole import PATIENT_TEAM, TOKYO, Hachi, on_both_engines


@pytest.fixture
def team(request: pytest.FixtureRequest) -> Team:
    """A test may say when whoever comes on duty gets a message."""
    said = getattr(request, "param", HandOverMessages.WHEN_OPEN)
    rotations = {**PATIENT_TEAM.rotations, "owner": commands.DAILY}
    return replace(PATIENT_TEAM, rotations=rotations, hand_over_messages=said)


async def minute(hachi: Hachi, clock: str) -> None:
    """Let it be that time, and let every message that is due be posted."""
    await hachi.at(clock)
    await hachi.program.show_bulletins()


def told(hachi: Hachi, who: str = "ada") -> list[str]:
    """What a person was told on coming on duty."""
    return [one.plain_in("Asia/Tokyo") for one in hachi.person(who).dm() if "shift/" in key_of(one.metadata)]


def key_of(metadata: object) -> str:
    payload = metadata.get("event_payload", {}) if isinstance(metadata, dict) else {}
    return str(payload.get("key", ""))


async def enter(hachi: Hachi, kind: EntryKind, who: str, since: str, until: str, **facts: str) -> None:
    """An entry of the roster, by the clock of the day."""
    now = hachi.clock.at.astimezone(TOKYO)

    def moment(clock: str) -> datetime:
        days, _, at = clock.rpartition(" ")
        hours, minutes = (int(part) for part in at.split(":"))
        day = now.replace(hour=hours, minute=minutes, second=0, microsecond=0)
        return (day + timedelta(days=int(days or 0))).astimezone(UTC)

    person = hachi.person(who).id
    async with hachi.program.database.transaction() as tx:
        await tx.roster.add(
            RosterEntry(
                kind=kind,
                person=person,
                since=moment(since),
                until=moment(until),
                entered_by=person,
                entered_at=hachi.clock.at,
                **facts,
            )
        )


@on_both_engines
async def test_whoever_comes_on_duty_reads_once_what_is_open_and_by_when(hachi: Hachi) -> None:
    await minute(hachi, "14:00")
    await commands.declare(hachi)
    private = await commands.declare(hachi, "非公開の件")
    async with hachi.program.database.transaction() as tx:
        await tx.incidents.save(replace(await tx.incidents.get(private), private=True))
        for call in await tx.calls.of(private):
            await tx.calls.save(private, replace(call, person="cho@kohaku.example"))
    await minute(hachi, "14:59")
    assert told(hachi) == []
    hachi.clock.advance(timedelta(minutes=1))
    desk, at = hachi.program.desk, hachi.machine_now()
    await asyncio.gather(*(shift_changes.sweep(desk, machine_now=at) for _ in range(3)))
    await asyncio.gather(*(hachi.program.show_bulletins() for _ in range(3)))
    await minute(hachi, "15:01")
    (said,) = told(hachi)
    assert "Your shift has begun: Owner" in said
    assert "On duty before you: @健二" in said
    assert "カード決済が失敗する" in said
    assert "resolve by Nov 24, 2026 18:00" in said
    assert "非公開の件" not in said
    assert "late" not in said.splitlines()[1]
    assert told(hachi, "kenji") == []


async def test_a_hand_over_that_was_missed_is_said_once_late_and_only_the_newest(hachi: Hachi) -> None:
    await minute(hachi, "14:00")
    await commands.declare(hachi)
    await hachi.stop()
    hachi.clock.advance(timedelta(days=2, hours=2))  # Ada, Kenji, and Ada again.
    await hachi.start()
    await hachi.tick()
    await hachi.program.show_bulletins()
    (said,) = told(hachi)
    assert "This message is late (the hand-over was at Nov 26, 2026 15:00)" in said
    assert told(hachi, "kenji") == []
    hachi.clock.advance(timedelta(days=-1))  # Somebody sets the clock back, and right again.
    await hachi.tick()
    hachi.clock.advance(timedelta(days=1, minutes=1))
    await hachi.tick()
    await hachi.program.show_bulletins()
    assert len(told(hachi)) == 1


@pytest.mark.parametrize("after_effect", [True, False], ids=["after", "before"])
async def test_killed_while_saying_so_it_is_said_once_all_the_same(hachi: Hachi, after_effect: bool) -> None:
    await minute(hachi, "14:00")
    await commands.declare(hachi)
    await hachi.at("15:00")
    kill = Kill(hachi, at_call=1, after_effect=after_effect)
    with suppress(Killed):
        await hachi.program.show_bulletins()
    assert kill.struck
    await kill.bury()
    await all_said(hachi)
    assert len(told(hachi)) == 1


async def test_whoever_posts_it_twice_by_mischance_deletes_the_younger(hachi: Hachi) -> None:
    await minute(hachi, "14:00")
    await commands.declare(hachi)
    # The effect of the first attempt lands when it has been looked for in vain and posted anew.
    late = hachi.sandbox.faults.add("chat.postMessage", Fault.held(), times=1, where=of_shift)
    hachi.clock.advance(timedelta(hours=1))
    await hachi.program.tick()
    hanging = asyncio.ensure_future(hachi.program.show_bulletins())
    await hachi.until(lambda: late.holding)
    hachi.machine_waits(11)
    await hachi.program.show_bulletins()
    assert len(told(hachi)) == 1
    late.release()
    await hanging
    await all_said(hachi)
    assert len(told(hachi)) == 1


def of_shift(args: dict[str, object]) -> bool:
    return "shift/" in key_of(args.get("metadata"))


async def test_a_take_over_is_a_hand_over_too_and_without_anything_open_nobody_is_disturbed(
    hachi: Hachi,
) -> None:
    await minute(hachi, "14:00")
    await enter(hachi, EntryKind.TAKE_OVER, "ada", "14:20", "14:40", rotation="owner")
    await enter(hachi, EntryKind.TAKE_OVER, "ada", "14:45", "14:50", rotation="owner")
    await minute(hachi, "14:20")
    assert told(hachi) == []
    await minute(hachi, "14:40")
    assert told(hachi, "kenji") == []
    await commands.declare(hachi)
    await minute(hachi, "14:45")
    assert len(told(hachi)) == 1


@pytest.mark.parametrize(
    ("team", "count"), [(HandOverMessages.ALWAYS, 1), (HandOverMessages.NEVER, 0)], indirect=["team"]
)
async def test_a_setting_says_whether_it_is_said(hachi: Hachi, count: int) -> None:
    await minute(hachi, "14:00")
    await minute(hachi, "15:00")
    assert len(told(hachi)) == count


# Hours without anybody on duty


def warned(hachi: Hachi) -> list[str]:
    return [one for one in hachi.cards("incidents") if "7日間" in one or "新しいメッセージ" in one]


async def day(hachi: Hachi, days: int = 1) -> None:
    hachi.clock.advance(timedelta(days=days))
    await hachi.tick()
    await asyncio.gather(
        *(coverage.sweep(hachi.program.desk, machine_now=hachi.machine_now()) for _ in range(3))
    )
    await hachi.program.show_bulletins()


async def test_hours_without_anybody_are_said_once_edited_as_they_shrink_and_anew_when_there_are_more(
    hachi: Hachi,
) -> None:
    await day(hachi, 0)
    assert warned(hachi) == []
    await enter(hachi, EntryKind.LEAVE, "kenji", "+1 09:00", "+3 09:00")
    with capture_logs() as logged:
        await hachi.restart()
    assert [one["when"] for one in logged if one["event"] == "Nobody is on duty."] == [
        "Wed 25 Nov 15:00 – Thu 26 Nov 15:00: nobody as Owner"
    ]
    await day(hachi)
    assert len(warned(hachi)) == 1
    (said,) = warned(hachi)
    assert "責任者がいません" in said
    await day(hachi, 0)
    assert len(warned(hachi)) == 1
    await enter(hachi, EntryKind.LEAVE, "cho", "+2 20:00", "+3 08:00")
    await day(hachi, 0)
    assert len(warned(hachi)) == 1  # Once a day at most.
    await day(hachi)
    old, new = warned(hachi)
    assert "新しいメッセージ" in old
    assert "当番マネージャーがいません" in new
    await day(hachi, 3)
    old, new = warned(hachi)
    assert "ありません" in new
