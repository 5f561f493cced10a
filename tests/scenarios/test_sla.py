"""SLA warnings over the wire: one card edited from step to step, a message to the service level manager, a reason."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.severity import Severity
from domain.sla import SlaKind
from domain.team import DEFAULT_SLA, SlaPlan, SlaTarget, Team
from domain.timeline import Happened
from sandbox.readable import readable
from services import sla
from tests.delivery.truth import check
from tests.whole import PATIENT_TEAM, Hachi, buttons, on_both_engines


@pytest.fixture
def team() -> Team:
    """Tsubame has bought a stricter plan."""
    gold = SlaTarget(response=timedelta(minutes=15), resolution=timedelta(hours=2))
    customers = dict(PATIENT_TEAM.customers)
    customers["tsubame"] = replace(customers["tsubame"], sla="gold")
    plans = {"gold": SlaPlan(targets={**DEFAULT_SLA, Severity.ONE: gold})}
    return replace(PATIENT_TEAM, customers=customers, sla_plans=plans)


def warned(hachi: Hachi, number: int = 1) -> dict[str, str]:
    """What the swarm's SLA cards say, by their key."""
    swarm = next(one for one in hachi.sandbox.workspace.channels.values() if one.name.startswith("inc-"))
    return {
        message.metadata["event_payload"]["key"].removeprefix(f"{number}/sla/"): message.plain
        for message in hachi.messages(swarm, by="hana")
        if message.metadata and f"{number}/sla/" in message.metadata["event_payload"]["key"]
    }


def told(hachi: Hachi, who: str = "sato") -> list[str]:
    """The SLA steps a person was written to about, in that order."""
    keys = [
        str((message.metadata or {}).get("event_payload", {}).get("key", ""))
        for message in hachi.person(who).dm()
    ]
    return [key.split("/")[2] + " " + key.split("/")[3] for key in keys if "/sla/" in key]


async def happened(hachi: Hachi, *kinds: Happened) -> list[Happened]:
    async with hachi.program.database.reading() as tx:
        return [entry.kind for entry in await tx.timeline.of(1) if entry.kind in kinds]


@on_both_engines
async def test_the_managers_are_warned_at_each_step_and_asked_why_it_was_missed(hachi: Hachi) -> None:
    swarm = await hachi.declare(product="payments")
    assert swarm
    await hachi.at("14:14")
    assert warned(hachi) == {}
    await hachi.at("14:15")
    assert "50%" in warned(hachi)["response"]
    assert told(hachi) == []  # Posting the card pinged them.
    (card,) = [one for one in hachi.messages(swarm) if "50%" in one.plain]
    assert [hachi.sandbox.workspace.account(one).handle for one in card.notified] == ["sato"]
    await hachi.at("14:24")
    assert "80%" in warned(hachi)["response"]
    await sla.look_at_all(hachi.program.desk)  # As another copy does when it starts.
    await hachi.at("14:30")
    assert "過ぎました" in warned(hachi)["response"]
    assert told(hachi) == ["response 80", "response 100"]
    assert await happened(hachi, Happened.SLA_WARNED, Happened.SLA_BREACHED) == [
        Happened.SLA_WARNED,
        Happened.SLA_WARNED,
        Happened.SLA_BREACHED,
    ]
    (card,) = [one for one in hachi.messages(swarm) if "理由を記録" in buttons(one)]
    sato = hachi.person("sato")
    assert (await sato.click("sla.explain", card)).ok
    await hachi.until(lambda: sato.view)
    await sato.fill(reason="14:20に電話で <!channel> ご案内済み")
    assert (await sato.submit()).closed
    await hachi.settled()
    assert "ご案内済み" in warned(hachi)["response"]
    (card,) = [one for one in hachi.messages(swarm) if "ご案内済み" in one.plain]
    assert "理由を記録" not in buttons(card)
    assert await happened(hachi, Happened.SLA_EXPLAINED) == [Happened.SLA_EXPLAINED]
    await check(hachi, 1)


async def test_after_a_stop_only_the_highest_step_comes_and_says_that_it_is_late(hachi: Hachi) -> None:
    await hachi.declare(product="payments")
    await hachi.stop()
    hachi.clock.at = hachi.clock.at.replace(hour=9)  # 18:00 in Tokyo: both are breached.
    await hachi.start()
    await hachi.tick()
    assert {kind: ("過ぎました" in said, "遅れています" in said) for kind, said in warned(hachi).items()} == {
        "response": (True, True),
        "resolution": (True, False),
    }
    assert sorted(told(hachi)) == ["resolution 100", "response 100"]
    async with hachi.program.database.reading() as tx:
        warnings = (await tx.sla.warnings([1]))[1]
    assert [(one.step, one.overtaken) for one in warnings if one.kind is SlaKind.RESPONSE] == [
        (50, True),
        (80, True),
        (100, False),
    ]
    await check(hachi, 1)


async def test_every_surface_shows_the_strictest_plan_and_what_each_customer_is_owed(hachi: Hachi) -> None:
    await hachi.declare(product="payments", customers=("tsubame", "northwind"))
    hana, swarm = hachi.person("hana"), "inc-1-カード決済が失敗する"
    strictest = "初回応答 Nov 24, 2026 14:15まで"
    await hana.command("/incident", "", swarm)
    panel = await hachi.sandbox.until(lambda: hana.view)
    said = readable("", panel["blocks"], (), tz="Asia/Tokyo", names={})
    assert strictest in said
    assert "株式会社つばめ雑貨（初回応答 Nov 24, 2026 14:15まで）" in said
    assert "Northwind Clinics（初回応答 Nov 24, 2026 14:30まで）" in said
    for command in ("status 1", "list"):
        await hana.command("/incident", command, "support")
        answer = [one for one in hana.messages("support") if one.ephemeral_for][-1]
        assert "Nov 24, 2026 14:15" in answer.plain_in("Asia/Tokyo"), command
    await hana.open_home()
    home = await hachi.sandbox.until(lambda: hana.home)
    assert "Nov 24, 2026 14:15" in readable("", home["blocks"], (), tz="Asia/Tokyo", names={})
