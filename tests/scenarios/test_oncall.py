"""`/incident oncall` over the wire: who is on duty, taking over, swapping, being absent, taking it back."""

import asyncio
from dataclasses import replace
from datetime import date, datetime, time

import pytest

from domain.incident import Role
from domain.refusals import Refusal, Why
from domain.roster import candidates
from domain.team import Rotation, Team
from sandbox import Message, Person
from sandbox.readable import readable
from services import roster_entries
from services.desk import Actor
from services.roster import roster
from tests.whole import PATIENT_TEAM, TOKYO, Hachi, on_both_engines

DAILY = Rotation(
    members=("ada@kohaku.example", "kenji@kohaku.example"), hand_over_at=time(15), since=date(2026, 11, 24)
)
"""Ada from Tuesday at three in the afternoon; until then Kenji."""


@pytest.fixture
def team() -> Team:
    return replace(PATIENT_TEAM, rotations={**PATIENT_TEAM.rotations, "owner": DAILY})


def moment(clock: str, day: int = 24) -> int:
    hours, minutes = (int(part) for part in clock.split(":"))
    return int(datetime(2026, 11, day, hours, minutes, tzinfo=TOKYO).timestamp())


async def opened(hachi: Hachi, who: str, command: str = "oncall") -> Person:
    person = hachi.person(who)
    await person.command("/incident", command, channel="support")
    await hachi.until(lambda: person.view and person.view["callback_id"] == "oncall")
    return person


async def pressed(hachi: Hachi, person: Person, button: str, form: str) -> None:
    await person.click(button)
    await hachi.until(lambda: person.view and person.view["callback_id"] == form)


def seen(person: Person) -> str:
    assert person.view
    return readable("", person.view["blocks"], [], tz="Asia/Tokyo", names={})


async def on_duty(hachi: Hachi) -> str:
    """The owner on duty, by handle."""
    async with hachi.program.database.reading() as tx:
        standing = await roster(hachi.program.desk, tx, at=hachi.clock.now())
    who = candidates(standing, Role.OWNER, at=hachi.clock.now())[0]
    return next(one.handle for one in hachi.sandbox.workspace.people() if who in (one.email, one.id))


async def told(hachi: Hachi, who: str) -> list[Message]:
    """What a person was told about the roster, once every copy has looked twice."""
    for _ in range(2):
        await asyncio.gather(hachi.program.show_bulletins(), hachi.program.show_bulletins())
    keys = [
        (one, (one.metadata or {}).get("event_payload", {}).get("key", "")) for one in hachi.person(who).dm()
    ]
    return [one for one, key in keys if "/roster/" in key]


@on_both_engines
async def test_somebody_takes_over_and_whoever_is_relieved_is_told_once_and_may_take_it_back(
    hachi: Hachi,
) -> None:
    mei = await opened(hachi, "mei")
    assert f"Now: @{hachi.person('kenji').id} (until" in seen(mei)
    assert f"Next: @{hachi.person('ada').id} (from" in seen(mei)
    await pressed(hachi, mei, "oncall.take_over", "take_over")
    await mei.fill(rotation="owner", since=moment("15:30"), until=moment("17:00"))
    assert (await mei.submit()).errors == {}
    await hachi.until(lambda: "take-over is recorded" in seen(mei))
    assert f"@{mei.id} instead of whoever is on duty" in seen(mei)
    await hachi.at("15:29")
    assert await on_duty(hachi) == "ada"
    await hachi.at("15:30")
    assert await on_duty(hachi) == "mei"
    (message,) = await told(hachi, "ada")
    assert "takes over your duty as *Incident owner*" in message.plain
    assert [await told(hachi, who) for who in ("mei", "kenji", "hana")] == [[], [], []]

    ada = await opened(hachi, "ada")
    await ada.click("oncall.undo")
    await hachi.until(lambda: "was taken back" in seen(ada))
    assert await on_duty(hachi) == "ada"
    assert ["took back the take-over" in one.plain for one in await told(hachi, "mei")] == [True]
    assert len(await told(hachi, "ada")) == 1


