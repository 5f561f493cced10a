"""The playbook over the wire: what to do first, the checklist all members share, and what it leaves behind."""

from dataclasses import replace
from typing import Any

import pytest

from domain.incident import State
from domain.playbook import Part, Tick
from domain.team import Team
from domain.timeline import Happened
from sandbox import Message, Person
from sandbox.readable import readable
from services import playbook
from services.desk import Actor
from tests.delivery import commands
from tests.delivery.truth import check
from tests.whole import PATIENT_TEAM, Hachi, buttons, on_both_engines

STEPS = (Happened.STEP_DONE, Happened.STEP_SKIPPED, Happened.STEP_UNDONE)
LEAD = "owner/investigating/lead"


@pytest.fixture
def team() -> Team:
    return replace(PATIENT_TEAM, language="en")


def call(hachi: Hachi, who: str) -> Message:
    return next(message for message in hachi.person(who).dm() if buttons(message))


def read(view: Any) -> str:
    return readable("", view["blocks"], (), tz="Asia/Tokyo", names={})


async def shown(hachi: Hachi, person: Person, text: str) -> str:
    """What the person's form says, once it says this."""
    await hachi.until(lambda: person.view and text in read(person.view))
    return read(person.view)


def reworded(team: Team) -> Team:
    """With other words for the owner's first step, under the same id."""
    place = (Part.OWNER, State.INVESTIGATING)
    first, *others = team.playbook.by_part[place]
    steps = (replace(first, texts={"ja": "指揮を執る", "en": "Take the lead"}), *others)
    return replace(team, playbook=replace(team.playbook, by_part={**team.playbook.by_part, place: steps}))


async def ticks(hachi: Hachi, number: int = 1) -> tuple[Tick, ...]:
    async with hachi.program.database.reading() as tx:
        return await tx.playbook.of(number)


async def happened(hachi: Hachi, number: int = 1) -> list[Happened]:
    async with hachi.program.database.reading() as tx:
        return [entry.kind for entry in await tx.timeline.of(number) if entry.kind in STEPS]


async def test_from_the_call_to_the_last_tick(hachi: Hachi) -> None:
    swarm = await hachi.declare(product="payments", category="software")
    assert swarm
    ada, hana, kenji = (hachi.person(who) for who in ("ada", "hana", "kenji"))
    assert "1. Say in the channel that you lead" in call(hachi, "ada").plain
    assert "1. エラーメッセージの原文" in call(hachi, "kenji").plain
    await ada.click("call.accept", call(hachi, "ada"))
    await hachi.settled()
    assert buttons(call(hachi, "ada")) == ["Open playbook"]

    before = sum(len(channel.messages) for channel in hachi.sandbox.workspace.channels.values())
    await ada.click("playbook.open", call(hachi, "ada"))
    await shown(hachi, ada, "1. Say in the channel that you lead")
    await ada.click("playbook.done", value=LEAD)
    await shown(hachi, ada, ":white_check_mark: 1.")
    await ada.click("playbook.skip")
    await hachi.until(lambda: ada.view and ada.view["callback_id"] == "playbook_skip")
    assert (await ada.submit()).errors  # Without a reason nothing is skipped.
    await ada.fill(reason="<!channel> nobody is missing", step="owner/investigating/people")
    assert not (await ada.submit()).errors
    await shown(hachi, ada, "Skipped: <!channel> nobody is missing")

    # Somebody else sees the same, and may put it right.
    await hana.command("/incident", "", swarm.name)
    await shown(hachi, hana, "役割のないメンバー")
    await hana.click("playbook.open")
    await shown(hachi, hana, "1. 質問する前に")
    await hana.click("playbook.part", value="owner")
    said = await shown(hachi, hana, ":white_check_mark: 1. 責任者として")
    assert "スキップ：<!channel> nobody is missing" in said
    await hana.click("playbook.undo", value=LEAD)
    await hachi.until(lambda: ":white_check_mark:" not in read(hana.view))
    await hachi.settled()
    assert await happened(hachi) == [Happened.STEP_DONE, Happened.STEP_SKIPPED, Happened.STEP_UNDONE]
    assert [tick.step for tick in await ticks(hachi)] == ["owner/investigating/people"]
    after = sum(len(channel.messages) for channel in hachi.sandbox.workspace.channels.values())
    assert after == before

    answer = await kenji.command("/incident", "help", swarm.name)
    assert answer.ok
    said = hachi.person("kenji").messages(swarm)[-1].plain
    assert "いますること" in said and "1. エラーメッセージの原文" in said
    await check(hachi, 1)


@on_both_engines
async def test_ticks_outlive_a_second_delivery_and_an_edited_text_and_begin_anew_when_it_is_reopened(
    hachi: Hachi,
) -> None:
    number = await commands.declare(hachi)
    desk, ada, outsider = hachi.program.desk, commands.ada(hachi), Actor(person=hachi.person("emma").id)
    for _ in range(2):
        await playbook.do(desk, number, LEAD, actor=ada, request="tick")
    await playbook.undo(desk, number, LEAD, actor=ada, request="undo")
    await playbook.do(desk, number, LEAD, actor=ada, request="tick")
    assert await happened(hachi) == [Happened.STEP_DONE, Happened.STEP_UNDONE]
    await playbook.skip(desk, number, LEAD, reason="not needed", actor=ada, request="skip")
    await playbook.do(desk, number, LEAD, actor=ada, request="done after all")
    await playbook.skip(desk, number, LEAD, reason="too late", actor=ada, request="skip what is done")
    assert [(tick.step, tick.skipped_because) for tick in await ticks(hachi)] == [(LEAD, "")]
    for refused, actor in ((LEAD, outsider), ("owner/investigating/dance", ada)):
        with pytest.raises(playbook.Refusal):
            await playbook.do(desk, number, refused, actor=actor, request=refused)
    edited = replace(desk, team=reworded(desk.team))
    found = await playbook.checklist(edited, number, actor=ada)
    assert found.steps[Part.OWNER][0].text("en") == "Take the lead"
    assert found.ticks[found.steps[Part.OWNER][0].key].person == ada.person
    await commands.resolve(hachi, number)
    found = await playbook.checklist(desk, number, actor=ada)
    assert found.steps[found.mine[0]][0].key == "owner/resolved/reached"
    await commands.reopen(hachi, number)
    found = await playbook.checklist(desk, number, actor=ada)
    assert (found.mine[0].value, found.settled(found.mine[0])) == ("owner", 0)
    assert (await happened(hachi))[-2:] == [Happened.STEP_SKIPPED, Happened.STEP_DONE]
