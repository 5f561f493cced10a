"""An escalation over the wire: the question, the deadline, the next in line exactly once, and the answer."""

import asyncio
from dataclasses import replace

import pytest

from bot import demo
from domain.matters import Matter
from domain.team import Team
from domain.timeline import Happened
from sandbox import Channel, Message
from services import escalations
from tests.delivery.truth import check
from tests.scenarios.test_calls import declared, happened, key_of
from tests.scenarios.test_hand_over import notified, told
from tests.whole import Hachi, on_both_engines


@pytest.fixture
def team() -> Team:
    """Cho, and after him the boss, may decide."""
    deciding = {Matter.COMPENSATION: ("cho@kohaku.example", "boss@kohaku.example")}
    return replace(demo.TEAM, decisions=deciding)


def asked(hachi: Hachi, who: str) -> list[Message]:
    return [message for message in hachi.person(who).dm() if "/escalation_ask/" in key_of(message)]


async def escalate(hachi: Hachi, swarm: Channel, **filled: str) -> None:
    ada = hachi.person("ada")
    await ada.command("/incident", "escalate", swarm)
    await hachi.until(lambda: ada.view)
    await ada.fill(**{"about": "compensation", "question": "May we <!channel> refund?", **filled})
    assert (await ada.submit()).closed
    await hachi.settled()


@on_both_engines
async def test_no_answer_by_the_deadline_asks_the_next_once_and_the_answer_reaches_whoever_asked(
    hachi: Hachi,
) -> None:
    swarm = await declared(hachi, "ada", "kenji", "mei", "sato", "cho")
    await escalate(hachi, swarm, deadline="14:20")
    (card,) = asked(hachi, "cho")
    assert "14:20" in card.plain_in("Asia/Tokyo")
    assert "<!channel>" not in card.text
    await hachi.at("14:19:59")
    assert asked(hachi, "boss") == []
    hachi.clock.at = hachi.clock.at.replace(minute=20, second=0)
    await asyncio.gather(*(escalations.sweep(hachi.program.desk) for _ in range(5)))
    await hachi.settled()
    (card,) = asked(hachi, "boss")
    (standing,) = told(hachi, "escalation")
    assert "14:20" in standing.plain_in("Asia/Tokyo")
    assert hachi.members(swarm) >= {"boss"}
    boss = hachi.person("boss")
    await boss.click("escalation.answer", card)
    await hachi.until(lambda: boss.view)
    await boss.fill(answer="5万円まで可")
    assert (await boss.submit()).closed
    await hachi.settled()
    (news,) = told(hachi, "escalation_answer")
    assert "5万円まで可" in news.plain
    assert notified(hachi, news) == {"ada"}
    assert not asked(hachi, "cho")[0].buttons
    await hachi.at("15:00")
    assert told(hachi, "escalation_nobody") == []
    kinds = await happened(hachi)
    assert [kinds.count(one) for one in (Happened.ESCALATED_TO_NEXT, Happened.ESCALATION_ANSWERED)] == [1, 1]
    await check(hachi, 1)


async def test_when_nobody_is_left_to_answer_the_owner_the_duty_manager_and_whoever_asked_are_told(
    hachi: Hachi,
) -> None:
    swarm = await declared(hachi, "ada", "kenji", "mei", "sato", "cho")
    await escalate(hachi, swarm, about="going_public")
    await hachi.person("boss").click("escalation.decline", asked(hachi, "boss")[0])
    await hachi.settled()
    (card,) = told(hachi, "escalation_nobody")
    assert notified(hachi, card) == {"ada", "cho"}
    # What is over needs no answer, and Hachi's own absence is nobody's delay.
    await escalate(hachi, swarm, deadline="14:30")
    await hachi.stop()
    hachi.clock.at = hachi.clock.at.replace(minute=50)
    await hachi.start()
    await hachi.tick()
    assert asked(hachi, "cho")[0].buttons
    assert len(asked(hachi, "boss")) == 1
    await check(hachi, 1)
