"""A private incident is its members' alone: whatever anybody outside can read or ask says not a word of it."""

import json
import logging
import re
import traceback
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.health import Health
from bot.http import serve, web_app
from bot.logs import without_secrets
from bot.reach import always
from domain.incident import State
from domain.playbook import Part
from domain.severity import Level
from domain.team import Team
from handlers.commands import COMMANDS
from sandbox import Channel, Fault, Message, Person
from sandbox.readable import Button, buttons_of
from services import playbook
from services.desk import Actor
from tests.delivery import commands
from tests.delivery.truth import converge
from tests.domain.people import incident
from tests.whole import PATIENCE_SECONDS, PATIENT_TEAM, Hachi, on_both_engines, patient_database

NUMBER = 4711
THE_NUMBER = re.compile(rf"(?<![\w.]){NUMBER}(?!\w)")
"""As people and programs write it, not by chance in the middle of a figure or an id."""
TITLE, SUMMARY, REASON, SYMPTOM = (
    "役員の横領",
    "経理からの内部通報",
    "告発者が辞めたため",
    "返金が止まっています",
)
NOBODY = 9999
"""The number of an incident that does not exist."""
CUSTOMERS_OWN = "tsubame-support"
"""Its readers are told what a member decides to tell them, and no more."""
OUTSIDER = "emma"
"""She is in #support, #incidents and #customer-news, and has nothing to do with it."""


@pytest.fixture
def team() -> Team:
    """Who reads the first customer's channel is told by name, so the outsider reads the second's."""
    return replace(PATIENT_TEAM, timezone="Asia/Tokyo")


@dataclass
class Outside:
    """Everything that somebody who is no member can read, by where they read it."""

    hachi: Hachi
    address: str
    logged: list[str]

    async def surfaces(self) -> AsyncIterator[tuple[str, str]]:
        emma = self.hachi.person(OUTSIDER)
        for channel in self.hachi.sandbox.workspace.channels.values():
            if channel.name == CUSTOMERS_OWN:
                continue
            if emma.id in channel.members or not (channel.private or channel.is_direct):
                yield (
                    f"#{channel.name}: name, topic and purpose",
                    f"{channel.name} {channel.topic} {channel.purpose}",
                )
                for message in self._readable_in(channel, emma):
                    yield f"#{channel.name}", everything(message)
        for message in emma.notifications:
            yield "notifications", everything(message)
        for view in [*emma.views, emma.home]:
            yield "forms and Home tab", json.dumps(view, ensure_ascii=False)
        async with aiohttp.ClientSession() as session:
            for path in ("/healthz", "/readyz", "/metrics"):
                async with session.get(self.address + path) as answer:
                    yield path, await answer.text()

    def _readable_in(self, channel: Channel, emma: Person) -> Iterator[Message]:
        # Whoever joins a public channel reads what stands in it.
        own = emma.messages(channel, notes=True)
        yield from own or [message for message in channel.history if not message.ephemeral_for]

    async def check(self, stage: str) -> None:
        await self.hachi.program.refresh_homes()
        async for surface, said in self.surfaces():
            assert not THE_NUMBER.search(said), f"{stage}: its number stands in {surface}: {said[:500]}"
            for secret in (TITLE, SUMMARY, REASON, SYMPTOM):
                assert secret not in said, f"{stage}: {secret} stands in {surface}: {said[:500]}"
        for line in self.logged:
            for secret in (TITLE, SUMMARY, REASON, SYMPTOM, *NAMES):
                assert secret not in line, f"{stage}: {secret} is logged: {line[:500]}"


ARGUMENTS = {"assign": "@emma owner", "call": "payments", "escalate": "いつ返金できますか"}
"""What else a command needs before it looks at the incident."""
NAMES = ("花", "健二", "佐藤", "つばめ")


def everything(message: Message) -> str:
    """What is shown of a message, what a notification says, and what other apps may read of it."""
    return json.dumps(
        [message.plain, message.text, message.blocks, message.metadata, message.attachments],
        ensure_ascii=False,
    )


