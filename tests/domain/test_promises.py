"""What people type for a time, and which promises may be made."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.promises import check_promise, read_time
from domain.refusals import Refusal, Why
from tests.domain.times import TOKYO, at, clock_of, minutes

NOW = at("14:02:30")


def read(typed: str, *, now: datetime = NOW, zone: str = "Asia/Tokyo", past: bool = False) -> datetime:
    return read_time(typed, now=now, timezone=zone, field="next_update", past=past)


def local(text: str, zone: str = "Asia/Tokyo", *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        # A time of day
        ("14:30", "14:30"),
        (" 14:30 ", "14:30"),
        ("１４：３０", "14:30"),
        ("14:30まで", "14:30"),
        ("14:30に", "14:30"),
        ("at 14:30", "14:30"),
        ("14時30分", "14:30"),
        ("１４時３０分", "14:30"),
        ("14時30分まで", "14:30"),
        ("14時半", "14:30"),
        ("15時", "15:00"),
        ("15時に", "15:00"),
        ("午後2時半", "14:30"),
        ("午後 2:30", "14:30"),
        ("午後３時", "15:00"),
        ("2:30 pm", "14:30"),
        ("2:30PM", "14:30"),
        ("3pm", "15:00"),
        ("3 PM", "15:00"),
        ("at 3pm", "15:00"),
        ("23:59", "23:59"),
        ("24:00", "+1 00:00"),
        ("14:02", "14:02"),  # This minute: the caller says that it has passed.
        ("13:00", "13:00"),
        ("2:03", "02:03"),
        ("2:02", "+1 02:02"),  # Passed half a day ago: the next one is meant.
        ("0:10", "+1 00:10"),
        ("午前9時", "09:00"),
        ("午前0時", "+1 00:00"),
        ("12am", "+1 00:00"),
        ("12pm", "12:00"),
        ("午後12時30分", "12:30"),
        # In a while
        ("30分後", "14:32:30"),
        ("３０分後", "14:32:30"),
        ("30分", "14:32:30"),
        ("30分以内", "14:32:30"),
        ("あと20分", "14:22:30"),
        ("20分後まで", "14:22:30"),
        ("1時間後", "15:02:30"),
        ("1時間30分後", "15:32:30"),
        ("1時間半後", "15:32:30"),
        ("in 20 min", "14:22:30"),
        ("in 20min", "14:22:30"),
        ("In 20 Minutes", "14:22:30"),
        ("20m", "14:22:30"),
        ("20 minutes later", "14:22:30"),
        ("2h", "16:02:30"),
        ("in 1 hour", "15:02:30"),
        ("1h 30m", "15:32:30"),
        ("1 hr 5 mins", "15:07:30"),
        # A day
        ("明日 9:00", "+1 09:00"),
        ("明日9時", "+1 09:00"),
        ("明日の9時", "+1 09:00"),
        ("明日午前9時", "+1 09:00"),
        ("tomorrow 9:00", "+1 09:00"),
        ("tomorrow at 9am", "+1 09:00"),
        ("今日 17:00", "17:00"),
        ("本日17時", "17:00"),
        ("today 5pm", "17:00"),
        ("今日 9:00", "09:00"),
        ("明日24:00", "+2 00:00"),
        ("11/25 9:00", "+1 09:00"),
        ("11-25 9:00", "+1 09:00"),
        ("11月25日 9:00", "+1 09:00"),
        ("11月25日9時", "+1 09:00"),
        ("2026/11/25 9:00", "+1 09:00"),
        ("2026-11-25 9:00", "+1 09:00"),
        ("2026年11月25日 9時00分", "+1 09:00"),
    ],
)
def test_a_time_is_read_as_people_type_it(typed: str, means: str) -> None:
    assert clock_of(read(typed)) == means


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("13:40", "13:40"),
        ("14:02", "14:02"),
        ("14:03", "-1 14:03"),
        ("23:50", "-1 23:50"),
        ("30分前", "13:32:30"),
        ("30分", "13:32:30"),
        ("1時間前", "13:02:30"),
        ("10 min ago", "13:52:30"),
        ("昨日 23:50", "-1 23:50"),
        ("yesterday 11:50 pm", "-1 23:50"),
        ("今日 13:00", "13:00"),
        ("11/23 9:00", "-1 09:00"),
        ("11/24 14:30", "14:30"),  # Said with its day, it is what it is, and the caller refuses the future.
        ("in 10 min", "14:12:30"),
        ("10分後", "14:12:30"),
    ],
)
def test_a_time_that_has_passed_is_read_backwards(typed: str, means: str) -> None:
    assert clock_of(read(typed, past=True)) == means


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "　",
        "あとで",
        "soon",
        "復旧次第",
        "30",
        "1430",
        "14",
        "14:60",
        "25:00",
        "24:30",
        "99:99",
        "13時70分",
        "-5分",
        "2026-02-30 9:00",
        "2/30 9:00",
        "13/1 9:00",
        "0000-01-01 9:00",
        "0001-01-01 0:00",
        "11/25",
        "明日",
        "14:30:00:00",
        "14:30 か 15:00",
        "<!channel>",
        "14:30; drop table",
        "🕑",
        "１４：３０？",
        "１" * 400,
        "٣٠ دقيقة",
    ],
)
@pytest.mark.parametrize("past", [False, True])
def test_what_is_no_time_is_refused_with_what_was_typed(typed: str, past: bool) -> None:
    with pytest.raises(Refusal) as refusal:
        read(typed, past=past)
    assert refusal.value.why is Why.TIME_UNREADABLE
    assert (refusal.value.field, refusal.value.facts["typed"]) == ("next_update", typed.strip())


def test_a_time_nobody_s_calendar_reaches_is_refused_and_not_an_error() -> None:
    with pytest.raises(Refusal):
        read("9999-12-31 23:59", zone="America/New_York")


@pytest.mark.parametrize(
    ("now", "typed", "means"),
    [
        ("2026-12-31 23:50", "0:10", "2027-01-01 00:10"),
        ("2026-12-31 23:50", "1/1 0:10", "2027-01-01 00:10"),
        ("2026-12-31 23:50", "24:00", "2027-01-01 00:00"),
        ("2026-11-30 23:50", "明日 9:00", "2026-12-01 09:00"),
        ("2028-02-28 23:50", "明日 9:00", "2028-02-29 09:00"),
        ("2027-12-01 12:00", "2/29 9:00", "2028-02-29 09:00"),
    ],
)
def test_months_and_years_end_in_the_middle_of_an_incident(now: str, typed: str, means: str) -> None:
    assert read(typed, now=local(now)) == local(means)


def test_in_january_a_day_in_december_is_last_year_s() -> None:
    assert read("12/31 23:00", now=local("2027-01-01 01:00"), past=True) == local("2026-12-31 23:00")


@pytest.mark.parametrize(
    ("zone", "now", "typed", "utc"),
    [
        # 29 March 2026: 02:00 → 03:00 in Berlin
        ("Europe/Berlin", "2026-03-29 01:30", "3:30", "2026-03-29 01:30"),
        ("Europe/Berlin", "2026-03-29 01:30", "30分後", "2026-03-29 01:00"),
        (
            "Europe/Berlin",
            "2026-03-29 01:30",
            "2:30",
            "2026-03-29 01:30",
        ),  # No clock shows it: the hour after.
        ("Europe/Berlin", "2026-03-28 20:00", "tomorrow 9:00", "2026-03-29 07:00"),
        # 25 October 2026: 03:00 → 02:00 in Berlin
        ("Europe/Berlin", "2026-10-25 01:30", "2:30", "2026-10-25 00:30"),
        ("Europe/Berlin", "2026-10-25 02:50", "2:30", "2026-10-25 01:30"),  # The second half past two.
        ("Europe/Berlin", "2026-10-25 01:30", "9:00", "2026-10-25 08:00"),
        ("Europe/Berlin", "2026-10-24 20:00", "tomorrow 9:00", "2026-10-25 08:00"),
        # 8 March and 1 November 2026 in New York
        ("America/New_York", "2026-03-08 01:55", "3:05", "2026-03-08 07:05"),
        ("America/New_York", "2026-03-08 01:55", "in 10 min", "2026-03-08 07:05"),
        ("America/New_York", "2026-03-07 20:00", "tomorrow 9am", "2026-03-08 13:00"),
        ("America/New_York", "2026-11-01 00:50", "1:20", "2026-11-01 05:20"),
        ("America/New_York", "2026-11-01 01:40", "1:20", "2026-11-01 06:20"),
        ("America/New_York", "2026-10-31 20:00", "tomorrow 9am", "2026-11-01 14:00"),
    ],
)
def test_the_days_on_which_clocks_change(zone: str, now: str, typed: str, utc: str) -> None:
    assert read(typed, now=local(now, zone), zone=zone) == local(utc, "UTC")


def test_of_two_half_past_twos_the_past_one_is_the_last_that_was() -> None:
    zone = "Europe/Berlin"
    first, second = local("2026-10-25 02:30", zone), local("2026-10-25 02:30", zone, fold=1)
    assert read("2:30", now=local("2026-10-25 02:50", zone), zone=zone, past=True) == first
    assert read("2:30", now=local("2026-10-25 02:50", zone, fold=1), zone=zone, past=True) == second


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "Asia/Kolkata"])
def test_a_time_is_read_in_the_zone_given(zone: str) -> None:
    now = datetime(2026, 11, 24, 5, 2, tzinfo=UTC)
    read_there = read("23:45", now=now, zone=zone).astimezone(ZoneInfo(zone))
    assert (read_there.hour, read_there.minute) == (23, 45)
    assert timedelta(hours=-12) < read_there - now < timedelta(hours=24)


# What may be promised


def promise(text: str, *, now: str = "14:02:30", every: float = 30, by_duty_manager: bool = False) -> None:
    check_promise(
        at(text),
        now=at(now),
        declared_at=at("14:00"),
        every=minutes(every),
        by_duty_manager=by_duty_manager,
    )


@pytest.mark.parametrize("text", ["14:02:31", "14:03", "14:10", "14:32", "14:32:30", "14:32:59"])
def test_a_promise_lies_ahead_and_within_the_cadence_by_the_minute(text: str) -> None:
    promise(text)


@pytest.mark.parametrize("text", ["14:02:30", "14:02", "13:00"])
@pytest.mark.parametrize("by_duty_manager", [False, True])
def test_nobody_can_promise_what_has_passed(text: str, by_duty_manager: bool) -> None:
    with pytest.raises(Refusal) as refusal:
        promise(text, by_duty_manager=by_duty_manager)
    assert (refusal.value.why, refusal.value.field) == (Why.PROMISE_NOT_AFTER_NOW, "next_update")


@pytest.mark.parametrize(
    ("now", "text"), [("14:02:30", "14:33"), ("15:59:59", "16:30"), ("14:02:30", "+1 09:00")]
)
def test_in_the_first_two_hours_only_the_duty_manager_promises_less(now: str, text: str) -> None:
    with pytest.raises(Refusal) as refusal:
        promise(text, now=now)
    assert (refusal.value.why, refusal.value.field) == (Why.PROMISE_TOO_LATE, "next_update")
    assert refusal.value.facts["limit"] == at(now) + minutes(30)
    promise(text, now=now, by_duty_manager=True)


def test_after_two_hours_anybody_may_promise_a_longer_wait() -> None:
    promise("+1 09:00", now="16:00")


def test_the_zone_of_the_tests_is_tokyo() -> None:
    assert at("14:30").astimezone(TOKYO).hour == 14
