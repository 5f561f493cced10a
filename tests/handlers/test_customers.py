"""Customers linked to an incident after it was declared, and what that makes of its severity, as people do it in Slack."""

from dataclasses import replace

import pytest

from domain.incident import Role
from domain.roster import Answer
from domain.severity import Assessment, Decision, Level, Severity, UrgentBecause
from domain.team import Customer
from domain.timeline import Happened
from sandbox import Channel
from services import calls, severity
from services.desk import Actor
from templates.timeline import timeline_text
from templates.words import Words
from tests.handlers.conftest import TEAM, MakeWorkplace, Workplace
from tests.handlers.told_team import fields, form, incident_now, post_button, read

MANAGED = replace(
    TEAM,
    many_customers=3,
    customers={
        **TEAM.customers,
        "acme": replace(TEAM.customers["acme"], service_level_manager="cho@example.com"),
        "minato": Customer(name="みなと薬局", service_level_manager="sita@example.com"),
        "kita": Customer(name="北風クリニック", service_level_manager="cho@example.com"),
    },
)
"""Sita is on duty as service level manager; Cho is one for two customers."""


@pytest.fixture
async def workplace(make_workplace: MakeWorkplace) -> Workplace:
    return await make_workplace(MANAGED)


async def opened(workplace: Workplace, swarm: Channel | str, who: str = "hana") -> None:
    where = workplace.sandbox.channel(swarm)
    await workplace.sandbox.person(who).click(
        "incident.customers", post_button(workplace, where, "incident.customers", "1")
    )
    await form(workplace, who, "customers")


async def link(workplace: Workplace, *keys: str, who: str = "hana", **more: str) -> None:
    """Let the affected customers be these."""
    await opened(workplace, "inc-1", who)
    person = workplace.sandbox.person(who)
    await person.fill(customers=keys, **more)
    result = await person.submit()
    assert result.closed, result.errors


async def managers(workplace: Workplace) -> list[tuple[str, Answer]]:
    async with workplace.desk.database.reading() as tx:
        made = await tx.calls.of(1)
    return [
        (call.person.partition("@")[0], call.answer)
        for call in made
        if call.role is Role.SERVICE_LEVEL_MANAGER
    ]


async def happened(workplace: Workplace, *kinds: Happened) -> list[str]:
    async with workplace.desk.database.reading() as tx:
        names = {person.slack_id or "": person.name for person in await tx.directory.people()}
        entries = await tx.timeline.of(1, *kinds)
    words = Words("ja", "Asia/Tokyo", names)
    return [timeline_text(entry, words) for entry in entries]


async def test_the_form_shows_what_follows_before_it_is_sent(workplace: Workplace) -> None:
    await workplace.swarm("hana", urgency=Level.MEDIUM, impact=Level.MEDIUM, customers=("globex",))
    await opened(workplace, "inc-1")
    hana = workplace.sandbox.person("hana")
    assert "ここに表示されます" in read(hana.view or {})
    await hana.fill(customers=("globex", "acme"))
    view = await workplace.sandbox.until(lambda: hana.view if "追加：" in read(hana.view) else None)
    said = read(view)
    assert "追加：Acme 病院" in said
    assert "初回応答 Nov 24, 2026 16:02まで" in said
    assert f"招集：@{workplace.id('cho')}さん" in said
    assert "重要度3（低） → *重要度2（中）*" in said
    await hana.fill(customers=("acme",))
    view = await workplace.sandbox.until(lambda: hana.view if "除外：" in read(hana.view) else None)
    assert "除外：Globex" in read(view)


async def test_each_new_customers_manager_is_called_and_nobody_twice(workplace: Workplace) -> None:
    await workplace.swarm("hana")
    assert await managers(workplace) == [("sita", Answer.WAITING)]
    await link(workplace, "acme", "minato")
    assert await managers(workplace) == [("sita", Answer.WAITING), ("cho", Answer.WAITING)]
    await link(workplace, "acme", "minato", "kita")
    assert len(await managers(workplace)) == 2
    assert (await incident_now(workplace, 1)).customers == ("acme", "minato", "kita")
    assert await happened(workplace, Happened.CUSTOMERS_ADDED) == [
        f"<@{workplace.id('hana')}>さんが影響するお客様を追加しました：Acme 病院、みなと薬局。",
        f"<@{workplace.id('hana')}>さんが影響するお客様を追加しました：北風クリニック。",
    ]


