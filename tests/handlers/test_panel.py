"""The panel, the menu of the briefing, and buttons for what is not there yet."""

import asyncio
from typing import Any

import pytest

from domain.customer_updates import LANGUAGES
from domain.severity import Level
from sandbox import Channel, Fault, Message, Person
from sandbox.readable import readable
from tests.handlers.conftest import Workplace

SPEAKERS = {"ja": "hana", "en": "ada"}


def read(view: Any) -> str:
    return readable("", view["blocks"], (), tz="Asia/Tokyo", names={})


async def shown(workplace: Workplace, person: Person, callback_id: str) -> Any:
    return await workplace.sandbox.until(
        lambda: (view := person.view) and view["callback_id"] == callback_id and view
    )


async def card(workplace: Workplace, channel: Channel | str, *elements: dict[str, Any]) -> Message:
    """A message of Hachi's with these buttons."""
    blocks = [{"type": "actions", "block_id": "briefing", "elements": list(elements)}]
    channel = workplace.sandbox.channel(channel)
    return workplace.sandbox.workspace.post(channel, workplace.sandbox.bot_user_id, "card", blocks)


def button(action_id: str, value: str) -> dict[str, Any]:
    return {
        "type": "button",
        "action_id": action_id,
        "value": value,
        "text": {"type": "plain_text", "text": action_id},
    }


def menu(*values: str) -> dict[str, Any]:
    options = [{"text": {"type": "plain_text", "text": value}, "value": value} for value in values]
    return {"type": "overflow", "action_id": "incident.more", "options": options}


async def told(workplace: Workplace, person: Person, channel: str) -> str:
    """The newest thing only this person sees in a channel."""
    own = await workplace.sandbox.until(
        lambda: [m for m in person.messages(channel) if m.ephemeral_for == person.id]
    )
    return str(own[-1].plain_in("Asia/Tokyo"))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_command_alone_in_a_swarm_opens_the_panel(workplace: Workplace, language: str) -> None:
    await workplace.swarm("hana", "ada")
    person = workplace.sandbox.person(SPEAKERS[language])
    assert (await person.command("/incident", "", "inc-1")).ok
    view = await shown(workplace, person, "panel")
    assert view["title"]["text"] == {"ja": "インシデント#1", "en": "Incident #1"}[language]
    assert {"ja": "第一報を送る", "en": "Send first notice"}[language] in read(view)


@pytest.mark.parametrize("typed", ["1", "#1", "１"])
async def test_a_number_alone_opens_the_panel_from_anywhere(workplace: Workplace, typed: str) -> None:
    await workplace.incident()
    yuki = workplace.sandbox.person("yuki")
    await yuki.command("/incident", typed, "support")
    assert "カード決済が失敗する" in read(await shown(workplace, yuki, "panel"))


@pytest.mark.parametrize("value", ["1/1", "1", "1/99"])
async def test_a_button_opens_the_panel_however_old_it_is(workplace: Workplace, value: str) -> None:
    await workplace.swarm("hana")
    workplace.clock.passes(60 * 24 * 365)
    hana = workplace.sandbox.person("hana")
    message = await card(workplace, "inc-1", button("incident.open_panel", value))
    await hana.click("incident.open_panel", message)
    assert "遅れています" in read(await shown(workplace, hana, "panel"))


@pytest.mark.parametrize("value", ["", "x", "99/1", "-1/0", "1/1/1", "<!channel>"])
async def test_a_button_of_an_unknown_incident_says_so(workplace: Workplace, value: str) -> None:
    hana = workplace.sandbox.person("hana")
    message = await card(workplace, "support", button("incident.open_panel", value or " "))
    await hana.click("incident.open_panel", message)
    assert "見つかりませんでした" in await told(workplace, hana, "support")


@pytest.mark.parametrize(
    ("chosen", "callback_id"), [("panel:1", "panel"), ("severity:1", "severity"), ("withdraw:1", "withdraw")]
)
async def test_the_menu_of_the_briefing_opens_each_form(
    workplace: Workplace, chosen: str, callback_id: str
) -> None:
    await workplace.swarm("ada", "hana")
    ada = workplace.sandbox.person("ada")
    message = await card(workplace, "inc-1", menu(chosen, "timeline:1"))
    await ada.click("incident.more", message, value=chosen)
    await shown(workplace, ada, callback_id)


async def test_the_menu_of_the_briefing_shows_the_timeline_to_the_asker_alone(workplace: Workplace) -> None:
    await workplace.swarm("ada", "hana")
    hana, ada = workplace.sandbox.person("hana"), workplace.sandbox.person("ada")
    message = await card(workplace, "inc-1", menu("timeline:1", "panel:1"))
    await hana.click("incident.more", message, value="timeline:1")
    assert "のタイムライン" in await told(workplace, hana, "inc-1")
    assert len(ada.messages("inc-1")) == 1


