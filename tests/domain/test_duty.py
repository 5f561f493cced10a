"""Who is on duty when: turns, layers, overrides, absences, at every instant."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.duty import Duty, Leave, OnDuty, Override, Roster, duties, on_duty, turns
from domain.team import Rotation, Team
from tests.domain.test_update_clock_always import STEADY
from tests.domain.times import at, clock_of

WEEKDAYS = "Mon Tue Wed Thu Fri Sat Sun".split()


def rotation(members: str, hand_over: str, since: str) -> Rotation:
    """`Mon 09:00`, or `09:00` for every day."""
    *day, clock = hand_over.split()
    return Rotation(
        members=tuple(members.split()),
        hand_over_weekday=WEEKDAYS.index(day[0]) if day else None,
        hand_over_at=time.fromisoformat(clock),
        since=date.fromisoformat(since),
    )


def duty(rotation: Rotation, moment: str, zone: str = "Asia/Tokyo") -> str:
    when = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return " ".join(turns(rotation, at=when, timezone=zone)[0])


# Turns


@pytest.mark.parametrize(
    ("moment", "who"),
    [
        ("2026-01-05 08:59", "cho"),  # The Monday it begins, before nine: the turn before.
        ("2026-01-05 09:00", "ada"),
        ("2026-01-11 23:59", "ada"),
        ("2026-01-12 08:59", "ada"),
        ("2026-01-12 09:00", "ben"),
        ("2026-01-19 09:00", "cho"),
        ("2026-01-26 09:00", "ada"),
        ("2026-02-01 12:00", "ada"),
        ("2026-02-02 09:00", "ben"),
        ("2028-02-29 12:00", "ben"),
    ],
)
def test_a_weekly_turn_is_handed_over_on_its_day_at_its_hour(moment: str, who: str) -> None:
    assert duty(rotation("ada ben cho", "Mon 09:00", "2026-01-05"), moment) == who


def test_a_rotation_that_begins_between_hand_overs_keeps_its_first_member_until_the_first_one() -> None:
    weekly = rotation("ada ben", "Mon 09:00", "2026-01-07")
    assert [duty(weekly, f"2026-01-{day:02} 12:00") for day in (7, 11, 12, 18, 19)] == [
        "ada",
        "ada",
        "ben",
        "ben",
        "ada",
    ]


def test_a_daily_turn_changes_every_day_at_its_hour_over_the_end_of_a_month_and_a_leap_day() -> None:
    weekly = rotation("ada ben", "18:00", "2028-02-27")
    assert [duty(weekly, f"2028-{day} 18:00") for day in ("02-27", "02-28", "02-29", "03-01", "03-02")] == [
        "ada",
        "ben",
        "ada",
        "ben",
        "ada",
    ]
    assert duty(weekly, "2028-03-01 17:59") == "ada"


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize("hour", ["09:00", "02:30", "00:00"])
def test_for_a_year_every_hour_has_one_on_duty_and_the_turn_changes_once_a_week_at_its_hour_by_the_wall(
    zone: str, hour: str
) -> None:
    weekly = rotation("ada ben cho", f"Sun {hour}", "2026-01-04")
    moment = datetime(2026, 1, 4, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    changes, before = [], turns(weekly, at=moment, timezone=zone)[0]
    for _ in range(365 * 48):
        moment += timedelta(minutes=30)
        now = turns(weekly, at=moment, timezone=zone)[0]
        if now != before:
            changes.append(moment.astimezone(ZoneInfo(zone)))
            before = now
    assert len(changes) == 52
    assert {change.weekday() for change in changes} == {6}
    # Half past two is on no wall on the day clocks are set forward: then it is half past three.
    shown = {f"{change:%H:%M}" for change in changes}
    assert shown - {"03:30"} == {hour}
    assert len([change for change in changes if f"{change:%H:%M}" != hour]) <= 1


def test_everybody_is_called_in_turn_beginning_with_whoever_is_on_duty() -> None:
    weekly = rotation("ada ben cho", "Mon 09:00", "2026-01-05")
    when = datetime(2026, 1, 13, tzinfo=UTC)
    assert turns(weekly, at=when, timezone="Asia/Tokyo") == (("ben",), ("cho",), ("ada",))


@pytest.mark.parametrize(
    "standing",
    [
        Rotation(members=("ada", "ben")),
        Rotation(members=("ada", "ben"), hand_over_at=time(9)),
        Rotation(members=("ada", "ben"), since=date(2020, 1, 1)),
    ],
)
def test_without_a_hand_over_the_first_one_is_always_on_duty(standing: Rotation) -> None:
    assert turns(standing, at=at("14:00"), timezone="Asia/Tokyo") == (("ada",), ("ben",))


def test_nobody_takes_turns_in_an_empty_rotation() -> None:
    assert turns(rotation("", "Mon 09:00", "2026-01-05"), at=at("14:00"), timezone="Asia/Tokyo") == ()


# Layers, overrides, absences

TEAM = Team(
    rotations={
        "owner": Rotation(members=(("ada", "ben"), "cho"), backup=Rotation(members=(("dan", "ada"),))),
        "expert": Rotation(members=("eve", "fay"), hand_over_at=time(18), since=date(2026, 11, 24)),
    }
)


def instead(
    who: str, of: str | None = None, since: str = "10:00", until: str = "12:00", rotation: str = "owner"
) -> Override:
    return Override(rotation=rotation, who=who, instead_of=of, since=at(since), until=at(until))


def absent(person: str, since: str = "10:00", until: str = "12:00") -> Leave:
    return Leave(person=person, since=at(since), until=at(until))


@pytest.mark.parametrize(
    ("entered", "first", "backup"),
    [
        ([], "ada ben", "dan"),  # Who is first is not her own backup.
        ([absent("ada")], "ben", "dan"),
        ([absent("ada"), absent("ben")], "", "dan"),
        ([absent("ben"), absent("dan")], "ada", ""),
        ([instead("eve", "ada")], "eve ben", "dan"),
        ([instead("eve", "dan")], "ada ben", "eve"),
        ([instead("eve")], "eve", "dan ada"),
        ([instead("ben", "ada")], "ben", "dan"),
        ([instead("eve", "cho")], "ada ben", "dan"),  # It is not his turn.
        (
            [instead("eve", "ada"), instead("fay", "eve")],
            "fay ben",
            "dan",
        ),  # The later one goes on from there.
        ([instead("eve", "ada"), absent("eve")], "ben", "dan"),
        ([instead("eve", "ada", rotation="expert")], "ada ben", "dan"),
    ],
)
def test_who_is_first_and_who_is_the_backup(entered: list[Leave | Override], first: str, backup: str) -> None:
    roster = Roster(
        team=TEAM,
        leaves=tuple(one for one in entered if isinstance(one, Leave)),
        overrides=tuple(one for one in entered if isinstance(one, Override)),
    )
    for moment in ("10:00", "11:59:59"):
        on = on_duty("owner", roster, at=at(moment))
        assert (" ".join(on.first), " ".join(on.backup)) == (first, backup)
    for moment in ("09:59:59", "12:00"):
        assert on_duty("owner", roster, at=at(moment)) == OnDuty(first=("ada", "ben"), backup=("dan",))


def test_the_days_are_told_span_by_span_and_neighbours_differ() -> None:
    roster = Roster(
        team=TEAM,
        leaves=(absent("eve", "20:00", "+1 02:00"), absent("cho", "11:00", "21:00")),
        overrides=(instead("ada", "fay", "12:00", "17:00", "expert"),),
    )
    told = [
        f"{clock_of(span.since)} {clock_of(span.until)} {' '.join(span.on.first)}"
        for span in duties("expert", roster, since=at("09:00"), until=at("+2 09:00"))
    ]
    assert told == [
        "09:00 12:00 fay",
        "12:00 17:00 ada",
        "17:00 18:00 fay",
        "18:00 20:00 eve",
        "20:00 +1 02:00 ",
        "+1 02:00 +1 18:00 eve",
        "+1 18:00 +2 09:00 fay",
    ]


def test_a_rotation_of_another_zone_is_handed_over_by_the_wall_of_that_zone() -> None:
    berlin = Rotation(
        members=("eve", "fay"), hand_over_at=time(9), since=date(2026, 10, 24), timezone="Europe/Berlin"
    )
    roster = Roster(team=Team(rotations={"expert": berlin}))
    spans = duties(
        "expert",
        roster,
        since=datetime(2026, 10, 24, 12, tzinfo=UTC),
        until=datetime(2026, 10, 27, tzinfo=UTC),
    )
    # Clocks are set back on the 25th.
    assert [f"{span.since:%d %H:%M} {span.on.first[0]}" for span in spans] == [
        "24 12:00 eve",
        "25 08:00 fay",
        "26 08:00 eve",
    ]


# Always

FEWER = settings(STEADY, max_examples=50)
ZONES = ("Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "UTC")
BEGIN = datetime(2027, 1, 1, tzinfo=UTC)
PEOPLE = tuple("abcdefgh")
SINCE = st.dates(date(2026, 12, 1), date(2027, 2, 28))


@st.composite
def rotations(draw: st.DrawFn, *, nested: bool = True) -> Rotation:
    shift = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True).map(tuple)
    return Rotation(
        members=tuple(draw(st.lists(st.one_of(st.sampled_from(PEOPLE), shift), min_size=1, max_size=4))),
        hand_over_weekday=draw(st.one_of(st.none(), st.integers(0, 6))),
        hand_over_at=draw(st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))),
        since=draw(SINCE),
        timezone=draw(st.sampled_from(["", *ZONES])),
        backup=draw(st.one_of(st.none(), rotations(nested=False))) if nested else None,
    )


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    """Within a year of which most zones set their clocks twice."""
    return BEGIN + timedelta(minutes=30 * draw(st.integers(0, 2 * 24 * 365)))


@st.composite
def spans(draw: st.DrawFn) -> tuple[datetime, datetime]:
    begin = draw(moments())
    return begin, begin + timedelta(minutes=30 * draw(st.integers(1, 2 * 24 * 30)))


LEAVES = st.builds(
    lambda person, span: Leave(person=person, since=span[0], until=span[1]), st.sampled_from(PEOPLE), spans()
)
OVERRIDES = st.builds(
    lambda who, of, span: Override(rotation="r", who=who, instead_of=of, since=span[0], until=span[1]),
    st.sampled_from(PEOPLE),
    st.one_of(st.none(), st.sampled_from(PEOPLE)),
    spans(),
)


class Counted:
    """The shifts whose turn it is, found by going through the days one by one."""

    def __init__(self, rotation: Rotation, zone: str) -> None:
        assert rotation.since
        assert rotation.hand_over_at
        self.shifts = rotation.shifts
        days = [date(2026, 11, 20) + timedelta(days=n) for n in range(460)]
        days = [day for day in days if rotation.hand_over_weekday in (None, day.weekday())]
        local = ZoneInfo(rotation.timezone or zone)
        self.begins = [
            datetime.combine(day, rotation.hand_over_at, tzinfo=local).astimezone(UTC) for day in days
        ]
        self.before_the_first = sum(day <= rotation.since for day in days)

    def at(self, moment: datetime) -> tuple[str, ...]:
        turn = sum(begin <= moment for begin in self.begins) - self.before_the_first
        return self.shifts[turn % len(self.shifts)]


@FEWER
@given(
    rotation=rotations(),
    zone=st.sampled_from(ZONES),
    leaves=st.lists(LEAVES, max_size=4),
    overrides=st.lists(OVERRIDES, max_size=4),
    looked_at=st.lists(moments(), min_size=1, max_size=8),
)
def test_every_instant_has_exactly_the_people_the_rules_name(
    rotation: Rotation,
    zone: str,
    leaves: list[Leave],
    overrides: list[Override],
    looked_at: list[datetime],
) -> None:
    roster = Roster(
        team=Team(timezone=zone, rotations={"r": rotation}), leaves=tuple(leaves), overrides=tuple(overrides)
    )
    edges = [edge for one in (*leaves, *overrides) for edge in (one.since, one.until)]
    counted = Counted(rotation, zone)
    counted_backup = rotation.backup and Counted(rotation.backup, rotation.timezone or zone)
    for moment in (*looked_at, *edges):
        on = on_duty("r", roster, at=moment)
        first = list(counted.at(moment))
        backup = list(counted_backup.at(moment)) if counted_backup else []
        for one in overrides:
            if one.since <= moment < one.until:
                first = [one.who if one.instead_of in (who, None) else who for who in first]
                backup = [one.who if one.instead_of == who else who for who in backup]
        gone = {leave.person for leave in leaves if leave.since <= moment < leave.until}
        assert list(on.first) == list(dict.fromkeys(who for who in first if who not in gone))
        assert list(on.backup) == list(dict.fromkeys(who for who in backup if who not in {*gone, *on.first}))


@FEWER
@given(
    rotation=rotations(),
    zone=st.sampled_from(ZONES),
    leaves=st.lists(LEAVES, max_size=4),
    overrides=st.lists(OVERRIDES, max_size=4),
    span=spans(),
)
def test_the_spans_leave_no_instant_out_and_say_what_is_true_at_each(
    rotation: Rotation,
    zone: str,
    leaves: list[Leave],
    overrides: list[Override],
    span: tuple[datetime, datetime],
) -> None:
    roster = Roster(
        team=Team(timezone=zone, rotations={"r": rotation}), leaves=tuple(leaves), overrides=tuple(overrides)
    )
    since, until = span
    told = list(duties("r", roster, since=since, until=until))
    assert (told[0].since, told[-1].until) == span
    for before, after in pairwise(told):
        assert before.until == after.since
        assert before.on != after.on
    for one in told:
        middle = one.since + (one.until - one.since) / 2
        for moment in (one.since, middle, one.until - timedelta(microseconds=1)):
            assert on_duty("r", roster, at=moment) == one.on


def test_a_span_without_length_is_none() -> None:
    assert list(duties("owner", Roster(team=TEAM), since=at("10:00"), until=at("10:00"))) == []


def test_a_duty_says_from_when_until_when() -> None:
    (duty_,) = duties("owner", Roster(team=TEAM), since=at("10:00"), until=at("11:00"))
    assert duty_ == Duty(
        since=at("10:00"), until=at("11:00"), on=OnDuty(first=("ada", "ben"), backup=("dan",))
    )
