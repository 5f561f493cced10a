"""The Home tab over the wire: what each person sees there, and that it stays true while they look."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.team import Team
from sandbox import Person
from services import home
from tests.delivery import commands
from tests.whole import PATIENT_TEAM, Hachi


async def opened(hachi: Hachi, who: str) -> Person:
    person = hachi.person(who)
    before = person.home["hash"] if person.home else None
    await person.open_home()
    await hachi.until(lambda: person.home and person.home["hash"] != before)
    while person.id not in {tab.person for tab in await home.tabs(hachi.program.desk)}:  # noqa: ASYNC110
        await asyncio.sleep(0.01)  # It is shown before it is noted as open.
    return person


def text(person: Person) -> str:
    assert person.home
    return str(person.home["blocks"])


@pytest.mark.parametrize(
    ("who", "empty", "on_time", "late"),
    [
        ("hana", "対応中のインシデントはありません", "すべて期限内", "遅れているインシデントが1件"),
        ("ada", "No incident", "on time", "One incident’s customers wait"),
    ],
)
async def test_whoever_opens_it_reads_how_things_stand_and_sees_it_change(
    hachi: Hachi, who: str, empty: str, on_time: str, late: str
) -> None:
    person = await opened(hachi, who)
    assert empty in text(person)
    await commands.declare(hachi, "カード決済が失敗する")
    await hachi.settled()
    await hachi.program.refresh_homes()
    assert on_time in text(person)
    assert "カード決済が失敗する" in text(person)
    await hachi.at("14:12")
    await hachi.program.refresh_homes()
    assert late in text(person)

    # Nothing has changed: nothing is published. Ten minutes on nobody is thought to look any more.
    calls = [call for call in hachi.sandbox.calls if call.method == "views.publish"]
    await hachi.program.refresh_homes()
    hachi.machine_waits(601)
    await commands.declare(hachi, "ログインできない")
    await hachi.program.refresh_homes()
    assert [call for call in hachi.sandbox.calls if call.method == "views.publish"] == calls


class TestOnDuty:
    @pytest.fixture
    def team(self) -> Team:
        return replace(PATIENT_TEAM, rotations={**PATIENT_TEAM.rotations, "owner": commands.DAILY})

    async def test_an_open_tab_shows_a_new_shift_an_absence_and_a_role_given_over_each_with_one_call(
        self, hachi: Hachi
    ) -> None:
        await hachi.at("14:55")
        number = await commands.declare(hachi)
        await commands.accept(hachi, number, "ada", "kenji")
        await hachi.settled()
        hana = await opened(hachi, "hana")

        async def redrawn() -> int:
            before = len([call for call in hachi.sandbox.calls if call.method == "views.publish"])
            for _ in range(3):
                await hachi.program.refresh_homes()
            return len([call for call in hachi.sandbox.calls if call.method == "views.publish"]) - before

        on_duty = text(hana)
        hachi.clock.advance(timedelta(minutes=4))
        assert await redrawn() == 0
        hachi.clock.advance(timedelta(minutes=1))
        assert await redrawn() == 1
        assert text(hana) != on_duty
        hachi.clock.advance(timedelta(minutes=7))
        assert await redrawn() == 0
        now = hachi.clock.at
        await commands.be_absent(
            hachi, "cho", since=now + timedelta(minutes=5), until=now + timedelta(hours=2)
        )
        assert await redrawn() == 1
        hachi.clock.advance(timedelta(minutes=5))
        assert await redrawn() == 1  # It begins.
        await commands.hand_over(hachi, number)
        await commands.accept_newest(hachi, number)
        assert await redrawn() == 1


async def test_a_private_incident_is_on_its_members_home_tab_alone(hachi: Hachi) -> None:
    await hachi.declare("役員の不正", private=["yes"])
    assert "役員の不正" in text(await opened(hachi, "hana"))
    assert "役員の不正" in text(await opened(hachi, "ada"))
    assert "役員の不正" not in text(await opened(hachi, "boss"))


async def test_the_button_opens_the_form(hachi: Hachi) -> None:
    hana = await opened(hachi, "hana")
    await hana.click("home.declare")
    await hachi.until(lambda: hana.view)
    assert hana.view and hana.view["callback_id"] == "declare"
