"""Real Bolt, real records, and Slack at the wire; nothing here shows cards, only answers to people."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.incident import Incident, Role
from domain.severity import Assessment, Level
from domain.team import Customer, Person, Product, Rotation, Team
from handlers import register
from handlers.front import Front
from handlers.readers import Readers
from sandbox import Channel, ChannelSpec, PersonSpec, Sandbox
from services import declare
from services.desk import Desk
from storage.database import Database
from storage.directory import Known
from tests.whole import PATIENCE_SECONDS, wait_for_answers

MANIFEST = Path(__file__).parents[2] / "manifest.yml"
NOON = datetime(2026, 11, 24, 5, 2, tzinfo=UTC)
"""14:02 in Tokyo."""
PEOPLE = (
    PersonSpec("hana", name="花", locale="ja-JP", tz="Asia/Tokyo"),
    PersonSpec("ada", name="Ada Byron", locale="en-US", tz="Asia/Tokyo"),
    PersonSpec("ben", name="Ben Carter", locale="en-GB", tz="Europe/London"),
    PersonSpec("sita", name="Sita Rao", locale="en-GB", tz="Asia/Tokyo"),
    PersonSpec("cho", name="長", locale="ja-JP", tz="Asia/Tokyo"),
    PersonSpec("yuki", name="雪", locale="ja-JP", tz="Asia/Tokyo"),
)
TEAM = Team(
    products={
        "payments": Product(name="決済", skills=("payments", "database")),
        "search": Product(name="検索"),
    },
    people=(
        Person(who="ada@example.com", roles=(Role.OWNER,)),
        Person(who="ben@example.com", skills=("payments", "database")),
        Person(who="cho@example.com", roles=(Role.DUTY_MANAGER,)),
    ),
    rotations={
        Role.SERVICE_LEVEL_MANAGER: Rotation(members=("sita@example.com",), hand_over_at=time(9), since=None)
    },
    customers={
        "globex": Customer(name="Globex", products=("payments",)),
        "acme": Customer(name="Acme 病院", tier="key", products=("payments",), language="ja"),
    },
)


class SetClock:
    """Incident time, set by the test."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def passes(self, minutes: float) -> None:
        self.at += timedelta(minutes=minutes)


@dataclass
class Workplace:
    sandbox: Sandbox
    desk: Desk
    clock: SetClock

    def id(self, handle: str) -> str:
        return self.sandbox.person(handle).id

    async def incident(
        self,
        title: str = "カード決済が失敗する",
        *,
        by: str = "hana",
        urgency: Level = Level.HIGH,
        impact: Level = Level.HIGH,
        **facts: Any,
    ) -> Incident:
        """Declare one without a form; it has no channel yet."""
        declaration = declare.Declaration(
            title=title, assessment=Assessment(urgency=urgency, impact=impact), **facts
        )
        request = f"test:{title}:{len(self.sandbox.workspace.channels)}:{by}"
        return await declare.declare(self.desk, declaration, by=self.id(by), request=request)

    async def swarm(self, *members: str, **facts: Any) -> tuple[Incident, Channel]:
        """An incident with its channel, as delivery would have opened it; `members` are in it."""
        incident = await self.incident(**facts)
        by = members[0] if members else "hana"
        channel = self.sandbox.create_channel(
            f"inc-{incident.number}", by, private=bool(facts.get("private"))
        )
        for member in (*members[1:], self.sandbox.bot_user_id):
            self.sandbox.add_member(channel, member)
        async with self.desk.database.transaction() as tx:
            await tx.incidents.save(replace(incident, channel_id=channel.id, channel_name=channel.name))
            return await tx.incidents.get(incident.number), channel


async def _disconnect(handler: AsyncSocketModeHandler) -> None:
    client = handler.client
    tasks = [client.message_processor, client.message_receiver, client.current_session_monitor]
    await handler.close_async()
    await asyncio.gather(*(task for task in tasks if task), return_exceptions=True)


MakeWorkplace = Callable[..., Awaitable[Workplace]]


@pytest.fixture
async def make_workplace(tmp_path: Path, migrated_file: Path) -> AsyncIterator[MakeWorkplace]:
    closing: list[Callable[[], Awaitable[Any]]] = []

    async def make(team: Team = TEAM, **options: Any) -> Workplace:
        sandbox = await Sandbox.start(
            **{
                "manifest": MANIFEST,
                "ack_seconds": PATIENCE_SECONDS,  # A busy machine is not a failure.
                "people": PEOPLE,
                "channels": [
                    ChannelSpec("support", members=tuple(person.handle for person in PEOPLE), bot=True),
                    ChannelSpec("elsewhere", members=("hana", "ada")),
                ],
                **options,
            }
        )
        closing.append(sandbox.stop)
        file = shutil.copy(migrated_file, tmp_path / f"hachi-{len(closing)}.db")
        database = Database(f"sqlite:///{file}")
        closing.append(database.close)
        clock = SetClock()
        desk = Desk(database=database, team=team, now=clock)
        # As the background look-up of everybody the settings name does at the start.
        async with database.transaction() as tx:
            for account in sandbox.workspace.people():
                if account.email in team.everybody():
                    known = Known(
                        who=account.email,
                        slack_id=account.id,
                        name=account.name,
                        locale=account.locale,
                        timezone=account.tz,
                    )
                    await tx.directory.note_people([known], at=clock.at)
        http = aiohttp.ClientSession()
        closing.append(http.close)
        client = AsyncWebClient(sandbox.bot_token, base_url=sandbox.api_url, session=http, retry_handlers=[])
        app = AsyncApp(name="hachi", client=client)
        register(app, Front(desk=desk, readers=Readers(desk)))
        wait_for_answers(app)
        handler = AsyncSocketModeHandler(app, sandbox.app_token, web_client=client)
        await handler.connect_async()
        closing.append(lambda: _disconnect(handler))
        return Workplace(sandbox, desk, clock)

    yield make
    # The socket first, so that nothing is in flight any more.
    for close in reversed(closing):
        await asyncio.wait_for(close(), PATIENCE_SECONDS)


@pytest.fixture
async def workplace(make_workplace: MakeWorkplace) -> Workplace:
    return await make_workplace()
