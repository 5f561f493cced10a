"""Hachi was away, or Slack was: people are told why something comes late, and are not blamed for it."""

from datetime import timedelta

import pytest

from bot.health import Health
from bot.reach import always
from delivery import reconcile
from domain.timeline import Happened
from sandbox import Fault
from services import vitals
from services.desk import Desk
from tests.delivery import commands
from tests.delivery.truth import check, converge, ours
from tests.whole import PATIENCE_SECONDS, Hachi, patient_database


async def absences(hachi: Hachi, number: int) -> list[object]:
    async with hachi.program.database.reading() as tx:
        entries = await tx.timeline.of(number)
    return [entry.facts["minutes"] for entry in entries if entry.kind is Happened.HACHI_AWAY]


async def minutes_late(hachi: Hachi, number: int) -> list[int]:
    async with hachi.program.database.reading() as tx:
        return [update.minutes_late for update in await tx.customer_updates.of(number)]


async def stopped(hachi: Hachi, **length: float) -> None:
    """Hachi does not run for so long."""
    await hachi.stop()
    hachi.clock.advance(timedelta(**length))
    await hachi.start()


def texts(hachi: Hachi, number: int, key: str) -> list[str]:
    return [message.plain for _, found, message in ours(hachi, number) if found == key]


async def test_an_hour_without_hachi_is_on_the_timeline_once_and_is_nobodys_delay(hachi: Hachi) -> None:
    number = await commands.declare(hachi)
    await hachi.at("14:04")
    await stopped(hachi, minutes=60)
    await hachi.tick()
    assert await absences(hachi, number) == [60]
    await hachi.restart()
    assert await absences(hachi, number) == [60]

    await hachi.at("15:07")
    await commands.tell(hachi, number)
    # Owed at 14:10; Hachi was back at 15:04.
    assert await minutes_late(hachi, number) == [3]


async def test_while_another_copy_lives_hachi_is_not_away(hachi: Hachi) -> None:
    number = await commands.declare(hachi)
    await hachi.at("14:04")
    await hachi.stop()
    hachi.clock.advance(timedelta(minutes=30))
    other = patient_database(hachi.database_url)
    desk = Desk(database=other, team=hachi.team, now=hachi.clock.now)
    await vitals.beat(desk, vitals.SWEPT, machine_now=hachi.machine_now())
    await other.close()
    await hachi.start()
    assert await absences(hachi, number) == []


async def test_a_restart_within_the_minute_is_nobodys_business(hachi: Hachi) -> None:
    number = await commands.declare(hachi)
    await hachi.at("14:04")
    await stopped(hachi, seconds=59)
    await hachi.tick()
    assert await absences(hachi, number) == []


async def test_while_slack_is_away_clocks_go_on_and_on_its_return_only_what_is_true_is_posted_as_late(
    hachi: Hachi,
) -> None:
    health = Health(program=hachi.program, connected=always, database_seconds=PATIENCE_SECONDS)
    number = await commands.declare(hachi)
    await converge(hachi)
    await commands.escalate(hachi, number)
    await converge(hachi)
    await health.look()

    away = hachi.sandbox.faults.add("*", Fault.http(503), times=None)
    for minute in (5, 10, 15, 20, 25, 30):
        await hachi.at(f"14:{minute:02}")
        hachi.machine_waits(300)
        await health.look()
    away.remove()
    await converge(hachi)
    await health.look()

    posted = [key for _, key, _ in ours(hachi, number) if "reminder" in key]
    assert set(posted) == {"reminder/update/1/4"}
    for key in ("reminder/update/1/4", "sla/response", "escalation_ask/1/2"):
        said = texts(hachi, number, key)
        assert said, key
        assert all(
            "Slackに接続できなかった" in text or "Slack could not be reached" in text for text in said
        ), key
    await check(hachi, number)


async def test_after_half_an_hour_without_slack_the_gravest_incident_is_served_first(
    hachi: Hachi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "AT_ONCE", 1)
    milder = await commands.declare(hachi)
    await commands.change_severity(hachi, milder, grave=False)
    gravest = await commands.declare(hachi)
    await converge(hachi)
    away = hachi.sandbox.faults.add("*", Fault.reset_before(), times=None)
    for _ in range(3):
        await hachi.later(minutes=10)
    away.remove()
    hachi.machine_waits(60)  # Whatever was put off may be done by now.
    before = len(hachi.sandbox.calls)
    await converge(hachi)

    since = hachi.sandbox.calls[before:]
    posted = [str(call.args["metadata"]) for call in since if call.method == "chat.postMessage" and call.ok]
    reminders = [said for said in posted if "reminder" in said]
    assert f"'{gravest}/" in reminders[0]
    assert f"'{milder}/" in reminders[-1]
    for number in (milder, gravest):
        raised = {key for _, key, _ in ours(hachi, number) if "reminder" in key}
        assert len(raised) == 1  # Of what fell due meanwhile only what is still true.
        await check(hachi, number)
