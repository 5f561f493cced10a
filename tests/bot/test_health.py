"""Is Hachi well? What it measures, what it says is wrong and how to mend it, and how it warns people once."""

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from aiohttp import ClientSession

from bot.health import Health
from bot.http import serve, web_app
from bot.reach import always
from sandbox import Fault
from storage.database import Database
from tests.delivery import commands
from tests.delivery.truth import converge
from tests.whole import PATIENCE_SECONDS, Hachi, on_both_engines


def health_of(hachi: Hachi) -> Health:
    return Health(program=hachi.program, connected=always, database_seconds=PATIENCE_SECONDS)


async def never() -> bool:
    return False


async def broken_database(hachi: Hachi, health: Health) -> None:
    await hachi.program.database.engine.dispose()
    hachi.program.database._closed = True


async def no_slack(hachi: Hachi, health: Health) -> None:
    health.connected = never
    health._reached_at -= 121


async def no_tick(hachi: Hachi, health: Health) -> None:
    assert hachi.program.ticked_at
    hachi.program.ticked_at -= 11


async def wrong_clock(hachi: Hachi, health: Health) -> None:
    hachi.machine_waits(2.5)


async def long_queue(hachi: Hachi, health: Health) -> None:
    hachi.sandbox.faults.add("*", Fault.rate_limited(600), times=None)
    await commands.declare(hachi)
    await hachi.settled()
    await health.look_at_database()
    health._behind_since = {item: at - 301 for item, at in health._behind_since.items()}


@pytest.mark.parametrize(
    ("break_it", "name", "says"),
    [
        (no_slack, "slack", "has not been reached for 121 s"),
        (no_tick, "tick", "due for 11 s"),
        (wrong_clock, "clock", "2.5 s apart"),
        (long_queue, "queue", "For 301 s"),
        (broken_database, "database", "cannot be used"),
    ],
)
async def test_what_is_wrong_is_named_with_its_mend_and_makes_it_not_ready(
    hachi: Hachi,
    break_it: Callable[..., object],
    name: str,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    health = health_of(hachi)
    health.show()
    await hachi.tick()
    runner, port = await serve(web_app(health, slack_path=False), "127.0.0.1", 0)
    try:
        async with ClientSession(f"http://127.0.0.1:{port}") as session:
            async with session.get("/readyz") as answer:
                assert (answer.status, (await answer.json())["wrong"]) == (200, {})
            await break_it(hachi, health)  # type: ignore[misc]
            async with session.get("/readyz") as answer:
                said = await answer.json()
                assert (answer.status, said["ready"], list(said["wrong"])) == (503, False, [name])
                assert says in said["wrong"][name]["wrong"]
                assert len(said["wrong"][name]["mend"]) > 20
            async with session.get("/healthz") as answer:
                assert answer.status == 200
    finally:
        await runner.cleanup()
        hachi.program.database._closed = False


async def test_prometheus_reads_figures_with_units_and_nothing_that_anybody_wrote(hachi: Hachi) -> None:
    health = health_of(hachi)
    health.show()
    hachi.sandbox.faults.add("chat.update", Fault.rate_limited(3))
    number = await commands.declare(hachi, "秘密の題名")
    await converge(hachi)
    await hachi.at("14:05:02")
    await commands.tell(hachi, number)
    await commands.change_severity(hachi, number, grave=False)
    await converge(hachi)
    await health.look()
    runner, port = await serve(web_app(health, slack_path=False), "127.0.0.1", 0)
    try:
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as answer:
            text = await answer.text()
    finally:
        await runner.cleanup()

    def figure(name: str) -> float:
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        assert found, f"{name} is not in\n{text}"
        return float(found[1])

    assert figure('hachi_reminders_raised_total{state="raised"}') == 1
    assert 0 <= figure("hachi_reminder_lateness_seconds_sum") <= 2
    assert figure('hachi_cards_total{what="posted"}') > 5
    assert figure('hachi_cards_total{what="updated"}') > 0
    assert figure('hachi_slack_throttled_seconds_total{method="chat.update"}') == 3
    assert figure('hachi_slack_retries_total{method="chat.update"}') == 1
    assert figure("hachi_incidents_behind") == 0
    assert figure("hachi_oldest_behind_seconds") == 0
    assert abs(figure("hachi_database_offset_seconds")) < 60
    assert figure("hachi_last_tick_age_seconds") < 60
    for secret in ("秘密", hachi.sandbox.bot_token, "決済", "hana", "ada"):
        assert secret not in text
    units = re.compile(
        r"_(seconds|total|behind|reconciling|created|sum|count|bucket|raised|cards|calls|retries)$"
    )
    assert [name for name in re.findall(r"^(hachi_\w+)", text, re.MULTILINE) if not units.search(name)] == []


# The warning in the incidents channel


def warnings(hachi: Hachi) -> list[str]:
    return [text for text in hachi.cards("incidents") if "Hachi" in text]


@on_both_engines
async def test_when_nobody_looks_at_what_is_due_the_incidents_channel_is_told_once_by_whichever_copy(
    hachi: Hachi,
) -> None:
    await hachi.tick()
    copies = [health_of(hachi), health_of(hachi)]
    for copy in copies:
        await copy.look()
    assert warnings(hachi) == []

    hachi.machine_waits(61)  # No copy ticks.
    await asyncio.gather(*(copy.look() for copy in copies))
    for _ in range(2):
        hachi.machine_waits(15)
        await asyncio.gather(*(copy.look() for copy in copies))
    [warning] = warnings(hachi)
    assert "遅れています" in warning

    hachi.clock.advance(timedelta(minutes=3))
    await hachi.tick()
    hachi.program._beat = None
    await hachi.tick()
    hachi.machine_waits(15)
    hachi.program._beat = None
    await hachi.tick()
    await asyncio.gather(*(copy.look() for copy in copies))
    [over] = warnings(hachi)
    assert "復旧しました" in over
    # It comes back at once: the same message says so, and nobody is called again.
    hachi.machine_waits(50)
    await asyncio.gather(*(copy.look() for copy in copies))
    hachi.machine_waits(40)
    await asyncio.gather(*(copy.look() for copy in copies))
    [warning] = warnings(hachi)
    assert "遅れています" in warning


@pytest.mark.parametrize("fault", [Fault.reset_after(), Fault.reset_before()], ids=["after", "before"])
async def test_a_warning_whose_answer_was_lost_is_found_again_or_posted_once(
    hachi: Hachi, fault: Fault
) -> None:
    await hachi.tick()
    hachi.sandbox.faults.add("chat.postMessage", fault)
    hachi.machine_waits(61)
    await health_of(hachi).look()
    for _ in range(3):
        hachi.machine_waits(15)
        await health_of(hachi).look()  # Another process, which knows nothing but the records.
    assert len(warnings(hachi)) == 1


async def test_a_watch_that_fails_goes_on(hachi: Hachi, monkeypatch: pytest.MonkeyPatch) -> None:
    health = health_of(hachi)
    monkeypatch.setattr("bot.health.LOOK_EVERY_SECONDS", 0.0)
    looks, often = 0, asyncio.Event()

    async def fails(self: Database) -> None:
        nonlocal looks
        looks += 1
        if looks > 2:
            often.set()
        raise ValueError

    monkeypatch.setattr(Database, "check", fails)
    hachi.program.in_background(health.watch())
    await asyncio.wait_for(often.wait(), 60)
