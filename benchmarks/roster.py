"""Who is on duty for 1,000 people in 200 rotations, every hour of a year ahead.

Hachi asks each rotation for its spans, which begin only where somebody changes. The baseline asks who is on duty hour
by hour, of the same rules, and goes through every absence and override each time.
"""

import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock

from measuring import table

from domain.duty import Duty, Leave, OnDuty, Override, Roster, duties, turns
from domain.incident import Role
from domain.team import Rotation, Team

PEOPLE = [f"person{number}@example.com" for number in range(1000)]
ROTATIONS = 200
SINCE = datetime(2027, 1, 1, tzinfo=UTC)
HOURS = 365 * 24
UNTIL = SINCE + timedelta(hours=HOURS)
ZONES = ("Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Sydney")
BASELINE_ROTATIONS = 2
"""The baseline is measured on as many, and told for all."""


def made(chance: random.Random) -> Roster:
    rotations = {}
    for number in range(ROTATIONS):
        people = PEOPLE[number * 5 : number * 5 + 5]
        rotations[f"rotation{number}"] = Rotation(
            members=(tuple(people[:2]), people[2], people[3]),
            hand_over_weekday=chance.choice([None, 0, 4]),
            hand_over_at=clock(chance.randrange(24)),
            since=date(2026, 12, 1),
            timezone=chance.choice(ZONES),
            role=Role.EXPERT,
            backup=Rotation(members=(people[4], people[3]), hand_over_at=clock(9), since=date(2026, 12, 1)),
        )

    def span(longest_hours: int) -> tuple[datetime, datetime]:
        since = SINCE + timedelta(minutes=30 * chance.randrange(2 * HOURS))
        return since, since + timedelta(hours=chance.randrange(1, longest_hours))

    leaves, overrides = [], []
    for person in PEOPLE:
        for _ in range(4):  # A few holidays each.
            since, until = span(10 * 24)
            leaves.append(Leave(person=person, since=since, until=until))
    for name, rotation in rotations.items():
        for _ in range(20):
            since, until = span(24)
            away, instead = chance.sample(rotation.everybody(), 2)
            overrides.append(Override(rotation=name, who=instead, instead_of=away, since=since, until=until))
    return Roster(team=Team(rotations=rotations), leaves=tuple(leaves), overrides=tuple(overrides))


def by_spans(roster: Roster, name: str) -> Iterator[OnDuty]:
    """Who is on duty in each hour, from the spans."""
    spans: Iterator[Duty] = duties(name, roster, since=SINCE, until=UNTIL)
    span = next(spans)
    for hour in range(HOURS):
        moment = SINCE + timedelta(hours=hour)
        while moment >= span.until:
            span = next(spans)
        yield span.on


def hour_by_hour(roster: Roster, name: str) -> Iterator[OnDuty]:
    """The same, asked anew for every hour."""
    rotation = roster.team.rotations[name]
    for hour in range(HOURS):
        moment = SINCE + timedelta(hours=hour)
        absent = {leave.person for leave in roster.leaves if leave.has(moment)}
        overrides = [one for one in roster.overrides if one.rotation == name and one.has(moment)]
        layers = []
        for layer in (rotation, replace(rotation.backup or rotation, timezone=rotation.timezone)):
            shift = turns(layer, at=moment, timezone="UTC")[0]
            for one in overrides:
                shift = tuple(one.who if who == one.instead_of else who for who in shift)
            layers.append(tuple(who for who in dict.fromkeys(shift) if who not in absent))
        yield OnDuty(first=layers[0], backup=tuple(who for who in layers[1] if who not in layers[0]))


def seconds(roster: Roster, ask: object, names: list[str]) -> tuple[float, Mapping[str, list[OnDuty]]]:
    assert callable(ask)
    began = time.process_time()
    found = {name: list(ask(roster, name)) for name in names}
    return time.process_time() - began, found


def main() -> None:
    roster = made(random.Random(4))  # noqa: S311
    names = list(roster.team.rotations)
    took, found = seconds(roster, by_spans, names)
    plain, same = seconds(roster, hour_by_hour, names[:BASELINE_ROTATIONS])
    assert all(found[name] == same[name] for name in same)
    told = plain / BASELINE_ROTATIONS * ROTATIONS
    hours = ROTATIONS * HOURS
    table(
        ["1,000 people, 200 rotations, a year", "computing", "an hour of one rotation"],
        [
            ["spans", f"{took:.2f} s", f"{took / hours * 1e6:.2f} µs"],
            [
                f"hour by hour (from {BASELINE_ROTATIONS} rotations)",
                f"{told:.0f} s",
                f"{told / hours * 1e6:.1f} µs",
            ],
        ],
    )


if __name__ == "__main__":
    main()
