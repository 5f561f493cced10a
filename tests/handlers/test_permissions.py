"""Who may do what is a setting; whoever may not is told who can."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.permissions import DEFAULT_PERMISSIONS, Act
from domain.refusals import Refusal, Why
from domain.severity import Assessment, Level
from domain.team import Rotation
from services import customer_updates, lifecycle, roster_entries, severity
from services.desk import Actor
from tests.handlers.conftest import TEAM, MakeWorkplace, Workplace


async def tried(workplace: Workplace, number: int, who: str) -> dict[str, bool]:
    """Which forms open for this person."""
    actor = Actor(person=workplace.id(who))
    desk = workplace.desk
    may = {}
    for act, ask in (
        (Act.CHANGE_SEVERITY, lifecycle.check_may_change(desk, number, actor=actor, act=Act.CHANGE_SEVERITY)),
        (Act.SEND_UPDATES, customer_updates.prepare(desk, number, actor=actor)),
        (Act.RESOLVE, lifecycle.check_may_resolve(desk, number, actor=actor)),
        (Act.CLOSE, lifecycle.check_may_change(desk, number, actor=actor, act=Act.CLOSE)),
    ):
        try:
            await ask
            may[act.value] = True
        except Refusal as refusal:
            assert refusal.why in (Why.NOT_PERMITTED, Why.NOT_A_MEMBER)
            may[act.value] = False
    return may


@pytest.mark.parametrize(
    ("settings", "may"),
    [
        (
            {},
            {
                "hana": "change_severity send_updates close",
                "cho": "change_severity send_updates resolve close",
            },
        ),
        ({}, {"ada": "change_severity send_updates resolve close", "yuki": ""}),
        ({Act.SEND_UPDATES: ("duty_manager",)}, {"ada": "change_severity resolve close"}),
        ({Act.CHANGE_SEVERITY: ("service_level_manager",)}, {"sita": "change_severity send_updates close"}),
        ({Act.CLOSE: ("everyone",)}, {"yuki": "close"}),
    ],
)
async def test_what_each_person_may_do(
    make_workplace: MakeWorkplace, settings: Mapping[Act, tuple[str, ...]], may: Mapping[str, str]
) -> None:
    team = replace(TEAM, permissions={**DEFAULT_PERMISSIONS, **settings})
    workplace = await make_workplace(team)
    incident = await workplace.incident(product="payments")
    for who, acts in may.items():
        assert (
            " ".join(act for act, yes in (await tried(workplace, incident.number, who)).items() if yes)
            == acts
        )


async def absent(workplace: Workplace, who: str) -> None:
    now = workplace.desk.now()
    await roster_entries.add_absence(
        workplace.desk,
        workplace.id(who),
        since=now,
        until=now + timedelta(hours=1),
        reason="",
        actor=Actor(person=workplace.id(who)),
        request=f"absent-{who}",
    )


async def test_whoever_may_not_declare_is_told_whom_to_ask(make_workplace: MakeWorkplace) -> None:
    permissions = {**DEFAULT_PERMISSIONS, Act.DECLARE: ("owner", "duty_manager")}
    workplace = await make_workplace(replace(TEAM, permissions=permissions))
    answer = await workplace.sandbox.person("hana").command("/incident", "declare 決済", channel="support")
    assert "責任者、" in answer.text
    assert f"<@{workplace.id('ada')}>さん、<@{workplace.id('cho')}>さん" in answer.text
    with pytest.raises(Refusal, match="not_permitted"):
        await workplace.incident(by="hana")
    assert (await workplace.incident(by="ada")).number == 1


async def test_an_incident_waits_for_nobody_who_is_absent(make_workplace: MakeWorkplace) -> None:
    """Whoever may declare may while absent too; while none of them is there, everybody may."""
    permissions = {**DEFAULT_PERMISSIONS, Act.DECLARE: ("duty_manager",)}
    rotations = {**TEAM.rotations, "duty_manager": Rotation(members=("cho@example.com", "yuki@example.com"))}
    workplace = await make_workplace(replace(TEAM, permissions=permissions, rotations=rotations))
    await absent(workplace, "cho")
    assert await workplace.incident(by="cho")
    with pytest.raises(Refusal) as refused:
        await workplace.incident(by="hana")
    assert refused.value.facts["people"] == (workplace.id("yuki"),)
    await absent(workplace, "yuki")
    assert await workplace.incident(by="hana")


async def test_a_private_incident_stays_its_members(make_workplace: MakeWorkplace) -> None:
    permissions = {**DEFAULT_PERMISSIONS, Act.CHANGE_SEVERITY: ("everyone",)}
    workplace = await make_workplace(replace(TEAM, permissions=permissions))
    incident = await workplace.incident(private=True)
    with pytest.raises(Refusal, match="incident_unknown"):
        await severity.change_severity(
            workplace.desk,
            incident.number,
            Assessment(urgency=Level.LOW, impact=Level.LOW),
            reason="…",
            actor=Actor(person=workplace.id("yuki")),
        )
