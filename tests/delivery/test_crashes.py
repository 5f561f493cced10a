"""Killed before or after any call, and started again: Slack ends up as if nothing had happened."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from domain.call_time_outs import CallTimeOuts
from domain.incident import Role
from services import calls
from tests.delivery import commands
from tests.delivery.crash import Kill, Killed
from tests.delivery.truth import check, converge
from tests.whole import Hachi

pytestmark = pytest.mark.long


Step = Callable[[int], Awaitable[int]]
Prepare = Callable[[], Awaitable[int]]


async def killed_at_every_call(hachi: Hachi, step: Step, prepare: Prepare | None = None) -> int:
    """Take the step again and again, killed one call later each time, until it ends before it can be killed."""
    for n in count(1):
        if not await killed_at(n, hachi, step, prepare):
            return n - 1
    raise AssertionError


async def killed_at(n: int, hachi: Hachi, step: Step, prepare: Prepare | None = None) -> bool:
    """Whether it made so many calls; killed before and after the call's effect in turns."""
    before = await prepare() if prepare else 0
    kill = Kill(hachi, at_call=n, after_effect=n % 2 == 0)
    number = await step(before)
    with suppress(Killed):  # Perhaps it was dead before it had swept everything.
        await hachi.settled()
    struck = kill.struck
    await kill.bury()
    await converge(hachi)
    await check(hachi, number)
    return struck


async def test_while_opening_a_swarm(hachi: Hachi) -> None:
    async def step(_: int) -> int:
        return await commands.declare(hachi)

    assert await killed_at_every_call(hachi, step) >= 10


async def test_while_raising_a_rung(hachi: Hachi) -> None:
    number = await commands.declare(hachi)
    await converge(hachi)

    async def step(_: int) -> int:
        hachi.clock.advance(commands.A_RUNG)
        with suppress(Killed):
            await hachi.program.tick()
        return number

    assert await killed_at_every_call(hachi, step) >= 3


async def test_while_calling_the_next_as_nobody_answered(hachi: Hachi) -> None:
    hachi.team = replace(hachi.team, call_time_out=CallTimeOuts())
    await hachi.restart()

    async def prepare() -> int:
        number = await commands.declare(hachi, product="orders")
        await commands.accept(hachi, number, "mei", "sato", "cho")
        await converge(hachi)
        return number

    async def step(number: int) -> int:
        hachi.clock.advance(timedelta(minutes=5))
        await calls.sweep(hachi.program.desk)
        return number

    assert await killed_at_every_call(hachi, step, prepare) >= 4
    async with hachi.program.database.reading() as tx:
        for incident in await tx.incidents.open():
            owners = [one.person for one in await tx.calls.of(incident.number) if one.role is Role.OWNER]
            assert owners[:2] == ["ada@kohaku.example", "kenji@kohaku.example"]
            assert len(owners) == len(set(owners))


async def test_while_telling_customers_in_several_channels(hachi: Hachi) -> None:
    number = await commands.declare(hachi)
    await converge(hachi)

    async def step(_: int) -> int:
        await commands.tell(hachi, number)
        return number

    assert await killed_at_every_call(hachi, step) >= 5


async def test_while_resolving(hachi: Hachi) -> None:
    async def prepare() -> int:
        number = await commands.declare(hachi)
        await converge(hachi)
        return number

    async def step(number: int) -> int:
        await commands.resolve(hachi, number)
        return number

    assert await killed_at_every_call(hachi, step, prepare) >= 5