@pytest.mark.parametrize("chosen", ["panel:99", "dance:1", "panel", "timeline:x", "panel:1:2"])
async def test_a_menu_that_is_no_menu_of_ours_is_answered(workplace: Workplace, chosen: str) -> None:
    await workplace.swarm("hana")
    hana = workplace.sandbox.person("hana")
    message = await card(workplace, "inc-1", menu(chosen, "panel:1"))
    await hana.click("incident.more", message, value=chosen)
    assert "見つかりませんでした" in await told(workplace, hana, "inc-1")


async def test_in_the_panel_the_timeline_opens_on_top(workplace: Workplace) -> None:
    await workplace.swarm("hana")
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "", "inc-1")
    await shown(workplace, hana, "panel")
    await hana.click("incident.timeline")
    view = await shown(workplace, hana, "notice")
    assert "起票しました" in read(view)
    assert len(hana.views) == 2


@pytest.mark.parametrize(
    ("action_id", "callback_id"),
    [
        ("update.write", "update"),
        ("incident.severity", "severity"),
        ("incident.withdraw", "withdraw"),
        ("incident.resolve", "resolve"),
        ("incident.change_state", "state"),
    ],
)
async def test_the_panel_opens_each_form_on_top_of_itself(
    workplace: Workplace, action_id: str, callback_id: str
) -> None:
    await workplace.swarm("ada", "hana")
    ada = workplace.sandbox.person("ada")
    await ada.command("/incident", "", "inc-1")
    await shown(workplace, ada, "panel")
    await ada.click(action_id)
    await shown(workplace, ada, callback_id)
    assert len(ada.views) == 2


async def test_whoever_speaks_in_the_swarm_may_act_from_its_panel(workplace: Workplace) -> None:
    await workplace.swarm("hana", "yuki")  # Yuki was not called; she is in the channel.
    yuki = workplace.sandbox.person("yuki")
    await yuki.command("/incident", "", "inc-1")
    await shown(workplace, yuki, "panel")
    await yuki.click("incident.severity")
    await shown(workplace, yuki, "severity")
    await yuki.fill(urgency="medium", impact="medium", reason="影響は一部")
    await yuki.submit()
    async with workplace.desk.database.reading() as tx:
        assert (await tx.incidents.get(1, lock=False)).severity == 3


async def test_a_refusal_in_the_panel_is_shown_on_top_of_it(workplace: Workplace) -> None:
    await workplace.incident()
    yuki = workplace.sandbox.person("yuki")
    await yuki.command("/incident", "1", "support")
    await shown(workplace, yuki, "panel")
    await yuki.click("incident.resolve")
    assert "対応メンバーだけが行えます" in read(await shown(workplace, yuki, "notice"))


async def test_an_ordinary_case_offers_no_customer_update(workplace: Workplace) -> None:
    await workplace.incident(urgency=Level.LOW, impact=Level.LOW)
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "1", "support")
    view = await shown(workplace, hana, "panel")
    offered = [e["action_id"] for b in view["blocks"] if b["type"] == "actions" for e in b["elements"]]
    acts = "close severity customers timeline withdraw"
    assert offered == [f"incident.{act}" for act in acts.split()]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("action_id", ["intake.declare", "intake.join"])
async def test_a_button_for_what_is_not_there_yet_says_so(
    workplace: Workplace, language: str, action_id: str
) -> None:
    person = workplace.sandbox.person(SPEAKERS[language])
    message = await card(workplace, "support", button(action_id, "1/1"))
    await person.click(action_id, message)
    said = await told(workplace, person, "support")
    assert {"ja": "まだご利用いただけません", "en": "not available yet"}[language] in said


async def test_two_people_open_the_panel_at_once(workplace: Workplace) -> None:
    await workplace.swarm("hana", "ada")
    message = await card(workplace, "inc-1", button("incident.open_panel", "1/1"))
    people = [workplace.sandbox.person(handle) for handle in ("hana", "ada")]
    await asyncio.gather(*(person.click("incident.open_panel", message) for person in people))
    for person in people:
        await shown(workplace, person, "panel")


async def test_an_answer_that_slack_does_not_take_reaches_the_person_directly(workplace: Workplace) -> None:
    hana = workplace.sandbox.person("hana")
    workplace.sandbox.faults.add("response_url", Fault.http(500), times=None)
    message = await card(workplace, "support", button("incident.open_panel", "99/1"))
    await hana.click("incident.open_panel", message)
    said = await workplace.sandbox.until(hana.dm)
    assert "見つかりませんでした" in said[-1].plain