@pytest.fixture
async def outside(
    hachi: Hachi, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[Outside]:
    async with hachi.program.database.transaction() as tx:
        await tx.session.execute(
            text("INSERT INTO sqlite_sequence (name, seq) VALUES ('incident', :last)"), {"last": NUMBER - 1}
        )
    caplog.set_level(logging.INFO)
    health = Health(program=hachi.program, connected=always, database_seconds=PATIENCE_SECONDS)
    runner, port = await serve(web_app(health, slack_path=False), "127.0.0.1", 0)
    seen = Outside(hachi, f"http://127.0.0.1:{port}", [])
    try:
        await hachi.person(OUTSIDER).open_home()
        yield seen
    finally:
        await runner.cleanup()


async def declared(hachi: Hachi) -> Channel:
    """Declared by Hana, for one customer; nobody of the second customer's readers is called."""
    await hachi.declare(
        TITLE,
        summary=SUMMARY,
        private=["yes"],
        customers=["tsubame"],
        product="payments",
        category="user_error",
    )
    async with hachi.program.database.reading() as tx:
        incident = await tx.incidents.get(NUMBER, lock=False)
    return hachi.sandbox.workspace.channels[incident.channel_id or ""]


async def test_nobody_outside_reads_a_word_of_it_from_the_first_report_to_the_end(
    hachi: Hachi, outside: Outside, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    def listen() -> None:
        outside.logged += [*caplog.messages, caplog.text, *capsys.readouterr()]

    desk, ada = hachi.program.desk, commands.ada(hachi)
    refused = hachi.sandbox.faults.add("conversations.setTopic", Fault.error("restricted_action"), times=None)
    swarm = await declared(hachi)
    assert swarm.private
    assert swarm.name == f"inc-{NUMBER}"
    listen()
    await outside.check("declared")
    refused.remove()

    await commands.accept(hachi, NUMBER, "ada")
    await hachi.person("kenji").click("call.decline")
    for minute in (5, 10, 20, 30):
        await hachi.at(f"14:{minute:02}")
    assert "boss" in hachi.members(swarm)  # The last step of the ladder.
    assert OUTSIDER not in hachi.members(swarm)
    boss = Actor(person=hachi.person("boss").id)  # As a member, also from the message that reached him.
    assert (await playbook.checklist(desk, NUMBER, actor=boss)).incident.title == TITLE
    listen()
    await outside.check("late")

    hachi.sandbox.faults.add("chat.postMessage", Fault.http(500), times=3)
    await commands.tell(hachi, NUMBER, SYMPTOM)
    await commands.change_state(hachi, NUMBER, State.IDENTIFIED)
    await playbook.skip(desk, NUMBER, "owner/identified/freeze", reason=REASON, actor=ada, request="skip")
    await converge(hachi)
    hachi.sandbox.faults.add("views.open", Fault.http(500))
    hana = hachi.person("hana")
    await hana.command("/incident", "", swarm.name)
    await hachi.until(lambda: [one for one in hana.messages(swarm) if one.ephemeral_for])
    listen()
    assert any("was not opened" in line for line in outside.logged)
    await outside.check("told")
    told = [message.plain for message in hachi.messages(CUSTOMERS_OWN)]
    assert len(told) == 1
    assert TITLE not in told[0] and SUMMARY not in told[0]

    await commands.resolve(hachi, NUMBER)
    await commands.reopen(hachi, NUMBER)
    await commands.resolve(hachi, NUMBER)
    await commands.close(hachi, NUMBER)
    await hachi.settled()
    listen()
    await outside.check("closed")
    assert Part.OWNER in (await playbook.checklist(desk, NUMBER, actor=ada)).mine


async def test_a_notification_names_no_private_incident_on_a_locked_screen(
    hachi: Hachi, outside: Outside
) -> None:
    swarm = await declared(hachi)
    await hachi.at("14:10")
    shown = [*hachi.messages(swarm), *hachi.person("ada").dm(), *hachi.person("kenji").dm()]
    assert len(shown) > 4
    assert all(TITLE in message.plain or TITLE not in message.text for message in shown)
    assert [message.text for message in shown if TITLE in message.text or SUMMARY in message.text] == []
    (overdue,) = [message for message in hachi.messages(swarm) if "過ぎて" in message.plain]
    assert hachi.person("ada").id in overdue.text


async def test_an_outsider_is_answered_as_for_an_incident_that_does_not_exist(
    hachi: Hachi, outside: Outside
) -> None:
    swarm = await declared(hachi)
    await hachi.at("14:30")
    await commands.tell(hachi, NUMBER, SYMPTOM)
    await hachi.settled()
    emma = hachi.person(OUTSIDER)

    different = {}
    for name in COMMANDS:
        if name in ("declare", "list", "help", "oncall"):
            continue
        more = ARGUMENTS.get(name, "")
        answers = [await ask(hachi, f"{name} {number} {more}") for number in (NUMBER, NOBODY)]
        if not same(*answers):
            different[f"/incident {name}"] = answers
    everywhere = [*hachi.messages(swarm), *hachi.person("ada").dm(), *hachi.person("boss").dm()]
    hana = hachi.person("hana")
    await hana.command("/incident", "", swarm.name)
    panel = await hachi.sandbox.until(lambda: hana.view)
    found = [button for message in everywhere for button in message.buttons] + buttons_of(panel["blocks"])
    pressable = {button.action_id: button for button in found}
    assert len(pressable) > 15
    for action_id, button in pressable.items():
        answers = [await press(hachi, emma, button, number) for number in (NUMBER, NOBODY)]
        if not same(*answers):
            different[action_id] = answers
    assert different == {}
    for unasked in ("list", "help"):
        assert TITLE not in await ask(hachi, unasked)
    # The form shows what is open for the product already, but not this.
    await emma.command("/incident", "declare", "support")
    await hachi.until(lambda: emma.view)
    await emma.fill(product="payments", urgency=Level.HIGH.value, impact=Level.HIGH.value)
    await hachi.until(lambda: "Sev" in str(emma.view))
    assert TITLE not in str(emma.view) and not THE_NUMBER.search(str(emma.view))


async def ask(hachi: Hachi, what: str) -> str:
    answer = await hachi.person(OUTSIDER).command("/incident", what, "support")
    assert answer.ok
    assert hachi.person(OUTSIDER).view is None
    return answer.text


async def press(hachi: Hachi, emma: Person, button: Button, number: int) -> str:
    """What she reads who presses a member's button, as if it had been forwarded to her."""
    value = (button.value or "-").replace(str(NUMBER), str(number))
    label = {"type": "plain_text", "text": button.text or "-"}
    element: dict[str, Any] = {"type": "button", "action_id": button.action_id}
    if ":" in value:
        options = [{"text": label, "value": one} for one in (value, "other")]
        element |= {"type": "overflow", "options": options}
    else:
        element |= {"text": label, "value": value}
    support = hachi.sandbox.channel("support")
    blocks = [{"type": "actions", "block_id": "forwarded", "elements": [element]}]
    forged = hachi.sandbox.workspace.post(support, hachi.sandbox.bot_user_id, "forwarded", blocks)
    before = len(own(emma))
    chosen = value if element["type"] == "overflow" else None
    assert (await emma.click(button.action_id, forged, value=chosen)).ok
    await hachi.until(lambda: len(own(emma)) > before or emma.view)
    assert emma.view is None, button.action_id
    return own(emma)[-1].plain


def own(emma: Person) -> list[Message]:
    return [message for message in emma.messages("support") if message.ephemeral_for == emma.id]


def same(private: str, unknown: str) -> bool:
    return bool(private) and private == unknown.replace(str(NOBODY), str(NUMBER))


@on_both_engines
async def test_an_error_that_is_logged_says_nothing_of_what_people_wrote(database_url: str) -> None:
    database = patient_database(database_url)
    with pytest.raises(SQLAlchemyError) as refused:
        async with database.transaction() as tx:
            await tx.incidents.add(incident(title=TITLE, summary=SUMMARY, declared_by=None))
    await database.close()
    try:
        raise RuntimeError from refused.value
    except RuntimeError as error:
        logged = without_secrets(None, "", {"exception": "".join(traceback.format_exception(error))})
    assert "declared_by" in logged["exception"]
    assert TITLE not in logged["exception"] and SUMMARY not in logged["exception"]
