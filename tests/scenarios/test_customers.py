"""Customers linked later, over the wire: the suggestion stands once, and the new customer counts from the start."""

from dataclasses import replace

import pytest

from domain.severity import Level
from domain.team import Team
from sandbox import Channel, Fault
from tests.delivery import commands
from tests.delivery.truth import check, converge, of_card
from tests.whole import PATIENT_TEAM, Hachi, buttons


@pytest.fixture
def team() -> Team:
    """Northwind has a service level manager of its own."""
    customers = dict(PATIENT_TEAM.customers)
    customers["northwind"] = replace(customers["northwind"], service_level_manager="boss@kohaku.example")
    return replace(PATIENT_TEAM, customers=customers)


async def declared(hachi: Hachi) -> Channel:
    channel = await hachi.declare(urgency=Level.MEDIUM, impact=Level.MEDIUM)
    assert channel is not None
    return channel


def suggestions(hachi: Hachi, channel: Channel) -> list[str]:
    return [card for card in hachi.cards(channel) if "見直し" in card]


async def test_a_key_customer_is_suggested_once_whatever_becomes_of_slacks_answer(hachi: Hachi) -> None:
    channel = await declared(hachi)
    asks = of_card("suggestion/1")
    hachi.sandbox.faults.add("chat.postMessage", Fault.reset_after(), times=1, where=asks)
    await commands.link(hachi, 1, add="tsubame")
    await converge(hachi)
    (card,) = [one for one in hachi.messages(channel) if "見直し" in one.plain]
    assert {hachi.sandbox.workspace.account(one).handle for one in card.notified} >= {"ada"}
    assert buttons(card) == ["重要度を見直す", "このままにする"]
    await commands.link(hachi, 1, add="northwind")
    await converge(hachi)
    assert len(suggestions(hachi, channel)) == 1
    assert "boss" in hachi.members(channel)
    ada = hachi.person("ada")
    assert (await ada.click("severity.keep", card)).ok
    await hachi.settled()
    (said,) = suggestions(hachi, channel)
    assert "Adaさんの判断で、変更しませんでした" in said
    assert "お客様2社（うち重要顧客1社）" in hachi.cards(channel)[0]
    await check(hachi, 1)


async def test_what_was_decided_before_slack_could_show_it_is_never_asked(hachi: Hachi) -> None:
    channel = await declared(hachi)
    posts = hachi.sandbox.faults.add("chat.postMessage", Fault.rate_limited(30), times=None)
    await commands.link(hachi, 1, add="tsubame")
    await hachi.settled()
    await commands.change_severity(hachi, 1, grave=True)
    posts.remove()
    await converge(hachi)
    assert suggestions(hachi, channel) == []
    await check(hachi, 1)


async def test_a_customer_linked_late_is_owed_the_response_from_the_original_start(hachi: Hachi) -> None:
    channel = await declared(hachi)
    await commands.tell(hachi, 1)
    await hachi.settled()
    await hachi.at("16:05")
    assert "初回応答 済 ✓" in hachi.cards(channel)[0]
    await commands.link(hachi, 1, add="northwind")
    await hachi.tick()
    assert "*初回応答 SLA超過*" in hachi.cards(channel)[0]
    boss = [message.plain for message in hachi.person("boss").dm()]
    assert any("SLA" in said for said in boss)
    await commands.link(hachi, 1, remove="northwind")
    await hachi.tick()
    assert "初回応答 済 ✓" in hachi.cards(channel)[0]
    await check(hachi, 1)
