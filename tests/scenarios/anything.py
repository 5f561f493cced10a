"""Whatever people, the clock, Slack and crashes may do to the program, in any order; and what must hold when it is quiet."""

import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from domain.incident import Role, State
from domain.refusals import Refusal
from domain.severity import Assessment, Level
from domain.sla import SlaKind
from domain.timeline import Happened
from sandbox import Channel
from sandbox.faults import Planted
from services import calls as calling
from services import customer_updates, lifecycle, reminders, sla
from services import declare as declaring
from services import hand_over as handing
from services.customer_updates import NeedsWords
from services.desk import Actor
from tests.delivery import commands
from tests.delivery.crash import Kill, Killed
from tests.delivery.truth import (
    ByHand,
    all_said,
    check,
    converge,
    look,
    ours,
    outside_incidents,
    pass_next_wait,
    until_next,
)
from tests.scenarios import team_work
from tests.scenarios.slack_faults import FAULTS
from tests.scenarios.wire import Wire
from tests.whole import Hachi

EFFECTS_LAND_WITHIN = timedelta(seconds=20)
"""Slack is late by seconds, not by minutes: an effect that lands when nobody looks any more would stand twice."""
FAR_AHEAD = timedelta(seconds=150)
"""Slack's own time does not pass with the test's, and cards are looked for from five minutes back."""

OF_SLACK = frozenset(
    {
        Happened.SLACK_REFUSED,
        Happened.SLACK_RECOVERED,
        Happened.UPDATE_DELIVERED,
        Happened.TOPIC_PUT_BACK,
        Happened.TOPIC_LET_BE,
        Happened.PIN_PUT_BACK,
        Happened.PIN_LET_BE,
    }
)
"""What Slack brings about in its own time, whatever is delivered meanwhile."""


