"""Changing, ending and reopening an incident, as people do it in Slack."""

import asyncio
from datetime import timedelta

import pytest

from domain.customer_updates import Kind
from domain.incident import DataLoss, State
from domain.severity import Level, Severity
from domain.timeline import Happened
from sandbox import Channel
from templates.notices import notice
from tests.handlers.conftest import MakeWorkplace, Workplace
from tests.handlers.told_team import (
    BOTH,
    ONLY_JAPANESE,
    fields,
    form,
    incident_now,
    post_button,
    read,
    send_first,
    updates,
)

OWNER = "ada"
"""Whom the settings call as owner; she reads English."""


@pytest.fixture
async def workplace(make_workplace: MakeWorkplace) -> Workplace:
    return await make_workplace(ONLY_JAPANESE)


async def resolved(workplace: Workplace, swarm: Channel, by: str = OWNER) -> None:
    person = workplace.sandbox.person(by)
    await person.command("/incident", "resolve", swarm)
    await form(workplace, by, "resolve")
    await person.fill(done="予備の設備へ切り替えました。", data_loss="no")
    assert (await person.submit()).closed


async def test_the_severity_form_shows_what_follows_before_it_is_sent(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana", urgency=Level.MEDIUM, impact=Level.HIGH)
    hana = workplace.sandbox.person("hana")
    assert (await hana.command("/incident", "重要度", swarm)).ok
    view = await form(workplace, "hana", "severity")
    assert (fields(view)["urgency"], fields(view)["impact"]) == ("medium", "high")
    assert "重要度は変わりません" in read(view)
    await hana.fill(reason="影響が広がったため", urgency="high")
    view = await workplace.sandbox.until(lambda: hana.view if "→" in read(hana.view) else None)
    assert "重要度2（中） → *重要度1（高）*" in read(view)
    assert "20分ごと" in read(view)
    assert fields(view)["reason"] == "影響が広がったため"
    assert (await hana.submit()).closed
    assert (await incident_now(workplace, incident.number)).severity is Severity.ONE


async def test_a_severity_that_would_stay_is_refused(workplace: Workplace) -> None:
    _, swarm = await workplace.swarm("hana")
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "重要度", swarm)
    await form(workplace, "hana", "severity")
    await hana.fill(reason="念のため")
    assert "重要度は変わりません" in (await hana.submit()).errors["urgency"]


async def test_a_case_that_has_become_grave_is_told_to_open_a_swarm(workplace: Workplace) -> None:
    incident = await workplace.incident(by="ada", urgency=Level.LOW, impact=Level.LOW)
    ada = workplace.sandbox.person("ada")
    await ada.command("/incident", f"severity {incident.number}", "support")
    await form(workplace, "ada", "severity")
    await ada.fill(urgency="high", impact="high", reason="It spreads.")
    await workplace.sandbox.until(lambda: "A swarm is opened" in read(ada.view))
    assert (await ada.submit()).closed
    assert (await incident_now(workplace, incident.number)).swarm


