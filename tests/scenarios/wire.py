"""What people press and send, and how Slack brings it: once or twice, in order or not, over sockets that come and go."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from sandbox import Message, Person
from sandbox.socket_mode import Delivery, NotAcknowledgedError
from tests.whole import Hachi

Recorded = Callable[[], Awaitable[object]]


@dataclass
class Wire:
    """The sockets between Slack and the program, from people's side."""

    hachi: Hachi
    pressed: set[str] = field(default_factory=set)
    """The kinds of button that were pressed."""

    async def command(self, what: str, who: str) -> None:
        with suppress(NotAcknowledgedError):
            await self.hachi.person(who).command("/incident", what, channel="support")

    async def declare(self, who: str, *, sure: bool) -> None:
        """With the form, as people do."""
        person = self.hachi.person(who)
        await self.command("declare Payments fail", who)
        if person.view and person.view["callback_id"] == "declare":
            level = "high" if sure else "medium"
            await person.fill(urgency=level, impact=level)
            await person.submit()
        await self._leave_forms(person)

    async def press(self, nth: int, who: str, *, submits: bool) -> None:
        """Press one of the buttons the person sees, and send the form it opens as it stands."""
        person = self.hachi.person(who)
        seen = [(message, button) for message in self._seen_by(person) for button in message.buttons]
        if not seen:
            return
        message, button = seen[nth % len(seen)]
        self.pressed.add(button.action_id)
        await person.click(button.action_id, message, value=button.value)
        if submits and person.view and person.view["submit"]:
            await person.submit()
        await self._leave_forms(person)

    def _seen_by(self, person: Person) -> list[Message]:
        channels = [
            channel
            for channel in self.hachi.sandbox.workspace.channels.values()
            if person.id in channel.members and not channel.deleted
        ]
        return [one for channel in channels for one in person.messages(channel) if one.by_app]

    async def _leave_forms(self, person: Person) -> None:
        while person.view:
            await person.close_view(everything=True)

    async def again(self, nth: int, recorded: Recorded) -> None:
        """Slack delivers an envelope or an event once more; nothing may come of it."""
        known = [one for one in self.hachi.sandbox.socket_mode.deliveries if one.acknowledged]
        if not known:
            return
        one = known[nth % len(known)]
        await self.hachi.settled()
        before = await recorded()
        await self._bring(one)
        await self.hachi.settled()
        assert await recorded() == before, one.payload

    async def _bring(self, one: Delivery) -> None:
        with suppress(NotAcknowledgedError):
            await self.hachi.sandbox.socket_mode.deliver(one.kind, one.payload, 1)
        for person in self.hachi.sandbox.workspace.people():
            await self._leave_forms(self.hachi.person(person.id))

    def hold_events(self) -> None:
        self.hachi.sandbox.socket_mode.hold_events()

    def let_events_go(self) -> None:
        """The newest first."""
        self.hachi.sandbox.socket_mode.let_events_go(newest_first=True)

    async def new_connection(self) -> None:
        with suppress(TimeoutError):
            await self.hachi.sandbox.socket_mode.refresh()

    async def broken_off(self) -> None:
        """The socket breaks without a word, and is there again when the program has noticed."""
        await self.hachi.sandbox.socket_mode.drop()
        await self.hachi.sandbox.socket_mode.connected(timeout=60)
