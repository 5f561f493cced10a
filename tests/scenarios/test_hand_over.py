"""A role handed over, over the wire: who is asked, who is reminded meanwhile, and what the swarm hears of it."""

import asyncio

import pytest

from bot import demo
from domain.team import Team
from sandbox import Message
from services import calls as calling
from tests.delivery.truth import check, look
from tests.scenarios.test_calls import answer, answers, called, declared, key_of
from tests.whole import Hachi, on_both_engines


@pytest.fixture
def team() -> Team:
    """With the times that ship: 5 minutes at severity 1."""
    return demo.TEAM


def told(hachi: Hachi, kind: str) -> list[Message]:
    swarm = next(one for one in hachi.sandbox.workspace.channels.values() if one.name.startswith("inc-"))
    return [message for message in hachi.messages(swarm) if f"/{kind}/" in key_of(message)]


def notified(hachi: Hachi, message: Message) -> set[str]:
    return {hachi.sandbox.workspace.account(one).handle for one in message.notified}


@on_both_engines
async def test_until_the_next_accepts_the_present_owner_is_meant_and_then_the_next_with_the_clock_unchanged(
    hachi: Hachi,
) -> None:
    swarm = await declared(hachi, "ada", "kenji", "mei", "sato", "cho")
    before = (await look(hachi, 1)).snapshot.clock
    await hachi.person("ada").command("/incident", f"assign <@{hachi.person('mei').id}> owner", swarm)
    await hachi.settled()
    (card,) = [one for one in called(hachi, "mei") if "/owner/" in key_of(one)]
    assert "Ada" in card.plain
    assert "14:10" in card.plain_in("Asia/Tokyo")  # The promise that comes with it.
    await hachi.at("14:05")
    assert "ada" in notified(hachi, told(hachi, "reminder")[-1])
    # Five copies close it; the role stays, and whoever asked is told once.
    await asyncio.gather(*(calling.sweep(hachi.program.desk) for _ in range(5)))
    await hachi.settled()
    (outcome,) = told(hachi, "hand_over")
    assert notified(hachi, outcome) == {"ada"}
    assert [one for one in await answers(hachi) if one.startswith("owner")] == [
        "owner ada accepted",
        "owner mei unanswered",
    ]
    # Another try, by the button.
    ada = hachi.person("ada")
    await ada.click("incident.assign", outcome)
    await hachi.until(lambda: ada.view)
    await ada.fill(person=hachi.person("kenji").id, role="owner")
    assert (await ada.submit()).closed
    await hachi.settled()
    await answer(hachi, "kenji")
    assert [one for one in await answers(hachi) if one.startswith("owner")] == [
        "owner ada handed_over",
        "owner mei unanswered",
        "owner kenji accepted",
    ]
    assert notified(hachi, told(hachi, "hand_over")[-1]) == {"ada"}
    await hachi.at("14:10")
    assert notified(hachi, told(hachi, "reminder")[-1]) == {"kenji", "cho"}
    after = (await look(hachi, 1)).snapshot.clock
    assert before and after
    assert (before.cycle, before.due_at) == (after.cycle, after.due_at)
    await check(hachi, 1)