async def test_the_state_changes_by_the_button(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana")
    card = post_button(workplace, swarm, "incident.change_state", f"{incident.number}/1")
    hana = workplace.sandbox.person("hana")
    await hana.click("incident.change_state", card)
    view = await form(workplace, "hana", "state")
    assert fields(view)["state"] == "investigating"
    assert "すでに「調査中」です" in (await hana.submit()).errors["state"]
    await hana.fill(state="identified")
    assert (await hana.submit()).closed
    assert (await incident_now(workplace, incident.number)).state is State.IDENTIFIED
    assert await updates(workplace, incident.number) == ()


async def test_the_resolved_state_leads_to_the_resolve_form(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("ada", by="ada")
    card = post_button(workplace, swarm, "incident.change_state", f"{incident.number}/1")
    ada = workplace.sandbox.person("ada")
    await ada.click("incident.change_state", card)
    await form(workplace, "ada", "state")
    await ada.fill(state="resolved")
    await ada.submit()
    await form(workplace, "ada", "resolve")
    await ada.fill(done="We moved to the standby.", data_loss="no")
    assert (await ada.submit()).closed
    assert ada.views == []
    assert (await incident_now(workplace, incident.number)).state is State.RESOLVED


async def test_resolving_shows_what_customers_will_read_and_sends_just_that(
    make_workplace: MakeWorkplace,
) -> None:
    workplace = await make_workplace(BOTH)
    incident, swarm = await workplace.swarm("ada", by="ada", product="payments")
    await send_first(workplace, swarm, by="ada")
    workplace.clock.passes(68)
    ada = workplace.sandbox.person("ada")
    assert (await ada.command("/incident", "復旧", swarm)).ok
    view = await form(workplace, "ada", "resolve")
    assert (fields(view)["started_at"], fields(view)["ended_at"]) == ("14:02", "15:10")
    assert fields(view)["data_loss"] is None
    assert "goes to 2 places, and the reminders end" in read(view)
    assert "to see here what customers will read" in read(view)

    await ada.fill(done="切り替えました。", done_en="We moved to the standby.", ended_at="15:05")
    await ada.fill(customer_action="再度お試しください。", data_loss="no")
    view = await workplace.sandbox.until(lambda: ada.view if "切り替えました" in read(ada.view) else None)
    assert "We moved to the standby." in read(view)
    await ada.fill(done="予備の設備へ切り替えました。")
    await ada.click("resolve.preview")
    shown = read(await workplace.sandbox.until(lambda: ada.view if "予備の" in read(ada.view) else None))

    assert (await ada.submit()).closed
    now = await incident_now(workplace, incident.number)
    assert now.state is State.RESOLVED
    assert now.resolution and now.resolution.data_loss is DataLoss.NO
    assert now.resolution.ended_at == workplace.clock.at - timedelta(minutes=5)
    sent = await updates(workplace, incident.number)
    assert [update.kind for update in sent] == [Kind.FIRST, Kind.RESOLVED]
    for language, customer in (("ja", "Acme 病院"), ("en", "Globex")):
        text = notice(
            sent[1],
            incident=now,
            team=workplace.desk.team,
            language=language,
            earlier=sent,
            addressee=customer,
        )
        assert f"*{text.subject}*\n{text.body}" in shown


async def test_the_resolve_form_says_at_once_what_is_wrong_with_a_time(workplace: Workplace) -> None:
    _, swarm = await workplace.swarm("ada", by="ada")
    ada = workplace.sandbox.person("ada")
    await ada.command("/incident", "resolve", swarm)
    await form(workplace, "ada", "resolve")
    await ada.fill(done="Restarted.", ended_at="soon", data_loss="no")
    await workplace.sandbox.until(lambda: "could not be read" in read(ada.view))
    errors = (await ada.submit()).errors
    assert "could not be read" in errors["ended_at"]
    await ada.fill(ended_at="13:00")
    assert "must be after the start" in (await ada.submit()).errors["ended_at"]
    await ada.fill(ended_at="11/24 23:00")
    assert "cannot be later than now" in (await ada.submit()).errors["ended_at"]


async def test_an_ordinary_case_is_resolved_without_telling_anybody(workplace: Workplace) -> None:
    incident = await workplace.incident(by="ada", urgency=Level.LOW, impact=Level.LOW)
    ada = workplace.sandbox.person("ada")
    await ada.command("/incident", f"resolve #{incident.number}", "support")
    view = await form(workplace, "ada", "resolve")
    assert "nothing is sent" in read(view)
    await ada.fill(done="The customer restarted the printer.", data_loss="no")
    assert (await ada.submit()).closed
    assert await updates(workplace, incident.number) == ()


async def test_resolving_twice_at_once_resolves_once(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("ada", "cho", by="ada")
    people = [workplace.sandbox.person(handle) for handle in ("ada", "cho")]
    for person in people:
        await person.command("/incident", "resolve", swarm)
        await form(workplace, person.account.handle, "resolve")
        await person.fill(done="予備の設備へ切り替えました。", data_loss="no")
    results = await asyncio.gather(*(person.submit() for person in people))
    assert sorted(result.closed for result in results) == [False, True]
    refused = next(result for result in results if not result.closed)
    assert "解決済みです" in str(refused.errors) or "was resolved at" in str(refused.errors)
    assert len(await updates(workplace, incident.number)) == 1


async def test_only_those_who_answer_for_it_end_it(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana")
    hana = workplace.sandbox.person("hana")
    for command in ("解決", "取り下げ"):
        answer = await hana.command("/incident", command, swarm)
        assert "だけが行えます" in answer.text
        assert workplace.id("ada") in answer.text
    assert hana.view is None
    assert (await incident_now(workplace, incident.number)).is_open


async def test_closing_asks_for_the_cause(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("ada", "hana", by="ada")
    hana = workplace.sandbox.person("hana")
    assert "まだ解決していません" in (await hana.command("/incident", "クローズ", swarm)).text
    await resolved(workplace, swarm)
    card = post_button(workplace, swarm, "incident.close", f"{incident.number}/1")
    await hana.click("incident.close", card)
    await form(workplace, "hana", "close")
    await hana.fill(cause="　")
    assert "「原因」を入力してください" in (await hana.submit()).errors["cause"]
    await hana.fill(cause="電源の故障")
    assert (await hana.submit()).closed
    now = await incident_now(workplace, incident.number)
    assert (now.state, now.cause) == (State.CLOSED, "電源の故障")
    assert "クローズ済みです" in (await hana.command("/incident", "完了", swarm)).text


async def test_reopening_says_by_when_customers_hear_and_asks_why(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("ada", by="ada")
    ada = workplace.sandbox.person("ada")
    assert "still open" in (await ada.command("/incident", "reopen", swarm)).text
    await resolved(workplace, swarm)
    await ada.command("/incident", "再開", swarm)
    view = await form(workplace, "ada", "reopen")
    assert "within 10 min" in read(view)
    await ada.fill(reason="It is back.")
    assert (await ada.submit()).closed
    assert (await incident_now(workplace, incident.number)).state is State.INVESTIGATING


async def test_withdrawing_before_customers_were_told_asks_for_a_reason_alone(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("ada", by="ada")
    ada = workplace.sandbox.person("ada")
    await ada.command("/incident", "withdraw", swarm)
    view = await form(workplace, "ada", "withdraw")
    assert list(fields(view)) == ["reason"]
    assert "have not been told anything" in read(view)
    await ada.fill(reason="A monitor was wrong.")
    assert (await ada.submit()).closed
    now = await incident_now(workplace, incident.number)
    assert (now.state, now.withdrawn_because) == (State.WITHDRAWN, "A monitor was wrong.")
    assert await updates(workplace, incident.number) == ()


async def test_withdrawing_what_customers_heard_of_asks_what_they_may_read(
    make_workplace: MakeWorkplace,
) -> None:
    workplace = await make_workplace(BOTH)
    incident, swarm = await workplace.swarm("ada", by="ada", product="payments")
    await send_first(workplace, swarm, by="ada")
    ada = workplace.sandbox.person("ada")
    await ada.command("/incident", "withdraw", swarm)
    view = await form(workplace, "ada", "withdraw")
    assert list(fields(view)) == ["reason", "explanation", "explanation_en"]
    assert "A correction goes to 2 places" in read(view)
    await ada.fill(reason="監視の誤り", explanation="長" * 2001)
    assert "2000 characters" in (await ada.submit()).errors["explanation"]
    await ada.fill(explanation="監視の設定に誤りがありました。", explanation_en="A monitor was wrong.")
    assert (await ada.submit()).closed
    correction = (await updates(workplace, incident.number))[1]
    assert correction.kind is Kind.CORRECTION
    assert correction.facts["en"].changed == "A monitor was wrong."


async def test_what_people_type_is_kept_as_they_typed_it(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("ada", by="ada", title="<!channel> & {{ 7*7 }}")
    ada = workplace.sandbox.person("ada")
    await ada.command("/incident", "resolve", swarm)
    view = await form(workplace, "ada", "resolve")
    assert "<!channel>" not in str(view["blocks"])
    typed = "<!channel> & <@U1> {{ 7*7 }} 😀 مرحبا"
    await ada.fill(done=typed, data_loss="unknown")
    view = await workplace.sandbox.until(lambda: ada.view if typed in read(ada.view) else None)
    texts = [block["text"]["text"] for block in view["blocks"] if block["type"] == "section"]
    assert not [text for text in texts if "<!channel>" in text or "<@U1>" in text or "49" in text]
    assert (await ada.submit()).closed
    assert (await updates(workplace, incident.number))[0].facts["ja"].done == typed


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("update", "対応を終えています"),
        ("hold", "対応を終えています"),
        ("severity", "対応を終えています"),
        ("resolve", "解決済みです"),
        ("withdraw", "解決済みです"),
    ],
)
async def test_a_resolved_incident_says_how_to_go_on(workplace: Workplace, command: str, said: str) -> None:
    incident, swarm = await workplace.swarm("cho", by="cho")
    await resolved(workplace, swarm, by="cho")
    cho = workplace.sandbox.person("cho")
    answer = await cho.command("/incident", command, swarm)
    assert said in answer.text
    assert "/incident 再オープン" in answer.text
    assert cho.view is None
    assert incident.number == 1


@pytest.mark.parametrize("command", ["close", "reopen", "update", "resolve", "severity", "withdraw"])
async def test_a_withdrawn_incident_is_over_for_good(workplace: Workplace, command: str) -> None:
    _, swarm = await workplace.swarm("cho", by="cho")
    cho = workplace.sandbox.person("cho")
    await cho.command("/incident", "withdraw", swarm)
    await form(workplace, "cho", "withdraw")
    await cho.fill(reason="誤報")
    await cho.submit()
    assert "取り下げられて" in (await cho.command("/incident", command, swarm)).text


async def test_a_form_submitted_after_the_incident_ended_is_refused(workplace: Workplace) -> None:
    _, swarm = await workplace.swarm("ada", "hana", by="ada")
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "重要度", swarm)
    await form(workplace, "hana", "severity")
    await resolved(workplace, swarm)
    await hana.fill(urgency="low", reason="落ち着いたため")
    assert "対応を終えています" in next(iter((await hana.submit()).errors.values()))


async def test_each_change_is_on_the_timeline_with_who(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("ada", by="ada")
    await resolved(workplace, swarm)
    async with workplace.desk.database.reading() as tx:
        entries = await tx.timeline.of(incident.number)
    assert [entry.actor for entry in entries if entry.kind is Happened.RESOLVED] == [workplace.id("ada")]


async def test_of_two_quick_choices_the_second_has_the_last_word(workplace: Workplace) -> None:
    _, swarm = await workplace.swarm("hana", urgency=Level.LOW, impact=Level.LOW, swarm_anyway=True)
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "重要度", swarm)
    await form(workplace, "hana", "severity")
    workplace.sandbox.latency = 0.1
    await asyncio.gather(hana.fill(urgency="high"), hana.fill(impact="high"))
    await workplace.sandbox.until(lambda: "→ *重要度1（高）*" in read(hana.view))


async def test_a_change_made_from_the_panel_leaves_no_outdated_panel_behind(workplace: Workplace) -> None:
    incident, swarm = await workplace.swarm("hana")
    hana = workplace.sandbox.person("hana")
    await hana.command("/incident", "", swarm)
    await form(workplace, "hana", "panel")
    await hana.click("incident.severity")
    await form(workplace, "hana", "severity")
    await hana.fill(urgency="low", reason="落ち着いたため")
    assert (await hana.submit()).closed
    assert hana.views == []
    assert (await incident_now(workplace, incident.number)).severity is Severity.THREE
