"""What waits for an answer when an incident ends, over the wire: withdrawn at once, and offered again on reopening."""

import asyncio
from copy import copy
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import demo
from domain.call_time_outs import CallTimeOuts
from domain.matters import Matter
from domain.team import Team
from domain.timeline import Happened
from services import calls as calling
from services import escalations
from tests.delivery import commands
from tests.delivery.truth import check
from tests.scenarios.test_calls import answers, called, declared, happened
from tests.scenarios.test_escalations import asked, escalate
from tests.scenarios.test_hand_over import notified, told
from tests.whole import Hachi, on_both_engines


@pytest.fixture
def team() -> Team:
    """Cho, and after him the boss, may decide; a call waits for twenty minutes."""
    deciding = {Matter.COMPENSATION: ("cho@kohaku.example", "boss@kohaku.example")}
    patience = CallTimeOuts(default=timedelta(minutes=20), by_severity={})
    return replace(demo.TEAM, decisions=deciding, call_time_out=patience)


def seen_by(hachi: Hachi, who: str) -> str:
    """What Hachi answered this person alone, last."""
    own = [one for one in hachi.person(who).dm() if one.ephemeral_for is not None]
    return own[-1].plain if own else ""


@on_both_engines
async def test_a_call_a_hand_over_and_an_escalation_end_with_the_incident_and_whoever_asked_may_ask_again(
    hachi: Hachi,
) -> None:
    swarm = await declared(hachi, "ada", "kenji", "sato", "cho")  # Mei was called as an expert, and rings.
    ada, boss, kenji = (hachi.person(who) for who in ("ada", "boss", "kenji"))
    await ada.command("/incident", f"assign <@{kenji.id}> owner", swarm)
    await escalate(hachi, swarm, deadline="14:10")
    await hachi.at("14:10")
    to_cho, to_boss = (copy(asked(hachi, who)[0]) for who in ("cho", "boss"))  # As they see them still.
    await commands.resolve(hachi, 1)
    await hachi.settled()

    # Nobody need answer any more, and nobody further is asked, whoever looks.
    for card in (*asked(hachi, "cho"), *asked(hachi, "boss"), *called(hachi, "mei"), *called(hachi, "kenji")):
        assert not card.buttons
    hachi.clock.advance(timedelta(hours=2))
    desk = hachi.program.desk
    await asyncio.gather(*(sweep(desk) for sweep in (calling.sweep, escalations.sweep) for _ in range(3)))
    await hachi.settled()
    assert [len(asked(hachi, who)) for who in ("cho", "boss")] == [1, 1]
    assert not told(hachi, "escalation_withdrawn") and not told(hachi, "hand_over")
    kinds = await happened(hachi)
    ended = (Happened.CALL_WITHDRAWN, Happened.HAND_OVER_WITHDRAWN, Happened.ESCALATION_WITHDRAWN)
    assert [kinds.count(one) for one in ended] == [1, 1, 1]
    await boss.click("escalation.answer", to_boss)
    await hachi.until(lambda: "対応を終えています" in seen_by(hachi, "boss"))

    # Reopened: calls ring anew, and what somebody asked for is theirs to ask for again.
    await commands.reopen(hachi, 1, by="cho")
    await hachi.settled()
    assert [len(called(hachi, who)) for who in ("mei", "kenji")] == [2, 2]
    assert [len(asked(hachi, who)) for who in ("cho", "boss")] == [1, 1]
    (question,), (offer,) = told(hachi, "escalation_withdrawn"), told(hachi, "hand_over")
    assert notified(hachi, question) == notified(hachi, offer) == {"ada"}
    for person, card in ((boss, to_boss), (hachi.person("cho"), to_cho)):
        await person.click("escalation.answer", card)
    for who in ("boss", "cho"):
        await hachi.until(lambda who=who: "取り下げられました" in seen_by(hachi, who))  # type: ignore[misc]

    # Two press at once: it is asked again once, with a deadline of its own.
    for person in (ada, kenji):
        await person.click("escalation.again", question)
        await hachi.until(lambda person=person: person.view)  # type: ignore[misc]
    results = await asyncio.gather(ada.submit(), kenji.submit())
    assert sorted(result.closed for result in results) == [False, True]
    refused = str([result.errors for result in results])
    assert "もう一度依頼済み" in refused or "asked again at" in refused
    await hachi.settled()
    assert [len(asked(hachi, who)) for who in ("cho", "boss")] == [2, 1]
    (question,) = told(hachi, "escalation_withdrawn")
    assert not question.buttons
    await ada.click("hand_over.again", offer)
    await hachi.until(lambda: ada.view and ada.view["callback_id"] == "assign")
    assert (await ada.submit()).closed
    await hachi.settled()
    assert [one for one in await answers(hachi) if one.startswith("owner kenji")] == [
        "owner kenji over",
        "owner kenji waiting",
    ]
    assert not told(hachi, "hand_over")[0].buttons
    await check(hachi, 1)


async def test_reopened_days_later_whoever_is_on_duty_then_is_called(hachi: Hachi) -> None:
    await declared(hachi, "kenji", "sato", "cho")  # Ada, called as the owner, rings.
    await commands.resolve(hachi, 1, by="cho")
    await hachi.settled()
    await commands.be_absent(hachi, "ada", since=hachi.clock.at, until=hachi.clock.at + timedelta(days=9))
    await hachi.later(days=2)
    await commands.reopen(hachi, 1, by="hana")
    await hachi.settled()
    assert [one for one in await answers(hachi) if one.startswith("owner")] == [
        "owner ada over",
        "owner kenji waiting",
    ]
    (to_ada,) = called(hachi, "ada")
    assert "Kenji" in to_ada.plain or "健二" in to_ada.plain
    assert not to_ada.buttons
    await check(hachi, 1)
