"""From "Declare" to a swarm that works, with 100 ms for every call to Slack.

Beside it, in the same run: the same calls one after the other with Slack's plain client, as a simple script would.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measuring import hachi, table, workspace
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Sandbox

LATENCY_SECONDS = 0.1
RUNS = 5
QUIET_SECONDS = 1.0
SWARM = ("conversations.", "chat.", "pins.")
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


@dataclass(frozen=True)
class Made:
    """One call to Slack; times in seconds since the submit."""

    method: str
    args: dict[str, Any]
    started: float
    finished: float


@dataclass(frozen=True)
class Result:
    calls: Sequence[Made]
    channel: str

    @property
    def readable(self) -> float:
        """People are in, and the briefing stands in the channel."""
        return max(call.finished for call in self.for_readers())

    @property
    def complete(self) -> float:
        return max(call.finished for call in self.calls)

    def for_readers(self) -> list[Made]:
        first_of = {}
        for call in self.calls:
            if (
                call.method in ("conversations.invite", "chat.postMessage")
                and call.args["channel"] == self.channel
            ):
                first_of.setdefault(call.method, call)
        return list(first_of.values())

    def in_a_row(self, calls: Sequence[Made]) -> int:
        """How many calls waited for one another, one after the other."""
        depth: dict[int, int] = {}
        for call in sorted(self.calls, key=lambda call: call.started):
            before = [
                depth[id(other)]
                for other in self.calls
                if other.finished <= call.started and id(other) in depth
            ]
            depth[id(call)] = 1 + max(before, default=0)
        return max(depth[id(call)] for call in calls)


async def quiet(sandbox: Sandbox) -> None:
    """Until the app has asked nothing for a while."""
    seen = -1
    while seen != len(sandbox.calls) or any(call.finished is None for call in sandbox.calls):
        seen = len(sandbox.calls)
        await asyncio.sleep(QUIET_SECONDS)


async def declared(sandbox: Sandbox, number: int) -> Result:
    """Fill in the form as a person does, and wait until nothing more is done."""
    hana = sandbox.person("hana")
    await hana.command("/incident", f"declare Payments fail {number}", channel="support")
    await sandbox.until(lambda: hana.view)
    await hana.fill(urgency="high", impact="high", product="payments")
    await quiet(sandbox)
    before = len(sandbox.calls)
    began = time.monotonic()
    submitted = await hana.submit()
    assert not submitted.errors, submitted.errors
    await quiet(sandbox)
    calls = [
        Made(call.method, call.args, call.started - began, call.finished - began)
        for call in sandbox.calls[before:]
        if call.method.startswith(SWARM) and call.ok and call.finished
    ]
    swarm = next(
        channel
        for channel in sandbox.workspace.channels.values()
        if channel.name.startswith(f"inc-{number}-")
    )
    return Result(calls, swarm.id)


async def one_after_the_other(sandbox: Sandbox, model: Result) -> Result:
    """The calls of the model again, in a channel of their own, each when the one before is answered."""
    client = AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.api_url)
    began = time.monotonic()
    calls: list[Made] = []
    channel = briefing = ""
    for call in model.calls:
        args = json.loads(json.dumps(call.args).replace(model.channel, channel or model.channel))
        if call.method == "conversations.create":
            args["name"] = f"simple-{time.monotonic_ns()}"
        if call.method == "pins.add":
            args["timestamp"] = briefing
        started = time.monotonic() - began
        plain = all(isinstance(value, str | int | float) for value in args.values())
        answer = await client.api_call(call.method, **{"params" if plain else "json": args})
        calls.append(Made(call.method, args, started, time.monotonic() - began))
        if call.method == "conversations.create":
            channel = answer["channel"]["id"]
        if call.method == "chat.postMessage" and args["channel"] == channel and not briefing:
            briefing = answer["ts"]
    return Result(calls, channel)


async def measure(folder: str) -> tuple[list[Result], list[Result]]:
    async with workspace() as sandbox, hachi("run", folder=folder, sandbox=sandbox) as started:
        await started.says("Hachi is ready")
        await sandbox.socket_mode.connected()
        await quiet(sandbox)
        sandbox.latency = LATENCY_SECONDS
        ours = [await declared(sandbox, number) for number in range(1, RUNS + 1)]
        theirs = [await one_after_the_other(sandbox, result) for result in ours]
    return ours, theirs


def row(what: str, results: list[Result]) -> tuple[str, ...]:
    middle = sorted(results, key=lambda result: result.complete)[len(results) // 2]
    return (
        what,
        str(len(middle.calls)),
        f"{middle.readable:.2f} s",
        str(middle.in_a_row(middle.for_readers())),
        f"{middle.complete:.2f} s",
        str(middle.in_a_row(middle.calls)),
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "hachi.yml").write_text(TEAM, "utf-8")
        ours, theirs = asyncio.run(measure(folder))
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}, "
        f"{LATENCY_SECONDS * 1000:.0f} ms a call, {RUNS} runs, the middle one shown\n"
    )
    head = ("", "calls", "people in, briefing readable", "calls in a row", "complete", "calls in a row")
    table(head, [row("Hachi", ours), row("the same calls one after the other", theirs)])


if __name__ == "__main__":
    main()
