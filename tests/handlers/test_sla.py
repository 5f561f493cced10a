"""SLA clocks run from the declaration, whatever is changed: severity, customers, the end that was none."""

from domain.incident import DataLoss
from domain.severity import Assessment, Level
from domain.sla import SlaClocks, SlaKind, sla_clocks
from services import lifecycle, severity, sla
from services.desk import Actor
from storage.snapshots import snapshot
from tests.handlers.conftest import NOON, Workplace


async def assess(workplace: Workplace, level: Level) -> None:
    grave = Assessment(urgency=level, impact=level)
    await severity.change_severity(workplace.desk, 1, grave, reason="…", actor=ada(workplace))


def ada(workplace: Workplace) -> Actor:
    """The owner."""
    return Actor(person=workplace.id("ada"))


async def clocks(workplace: Workplace) -> SlaClocks | None:
    async with workplace.desk.database.reading() as tx:
        seen = await snapshot(tx, 1)
    return sla_clocks(seen.incident, workplace.desk.team, seen.updates, seen.deliveries)


async def warned(workplace: Workplace) -> list[str]:
    """The steps said by now, those overtaken left out, as a sweep finds them."""
    await sla.sweep(workplace.desk)
    async with workplace.desk.database.reading() as tx:
        warnings = (await tx.sla.warnings([1]))[1]
    return [f"{one.kind} {one.step}" for one in warnings if not one.overtaken]


async def test_an_ordinary_case_that_becomes_grave_owes_its_response_since_it_was_declared(
    workplace: Workplace,
) -> None:
    await workplace.incident(by="ada", urgency=Level.LOW, impact=Level.LOW)
    assert await clocks(workplace) is None
    workplace.clock.passes(50)
    await assess(workplace, Level.MEDIUM)
    found = await clocks(workplace)
    assert found
    assert (found.response.by - NOON).total_seconds() == 2 * 3600
    assert await warned(workplace) == []
    await assess(workplace, Level.HIGH)
    assert await warned(workplace) == ["response 100"]
    await assess(workplace, Level.LOW)
    assert await clocks(workplace) is None
    workplace.clock.passes(24 * 60)
    assert await warned(workplace) == ["response 100"]


async def test_what_was_resolved_and_reopened_runs_on_from_the_original_start(workplace: Workplace) -> None:
    await workplace.incident(product="payments")
    workplace.clock.passes(60)
    ending = lifecycle.Ending(
        done={"ja": "復旧"},
        customer_action={},
        data_loss=DataLoss.NO,
        started_at=NOON,
        ended_at=workplace.clock.at,
    )
    await lifecycle.resolve(workplace.desk, 1, ending, actor=ada(workplace), request="V1")
    found = await clocks(workplace)
    assert found
    assert (found.resolution.met_at, found.resolution.late) == (workplace.clock.at, False)
    workplace.clock.passes(61)
    before = await warned(workplace)
    await lifecycle.reopen(workplace.desk, 1, reason="再発", actor=ada(workplace), request="V2")
    found = await clocks(workplace)
    assert found
    assert (found.resolution.met_at, (found.resolution.by - NOON).total_seconds()) == (None, 4 * 3600)
    assert [one for one in await warned(workplace) if one not in before] == [
        "response 100",
        "resolution 50",
    ]
    assert {SlaKind(one.split()[0]) for one in await warned(workplace)} == set(SlaKind)
