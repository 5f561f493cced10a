"""Calls over the wire: who is asked when nobody answers, and what those who answer late are told."""

import asyncio
from dataclasses import replace

import pytest

from bot import demo
from domain.incident import Role
from domain.ladder import holders
from domain.roster import Answer
from domain.team import Person, Product, Rotation, Team
from domain.timeline import Happened
from sandbox import Channel, Fault, Message
from services import calls as calling
from tests.delivery import commands
from tests.delivery.truth import check, converge, look
from tests.whole import Hachi, on_both_engines


@pytest.fixture
def team() -> Team:
    """With the times that ship: 5 minutes at severity 1."""
    return demo.TEAM


def called(hachi: Hachi, who: str) -> list[Message]:
    """The messages that call this person."""
    return [message for message in hachi.person(who).dm() if "/call/" in key_of(message)]


def key_of(message: Message) -> str:
    return str((message.metadata or {}).get("event_payload", {}).get("key", ""))


def missing(hachi: Hachi, channel: Channel) -> list[Message]:
    """The messages that say that nobody is left."""
    return [message for message in hachi.messages(channel) if "/nobody/" in key_of(message)]


async def answer(hachi: Hachi, who: str, action: str = "call.accept", nth: int = -1) -> None:
    await hachi.person(who).click(action, called(hachi, who)[nth])
    await hachi.settled()


async def answers(hachi: Hachi, number: int = 1) -> list[str]:
    """Of each call in order: role, person, answer."""
    async with hachi.program.database.reading() as tx:
        found = await tx.calls.of(number)
    names = {one.email: one.handle for one in hachi.sandbox.workspace.people()}
    names |= {one.id: one.handle for one in hachi.sandbox.workspace.people()}
    return [f"{one.role.value} {names[one.person]} {one.answer.value}" for one in found]


async def held(hachi: Hachi, role: Role, number: int = 1) -> tuple[str, ...]:
    async with hachi.program.database.reading() as tx:
        return holders(await tx.calls.of(number), role)


async def happened(hachi: Hachi, number: int = 1) -> list[Happened]:
    async with hachi.program.database.reading() as tx:
        return [entry.kind for entry in await tx.timeline.of(number)]


async def declared(hachi: Hachi, *accept: str) -> Channel:
    channel = await hachi.declare(product="payments")
    assert channel is not None
    for who in accept:
        await answer(hachi, who)
    return channel


@on_both_engines
async def test_who_does_not_answer_in_time_is_not_waited_for_and_the_next_in_line_is_called_once(
    hachi: Hachi,
) -> None:
    await declared(hachi, "kenji", "mei", "sato", "cho")
    await hachi.at("14:04:59")
    assert len(called(hachi, "kenji")) == 1
    hachi.clock.advance(commands.A_RUNG / 600)
    await asyncio.gather(*(calling.sweep(hachi.program.desk) for _ in range(5)))
    await hachi.settled()
    assert (await answers(hachi))[0::5] == ["owner ada unanswered", "owner kenji waiting"]
    assert "14:05" in called(hachi, "ada")[0].plain_in("Asia/Tokyo")
    assert [button.action_id for button in called(hachi, "ada")[0].buttons] == ["call.accept"]
    assert "incident owner" not in called(hachi, "kenji")[0].plain
    assert len(called(hachi, "kenji")) == 2
    assert (await happened(hachi)).count(Happened.UNANSWERED) == 1
    await check(hachi, 1)


async def test_a_late_yes_is_welcome_until_somebody_else_has_said_it(hachi: Hachi) -> None:
    channel = await declared(hachi, "kenji", "mei", "sato", "cho")
    await hachi.at("14:05")
    await answer(hachi, "ada")
    assert (await answers(hachi))[0::5] == ["owner ada accepted", "owner kenji taken"]
    assert "Ada" in called(hachi, "kenji")[1].plain
    assert hachi.members(channel) >= {"ada", "kenji"}
    await check(hachi, 1)


async def test_of_two_who_say_yes_in_the_same_second_one_has_it_and_the_other_is_told(hachi: Hachi) -> None:
    channel = await declared(hachi, "kenji", "mei", "sato", "cho")
    await hachi.at("14:05")
    ada, kenji = called(hachi, "ada")[0], called(hachi, "kenji")[1]
    await asyncio.gather(
        hachi.person("ada").click("call.accept", ada), hachi.person("kenji").click("call.accept", kenji)
    )
    await hachi.settled()
    owners = {one for one in await answers(hachi) if one.startswith("owner")}
    assert owners in (
        {"owner ada accepted", "owner kenji taken"},
        {"owner ada unanswered", "owner kenji accepted"},
    )
    second = "ada" if "owner kenji accepted" in owners else "kenji"
    told = [message for message in hachi.person(second).dm() if message.ephemeral_for]
    assert len(told) == 1
    assert hachi.members(channel) >= {"ada", "kenji"}
    await check(hachi, 1)


async def test_when_nobody_is_left_the_owner_and_the_duty_manager_alone_are_told_which_skill_is_missing(
    hachi: Hachi,
) -> None:
    channel = await declared(hachi, "ada", "kenji", "sato", "cho")
    await hachi.at("14:05")
    (card,) = missing(hachi, channel)
    assert "database" in card.plain
    assert "14:05" in card.plain_in("Asia/Tokyo")
    workspace = hachi.sandbox.workspace
    assert {workspace.account(one).handle for one in card.notified} == {"ada", "cho"}
    await answer(hachi, "mei")
    (card,) = missing(hachi, channel)
    assert len(card.plain.splitlines()) == 1
    assert "Mei" in card.plain
    await check(hachi, 1)


