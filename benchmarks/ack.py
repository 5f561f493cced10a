"""How long Slack waits for an acknowledgement: 100 commands a second for a minute; connections a call, statements a command.

Beside it, in the same run: a bare Bolt app that acknowledges at once, and does what its makers' example does.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp.web_protocol import RequestHandler
from measuring import ROOT, draining, hachi, table, workspace
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from sqlalchemy import event

from bot import demo
from bot.clock import Clock
from bot.program import Program
from sandbox import Sandbox
from storage.database import Database

A_SECOND = 100
SECONDS = 60
COMMANDS = ("list", "status 1", "declare Payments fail", "timeline 1", "help")
SLACK_GIVES_UP = 3.0
BARE = """
import asyncio, os
from slack_bolt.async_app import AsyncApp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

client = AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
app = AsyncApp(client=client, request_verification_enabled=False)
FORM = {"type": "modal", "title": {"type": "plain_text", "text": "Declare"}, "blocks": [
    {"type": "section", "text": {"type": "mrkdwn", "text": "Declare"}}]}

@app.command("/incident")
async def command(ack, body, client):
    await ack()
    if body["text"].startswith("declare"):
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

async def main():
    await AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"], web_client=client).connect_async()
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@dataclass
class Result:
    waits: list[float] = field(default_factory=list)
    failed: int = 0
    calls: int = 0
    connections: int = 0
    processor: float | None = None
    """Seconds of computing; the same on a machine that has other things to do."""

    def at(self, share: float) -> str:
        """The wait that so many do not exceed, in milliseconds."""
        return f"{sorted(self.waits)[min(len(self.waits) - 1, int(len(self.waits) * share))] * 1000:.0f} ms"


class Connections:
    """Counts those that the workspace accepts."""

    opened = 0

    def __init__(self) -> None:
        before = RequestHandler.connection_made

        def count(handler: RequestHandler, transport: asyncio.BaseTransport) -> None:
            Connections.opened += 1
            before(handler, transport)

        RequestHandler.connection_made = count  # type: ignore[method-assign, assignment]


async def ask(sandbox: Sandbox, number: int, result: Result) -> None:
    people = ("hana", "ada", "kenji", "mei", "sato", "cho")
    person = sandbox.person(people[number % len(people)])
    began = time.perf_counter()
    answer = await person.command("/incident", COMMANDS[number % len(COMMANDS)], channel="support")
    result.waits.append(time.perf_counter() - began)
    result.failed += not answer.ok


async def load(sandbox: Sandbox) -> Result:
    """So many commands a second, whether those before are answered or not."""
    for number in range(30):  # Languages are looked up, connections opened.
        await ask(sandbox, number, Result())
    result = Result(calls=-len(sandbox.calls), connections=-Connections.opened)
    began = time.perf_counter()
    asked = []
    for number in range(A_SECOND * SECONDS):
        await asyncio.sleep(max(0.0, began + number / A_SECOND - time.perf_counter()))
        asked.append(asyncio.create_task(ask(sandbox, number, result)))
    await asyncio.gather(*asked)
    await asyncio.sleep(1)
    result.calls += len(sandbox.calls)
    result.connections += Connections.opened
    return result


@asynccontextmanager
async def bare(folder: str, sandbox: Sandbox) -> AsyncIterator[None]:
    environment = os.environ | {
        "SLACK_API_URL": sandbox.api_url,
        "SLACK_BOT_TOKEN": sandbox.bot_token,
        "SLACK_APP_TOKEN": sandbox.app_token,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BARE, cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    await process.stdout.readline()
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def declared(sandbox: Sandbox) -> None:
    """One open incident, so that there is something to answer."""
    hana = sandbox.person("hana")
    await hana.command("/incident", "declare Payments fail", channel="support")
    await sandbox.until(lambda: hana.view, timeout=30)
    await hana.fill(urgency="high", impact="high")
    await hana.submit()
    await asyncio.sleep(3)


async def statements(folder: str) -> list[tuple[str, str]]:
    """What each command asks the database, beginning and end of transactions left out."""
    asked: list[str] = []
    async with workspace() as sandbox:
        database = Database(f"sqlite:///{folder}/counted.db")
        program = Program(
            team=demo.TEAM,
            clock=Clock(),
            database=database,
            bot_token=sandbox.bot_token,
            api_url=sandbox.api_url,
        )
        await program.start()
        handler = AsyncSocketModeHandler(program.app, sandbox.app_token, web_client=program.client)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        await declared(sandbox)
        await program.delivery.until_quiet()
        event.listen(
            database.engine.sync_engine, "before_cursor_execute", lambda *said: asked.append(str(said[2]))
        )
        counted = []
        for command in COMMANDS:
            hana = sandbox.person("hana")
            await hana.command("/incident", command, channel="support")  # Who reads it is known from now on.
            asked.clear()
            await hana.command("/incident", command, channel="support")
            counted.append((command, str(sum(not one.startswith("BEGIN") for one in asked))))
        await handler.close_async()  # type: ignore[no-untyped-call]
        await program.stop()
    return counted


async def measure(folder: str) -> tuple[Result, Result]:
    Connections()
    async with workspace() as sandbox, hachi("run", folder=folder, sandbox=sandbox) as started:
        await started.says("Hachi is ready")
        await sandbox.socket_mode.connected()
        async with draining(started):
            await declared(sandbox)
            before = started.processor()
            ours = await load(sandbox)
            ours.processor = started.processor() - before
    async with workspace() as sandbox, bare(folder, sandbox):
        await sandbox.socket_mode.connected()
        theirs = await load(sandbox)
    return ours, theirs


def row(what: str, result: Result) -> tuple[str, ...]:
    return (
        what,
        result.at(0.5),
        result.at(0.99),
        f"{max(result.waits) * 1000:.0f} ms",
        str(result.failed),
        str(result.calls),
        f"{result.connections / result.calls:.3f}" if result.calls else "–",
        "–" if result.processor is None else f"{result.processor / len(result.waits) * 1000:.1f} ms",
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        counted = asyncio.run(statements(folder))
        ours, theirs = asyncio.run(measure(folder))
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}, "
        f"{A_SECOND} commands a second for {SECONDS} s; workspace and load on the same machine\n"
    )
    head = (
        "",
        "p50",
        "p99",
        "longest",
        "failed",
        "calls to Slack",
        "connections a call",
        "computing a command",
    )
    table(head, [row("Hachi", ours), row("a bare Bolt app that acknowledges at once", theirs)])
    print()
    table(("command", "statements"), counted)
    if ours.failed or max(ours.waits) > SLACK_GIVES_UP:
        sys.exit("Some acknowledgements came too late.")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
