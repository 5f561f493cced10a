"""Calling people while at work: for a skill, for a product, by name; nobody twice, and never in silence."""

import asyncio
from dataclasses import replace

import pytest

from domain.incident import Role
from domain.team import Person, Product
from domain.timeline import Happened
from tests.handlers.conftest import TEAM, MakeWorkplace, Workplace
from tests.handlers.test_commands import ask
from tests.handlers.told_team import form, post_button, read

SKILLED = replace(
    TEAM,
    products={
        "payments": Product(name="決済", skills=("payments", "database")),
        "search": Product(name="検索", skills=("index", "network"), names={"en": "Search"}),
    },
    people=(
        Person(who="ada@example.com", roles=(Role.OWNER,)),
        Person(who="ben@example.com", skills=("payments",)),
        Person(who="yuki@example.com", skills=("database",)),
        Person(who="sita@example.com", skills=("network", "database")),
        Person(who="cho@example.com", roles=(Role.DUTY_MANAGER,)),
    ),
)


@pytest.fixture
async def workplace(make_workplace: MakeWorkplace) -> Workplace:
    return await make_workplace(SKILLED)


async def called(workplace: Workplace, number: int) -> list[str]:
    """Whom people called: who and for what."""
    async with workplace.desk.database.reading() as tx:
        found = await tx.calls.of(number)
    return [f"{one.person.partition('@')[0]} {'+'.join(one.skills)}".strip() for one in found if one.asked_by]


@pytest.mark.parametrize(
    ("typed", "who", "said"),
    [
        ("call network", ["sita network"], "was called for network"),
        ("call ＮＥＴＷＯＲＫ", ["sita network"], "was called for network"),
        # Those who are here, or were asked before, are not asked again: the next one is.
        ("call database", ["sita database"], "was called for database"),
        ("call Search", ["sita network", "index"], "Nobody else can be called for index"),
        ("招集 検索", ["sita network", "index"], "Nobody else can be called for index"),
        ("call payments", [], "Nobody else can be called for payments"),
        ("call <@{hana}>", ["{hana}"], "was called"),
        ("call <@{hana}> network", ["{hana}", "sita network"], "was called for network"),
        ("call <@{ben}>", [], "was called at"),
        ("call 決済", [], "Every skill that 決済 needs is here"),
        ("call netwrok", [], "Did you mean “network”?"),
        ("call quantum", [], "There is no skill or product “quantum”"),
        ("call @ghost", [], "was not found in Slack"),
        ("call <@{bot}>", [], "is an app"),
    ],
)
async def test_who_is_called(workplace: Workplace, typed: str, who: list[str], said: str) -> None:
    incident, swarm = await workplace.swarm("hana", "cho", product="payments")
    ids = {one: workplace.id(one) for one in ("hana", "ben")} | {"bot": workplace.sandbox.bot_user_id}
    # Sita is the service level manager of the roster; here she is free.
    async with workplace.desk.database.transaction() as tx:
        for call in await tx.calls.of(incident.number):
            if call.role is Role.SERVICE_LEVEL_MANAGER:
                await tx.calls.save(incident.number, replace(call, person="cho@example.com"))
    assert said in await ask(workplace, "ada", typed.format(**ids), swarm)
    assert await called(workplace, incident.number) == [one.format(**ids) for one in who]


async def test_the_form_lists_what_is_missing_first_and_is_carried_out_once(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", product="search")
    hana = workplace.sandbox.person("hana")
    await hana.click(
        "incident.call_people", post_button(workplace, swarm, "incident.call_people", f"{incident.number}/1")
    )
    view = await form(workplace, "hana", "call_people")
    assert "index" in read(view)
    (skills,) = [block["element"] for block in view["blocks"] if block.get("block_id") == "skills"]
    assert skills["options"][0]["text"]["text"] == "index（不足）"
    assert "依頼できる方がいません" in skills["options"][0]["description"]["text"]
    assert "スキルか、お名前のどちらか" in (await hana.submit()).errors["person"]
    await hana.fill(skills=["database"], person=workplace.id("ada"))
    assert "person" in (await hana.submit()).errors
    await hana.fill(person=workplace.id("cho"))
    assert "person" in (await hana.submit()).errors


async def test_sent_twice_it_is_called_once(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana")
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "招集", swarm)
    await form(workplace, "hana", "call_people")
    await hana.fill(skills=["database"])
    await asyncio.gather(hana.submit(), hana.submit(), return_exceptions=True)
    assert await called(workplace, incident.number) == ["yuki database"]
    assert "依頼しました" in read(await form(workplace, "hana", "notice"))


async def test_nobody_outside_calls_people_into_what_is_over_private_or_no_swarm(
    workplace: Workplace,
) -> None:
    incident, _ = await workplace.swarm("hana")
    assert "対応メンバーだけ" in await ask(workplace, "yuki", f"call {incident.number} database")
    secret, _ = await workplace.swarm("hana", private=True, title="非公開の件")
    assert "見つかりません" in await ask(workplace, "yuki", f"call {secret.number} database")


async def test_that_nobody_is_left_stands_on_the_timeline_once(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana")
    for _ in range(2):
        await ask(workplace, "hana", "call index", swarm)
    async with workplace.desk.database.reading() as tx:
        happened = [entry.kind for entry in await tx.timeline.of(incident.number)]
    assert happened.count(Happened.NOBODY_LEFT) == 1