@dataclass
class Anything:
    """The whole program, with all that can happen to it as methods."""

    hachi: Hachi
    wire: Wire = field(init=False)
    incidents: list[int] = field(default_factory=list)
    by_hand: ByHand = field(default_factory=ByHand)
    kill: Kill | None = None
    late: list[Planted] = field(default_factory=list)
    late_since: datetime | None = None
    twice: bool = False
    """Whether somebody may have been pinged twice for a reason that Hachi can do nothing about."""

    def __post_init__(self) -> None:
        self.wire = Wire(self.hachi)

    # people

    async def declare(self, *, grave: bool, private: bool, product: str | None) -> None:
        level = Level.HIGH if grave else Level.MEDIUM
        declaration = declaring.Declaration(
            title="Payments fail",
            assessment=Assessment(urgency=level, impact=level),
            product=product,
            private=private,
            swarm_anyway=True,
        )
        desk = self.hachi.program.desk
        with suppress(Killed):
            declared = await declaring.declare(
                desk, declaration, by=self.hachi.person("hana").id, request=uuid4().hex
            )
            self.incidents.append(declared.number)

    async def ask(self, what: str, number: int, who: str) -> None:
        """Somebody asks for something; a refusal is an answer."""
        hachi, desk = self.hachi, self.hachi.program.desk
        actor = Actor(person=hachi.person(who).id)
        asked: Awaitable[object]
        request = uuid4().hex
        match what:
            case "tell":
                asked = commands.tell(hachi, number)
            case "hold":
                asked = customer_updates.hold(desk, number, actor=actor, request=request)
            case "draft" | "snooze":
                async with desk.database.reading() as tx:
                    clock = (await tx.clocks.all([number])).get(number)
                asked = reminders.ask_for_quiet(
                    desk,
                    number,
                    cycle=clock.cycle if clock else 0,
                    actor=actor,
                    reason=None if what == "draft" else "busy",
                    request=request,
                )
            case "graver" | "milder":
                asked = commands.change_severity(hachi, number, grave=what == "graver")
            case "link" | "unlink":
                change = {"add" if what == "link" else "remove": "tsubame"}
                asked = commands.link(hachi, number, **change)
            case "keep":
                asked = commands.keep_severity(hachi, number)
            case "identified" | "monitoring" | "investigating":
                asked = commands.change_state(hachi, number, State(what))
            case "resolve":
                asked = commands.resolve(hachi, number)
            case "reopen":
                asked = commands.reopen(hachi, number)
            case "close":
                asked = commands.close(hachi, number)
            case "withdraw":
                asked = lifecycle.withdraw(
                    desk, number, reason="test", explanation={}, actor=commands.ada(hachi), request=request
                )
            case "join":
                asked = calling.join(desk, number, actor=actor)
            case "hand over":
                asked = handing.hand_over(
                    desk,
                    number,
                    Role.OWNER,
                    to=hachi.person(who).id,
                    actor=commands.ada(hachi),
                    request=request,
                )
            case "escalate":
                asked = commands.escalate(hachi, number)
            case "answer" | "pass on":
                asked = team_work.decide(hachi, number, actor, answers=what == "answer")
            case "do" | "skip" | "undo":
                asked = team_work.tick_off(hachi, what, number, actor)
            case "explain":
                asked = sla.explain(
                    desk, number, SlaKind.RESPONSE, reason="busy", actor=actor, request=request
                )
            case "accept":
                asked = self._answer(number, who, calling.accept)
            case "decline":
                asked = self._answer(number, who, calling.decline)
            case _:
                raise AssertionError(what)
        with suppress(Refusal, NeedsWords, Killed):
            await asked

    async def _answer(self, number: int, who: str, say: Callable[..., Awaitable[object]]) -> None:
        """Whoever it is says this to the newest call that asks them."""
        desk, person = self.hachi.program.desk, self.hachi.person(who)
        async with desk.database.reading() as tx:
            asked = [one.number for one in await tx.calls.of(number) if one.person == person.account.email]
        if asked:
            await say(desk, number, asked[-1], actor=Actor(person=person.id))

    async def change_roster(self, what: str, who: str) -> None:
        """Somebody says who is on duty; whoever that concerns is told."""
        with suppress(Refusal, Killed):
            await team_work.change_roster(self.hachi, what, who)
        with suppress(Killed):
            await self.hachi.program.show_bulletins()

    async def command(self, what: str, number: int, who: str) -> None:
        """The same over the wire."""
        await self.wire.command(f"{what} {number}", who)

    async def declare_with_the_form(self, who: str, *, sure: bool) -> None:
        if not self.kill:
            await self.wire.declare(who, sure=sure)
            await self._find_incidents()

    async def press(self, nth: int, who: str, *, submits: bool) -> None:
        """Somebody presses a button, and may send the form it opens."""
        if not self.kill:
            await self.wire.press(nth, who, submits=submits)
            await self._find_incidents()

    async def again(self, nth: int) -> None:
        """Slack delivers an envelope or an event once more."""
        if not self.kill:
            await self.wire.again(nth, self._recorded)

    async def _recorded(self) -> list[object]:
        async with self.hachi.program.database.reading() as tx:
            return [
                (
                    await tx.incidents.get(number, lock=False),
                    await tx.customer_updates.of(number),
                    await tx.calls.of(number),
                    await tx.incidents.joined(number),
                    await tx.reminders.of(number),
                    [entry for entry in await tx.timeline.of(number) if entry.kind not in OF_SLACK],
                )
                for number in self.incidents
            ]

    # the clock

    async def minutes_pass(self, minutes: int) -> None:
        self.hachi.clock.advance(timedelta(minutes=minutes))
        with suppress(Killed):
            await self.hachi.program.tick()
            await self.hachi.program.show_bulletins()

    # Slack

    def goes_wrong(self, how: str, method: str, *, after: int, times: int) -> None:
        """From the so-maniest call on, Slack does this to so many calls."""
        if "hang" in how and method == "*":
            method = "chat.postMessage"  # Others have no short time-out.
        seen = 0

        def strikes(_: object) -> bool:
            nonlocal seen
            seen += 1
            if seen <= after:
                return False
            if planted.fault.how == "late_effect":
                self.twice = True
                self.late_since = self.late_since or self.hachi.machine_now()
            return True

        planted = self.hachi.sandbox.faults.add(method, FAULTS[how](), times=times, where=strikes)
        if how == "the effect lands late":
            self.late.append(planted)

    def history_lags(self) -> None:
        self.twice = True
        self.late_since = self.late_since or self.hachi.machine_now()
        self.hachi.sandbox.history_lag = math.inf

    def catches_up(self) -> None:
        """What was late has landed; what is still to strike as a late effect never will."""
        self.late_since = None
        self.hachi.sandbox.history_lag = 0.0
        for planted in self.late:
            planted.remove()
            planted.release()
        self.late.clear()

    # people in Slack

    def _channel(self, number: int) -> Channel | None:
        name = f"inc-{number}-"
        found = [
            one
            for one in self.hachi.sandbox.workspace.channels.values()
            if one.name.startswith(name) or one.id in self.by_hand.renamed.get(number, ())
        ]
        return found[0] if found else None

    def change_slack(self, what: str, number: int, nth: int) -> None:
        """Somebody changes by hand what Hachi has put there."""
        sandbox = self.hachi.sandbox
        channel = self._channel(number)
        if channel is None or channel.archived:
            return
        match what:
            case "topic":
                sandbox.set_topic(channel, f"by hand {nth}")
                self.by_hand.topics.add(number)
            case "unpin":
                for message in [one for one in channel.messages if one.pinned]:
                    sandbox.unpin(message)
                    self.by_hand.pins.add(number)
            case "delete":
                standing = list(ours(self.hachi, number))
                if standing:
                    where, key, message = standing[nth % len(standing)]
                    sandbox.delete_message(message)
                    self.by_hand.deleted.add((number, where.id, key))
                    self.by_hand.pins.add(number)
                    self.twice = True
            case "rename":
                self.by_hand.renamed.setdefault(number, set()).add(channel.id)
                sandbox.rename(channel, f"war-room-{number}-{nth}")
            case "leave":
                people = [one for one in channel.members if one != sandbox.bot_user_id]
                if people:
                    who = people[nth % len(people)]
                    sandbox.remove_member(channel, who)
                    self.by_hand.left.add((number, who))
            case "archive":
                sandbox.archive(channel)
                self.by_hand.archived.add(channel.id)

    # crashes

    def dies_soon(self, at_call: int, *, after_effect: bool) -> None:
        if self.kill is None:
            self.kill = Kill(self.hachi, at_call=at_call, after_effect=after_effect)

    async def restart(self) -> None:
        if self.kill is None:
            await self.hachi.restart()

    # what follows

    async def goes_on(self, waits: int) -> None:
        """What can be done now is done; then so many waits pass."""
        for n in range(waits + 1):
            with suppress(Killed):
                await self.hachi.settled()
            await self._bury()
            if n < waits:
                await self._pass_wait()
        if self.hachi._machine_ahead > FAR_AHEAD:
            await self.converge()

    async def _pass_wait(self) -> None:
        if self.kill is not None and self.kill.struck:
            return
        await self.hachi.until(self._all_calls_have_ended)
        following = await until_next(self.hachi)
        if self.late_since and following and following > self.late_since + EFFECTS_LAND_WITHIN:
            self.catches_up()
        with suppress(Killed):
            await pass_next_wait(self.hachi)
        await self._bury()

    def _all_calls_have_ended(self) -> bool:
        """What the program has given up on may still be under way."""
        return all(call.finished or call.error for call in self.hachi.sandbox.calls[-100:])

    async def _bury(self) -> None:
        if self.kill is not None and self.kill.struck:
            await self.kill.bury()
            self.kill = None
            await self._find_incidents()

    async def _find_incidents(self) -> None:
        """What was recorded before the program died."""
        async with self.hachi.program.database.reading() as tx:
            known = {one.number for one in await tx.incidents.open()} | set(self.incidents)
        self.incidents = sorted(known)

    async def converge(self) -> None:
        await self._find_incidents()
        await converge(self.hachi)

    async def quiet(self) -> None:
        """Slack is well again, what people took away is put back where only people can, and Slack shows the records."""
        self.catches_up()
        self.hachi.sandbox.faults.off()
        if self.kill is not None:
            await self.kill.bury()
            self.kill = None
        for channel in self.by_hand.archived:
            self.hachi.sandbox.unarchive(channel)
        self.by_hand.archived.clear()
        await self.hachi.program.retry_refused()
        await self.converge()
        await all_said(self.hachi)
        self.hachi.rewind()
        said = {key: len(messages) for key, messages in outside_incidents(self.hachi).items()}
        assert set(said.values()) <= {1}, said
        for number in self.incidents:
            if (await look(self.hachi, number)).snapshot.incident.swarm:
                await check(self.hachi, number, pings_per_rung=9 if self.twice else 1, by_hand=self.by_hand)
