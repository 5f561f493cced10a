"""Commands: what people may type, where, and what they read."""

import pytest

from domain.customer_updates import LANGUAGES
from domain.severity import Level
from handlers.commands import COMMANDS, NAMES
from sandbox import Answer, Channel, Fault
from sandbox.readable import readable
from tests.handlers.conftest import MakeWorkplace, Workplace

SPEAKERS = {"ja": "hana", "en": "ada"}
NOT_READY = {
    "say": "文面",
    "case": "ケース",
    "task": "タスク",
    "merge": "統合",
    "practice": "訓練",
}


def said(answer: Answer) -> str:
    """What an answer says to somebody in Tokyo."""
    assert answer.ok, answer
    return readable("" if answer.blocks else answer.text, answer.blocks, (), tz="Asia/Tokyo", names={})


async def ask(workplace: Workplace, handle: str, text: str, channel: Channel | str = "support") -> str:
    return said(await workplace.sandbox.person(handle).command("/incident", text, channel))


# Which command was meant


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_mistyped_command_gets_a_suggestion(workplace: Workplace, language: str) -> None:
    typed, meant = {"ja": ("タイムラン", "タイムライン"), "en": ("timelin", "timeline")}[language]
    answer = await ask(workplace, SPEAKERS[language], typed)
    assert typed in answer and f"/incident {meant}" in answer


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "typed", ["決済失敗", "x" * 3000, "🔥", "تعطل", "<!channel>", "&amp;", "-1", "#", "/", "1e9"]
)
async def test_an_unknown_command_is_answered_with_where_to_find_the_known_ones(
    workplace: Workplace, language: str, typed: str
) -> None:
    answer = await workplace.sandbox.person(SPEAKERS[language]).command("/incident", typed, "support")
    assert {"ja": "/incident ヘルプ", "en": "/incident help"}[language] in said(answer)
    assert "<!channel>" not in answer.text
    assert len(answer.text) < 300


@pytest.mark.parametrize("typed", [name for pair in NOT_READY.items() for name in pair])
async def test_a_capability_that_is_not_there_yet_says_so(workplace: Workplace, typed: str) -> None:
    assert "まだご利用いただけません" in await ask(workplace, "hana", f"{typed} @ada 12")
    assert "is not available yet" in await ask(workplace, "ada", typed)


def test_every_command_is_either_there_or_known_not_to_be() -> None:
    assert set(NAMES) - set(COMMANDS) == set(NOT_READY)
    names = [name for command, others in NAMES.items() for name in (command, *others)]
    assert len(names) == len(set(names))


async def test_texts_show_the_name_the_command_has_in_this_workspace(make_workplace: MakeWorkplace) -> None:
    workplace = await make_workplace(manifest=None)  # An app that takes any command.
    answer = await workplace.sandbox.person("hana").command("/swarm", "ヘルプ", "support")
    assert "/swarm 一覧" in said(answer) and "/incident" not in said(answer)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_help_offers_what_works_and_nothing_else(workplace: Workplace, language: str) -> None:
    answer = await ask(workplace, SPEAKERS[language], "help")
    offered = {name for name in NAMES if f"/incident {_shown(name, language)} " in answer.replace("`", " ")}
    assert offered == set(COMMANDS) - {""}


def _shown(name: str, language: str) -> str:
    return name if language == "en" else next(one for one in NAMES[name] if not one.isascii())


async def test_help_in_a_swarm_begins_with_what_to_do_now(workplace: Workplace) -> None:
    await workplace.swarm("hana", "ada")
    assert (await ask(workplace, "hana", "ヘルプ", "inc-1")).startswith("*#1 カード決済が失敗する*")
    assert "14:12までに第一報" in await ask(workplace, "hana", "ヘルプ", "inc-1")
    workplace.clock.passes(11)
    assert "Send it now" in await ask(workplace, "ada", "help", "inc-1")


async def test_help_says_nothing_of_a_private_incident_to_somebody_outside(workplace: Workplace) -> None:
    await workplace.incident(title="秘密", private=True)
    assert "秘密" not in await ask(workplace, "yuki", "help")


@pytest.mark.parametrize("typed", ["カード決済が失敗する", "Card payments fail", "<!channel> の & 障害"])
async def test_a_title_typed_without_a_command_opens_the_form_with_it(
    workplace: Workplace, typed: str
) -> None:
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", typed, "support")
    view = await workplace.sandbox.until(lambda: hana.view)
    assert view["state"]["values"]["title"]["title"]["value"] == typed


# The list


@pytest.mark.parametrize("typed", ["list", "一覧", "ＬＩＳＴ", "一覧　すべて"])
async def test_the_list_is_empty_before_anything_is_declared(workplace: Workplace, typed: str) -> None:
    assert "起票すると" in (answer := await ask(workplace, "hana", typed)) or "起票` で起票" in answer


async def test_the_list_shows_open_incidents_with_owner_and_next_update(workplace: Workplace) -> None:
    await workplace.swarm("hana")
    await workplace.incident(title="設定の質問", urgency=Level.LOW, impact=Level.LOW)
    answer = await ask(workplace, "hana", "一覧")
    assert "対応中のインシデント：2件" in answer
    assert "#1 *カード決済が失敗する*" in answer and "第一報の期限 14:12" in answer
    assert workplace.id("ada") in answer
    assert "#2 *設定の質問*" in answer and "通常のお問い合わせ" in answer


