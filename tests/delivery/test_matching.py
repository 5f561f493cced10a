"""The people of the settings, as Slack knows them: who leaves or comes is noticed, and nobody waits for it."""

from collections.abc import Sequence
from dataclasses import replace

from delivery.directory import KNOWN_FOR, MISSING_FOR, REFUSED_SECONDS
from domain.call_time_outs import CallTimeOuts
from domain.incident import Role
from domain.roster import Answer, Call
from domain.team import Person
from sandbox import Fault, PersonSpec
from tests.delivery import commands
from tests.delivery.truth import look
from tests.whole import Hachi, on_both_engines

ADA, NEW = "ada@kohaku.example", "newcomer@kohaku.example"


async def known_as(hachi: Hachi, who: str) -> str | None:
    """Their Slack user id; None where they cannot be called."""
    async with hachi.program.database.reading() as tx:
        return None if who in await tx.directory.missing() else (await tx.directory.slack_ids()).get(who)


async def test_who_has_left_is_known_to_have_left_a_day_later_and_is_called_no_more(hachi: Hachi) -> None:
    ada, matching = hachi.person("ada").id, hachi.program.matching
    assert await known_as(hachi, ADA) == ada
    hachi.sandbox.deactivate_person("ada")
    await matching.run()
    assert await known_as(hachi, ADA) == ada
    hachi.clock.advance(KNOWN_FOR)
    assert await matching.run() is None
    assert await known_as(hachi, ADA) is None
    owners = [
        one.person for one in await calls(hachi, await commands.declare(hachi)) if one.role is Role.OWNER
    ]
    assert owners == ["kenji@kohaku.example"]


async def test_who_comes_after_the_settings_named_them_is_found_within_the_hour(hachi: Hachi) -> None:
    hachi.team = replace(hachi.team, people=(*hachi.team.people, Person(who=NEW, roles=(Role.OWNER,))))
    await hachi.restart()
    assert await known_as(hachi, NEW) is None
    newcomer = hachi.sandbox.add_person(PersonSpec("newcomer", email=NEW))
    await hachi.program.matching.run()
    assert await known_as(hachi, NEW) is None
    hachi.clock.advance(MISSING_FOR)
    await hachi.program.matching.run()
    assert await known_as(hachi, NEW) == newcomer.id


async def test_where_slack_asks_for_patience_nobody_else_is_asked_for_and_what_was_found_is_kept(
    hachi: Hachi,
) -> None:
    hachi.clock.advance(KNOWN_FOR)
    last = list(hachi.team.everybody())[2]
    hachi.sandbox.faults.add(
        "users.lookupByEmail", Fault.rate_limited(30), where=lambda args: args["email"] == last
    )
    before = lookups(hachi)
    assert await hachi.program.matching.run() == 30
    assert lookups(hachi) == before + 3
    assert await hachi.program.matching.run() is None
    assert lookups(hachi) == before + 3 + len(hachi.team.everybody()) - 2


async def test_what_slack_refuses_of_one_is_asked_again_later_and_the_others_are_found(hachi: Hachi) -> None:
    hachi.clock.advance(KNOWN_FOR)
    hachi.sandbox.faults.add("users.lookupByEmail", Fault.error("enterprise_is_restricted"))
    assert await hachi.program.matching.run() == REFUSED_SECONDS
    before = lookups(hachi)
    assert await hachi.program.matching.run() is None
    assert lookups(hachi) == before + 1


def lookups(hachi: Hachi) -> int:
    return sum(call.method == "users.lookupByEmail" for call in hachi.sandbox.calls)


@on_both_engines
async def test_instead_of_one_who_has_just_left_the_next_is_called_at_once(hachi: Hachi) -> None:
    hachi.team = replace(hachi.team, call_time_out=CallTimeOuts())
    await hachi.restart()
    hachi.sandbox.deactivate_person("ada")
    number = await commands.declare(hachi)
    await hachi.tick()
    assert [(one.person, one.answer) for one in await calls(hachi, number) if one.role is Role.OWNER] == [
        (ADA, Answer.UNANSWERED),
        ("kenji@kohaku.example", Answer.WAITING),
    ]
    assert "アカウントが無効になっています" in hachi.cards("inc-1-カード決済が失敗する")[0]
    await hachi.program.matching.run()
    assert await known_as(hachi, ADA) is None


async def calls(hachi: Hachi, number: int) -> Sequence[Call]:
    await hachi.settled()
    return (await look(hachi, number)).snapshot.calls