async def test_a_manager_relieves_whoever_stood_in(make_workplace: MakeWorkplace) -> None:
    workplace = await make_workplace(replace(MANAGED, rotations={}))
    await workplace.swarm("hana")
    (before,) = await managers(workplace)
    assert before == (workplace.id("hana"), Answer.ACCEPTED)
    await link(workplace, "acme", "minato")
    async with workplace.desk.database.reading() as tx:
        asked = [call for call in await tx.calls.of(1) if call.role is Role.SERVICE_LEVEL_MANAGER]
    _, first, second = asked
    await calls.accept(workplace.desk, 1, first.number, actor=Actor(person=workplace.id("cho")))
    await calls.accept(workplace.desk, 1, second.number, actor=Actor(person=workplace.id("sita")))
    assert [answer for _, answer in await managers(workplace)] == [
        Answer.TAKEN,
        Answer.ACCEPTED,
        Answer.ACCEPTED,
    ]


async def test_removing_needs_a_reason_and_stands_on_the_timeline(workplace: Workplace) -> None:
    await workplace.swarm("hana", customers=("acme", "globex"))
    await opened(workplace, "inc-1")
    hana = workplace.sandbox.person("hana")
    await hana.fill(customers=("acme",))
    assert "理由" in (await hana.submit()).errors["reason"]
    await hana.fill(reason="ご契約のない製品だったため")
    assert (await hana.submit()).closed
    assert (await incident_now(workplace, 1)).customers == ("acme",)
    (said,) = await happened(workplace, Happened.CUSTOMERS_REMOVED)
    assert said.endswith("お客様から除外しました：Globex（理由：ご契約のない製品だったため）。")


async def test_what_others_change_while_a_form_is_open_stays(workplace: Workplace) -> None:
    await workplace.swarm("hana", "ada", customers=("globex",))
    await opened(workplace, "inc-1", "ada")
    await link(workplace, "globex", "minato")
    ada = workplace.sandbox.person("ada")
    await ada.fill(customers=("globex", "acme"))
    assert (await ada.submit()).closed
    assert (await incident_now(workplace, 1)).customers == ("globex", "minato", "acme")


async def test_nothing_chosen_and_unknown_names_are_refused(make_workplace: MakeWorkplace) -> None:
    crowd = {f"c{n:03}": Customer(name=f"お客様{n}号") for n in range(105)}
    workplace = await make_workplace(replace(TEAM, customers=crowd))
    await workplace.swarm("hana", customers=("c104",))
    await opened(workplace, "inc-1")
    hana = workplace.sandbox.person("hana")
    assert "変わりません" in (await hana.submit()).errors["customers"]
    await hana.fill(more_customers="お客様１０３号、だれか")
    assert "だれか" in (await hana.submit()).errors["more_customers"]
    await hana.fill(more_customers="お客様１０３号\nC102")
    assert (await hana.submit()).closed
    assert (await incident_now(workplace, 1)).customers == ("c104", "c103", "c102")


async def test_without_customers_in_the_settings_the_form_says_where_they_belong(
    make_workplace: MakeWorkplace,
) -> None:
    workplace = await make_workplace(replace(TEAM, customers={}))
    _, swarm = await workplace.swarm("hana")
    hana = workplace.sandbox.person("hana")
    await hana.click("incident.customers", post_button(workplace, swarm, "incident.customers", "1"))
    await workplace.sandbox.until(lambda: any("hachi.yml" in one.text for one in hana.messages(swarm)))


async def test_who_is_no_member_changes_no_customers(workplace: Workplace) -> None:
    await workplace.incident()
    yuki = workplace.sandbox.person("yuki")
    await yuki.click(
        "incident.customers",
        post_button(workplace, workplace.sandbox.channel("support"), "incident.customers", "1"),
    )
    await workplace.sandbox.until(lambda: any("メンバー" in one.text for one in yuki.messages("support")))


async def suggested(workplace: Workplace) -> Channel:
    """A swarm of severity 3 to which a key customer was added."""
    _, swarm = await workplace.swarm("hana", "ada", urgency=Level.MEDIUM, impact=Level.MEDIUM)
    await link(workplace, "acme")
    return swarm


async def decision(workplace: Workplace) -> tuple[Decision, str | None]:
    (one,) = (await incident_now(workplace, 1)).suggestions
    return one.decision, one.decided_by


async def test_a_suggestion_opens_the_form_with_its_criteria_ticked_and_is_settled_by_it(
    workplace: Workplace,
) -> None:
    swarm = await suggested(workplace)
    hana = workplace.sandbox.person("hana")
    button = post_button(workplace, swarm, "severity.review", "1/1")
    await hana.click("severity.review", button)
    view = await form(workplace, "hana", "severity")
    assert "重要度3（低） → *重要度2（中）*" in read(view)
    assert fields(view)["urgency"] == "medium"
    await hana.fill(reason="重要顧客のため")
    assert (await hana.submit()).closed
    now = await incident_now(workplace, 1)
    assert (now.severity, now.assessment.urgent_because) == (Severity.TWO, (UrgentBecause.KEY_CUSTOMER,))
    assert await decision(workplace) == (Decision.TAKEN, hana.id)
    await hana.click("severity.keep", post_button(workplace, swarm, "severity.keep", "1/1"))
    await workplace.sandbox.until(
        lambda: any("現在は重要度2（中）です" in one.text for one in hana.messages(swarm))
    )


