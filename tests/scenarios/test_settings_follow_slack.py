"""A channel of the settings is lost in Slack, or a person: what is there again is found, and what is not is named."""

from dataclasses import replace

from structlog.testing import capture_logs

from domain.team import Team
from tests.delivery import commands
from tests.delivery.truth import check, converge, look, ours
from tests.whole import Hachi


def in_incidents(hachi: Hachi) -> list[str]:
    return [
        f"{number}/{key}" for number in (1, 2) for c, key, _ in ours(hachi, number) if c.name == "incidents"
    ]


async def test_a_channel_of_the_settings_that_was_deleted_is_found_again_by_its_name(hachi: Hachi) -> None:
    await commands.declare(hachi)
    await converge(hachi)
    hachi.sandbox.delete_channel("incidents")
    with capture_logs() as logs:
        await commands.declare(hachi)
        await commands.change_severity(hachi, 1, grave=False)
        await converge(hachi)
    refused = [one for one in logs if one["event"] == "Slack refuses something."]
    assert {(one["incident"], one["place"], one["error"]) for one in refused} == {
        (number, "channel:incidents", "channel_not_found") for number in (1, 2)
    }
    assert "/invite @Hachi" in refused[0]["mend"]
    assert [one.error for one in (await look(hachi, 2)).snapshot.troubles] == ["channel_not_found"]

    hachi.sandbox.create_channel("incidents", "boss")
    await hachi.program.matching.run()  # As it does every ten minutes.
    await converge(hachi)
    assert in_incidents(hachi) == ["1/announcement", "2/announcement"]
    for number in (1, 2):
        await check(hachi, number, pings_per_rung=2)


async def test_so_does_what_is_said_outside_incidents(hachi: Hachi) -> None:
    hachi.sandbox.delete_channel("incidents")
    async with hachi.program.database.transaction() as tx:
        content = {"since": hachi.clock.now().isoformat(), "until": None}
        await tx.bulletins.say("behind", "channel:incidents", content, at=hachi.machine_now())
    await hachi.program.show_bulletins()
    await hachi.program.matching.run()
    hachi.machine_waits(301)
    await hachi.program.show_bulletins()
    assert hachi.sandbox.channel("incidents").messages


async def test_who_is_deactivated_is_named_in_the_log(hachi: Hachi) -> None:
    hachi.sandbox.deactivate_person("emma")
    matching = replace(hachi.program.matching, team=Team(escalation=(hachi.person("emma").id,)))
    with capture_logs() as logs:
        await matching.run()
    assert "has left Slack" in logs[0]["event"]
