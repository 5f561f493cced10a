"""What can wait until the morning wakes nobody at night: calls made when the hour has come, each once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from bot import demo
from domain.call_hours import CallHours
from domain.incident import Role
from domain.severity import Severity
from domain.team import Team
from domain.working_hours import WorkingHours
from sandbox import Channel
from services import calls as calling
from tests.delivery import commands
from tests.delivery.truth import check
from tests.scenarios.test_calls import answer, answers, called
from tests.whole import TOKYO, Hachi, on_both_engines

DAYTIME = WorkingHours(weekdays=frozenset(range(7)), opens=time(8), closes=time(20), timezone="Asia/Tokyo")


@pytest.fixture
def team() -> Team:
    """At severity 3 only the duty manager is called at night."""
    hours = CallHours(hours=DAYTIME, always=(Role.DUTY_MANAGER,))
    return replace(demo.TEAM, call_hours={Severity.THREE: hours})


@pytest.fixture
def starts_at() -> datetime:
    """23:00 in Tokyo."""
    return datetime(2026, 11, 24, 23, 0, tzinfo=TOKYO).astimezone(UTC)


async def declared(hachi: Hachi) -> Channel:
    channel = await hachi.declare(urgency="medium", impact="medium", product="payments")
    assert channel is not None
    return channel


def told(hachi: Hachi) -> list[str]:
    return [who for who in ("ada", "kenji", "mei", "sato", "cho") if called(hachi, who)]


@on_both_engines
async def test_at_night_only_those_who_must_are_called_and_the_others_in_the_morning_once(
    hachi: Hachi,
) -> None:
    channel = await declared(hachi)
    assert told(hachi) == ["cho"]
    assert hachi.members(channel) == {"hana", "cho"}
    assert "08:00に招集" in hachi.messages(channel)[0].plain_in("Asia/Tokyo")
    await answer(hachi, "cho")

    await hachi.later(hours=8, minutes=59)
    assert told(hachi) == ["cho"]
    hachi.clock.advance(commands.A_RUNG / 10)
    await hachi.restart()
    await asyncio.gather(*(calling.sweep(hachi.program.desk) for _ in range(5)))
    await hachi.settled()
    assert [len(called(hachi, who)) for who in ("ada", "kenji", "mei", "sato", "cho")] == [1, 1, 1, 1, 1]
    assert hachi.members(channel) >= {"hana", "cho", "ada", "kenji", "mei", "sato"}
    await check(hachi, 1)

    await answer(hachi, "ada")
    assert [one for one in await answers(hachi) if one.startswith("owner")] == [
        "owner hana taken",
        "owner ada accepted",
    ]
    await hachi.later(minutes=10)  # Nobody else has answered: from here on it is a call like any other.
    assert "service_level_manager sato unanswered" in await answers(hachi)
    await check(hachi, 1)


async def test_an_incident_that_is_over_by_the_morning_calls_nobody_and_one_that_is_reopened_does(
    hachi: Hachi,
) -> None:
    channel = await declared(hachi)
    await commands.resolve(hachi, 1, by="hana")
    await hachi.later(hours=10)
    assert told(hachi) == ["cho"]
    assert hachi.members(channel) == {"hana", "cho"}
    await commands.reopen(hachi, 1, by="hana")
    await hachi.tick()
    assert told(hachi) == ["ada", "kenji", "mei", "sato", "cho"]
    await check(hachi, 1)


async def test_when_it_becomes_grave_at_night_everybody_is_called_at_once(hachi: Hachi) -> None:
    channel = await declared(hachi)
    await commands.change_severity(hachi, 1, grave=True, by="hana")
    await hachi.tick()
    assert told(hachi) == ["ada", "kenji", "mei", "sato", "cho"]
    assert "に招集" not in hachi.messages(channel)[0].plain
    await check(hachi, 1)