async def test_when_somebody_asks_for_a_skill_and_nobody_is_left_they_are_told_too_until_somebody_comes_with_it(
    hachi: Hachi,
) -> None:
    channel = await declared(hachi, "ada", "kenji", "sato", "cho")
    await answer(hachi, "mei", "call.decline")
    (card,) = missing(hachi, channel)
    await hachi.person("ada").command("/incident", "call database", channel)
    await hachi.settled()
    assert len(missing(hachi, channel)) == 1  # They know.
    await hachi.person("ada").command("/incident", f"call <@{hachi.person('mei').id}>", channel)
    await hachi.settled()
    await answer(hachi, "mei")
    (card,) = missing(hachi, channel)
    assert len(card.plain.splitlines()) == 1
    assert "Mei" in card.plain
    await check(hachi, 1)


async def test_a_role_that_nobody_takes_falls_to_whoever_declared(hachi: Hachi) -> None:
    channel = await declared(hachi, "ada", "kenji", "mei", "sato")
    await hachi.at("14:05")
    assert await held(hachi, Role.DUTY_MANAGER) == (hachi.person("hana").id,)
    assert len(missing(hachi, channel)) == 1
    await answer(hachi, "cho")
    assert await held(hachi, Role.DUTY_MANAGER) == ("cho@kohaku.example",)


async def test_nobody_is_blamed_for_a_call_that_slack_delivered_late(hachi: Hachi) -> None:
    hachi.sandbox.faults.add("chat.postMessage", Fault.http(503), times=100)
    number = await commands.declare(hachi)
    await hachi.settled()
    await hachi.at("14:20")
    assert set(await answers(hachi)) <= {one for one in await answers(hachi) if one.endswith("waiting")}
    hachi.sandbox.faults.off()
    await converge(hachi)
    await hachi.at("14:24:59")
    assert (await answers(hachi))[0] == "owner ada waiting"
    await hachi.at("14:25")
    assert (await answers(hachi))[0] == "owner ada unanswered"
    await check(hachi, number)


async def test_nor_for_the_time_in_which_hachi_was_away(hachi: Hachi) -> None:
    await declared(hachi)
    await hachi.at("14:02")
    await hachi.stop()
    hachi.clock.advance(commands.A_RUNG * 6)
    await hachi.start()
    await hachi.tick()
    assert (await answers(hachi))[0] == "owner ada waiting"
    await hachi.later(minutes=3)
    assert (await answers(hachi))[0] == "owner ada unanswered"


async def test_an_incident_that_is_over_asks_nobody_and_asks_again_when_it_is_reopened(hachi: Hachi) -> None:
    await declared(hachi, "ada")
    await commands.resolve(hachi, 1)
    await hachi.at("14:30")
    assert {one.rpartition(" ")[2] for one in (await answers(hachi))[1:]} == {Answer.OVER.value}
    assert all(not message.buttons for message in called(hachi, "mei"))
    await commands.reopen(hachi, 1)
    await hachi.settled()
    assert [len(called(hachi, who)) for who in ("ada", "mei", "cho")] == [1, 2, 2]
    await hachi.at("14:34")
    assert "expert mei waiting" in await answers(hachi)
    await check(hachi, 1)


async def test_until_an_owner_has_accepted_whoever_declared_and_the_duty_manager_hear_what_is_meant_for_them(
    hachi: Hachi,
) -> None:
    channel = await declared(hachi, "kenji", "mei", "cho")
    await hachi.at("14:05")
    workspace = hachi.sandbox.workspace

    def pinged() -> set[str]:
        last = [message for message in hachi.messages(channel) if "/reminder/" in key_of(message)][-1]
        return {workspace.account(one).handle for one in last.notified}

    assert pinged() == {"kenji", "mei", "hana", "cho"}  # Kenji as the next owner, and the experts are asked.
    await answer(hachi, "kenji")
    await hachi.at("14:10")
    assert pinged() == {"kenji", "cho"}
    seen = await look(hachi, 1)
    assert len(seen.snapshot.reminders) == 2
    await check(hachi, 1)


class TestTwoRoles:
    @pytest.fixture
    def team(self) -> Team:
        rotations = {**demo.TEAM.rotations, Role.DUTY_MANAGER: Rotation(members=("ada@kohaku.example",))}
        return replace(demo.TEAM, rotations=rotations)

    async def test_who_has_two_roles_is_asked_once_and_answers_once(self, hachi: Hachi) -> None:
        await declared(hachi)
        (card,) = called(hachi, "ada")
        assert "owner" in card.plain
        assert "manager" in card.plain
        await answer(hachi, "ada")
        assert [one for one in await answers(hachi) if " ada " in one] == [
            "owner ada accepted",
            "duty_manager ada accepted",
        ]
        await check(hachi, 1)


async def test_the_owner_is_not_called_as_an_expert_too_where_no_other_is_left(hachi: Hachi) -> None:
    ada, kenji = Person(who="ada@kohaku.example", roles=(Role.OWNER,)), Person(who="kenji@kohaku.example")
    both = (replace(ada, skills=("payments",)), replace(kenji, skills=("payments",)))
    hachi.team = Team(products={"payments": Product(name="決済", skills=("payments",))}, people=both)
    await hachi.restart()
    await hachi.declare(product="payments")
    await answer(hachi, "kenji", "call.decline")
    assert [one for one in await answers(hachi) if "expert" in one] == ["expert kenji declined"]
    assert Happened.NOBODY_LEFT in await happened(hachi)
