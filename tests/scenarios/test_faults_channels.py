"""A swarm gets its channel and its people, whatever Slack answers; what Slack refuses is said, with the mend."""

import pytest
from structlog.testing import capture_logs

from sandbox import Fault
from tests.delivery import commands
from tests.delivery.truth import check, converge, look, ours
from tests.whole import Hachi


def channels(hachi: Hachi) -> list[str]:
    return [c.name for c in hachi.sandbox.workspace.channels.values() if c.name.startswith("inc-")]


async def declared(hachi: Hachi, title: str = "Payments fail") -> int:
    number = await commands.declare(hachi, title)
    await converge(hachi)
    return number


@pytest.mark.parametrize(
    "fault",
    [
        Fault.reset_after(),
        Fault.reset_before(),
        Fault.error("internal_error", after_effect=True),
        Fault.http(503),
    ],
    ids=["answer lost", "no effect", "internal_error after the effect", "503"],
)
async def test_a_channel_of_unknown_outcome_is_found_or_opened_once(hachi: Hachi, fault: Fault) -> None:
    hachi.sandbox.faults.add("conversations.create", fault, where=lambda args: "inc-1" in args["name"])
    number = await declared(hachi)
    assert channels(hachi) == ["inc-1-payments-fail"]
    await check(hachi, number)


async def test_a_name_somebody_else_has_is_let_be_and_the_next_is_taken(hachi: Hachi) -> None:
    theirs = hachi.sandbox.create_channel("inc-1-payments-fail", "boss")
    number = await declared(hachi)
    assert channels(hachi) == ["inc-1-payments-fail", "inc-1-payments-fail-b2"]
    assert not theirs.messages
    await check(hachi, number)


async def test_the_channel_of_another_incident_is_never_taken(hachi: Hachi) -> None:
    first = await declared(hachi)
    other = (await look(hachi, first)).snapshot.incident.channel_id
    channel = hachi.sandbox.workspace.channels[other or ""]
    hachi.sandbox.rename(channel, "inc-2-payments-fail")
    second = await declared(hachi)
    assert (await look(hachi, second)).snapshot.incident.channel_id != other
    await check(hachi, first)
    await check(hachi, second)


async def test_a_title_slack_takes_no_name_from_gives_the_number(hachi: Hachi) -> None:
    hachi.sandbox.faults.add(
        "conversations.create",
        Fault.error("invalid_name_specials"),
        where=lambda args: args["name"].startswith("inc-1-"),
    )
    number = await declared(hachi)
    assert channels(hachi) == ["inc-1"]
    await check(hachi, number)


async def test_a_renamed_channel_keeps_its_name_and_whoever_left_is_not_invited_again(hachi: Hachi) -> None:
    number = await declared(hachi)
    channel = hachi.sandbox.channel("inc-1-payments-fail")
    hachi.sandbox.rename(channel, "war-room")
    hachi.sandbox.remove_member(channel, "mei")
    await commands.tell(hachi, number)
    await converge(hachi)
    assert channel.name == "war-room"
    assert "mei" not in hachi.members(channel)


async def test_one_who_cannot_be_invited_keeps_nobody_out_and_is_named_on_the_briefing(hachi: Hachi) -> None:
    hachi.sandbox.deactivate_person("mei")
    number = await declared(hachi)
    channel = hachi.sandbox.channel("inc-1-payments-fail")
    assert hachi.members(channel) == {"hana", "ada", "kenji", "sato", "cho"}
    (briefing,) = [one for where, key, one in ours(hachi, number) if key == "briefing"]
    assert ":warning:" in briefing.text
    troubles = (await look(hachi, number)).snapshot.troubles
    assert hachi.person("mei").id in {one.key.removeprefix("invite/") for one in troubles} | {
        one.place.removeprefix("dm:") for one in troubles
    }


async def test_invitations_of_unknown_outcome_are_asked_for_again(hachi: Hachi) -> None:
    hachi.sandbox.faults.add("conversations.invite", Fault.reset_after())
    await check(hachi, await declared(hachi))


METHODS = (
    "conversations.create",
    "conversations.invite",
    "conversations.setTopic",
    "pins.add",
    "chat.postMessage",
    "chat.update",
)


@pytest.mark.parametrize("method", METHODS)
async def test_a_method_slack_slows_down_waits_its_time_and_everything_else_goes_on(
    hachi: Hachi, method: str
) -> None:
    planted = hachi.sandbox.faults.add(method, Fault.rate_limited(30))
    number = await commands.declare(hachi)
    await hachi.settled()
    await commands.change_severity(hachi, number, grave=False)
    await hachi.settled()
    done = {call.method for call in hachi.sandbox.calls if call.ok}
    missing = {
        "conversations.create": {"conversations.invite", "conversations.setTopic", "pins.add", "chat.update"}
    }
    assert done >= set(METHODS) - {method} - missing.get(method, set()) - {"pins.add", "chat.update"}
    refused = [call for call in hachi.sandbox.calls if call.http_status == 429]
    assert planted.used == len(refused) == 1
    await converge(hachi)
    await check(hachi, number)


async def test_what_slack_refuses_for_good_is_said_with_the_mend_and_tried_again_later(hachi: Hachi) -> None:
    refusing = hachi.sandbox.faults.add("conversations.create", Fault.error("restricted_action"), times=None)
    number = await declared(hachi)
    (direct,) = [one for _, key, one in ours(hachi, number) if key == "declared"]
    assert ":warning:" in direct.text
    async with hachi.program.database.reading() as tx:
        kinds = [entry.kind for entry in await tx.timeline.of(number)]
    assert kinds.count("slack_refused") == 1

    refusing.remove()
    await hachi.program.retry_refused()
    await converge(hachi)
    assert ":warning:" not in direct.text
    await check(hachi, number)


async def test_what_slack_refused_is_tried_again_at_the_next_start(hachi: Hachi) -> None:
    refusing = hachi.sandbox.faults.add("conversations.invite", Fault.error("restricted_action"), times=None)
    number = await declared(hachi)
    refusing.remove()
    await hachi.restart()
    await converge(hachi)
    await check(hachi, number)


async def test_customers_channel_that_was_archived_is_named_and_the_others_are_told(hachi: Hachi) -> None:
    number = await declared(hachi)
    hachi.sandbox.archive("tsubame-support")
    await commands.tell(hachi, number)
    await commands.tell(hachi, number, "second")
    await converge(hachi)
    told = [c.name for c, key, _ in ours(hachi, number) if key == "update/2"]
    assert sorted(told) == sorted(["customer-news", "northwind-support", "inc-1-payments-fail"])

    hachi.sandbox.unarchive("tsubame-support")
    await hachi.program.retry_refused()
    await converge(hachi)
    await check(hachi, number)


async def test_a_refused_token_stops_nothing_for_good(hachi: Hachi) -> None:
    revoked = hachi.sandbox.faults.add("*", Fault.error("token_revoked"), times=None)
    with capture_logs() as logs:
        number = await commands.declare(hachi)
        await hachi.settled()
    said = {(one["event"], one["error"]) for one in logs if one["log_level"] == "error"}
    assert said == {("Slack refuses the bot token; check SLACK_BOT_TOKEN.", "token_revoked")}
    revoked.remove()
    await converge(hachi)
    await check(hachi, number)
