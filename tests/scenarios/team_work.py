"""What people ask of each other and say of their duties, whatever comes of it."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from domain.duty import on_duty
from domain.incident import Role
from domain.oncall import Turn
from domain.roster_entries import EntryState
from services import escalations, playbook, roster_entries
from services.desk import Actor
from services.roster import roster
from tests.delivery import commands
from tests.whole import Hachi


async def decide(hachi: Hachi, number: int, actor: Actor, *, answers: bool) -> None:
    """Whoever it is answers the newest question, or passes it on."""
    desk = hachi.program.desk
    async with desk.database.reading() as tx:
        asked = [one.number for one in await tx.escalations.of(number)]
    if asked and answers:
        await escalations.answer(desk, number, asked[-1], text="yes", actor=actor, request=uuid4().hex)
    elif asked:
        await escalations.decline(desk, number, asked[-1], actor=actor)


async def tick_off(hachi: Hachi, what: str, number: int, actor: Actor) -> None:
    """The first step of the playbook that is not done, or is."""
    desk, request = hachi.program.desk, uuid4().hex
    seen = await playbook.checklist(desk, number, actor=actor)
    keys = [step.key for steps in seen.steps.values() for step in steps]
    fitting = [key for key in keys if (key in seen.ticks) == (what == "undo")]
    if not fitting:
        return
    match what:
        case "do":
            await playbook.do(desk, number, fitting[0], actor=actor, request=request)
        case "skip":
            await playbook.skip(desk, number, fitting[0], reason="not here", actor=actor, request=request)
        case "undo":
            await playbook.undo(desk, number, fitting[0], actor=actor, request=request)
        case _:
            raise AssertionError(what)


async def change_roster(hachi: Hachi, what: str, who: str) -> None:
    """Somebody is away or takes over; whoever is on duty asks to swap, and whoever is asked answers."""
    now, person = hachi.clock.now(), hachi.person(who).id
    until = now + timedelta(hours=8)
    match what:
        case "away":
            await commands.be_absent(hachi, who, since=now, until=until)
        case "take over":
            await roster_entries.take_over(
                hachi.program.desk,
                Role.OWNER,
                who=person,
                since=now,
                until=until,
                actor=Actor(person=person),
                request=uuid4().hex,
            )
        case "ask to swap":
            await _ask_to_swap(hachi)
        case "agree" | "disagree":
            await _decide_swap(hachi, agree=what == "agree")
        case _:
            raise AssertionError(what)


async def _ask_to_swap(hachi: Hachi) -> None:
    """Whoever of Ada and Kenji is on duty asks the other, who comes next."""
    desk, now = hachi.program.desk, hachi.clock.now()
    async with desk.database.reading() as tx:
        on = on_duty(Role.OWNER, await roster(desk, tx, at=now), at=now).first
    mine, theirs = ("kenji", "ada") if on[:1] == (commands.DAILY.members[1],) else ("ada", "kenji")
    ends = now.replace(hour=6, minute=0) + timedelta(days=now.hour >= 6)
    turn = Turn(rotation=Role.OWNER, who=hachi.person(mine).id, since=now, until=ends)
    other = replace(turn, who=hachi.person(theirs).id, since=ends, until=ends + timedelta(days=1))
    await roster_entries.ask_to_swap(desk, turn, other, actor=Actor(person=turn.who), request=uuid4().hex)


async def _decide_swap(hachi: Hachi, *, agree: bool) -> None:
    desk = hachi.program.desk
    async with desk.database.reading() as tx:
        entries = await tx.roster.since(hachi.clock.now())
    for one in [one for one in entries if one.state is EntryState.ASKED][:1]:
        await roster_entries.decide_swap(desk, one.number, agree=agree, actor=Actor(person=one.person))
