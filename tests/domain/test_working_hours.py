"""Working hours: only they count, whatever the calendar and the wall clock do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.working_hours import WorkingHours, working_time_after

OFFICE = WorkingHours(
    weekdays=frozenset(range(5)),
    opens=time(9),
    closes=time(18),
    timezone="Asia/Tokyo",
    holidays={date(2026, 11, 23), date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1)},
)
BERLIN = WorkingHours(weekdays=frozenset(range(7)), opens=time(1), closes=time(0), timezone="Europe/Berlin")


def ends(start: str, hours: float, worked: WorkingHours = OFFICE) -> str:
    zone = ZoneInfo(worked.timezone)
    moment = datetime.fromisoformat(start).replace(tzinfo=zone)
    end = working_time_after(moment, timedelta(hours=hours), worked)
    return f"{end.astimezone(zone):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("why", "start", "hours", "end"),
    [
        ("within a day", "2026-11-24 10:00", 2, "2026-11-24 12:00"),
        ("to the last minute of the day", "2026-11-24 10:00", 8, "2026-11-24 18:00"),
        ("over night", "2026-11-24 17:00", 2, "2026-11-25 10:00"),
        ("before work", "2026-11-24 03:00", 1, "2026-11-24 10:00"),
        ("after work", "2026-11-24 18:00", 1, "2026-11-25 10:00"),
        ("over a weekend", "2026-11-27 17:30", 1, "2026-11-30 09:30"),
        ("on a Saturday, Monday is a holiday", "2026-11-21 12:00", 1, "2026-11-24 10:00"),
        ("over the end of a month", "2026-11-30 17:00", 3, "2026-12-01 11:00"),
        ("over New Year", "2026-12-29 17:00", 2, "2027-01-04 10:00"),
        ("over a leap day", "2028-02-28 17:00", 10, "2028-02-29 18:00"),
        ("three days of nine hours", "2026-11-24 09:00", 27, "2026-11-26 18:00"),
        ("nothing to wait for", "2026-11-22 12:00", 0, "2026-11-22 12:00"),
    ],
)
def test_only_working_time_counts(why: str, start: str, hours: float, end: str) -> None:
    assert ends(start, hours) == end, why


@pytest.mark.parametrize(
    ("why", "start", "hours", "end"),
    [
        ("on an ordinary day 23 hours", "2026-10-24 01:00", 23, "2026-10-25 00:00"),
        ("the hour that comes twice is worked twice", "2026-10-25 01:00", 3, "2026-10-25 03:00"),
        ("and the day has one more", "2026-10-25 01:00", 24, "2026-10-26 00:00"),
        ("the hour that never comes is not worked", "2026-03-29 01:00", 2, "2026-03-29 04:00"),
    ],
)
def test_the_wall_clock_may_be_moved_meanwhile(why: str, start: str, hours: float, end: str) -> None:
    assert ends(start, hours, BERLIN) == end, why


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))
LENGTHS = st.integers(1, 60 * 200).map(lambda n: timedelta(minutes=n))
HOURS = st.builds(
    WorkingHours,
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    opens=st.integers(0, 12).map(time),
    closes=st.sampled_from([time(13), time(17, 30), time(0)]),
    timezone=st.sampled_from(["Asia/Tokyo", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
    holidays=st.frozensets(st.dates(date(2026, 1, 1), date(2028, 12, 31)), max_size=20),
)


@given(start=MOMENTS, length=LENGTHS, further=LENGTHS, hours=HOURS)
def test_it_ends_at_work_and_two_waits_after_each_other_are_one(
    start: datetime, length: timedelta, further: timedelta, hours: WorkingHours
) -> None:
    end = working_time_after(start, length, hours)
    assert end >= start + length
    local = (end - timedelta(microseconds=1)).astimezone(ZoneInfo(hours.timezone))
    assert local.weekday() in hours.weekdays
    assert local.date() not in hours.holidays
    assert hours.opens <= local.time()
    assert hours.closes == time(0) or local.time() < hours.closes
    assert working_time_after(end, further, hours) == working_time_after(start, length + further, hours)