@on_both_engines
async def test_a_swap_counts_once_the_other_has_agreed_and_both_are_told(hachi: Hachi) -> None:
    ada = await opened(hachi, "ada")
    await pressed(hachi, ada, "oncall.swap", "swap")
    assert ada.view
    kenji_id, ada_id = hachi.person("kenji").id, hachi.person("ada").id
    mine = f"{moment('15:00')} {moment('15:00', 25)} {ada_id} owner"
    theirs = f"{moment('15:00', 25)} {moment('15:00', 26)} {kenji_id} owner"
    await ada.fill(my_turn=mine, their_turn=theirs)
    assert (await ada.submit()).errors == {}
    await hachi.until(lambda: "Nothing changes until" in seen(ada))
    (asked,) = await told(hachi, "kenji")
    assert "交換の依頼です" in asked.plain
    await hachi.at("16:00")
    assert await on_duty(hachi) == "ada"
    for half in (1, 2):  # Whoever asked cannot agree in the other's place.
        with pytest.raises(Refusal, match=Why.ENTRY_NOT_YOURS):
            await roster_entries.decide_swap(hachi.program.desk, half, agree=True, actor=Actor(person=ada_id))
    kenji = hachi.person("kenji")
    await asyncio.gather(kenji.click("oncall.agree", asked), kenji.click("oncall.agree", asked))
    assert await on_duty(hachi) == "kenji"
    (asked,) = await told(hachi, "kenji")
    assert "交換しました" in asked.plain and not asked.buttons
    assert ["agreed to swap" in one.plain for one in await told(hachi, "ada")] == [True]
    await hachi.later(hours=24)
    assert await on_duty(hachi) == "ada"


@on_both_engines
async def test_a_swap_that_is_not_answered_in_time_is_closed_and_both_are_told_once(hachi: Hachi) -> None:
    ada = await opened(hachi, "ada")
    await pressed(hachi, ada, "oncall.swap", "swap")
    kenji_id, ada_id = hachi.person("kenji").id, hachi.person("ada").id
    mine = f"{moment('15:00')} {moment('15:00', 25)} {ada_id} owner"
    theirs = f"{moment('15:00', 25)} {moment('15:00', 26)} {kenji_id} owner"
    await ada.fill(my_turn=mine, their_turn=theirs)
    assert (await ada.submit()).errors == {}
    await told(hachi, "kenji")
    await hachi.later(hours=25)
    copies = (roster_entries.sweep(hachi.program.desk) for _ in range(3))
    await asyncio.gather(hachi.tick(), *copies)
    (asked,) = await told(hachi, "kenji")
    assert "お返事がなかったため締め切りました" in asked.plain and not asked.buttons
    assert ["did not answer in time" in one.plain for one in await told(hachi, "ada")] == [True]
    assert await on_duty(hachi) == "kenji"


async def test_whoever_is_absent_is_passed_over_and_others_absences_need_the_right(hachi: Hachi) -> None:
    kenji = await opened(hachi, "kenji", "当番")
    await pressed(hachi, kenji, "oncall.absent", "absent")
    await kenji.fill(since=moment("14:30"), until=moment("14:00"))
    assert (await kenji.submit()).errors == {"until": "終了は開始より後の日時にしてください。"}
    await kenji.fill(since=moment("14:00"), until=moment("14:45"), reason="通院 <!channel>")
    assert (await kenji.submit()).errors == {}
    await hachi.until(lambda: "不在を登録しました" in seen(kenji))
    assert await on_duty(hachi) == "ada"

    hana = await opened(hachi, "hana")
    await pressed(hachi, hana, "oncall.absent", "absent")
    await hana.fill(who=hachi.person("ada").id)
    assert "変更できるのは" in (await hana.submit()).errors["who"]
    cho = await opened(hachi, "cho")
    await pressed(hachi, cho, "oncall.absent", "absent")
    await cho.fill(who=hachi.person("ada").id)
    assert (await cho.submit()).errors == {}
    assert ["entered you as absent" in one.plain for one in await told(hachi, "ada")] == [True]


async def test_the_home_tab_shows_the_roster_and_takes_back_what_is_ones_own(hachi: Hachi) -> None:
    ada = hachi.person("ada")
    await ada.open_home()
    await hachi.until(lambda: ada.home and "Open the roster" in str(ada.home["blocks"]))
    assert ada.home
    assert "(until" in str(ada.home["blocks"])
    await ada.click("home.oncall")
    await hachi.until(lambda: ada.view and ada.view["callback_id"] == "oncall")


async def test_whoever_leaves_slack_is_on_duty_no_more_and_is_again_once_they_are_back(hachi: Hachi) -> None:
    hachi.sandbox.deactivate_person("kenji")
    await hachi.program.matching.run()
    assert await on_duty(hachi) == "kenji"  # What Slack said today is believed today.
    await hachi.later(hours=24, seconds=1)
    await hachi.program.matching.run()
    await hachi.at("15:00")  # Kenji's turn again.
    assert await on_duty(hachi) == "ada"
    hachi.sandbox.workspace.account(hachi.person("kenji").id).deactivated = False
    await hachi.later(hours=2)
    await hachi.program.matching.run()
    assert await on_duty(hachi) == "kenji"
