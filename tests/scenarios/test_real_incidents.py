"""Real incidents, replayed through the whole program over the wire on a clock that jumps from event to event.

The incidents are what other companies published on their status pages: when it began, and the time of every public
update. They are not ours to ship, so they stay outside the project, in a folder beside it, and where that folder
is absent these tests are skipped. What is checked does not depend on their words: every wait for an update raised
its rungs and no others, each was posted once at its time, and every update ended its wait, on time or late.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from domain.cadence import Cadence, CadencePart, CadenceTable
from domain.customer_updates import Facts, Kind
from domain.incident import State
from domain.severity import Severity
from domain.team import Team
from sandbox import Channel
from services import customer_updates
from services.customer_updates import Written
from services.desk import Actor
from tests.scenarios.expected_waits import Rules, Wait, expected_waits
from tests.whole import Hachi

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "incidents_sample.jsonl"
if not DATA.exists():
    pytest.skip(
        f"the incidents are not part of the project: no {DATA.name} beside it", allow_module_level=True
    )

STATES = {"investigating": "investigating", "identified": "identified", "monitoring": "monitoring"}
LEVELS = {
    "critical": ("high", "high", 1),
    "major": ("high", "medium", 2),
    "minor": ("medium", "medium", 3),
    "none": ("medium", "low", 4),
}
"""Urgency, impact, and the severity that follows."""
OF_EACH_SOURCE = 5
LONGEST = timedelta(minutes=80)
MOST_UPDATES = 4
BATCHES = 4


@dataclass(frozen=True, kw_only=True)
class Told:
    at: datetime
    state: str
    """What the update sets; empty for the final one."""
    text: str


@dataclass(frozen=True, kw_only=True)
class RealIncident:
    source: str
    key: str
    title: str
    impact: str
    began: datetime
    told: tuple[Told, ...]

    @property
    def took(self) -> timedelta:
        return self.told[-1].at - self.began


def read_one(line: str) -> RealIncident | None:
    """None for planned work, and where it was written down only afterwards or its end is missing."""
    kept = json.loads(line)
    began, state, told = datetime.fromisoformat(kept["started_at"]), "investigating", []
    for update in kept["updates"]:
        state = STATES.get(update["status"], state)
        final = update["status"] == "resolved"
        at = datetime.fromisoformat(update["at"])
        told.append(Told(at=at, state="" if final else state, text=update["body"].strip()[:1500] or "…"))
        if final:
            break
    if kept.get("backfilled") or kept["impact"] not in LEVELS or not told or told[-1].state:
        return None
    if told[0].at < began:
        return None
    title = " ".join(kept["name"].split())[:120].strip()
    return RealIncident(
        source=kept["source"],
        key=kept["id"],
        title=title,
        impact=kept["impact"],
        began=began,
        told=tuple(told),
    )


def chosen() -> list[RealIncident]:
    """Some of each source with many updates, and one whose silence went on into the repeats by the hour."""
    with DATA.open(encoding="utf-8") as lines:
        incidents = [one for one in map(read_one, lines) if one]
    incidents.sort(key=lambda one: (one.source, -len(one.told), one.key))
    found = []
    for _, of_source in groupby(incidents, key=lambda one: one.source):
        short = [one for one in of_source if one.took < LONGEST and len(one.told) <= MOST_UPDATES]
        found += short[:OF_EACH_SOURCE]
    long = min((one for one in incidents if timedelta(hours=10) < one.took), key=lambda one: len(one.told))
    return sorted([*found, long], key=lambda one: one.began)


INCIDENTS = chosen()
ALONE = Team(update_channels=("customer-news",))
SHIPPED = {
    1: Rules(every={"investigating": 20, "identified": 20, "monitoring": 30}, warn_before=5),
    2: Rules(every=dict.fromkeys(STATES, 30), warn_before=10),
}
UNUSUAL = Rules(
    every={"investigating": 15, "identified": 25, "monitoring": 45},
    warn_before=12,
    first=7,
    first_warn_before=2,
    rungs=(0, 3, 8, 12),
    repeat=15,
)
UNUSUAL_CADENCE = CadenceTable(
    default=Cadence(
        first=timedelta(minutes=7),
        first_warn_before=timedelta(minutes=2),
        every=timedelta(minutes=15),
        warn_before=timedelta(minutes=12),
        rungs=tuple(timedelta(minutes=step) for step in (0, 3, 8, 12)),
        repeat=timedelta(minutes=15),
    ),
    by_state={
        "identified": CadencePart(every=timedelta(minutes=25)),
        "monitoring": CadencePart(every=timedelta(minutes=45)),
    },
    by_severity={},
)


def rules_for(incident: RealIncident, team: Team) -> Rules:
    if team.cadences is UNUSUAL_CADENCE:
        return UNUSUAL
    severity = LEVELS[incident.impact][2]
    return SHIPPED.get(severity, SHIPPED[2])


def test_more_than_thirty_real_incidents_of_several_sources_are_replayed_japanese_ones_among_them() -> None:
    assert len(INCIDENTS) >= 30
    sources = {one.source for one in INCIDENTS}
    assert len(sources) >= 5
    assert "apple_ja" in sources
    assert {one.impact for one in INCIDENTS} == set(LEVELS)
    waits = [wait for one in INCIDENTS for wait in waits_of(one, ALONE)]
    assert max(len(wait.raised) for wait in waits) > 12  # Into the repeats by the hour.
    assert min(len(wait.raised) for wait in waits) == 0
    assert 0 < sum(wait.minutes_late > 0 for wait in waits) < len(waits)


def waits_of(incident: RealIncident, team: Team) -> list[Wait]:
    told = [(one.at, one.state) for one in incident.told]
    return expected_waits(incident.began, told, rules_for(incident, team))


@pytest.fixture
def team(request: pytest.FixtureRequest) -> Team:
    """One person does everything: this is about times. Whom each step of the ladder calls is tried elsewhere."""
    return replace(ALONE, cadences=getattr(request, "param", ALONE.cadences))


@pytest.mark.parametrize("batch", range(BATCHES))
async def test_every_wait_raises_its_rungs_and_no_others(hachi: Hachi, team: Team, batch: int) -> None:
    await replay_and_compare(hachi, team, INCIDENTS[batch::BATCHES])


@pytest.mark.parametrize("team", [UNUSUAL_CADENCE], indirect=True, ids=["unusual"])
async def test_under_another_cadence_too(hachi: Hachi, team: Team) -> None:
    await replay_and_compare(hachi, team, INCIDENTS[::12])


async def replay_and_compare(hachi: Hachi, team: Team, incidents: Sequence[RealIncident]) -> None:
    """Incidents that overlapped then overlap here too."""
    steps: list[tuple[datetime, int, int]] = []
    for index, incident in enumerate(incidents):
        steps += [(incident.began, index, 0)]
        steps += [(told.at, index, n) for n, told in enumerate(incident.told, 1)]
    swarms: dict[int, tuple[int, Channel]] = {}
    for at, index, step in sorted(steps):
        await let_time_pass(hachi, at)
        incident = incidents[index]
        if step == 0:
            swarms[index] = await declare(hachi, incident, number=len(swarms) + 1)
        else:
            await tell(hachi, *swarms[index], incident, incident.told[step - 1], step)
    for index, incident in enumerate(incidents):
        await compare(hachi, *swarms[index], incident, waits_of(incident, team))
    assert await next_strike(hachi) is None
    assert hachi.sandbox.problems == []


async def next_strike(hachi: Hachi) -> datetime | None:
    async with hachi.program.database.reading() as tx:
        return await tx.clocks.next_strike()


async def let_time_pass(hachi: Hachi, to: datetime) -> None:
    """Tick whenever something is due, and never else."""
    while (strike := await next_strike(hachi)) and strike <= to:
        hachi.clock.at = strike
        await hachi.tick()
    hachi.clock.at = to


async def declare(hachi: Hachi, incident: RealIncident, *, number: int) -> tuple[int, Channel]:
    urgency, impact, severity = LEVELS[incident.impact]
    more: dict[str, Any] = {"swarm_anyway": ["yes"]} if severity > 3 else {}
    channel = await hachi.declare(incident.title, urgency=urgency, impact=impact, **more)
    assert channel is not None
    async with hachi.program.database.reading() as tx:
        declared = await tx.incidents.get(number, lock=False)
    assert (declared.title, declared.severity) == (incident.title, Severity(severity))
    assert declared.channel_id == channel.id
    return number, channel


async def tell(
    hachi: Hachi, number: int, channel: Channel, incident: RealIncident, told: Told, n: int
) -> None:
    """A first notice and the end through their forms, as the forms open; what sets another state from the service on."""
    if not told.state:
        await resolve(hachi, channel, told)
    elif n == 1 and told.state == "investigating":
        await first_notice(hachi, channel, incident, told)
    else:
        every = rules_for(incident, hachi.team).every[told.state]
        said = Facts(symptom=told.text, affected=incident.title, changed=told.text)
        written = Written(
            kind=Kind.FIRST if n == 1 else Kind.MONITORING if told.state == "monitoring" else Kind.PROGRESS,
            state=State(told.state),
            facts={"ja": said},
            promise=told.at + timedelta(minutes=every),
            after_update=n - 1,
        )
        hana = Actor(person=hachi.person("hana").id, channel_id=channel.id)
        await customer_updates.send(hachi.program.desk, number, written, actor=hana, request=f"{number}/{n}")
    await hachi.settled()


async def first_notice(hachi: Hachi, channel: Channel, incident: RealIncident, told: Told) -> None:
    hana = hachi.person("hana")
    await hana.command("/incident", "update", channel)
    await hachi.until(lambda: hana.view)
    await hana.fill(symptom=told.text, affected=incident.title)
    assert (await hana.submit()).errors == {}
    await hachi.until(lambda: hana.view and hana.view["callback_id"] == "update_preview")
    assert (await hana.submit()).closed


async def resolve(hachi: Hachi, channel: Channel, told: Told) -> None:
    hana = hachi.person("hana")
    await hana.command("/incident", "resolve", channel)
    await hachi.until(lambda: hana.view)
    await hana.fill(done=told.text, data_loss="no")
    submitted = await hana.submit()
    assert submitted.closed, submitted


async def compare(
    hachi: Hachi, number: int, channel: Channel, incident: RealIncident, waits: Sequence[Wait]
) -> None:
    """What was recorded, what was posted, and what stands in the channel in the end."""
    expected = [
        (cycle, rung, at) for cycle, wait in enumerate(waits, 1) for rung, at in enumerate(wait.raised)
    ]
    async with hachi.program.database.reading() as tx:
        recorded = await tx.reminders.of(number)
        updates = await tx.customer_updates.of(number)
        clock = (await tx.clocks.all([number]))[number]
    where = f"{incident.source} {incident.key}"
    assert [(one.cycle, one.rung, one.raised_at) for one in recorded] == expected, where
    assert {(one.state.value, one.late) for one in recorded} <= {("raised", False)}, where
    assert [(one.cycle, one.minutes_late) for one in updates] == [
        (cycle, wait.minutes_late) for cycle, wait in enumerate(waits, 1)
    ], where
    assert all(one.delivered_at for one in updates), where
    assert not clock.running

    posted = []
    last_of_cycle = {}
    for message in hachi.messages(channel):
        key = str((message.metadata or {}).get("event_payload", {}).get("key", ""))
        if key.startswith(f"{number}/reminder/"):
            cycle, rung = (int(part) for part in key.split("/")[-2:])
            posted.append((cycle, rung, message.shown_at))
            assert message.buttons == [], where
            last_of_cycle[cycle] = message.plain
    assert posted == expected, where
    for cycle, wait in enumerate(waits, 1):
        if wait.raised:
            outcome = f"（{wait.minutes_late}分遅れ）" if wait.minutes_late else "（期限内）"
            assert outcome in last_of_cycle[cycle], where