async def test_keeping_it_as_it_is_says_who_and_when_however_often_it_is_pressed(
    workplace: Workplace,
) -> None:
    swarm = await suggested(workplace)
    ada = workplace.sandbox.person("ada")
    button = post_button(workplace, swarm, "severity.keep", "1/1")
    assert (await ada.click("severity.keep", button)).ok
    assert (await ada.click("severity.keep", button)).ok
    assert await decision(workplace) == (Decision.KEPT, ada.id)
    assert len(await happened(workplace, Happened.SEVERITY_KEPT)) == 1
    assert (await incident_now(workplace, 1)).severity is Severity.THREE


async def test_an_ordinary_case_has_no_swarm_so_the_form_itself_suggests(workplace: Workplace) -> None:
    await workplace.incident(urgency=Level.LOW, impact=Level.LOW)
    await opened(workplace, "support")
    hana = workplace.sandbox.person("hana")
    await hana.fill(customers=("acme",))
    await hana.submit()
    view = await form(workplace, "hana", "notice")
    assert "重要度5 → *重要度3（低）*" in read(view)
    await hana.click("severity.review")
    view = await form(workplace, "hana", "severity")
    await hana.fill(reason="重要顧客のため")
    assert (await hana.submit()).closed
    assert (await incident_now(workplace, 1)).swarm
    assert [who for who, _ in await managers(workplace)] == ["cho"]


async def test_real_damage_is_a_tick_that_raises_the_impact_and_stands_on_the_timeline(
    workplace: Workplace,
) -> None:
    _, swarm = await workplace.swarm("ada", by="ada", urgency=Level.MEDIUM, impact=Level.MEDIUM)
    ada = workplace.sandbox.person("ada")
    await ada.command("/incident", "severity", swarm)
    await form(workplace, "ada", "severity")
    await ada.fill(accident=("yes",), reason="Two shops lost their day's sales.")
    await workplace.sandbox.until(lambda: "Severity 3 (low) → *Severity 2 (medium)*" in read(ada.view))
    assert "recorded as an accident" in read(ada.view or {})
    assert (await ada.submit()).closed
    now = await incident_now(workplace, 1)
    assert (now.severity, now.assessment.accident) == (Severity.TWO, True)
    assert len(await happened(workplace, Happened.ACCIDENT, Happened.SEVERITY_CHANGED)) == 2
    await ada.command("/incident", "", swarm)
    panel = read(await form(workplace, "ada", "panel"))
    assert "Severity 3 (low) → Severity 2 (medium)" in panel
    assert "Two shops lost" in panel


async def test_an_override_has_the_reason_of_the_change_and_none_is_silent(workplace: Workplace) -> None:
    _, swarm = await workplace.swarm("hana", urgency=Level.MEDIUM, impact=Level.MEDIUM)
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "重要度", swarm)
    await form(workplace, "hana", "severity")
    await hana.fill(severity_override="1")
    view = await workplace.sandbox.until(
        lambda: hana.view if "緊急度と影響度からは" in read(hana.view) else None
    )
    assert "重要度3（低） → *重要度1（高）*" in read(view)
    assert "reason" in (await hana.submit()).errors  # Slack's own: the field is required.
    await hana.fill(reason="報道されたため")
    assert (await hana.submit()).closed
    assessment = (await incident_now(workplace, 1)).assessment
    assert (assessment.override, assessment.override_reason) == (Severity.ONE, "報道されたため")


async def test_a_graver_severity_leaves_less_time_to_answer_calls(workplace: Workplace) -> None:
    await workplace.swarm("hana", urgency=Level.MEDIUM, impact=Level.HIGH)
    workplace.clock.passes(6)
    await calls.sweep(workplace.desk)
    assert await managers(workplace) == [("sita", Answer.WAITING)]
    grave = Assessment(urgency=Level.HIGH, impact=Level.HIGH)
    hana = Actor(person=workplace.id("hana"))
    async with workplace.desk.database.transaction() as tx:
        for call in await tx.calls.of(1):
            await tx.calls.save(1, replace(call, reached_at=call.called_at))
    await severity.change_severity(workplace.desk, 1, grave, reason="拡大", actor=hana)
    await calls.sweep(workplace.desk)
    assert (await managers(workplace))[0] == ("sita", Answer.UNANSWERED)
