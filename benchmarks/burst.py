"""60 declarations at once, under the limits that Slack publishes: what waits for what, and for how long.

Beside it: the bound that `conversations.create` sets, which no program can beat (20 a minute).
"""

import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from measuring import ROOT, draining, hachi, table

from bot import demo
from sandbox import Channel, ChannelSpec, PersonSpec, Sandbox
from sandbox.limits import PER_MINUTE, WINDOW, RateLimits

DECLARATIONS = 60
TIER_OF_CREATE = 2
LONGEST_SECONDS = 600.0
WITHIN = 1.1
TEAM = """
update_channels: [customer-news]
products: {payments: {name: Payments, skills: [payments, database]}}
people:
  - {slack: ada@kohaku.example, roles: [owner], skills: [payments]}
  - {slack: kenji@kohaku.example, roles: [expert], skills: [payments]}
  - {slack: mei@kohaku.example, roles: [expert], skills: [database]}
rotations:
  service_level_manager: {members: [sato@kohaku.example]}
  duty_manager: {members: [cho@kohaku.example]}
"""
REPORTERS = tuple(
    PersonSpec(f"reporter{n}", name=f"Reporter {n}", locale=("ja-JP", "en-US")[n % 2])
    for n in range(DECLARATIONS)
)


@dataclass
class Swarm:
    """Seconds since the first submit; None where it never came."""

    recorded: float
    told: float | None = None
    """Whoever declared reads that it is recorded, and what it waits for."""
    usable: float | None = None
    """They are in the channel, and the briefing stands there."""
    complete: float | None = None


async def forms_filled(sandbox: Sandbox) -> None:
    """Everybody has the form before them: Slack's limits count from the submit on."""
    for n, spec in enumerate(REPORTERS):
        person = sandbox.person(spec.handle)
        await person.command("/incident", f"declare Payments fail {n}", channel="support")
        await sandbox.until(lambda person=person: person.view, timeout=30)  # type: ignore[misc]
        await person.fill(urgency="high", impact="high", product="payments")


async def submitted(sandbox: Sandbox, handle: str, began: float) -> Swarm:
    person = sandbox.person(handle)
    result = await person.submit()
    if result.errors or result.error:
        raise RuntimeError(f"{handle}: {result}")
    recorded = time.monotonic() - began
    # Where many wait the form itself says so; otherwise a direct message does.
    return Swarm(recorded=recorded, told=recorded if person.view else None)


def look(sandbox: Sandbox, swarms: Sequence[Swarm], began: float) -> None:
    """Note what has become true since the last look."""
    now = time.monotonic() - began
    by_creator = {number_of(channel): channel for channel in channels(sandbox)}
    for n, swarm in enumerate(swarms):
        person = sandbox.person(REPORTERS[n].handle)
        said = [message for message in person.dm() if key_of(message.metadata).endswith("/declared")]
        if said and swarm.told is None:
            swarm.told = now
        if not said or swarm.complete is not None:
            continue
        channel = by_creator.get(key_of(said[0].metadata).partition("/")[0])
        if channel is None or person.id not in channel.members:
            continue
        if swarm.usable is None and any(
            key_of(message.metadata).endswith("/briefing") for message in channel.messages
        ):
            swarm.usable = now
        if swarm.usable is not None and channel.pins and channel.topic:
            swarm.complete = now


def key_of(metadata: object) -> str:
    return str(metadata["event_payload"]["key"]) if isinstance(metadata, dict) else ""


def channels(sandbox: Sandbox) -> list[Channel]:
    return [one for one in sandbox.workspace.channels.values() if one.name.startswith("inc-")]


def number_of(channel: Channel) -> str:
    return channel.name.split("-")[1]


async def measure(folder: str) -> tuple[Sequence[Swarm], Counter[str], list[str]]:
    sandbox = await Sandbox.start(
        manifest=ROOT / "manifest.yml",
        people=(*demo.PEOPLE, *REPORTERS),
        channels=(*demo.CHANNELS[1:], ChannelSpec("support", members=tuple(p.handle for p in REPORTERS))),
    )
    try:
        async with hachi("run", folder=folder, sandbox=sandbox) as started:
            await started.says("Hachi is ready")
            await sandbox.socket_mode.connected()
            async with draining(started):
                await asyncio.sleep(2)
                await forms_filled(sandbox)
                sandbox.server.limits = RateLimits(time.monotonic)
                before = len(sandbox.calls)
                began = time.monotonic()
                swarms = await asyncio.gather(*(submitted(sandbox, one.handle, began) for one in REPORTERS))
                while time.monotonic() - began < LONGEST_SECONDS:
                    look(sandbox, swarms, began)
                    if all(swarm.complete for swarm in swarms):
                        break
                    await asyncio.sleep(0.25)
                await asyncio.sleep(5)
            made = sandbox.calls[before:]
            counted = Counter(call.method for call in made if call.ok)
            counted["refused for now"] = sum(call.error == "ratelimited" for call in made)
            return swarms, counted, wrong(sandbox)
    finally:
        await sandbox.stop()


def wrong(sandbox: Sandbox) -> list[str]:
    """What was lost, doubled or done more than once."""
    found = []
    if len(channels(sandbox)) != DECLARATIONS:
        found.append(f"{len(channels(sandbox))} channels for {DECLARATIONS} declarations")
    keys = Counter(
        (key_of(message.metadata), channel.id)
        for channel in sandbox.workspace.channels.values()
        for message in channel.messages
        if key_of(message.metadata)
    )
    found += [f"{key} stands {times} times" for (key, _), times in keys.items() if times > 1]
    for method, argument in (("conversations.setTopic", "channel"), ("pins.add", "channel")):
        done = Counter(call.args[argument] for call in sandbox.calls if call.method == method and call.ok)
        found += [f"{method} {times} times for one swarm" for times in done.values() if times > 1]
    return found


def bound() -> float:
    """When the last channel can be opened: a minute's worth at once, then a minute's worth each minute."""
    return (DECLARATIONS - 1) // PER_MINUTE[TIER_OF_CREATE] * WINDOW


def shown(times: Sequence[float | None]) -> tuple[str, str]:
    there = sorted(time for time in times if time is not None)
    if len(there) < len(times):
        return ("–", f"{len(times) - len(there)} never")
    return (f"{there[len(there) // 2]:.1f} s", f"{there[-1]:.1f} s")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "hachi.yml").write_text(TEAM, "utf-8")
        swarms, calls, lost = asyncio.run(measure(folder))
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}, "
        f"{DECLARATIONS} declarations at once under Slack's limits\n"
    )
    rows = [
        ("the form is answered: it is recorded", *shown([swarm.recorded for swarm in swarms])),
        ("whoever declared reads what it waits for", *shown([swarm.told for swarm in swarms])),
        ("the swarm is usable", *shown([swarm.usable for swarm in swarms])),
        ("topic and pin are there too", *shown([swarm.complete for swarm in swarms])),
        ("bound: conversations.create, 20 a minute", "", f"{bound():.1f} s"),
    ]
    table(("", "the middle one", "the last one"), rows)
    print()
    table(("calls", ""), [(method, str(times)) for method, times in calls.most_common()])
    last = max((swarm.usable or LONGEST_SECONDS) for swarm in swarms)
    if last > bound() * WITHIN:
        lost.append(f"the last swarm was usable after {last:.0f} s")
    if lost:
        sys.exit("\n".join(lost))


if __name__ == "__main__":
    main()
