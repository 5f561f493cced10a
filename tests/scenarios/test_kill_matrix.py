"""A copy that is really killed, or stopped past its lease, at any call and any commit: Slack ends up as recorded.

A sample of the points: calls are struck one by one in `tests/delivery/test_crashes.py`, and `benchmarks/kills.py` strikes
at all points.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from subprocess import Popen

import pytest

from domain.team import Team
from tests.scenarios.kill_copies import copies, worker
from tests.scenarios.kill_matrix import How, Matrix, Point, write_table
from tests.scenarios.kill_worker import CALL_RUNS_OUT, HANDING_OVER, SHIFT_CHANGES, team_of
from tests.whole import Hachi

Worker = Popen[bytes]
KILLED = {
    "opening a swarm": [Point("after commit", 9)],
    "raising a rung": [Point("before commit", 1)],
    CALL_RUNS_OUT: [Point("after commit", 1)],
    HANDING_OVER: [Point("after call", 3)],
    SHIFT_CHANGES: [Point("after commit", 5)],
    "telling customers": [Point("after commit", 1)],
    "resolving": [Point("before commit", 8)],
}
STOPPED = {
    "opening a swarm": [Point("after commit", 4)],
    "raising a rung": [Point("before call", 1)],
    CALL_RUNS_OUT: [Point("before call", 2)],
    HANDING_OVER: [Point("before call", 2)],
    SHIFT_CHANGES: [Point("after call", 1)],
    "telling customers": [Point("before commit", 5)],
    "resolving": [Point("after call", 6)],
}


@pytest.fixture
def team(step: str) -> Team:
    return team_of(step)


@pytest.fixture(scope="session")
def copier() -> Iterator[Worker]:
    with worker() as process:
        yield process


async def strike(
    hachi: Hachi, folder: Path, copier: Worker, how: How, step: str, points: Sequence[Point]
) -> None:
    async with copies(folder, copier) as made:
        matrix = Matrix(hachi, made, how)
        results = [await matrix.strike(step, point) for point in points]
    table = write_table(results, f"{how} while {step}")
    assert [one.point for one in results if one.struck] == points, table
    assert not [one for one in results if one.trouble], table


@pytest.mark.parametrize("step", KILLED)
async def test_whoever_is_killed_is_started_again_and_goes_on(
    hachi: Hachi, tmp_path: Path, copier: Worker, step: str
) -> None:
    await strike(hachi, tmp_path, copier, "killed", step, KILLED[step])


@pytest.mark.parametrize("step", STOPPED)
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_whoever_is_stopped_past_the_lease_is_taken_over_from(
    hachi: Hachi, tmp_path: Path, copier: Worker, step: str
) -> None:
    await strike(hachi, tmp_path, copier, "stopped", step, STOPPED[step])
