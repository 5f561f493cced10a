"""Several copies of the program on one PostgreSQL: no leader, nothing twice, and nothing waits for a dead one."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import demo
from domain.team import Team
from sandbox import Sandbox
from services import declare as declaring
from services import reminders
from services.desk import Actor
from tests.bot.conftest import Start, folder, start  # noqa: F401
from tests.delivery import commands
from tests.delivery.crash import Kill
from tests.delivery.truth import check, converge, look
from tests.postgres import Server
from tests.whole import MANIFEST, Hachi, TestClock

Copies = list[Hachi]


@pytest.fixture
async def copies(postgres: Server, team: Team, starts_at: object) -> AsyncIterator[Copies]:
    """Three copies on one database, each with its own connection to one workspace; they share the time of day."""
    clock = TestClock(starts_at)  # type: ignore[arg-type]
    sandbox = await Sandbox.start(manifest=MANIFEST, people=demo.PEOPLE, channels=demo.CHANNELS, clock=clock)
    url = postgres.new_database()
    made = [Hachi(sandbox=sandbox, clock=clock, team=team, database_url=url) for _ in range(3)]
    await asyncio.gather(*(one.start() for one in made))
    try:
        yield made
    finally:
        await asyncio.gather(*(one.stop() for one in made))
        await sandbox.stop()


async def all_tick(copies: Copies) -> None:
    await asyncio.gather(*(one.program.tick() for one in copies))
    await asyncio.gather(*(one.settled() for one in copies))


def made(sandbox: Sandbox, method: str) -> int:
    return len([call for call in sandbox.calls if call.method == method and call.ok])


async def test_each_rung_is_raised_once_and_each_card_posted_once_though_all_work_on_everything(
    copies: Copies,
) -> None:
    first, sandbox = copies[0], copies[0].sandbox
    numbers = await asyncio.gather(*(commands.declare(copies[n % 3], f"障害{n}") for n in range(3)))
    assert sorted(numbers) == [1, 2, 3]
    await all_tick(copies)
    for _ in range(3):  # The warning, the promise broken, and the next step of the ladder.
        first.clock.advance(commands.A_RUNG / 2)
        await all_tick(copies)

    await converge(first)
    assert made(sandbox, "conversations.create") == 3
    for number in numbers:
        await check(first, number)
        raised = Counter((one.cycle, one.rung) for one in (await look(first, number)).snapshot.reminders)
        assert raised == {(1, 0): 1, (1, 1): 1, (1, 2): 1}
    assert made(sandbox, "chat.delete") == 0


async def test_one_works_on_an_incident_at_a_time_and_the_others_go_on_with_theirs(copies: Copies) -> None:
    number = await commands.declare(copies[0])
    took = await asyncio.gather(*(one.program.delivery.reconciler.reconcile(number) for one in copies[1:]))
    assert took.count(True) <= 1
    await converge(copies[0])
    await check(copies[0], number)
    assert made(copies[0].sandbox, "conversations.create") == 1


async def test_what_a_dead_copy_left_half_done_another_takes_over_when_its_lease_has_run_out(
    copies: Copies,
) -> None:
    dying, living, _ = copies
    Kill(dying, at_call=4, after_effect=True)
    number = await commands.declare(dying)
    await dying.settled()

    await living.program.poll()
    assert not living.program.delivery.busy  # The lease still holds.
    living.machine_waits(15)
    await living.program.poll()
    assert living.program.delivery.busy
    await converge(living)
    await check(living, number)


async def test_people_are_served_by_whichever_copy_slack_chooses_and_by_the_others_when_one_is_gone(
    copies: Copies,
) -> None:
    sandbox = copies[0].sandbox
    await sandbox.socket_mode.connected(3)
    for n in range(3):  # Command, choices and submit each reach another copy.
        await copies[0].declare(f"障害{n}")
    await copies[1].stop()
    assert sandbox.socket_mode.connections == 2
    for n in range(3, 5):
        await copies[0].declare(f"障害{n}")
    await asyncio.gather(*(one.settled() for one in (copies[0], copies[2])))
    await converge(copies[0])
    for number in range(1, 6):
        await check(copies[0], number)
    await copies[1].start()


async def test_a_form_and_a_button_that_reach_two_copies_at_once_are_carried_out_once(copies: Copies) -> None:
    one, other, _ = copies
    desks = [one.program.desk, other.program.desk]
    declaration = declaring.Declaration(title="障害", assessment=demo_assessment())
    hana = one.person("hana").id
    declared = await asyncio.gather(
        *(declaring.declare(desk, declaration, by=hana, request="view") for desk in desks)
    )
    assert [incident.number for incident in declared] == [1, 1]
    await all_tick(copies)
    one.clock.advance(commands.A_RUNG)
    await all_tick(copies)

    ada = Actor(person=one.person("ada").id)
    until = await asyncio.gather(
        *(
            reminders.ask_for_quiet(desk, 1, cycle=1, actor=ada, reason="調査中", request="click")
            for desk in desks
        )
    )
    assert len(set(until)) == 1
    seen = await look(one, 1)
    assert seen.snapshot.clock
    assert seen.snapshot.clock.snoozes == 1


def demo_assessment() -> declaring.Assessment:
    return declaring.Assessment(urgency=commands.Level.HIGH, impact=commands.Level.HIGH)


QUICK = """
language: en
incidents_channel: incidents
cadence: {default: {first: 6s, first_warn_before: 3s, rungs: [0s], repeat: 10m}, severity_1: {}}
people: [{slack: ada@kohaku.example, roles: [owner]}]
"""


async def test_three_processes_one_of_them_killed(
    start: Start,  # noqa: F811
    folder: Path,  # noqa: F811
    postgres: Server,
) -> None:
    sandbox = await Sandbox.start(manifest=MANIFEST, people=demo.PEOPLE, channels=demo.CHANNELS)
    (folder / "hachi.yml").write_text(QUICK)
    settings = {
        "SLACK_API_URL": sandbox.api_url,
        "SLACK_BOT_TOKEN": sandbox.bot_token,
        "SLACK_APP_TOKEN": sandbox.app_token,
        "HACHI_HTTP": "",
        "DATABASE_URL": postgres.new_database(empty=True),
    }
    try:
        processes = [await start("run", **settings) for _ in range(3)]
        await sandbox.socket_mode.connected(3, timeout=60)
        hana = sandbox.person("hana")
        for n in range(3):
            await hana.command("/incident", f"declare Outage {n}", channel="support")
            await sandbox.until(lambda: hana.view)
            await hana.fill(urgency="high", impact="high")
            assert not (await hana.submit()).errors
        processes[0].signal(signal.SIGKILL)

        def reminded() -> bool:
            keys = Counter(
                message.metadata["event_payload"]["key"]
                for channel in sandbox.workspace.channels.values()
                for message in channel.messages
                if message.metadata and channel.name.startswith("inc-")
            )
            assert set(keys.values()) <= {1}, keys
            return {f"{number}/reminder/update/1/1" for number in (1, 2, 3)} <= keys.keys()

        await sandbox.until(reminded, timeout=60)
        for process in processes[1:]:
            process.signal(signal.SIGTERM)
        assert [await process.ends() for process in processes[1:]] == [0, 0]
        assert "Traceback" not in "".join(process.said for process in processes)
    finally:
        await sandbox.stop()
