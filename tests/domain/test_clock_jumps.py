"""The machine's clock may jump, and summer time may end: no reminder is lost, and none is raised twice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.absence import Absence, time_away
from domain.cadence import Cadence
from domain.update_clock import minutes_late, start, strike

CADENCE = Cadence()
AT = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
ALL = [(0, 5), (1, 10), (2, 15), (3, 20), (4, 30), (5, 40)]
"""Rung and minute of a first wait, with nobody away."""


def raised(ticks: list[float], *, begins: datetime = AT) -> list[tuple[int, float, bool]]:
    """(rung, minute at which the clock said so, overtaken) of a wait looked at in these minutes."""
    clock = start(cycle=1, at=begins, cadence=CADENCE)
    found = []
    for minute in ticks:
        now = begins + timedelta(minutes=minute)
        clock, struck = strike(clock, CADENCE, now=now)
        found += [(one.rung, minute, one.overtaken) for one in struck]
    return found


def minutes(first: float, last: float) -> list[float]:
    return [float(minute) for minute in range(int(first), int(last) + 1)]


@pytest.mark.parametrize(
    ("ticks", "shown", "overtaken"),
    [
        (minutes(0, 40), [0, 1, 2, 3, 4, 5], []),
        ([*minutes(0, 12), *minutes(-48, 40)], [0, 1, 2, 3, 4, 5], []),
        ([*minutes(0, 4), *minutes(64, 69)], [7], [0, 1, 2, 3, 4, 5, 6]),
        ([*minutes(0, 12), *minutes(72, 75), *minutes(13, 40)], [0, 1, 8], [2, 3, 4, 5, 6, 7]),
        ([10, 10, 10, 9.99, 10, 10.01], [1], [0]),
        ([5, 4, 5, 4, 10, 4, 10, 15, -600, 15], [0, 1, 2], []),
        ([-600, -30, 0], [], []),
    ],
    ids=[
        "it runs as it should",
        "set back by an hour",
        "set ahead by an hour",
        "set ahead by an hour for three minutes, and back again",
        "it trembles at the moment itself",
        "back and forth",
        "before the beginning",
    ],
)
def test_whatever_the_clock_does_each_step_is_raised_once(
    ticks: list[float], shown: list[int], overtaken: list[int]
) -> None:
    found = raised(ticks)
    assert [rung for rung, _, given_up in found if not given_up] == shown
    assert [rung for rung, _, given_up in found if given_up] == overtaken
    rungs = [rung for rung, _, _ in found]
    assert sorted(rungs) == list(range(len(rungs))), "none is missing, none is doubled"


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("Europe/London", datetime(2026, 10, 25, 0, 50, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 3, 29, 0, 50, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 11, 1, 5, 50, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 14, 50, tzinfo=UTC)),
    ],
    ids=["autumn in London", "spring in London", "autumn in New York", "half an hour on Lord Howe Island"],
)
def test_the_hour_that_summer_time_gives_or_takes_moves_nothing(zone: str, moment: datetime) -> None:
    local = moment.astimezone(ZoneInfo(zone))
    later = (moment + timedelta(minutes=20)).astimezone(ZoneInfo(zone))
    assert local.utcoffset() != later.utcoffset(), "the zone changes meanwhile"
    assert [(rung, minute) for rung, minute, _ in raised(minutes(0, 40), begins=local)] == ALL


@pytest.mark.parametrize(
    ("away", "late"),
    [
        ([], 24),
        ([(-30, 4)], 20),
        ([(-30, -1)], 24),
        ([(2, 12)], 14),
        ([(2, 12), (10, 20)], 6),
        ([(2, None)], 2),
        ([(0, 24)], 0),
        ([(30, 60)], 24),
    ],
    ids=[
        "nobody was away",
        "from before it was due",
        "back before it was due",
        "for a while",
        "twice, which overlaps",
        "and still is",
        "all the while",
        "only afterwards",
    ],
)
def test_time_in_which_hachi_was_away_is_nobodys_delay(away: list[tuple[int, int | None]], late: int) -> None:
    def at(minute: int) -> datetime:
        return AT + timedelta(minutes=minute)

    absences = [Absence(since=at(since), until=None if until is None else at(until)) for since, until in away]
    assert minutes_late(sent_at=at(24), due_at=AT, cadence=CADENCE, absences=absences) == late
    assert time_away(absences, since=AT, until=at(24)) == timedelta(minutes=24 - late)