async def test_in_the_list_late_ones_come_first(workplace: Workplace) -> None:
    await workplace.incident(title="重い", urgency=Level.HIGH)
    workplace.clock.passes(5)
    await workplace.incident(title="軽い", urgency=Level.HIGH, impact=Level.LOW)
    workplace.clock.passes(4)
    answer = await ask(workplace, "hana", "一覧")
    assert answer.index("重い") < answer.index("軽い") and "遅れています" not in answer
    workplace.clock.passes(2)
    assert "1分遅れています" in await ask(workplace, "hana", "一覧")


async def test_the_list_shows_a_private_incident_to_its_members_alone(workplace: Workplace) -> None:
    await workplace.incident(title="秘密", private=True)
    assert "秘密" in await ask(workplace, "hana", "一覧")
    assert "秘密" not in await ask(workplace, "yuki", "一覧")


# Status and timeline


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_status_of_the_swarm_the_channel_is(workplace: Workplace, language: str) -> None:
    await workplace.swarm("hana", "ada", title="決済 <!channel> & 停止")
    answer = await workplace.sandbox.person(SPEAKERS[language]).command("/incident", "status", "inc-1")
    assert "決済 <!channel> & 停止" in said(answer)
    assert "<!channel>" not in str(answer.blocks)
    assert {"ja": "第一報を送る", "en": "Send first notice"}[language] in said(answer)


@pytest.mark.parametrize("typed", ["状況 1", "status #1", "status　１", "状況 1 について"])
async def test_a_number_asks_from_anywhere(workplace: Workplace, typed: str) -> None:
    await workplace.incident()
    assert "カード決済が失敗する" in await ask(workplace, "yuki", typed)


@pytest.mark.parametrize("name", ["status", "timeline"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_asking_outside_a_swarm_without_a_number_says_what_to_do(
    workplace: Workplace, language: str, name: str
) -> None:
    answer = await ask(workplace, SPEAKERS[language], name)
    assert {"ja": "「/incident 一覧」", "en": "“/incident list”"}[language] in answer


@pytest.mark.parametrize("name", ["", "status", "timeline"])
@pytest.mark.parametrize("number", ["99", "999999999"])
async def test_an_unknown_number_is_said_to_be_unknown(workplace: Workplace, name: str, number: str) -> None:
    assert f"#{number}は見つかりませんでした" in await ask(workplace, "hana", f"{name} {number}")


@pytest.mark.parametrize("name", ["", "status", "timeline"])
async def test_a_private_incident_is_unknown_to_those_outside(workplace: Workplace, name: str) -> None:
    await workplace.incident(title="秘密", private=True)
    answer = await ask(workplace, "yuki", f"{name} 1")
    assert "#1は見つかりませんでした" in answer and "秘密" not in answer


async def test_the_timeline_tells_what_happened(workplace: Workplace) -> None:
    await workplace.swarm("hana")
    answer = await ask(workplace, "hana", "タイムライン", "inc-1")
    assert "14:02" in answer and "起票しました（重要度1" in answer
    assert f"@{workplace.id('ada')}さんに対応を依頼しました（対応責任者）" in answer


# Who reads


async def test_a_person_is_looked_up_once(workplace: Workplace) -> None:
    for _ in range(3):
        await ask(workplace, "yuki", "一覧")
    looked_up = [c for c in workplace.sandbox.calls if c.method == "users.info"]
    assert [c.args["user"] for c in looked_up] == [workplace.id("yuki")]


async def test_people_the_settings_name_are_known_already(workplace: Workplace) -> None:
    assert "No incidents are open" in await ask(workplace, "ada", "list")
    assert not [c for c in workplace.sandbox.calls if c.method == "users.info"]


@pytest.mark.parametrize("fault", [Fault.error("user_not_found"), Fault.http(500), Fault.slow(2)])
async def test_while_slack_does_not_say_who_reads_the_team_s_language_is_used(
    workplace: Workplace, fault: Fault
) -> None:
    workplace.sandbox.faults.add("users.info", fault)
    assert "対応中のインシデントはありません" in await ask(workplace, "yuki", "list")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_fails_for_our_own_fault_is_said_with_a_number(
    workplace: Workplace, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    await ask(workplace, SPEAKERS[language], "list")
    async with workplace.desk.database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE incident RENAME TO gone")
    answer = await ask(workplace, SPEAKERS[language], "list")
    start, end = {"ja": ("エラー番号：", "）"), "en": ("error ", ")")}[language]
    reference = answer.partition(start)[2].partition(end)[0]
    assert len(reference) == 4 and reference in caplog.text
    assert "Traceback" not in answer and "sqlite" not in answer


async def test_somebody_unknown_gets_an_answer_even_without_a_database(workplace: Workplace) -> None:
    async with workplace.desk.database.engine.begin() as connection:
        for table in ("incident", "person"):
            await connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO gone_{table}")
    assert "エラー番号：" in await ask(workplace, "yuki", "list")
