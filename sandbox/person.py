"""People at work in Slack: what they type, click and see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.block_kit import checked_view
from sandbox.errors import SlackError
from sandbox.form_state import SLOTS, chosen, complaint, initial, options_of
from sandbox.model import Account, Channel, Json, Message, View
from sandbox.payloads import view_json
from sandbox.readable import elements_of, typed
from sandbox.socket_mode import NotAcknowledgedError

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox

TROUBLE = "We had some trouble connecting. Try again?"


@dataclass(frozen=True)
class Answer:
    """What only she sees in answer to what she did; `error` is Slack's own text where the app did not answer."""

    ok: bool
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    error: str | None = None


@dataclass(frozen=True)
class Submitted:
    """What became of a form: closed (this view at least), refused at some fields, or not answered."""

    closed: bool
    errors: dict[str, str] = field(default_factory=dict)
    error: str | None = None


class Person:
    """One person of the workspace, acting over the wire."""

    def __init__(self, sandbox: Sandbox, account: Account) -> None:
        self._sandbox = sandbox
        self.account = account

    @property
    def id(self) -> str:
        """The user id."""
        return self.account.id

    # what she sees

    def channels(self) -> list[str]:
        """The names of the channels she is in."""
        channels = self._sandbox.workspace.channels.values()
        return [c.name for c in channels if self.id in c.members and not c.is_direct and not c.deleted]

    def messages(self, channel: Channel | str, *, notes: bool = False) -> list[Message]:
        """The messages of a channel as she sees it, oldest first; none where she is no member.

        `notes` adds Slack's own lines ("has joined the channel" and the like).
        """
        found = self._sandbox.channel(channel)
        if self.id not in found.members:
            return []
        own = [message for message in found.ephemerals if message.ephemeral_for == self.id]
        return sorted([*(found.history if notes else found.messages), *own], key=lambda message: message.ts)

    def dm(self) -> list[Message]:
        """The messages in the app's DM with her."""
        channel = self._sandbox.workspace.direct(self._sandbox.bot_user_id, self.id)
        return self.messages(channel) if channel else []

    @property
    def notifications(self) -> list[Message]:
        """The messages that pinged her, oldest first."""
        return list(self._sandbox.workspace.pings[self.id])

    @property
    def view(self) -> Json | None:
        """The modal she looks at, with `state` as filled in so far."""
        top = self._sandbox.modals.top(self.id)
        return view_json(self._sandbox.workspace, top) if top else None

    @property
    def views(self) -> list[Json]:
        """All her open modals, the topmost last."""
        stack = self._sandbox.modals.stacks.get(self.id, [])
        return [view_json(self._sandbox.workspace, view) for view in stack]

    @property
    def home(self) -> Json | None:
        """Her Home tab of the app."""
        home = self._sandbox.modals.homes.get(self.id)
        return view_json(self._sandbox.workspace, home) if home else None

    # what she does

    async def command(self, command: str, text: str = "", channel: Channel | str | None = None) -> Answer:
        """Type a slash command; without a channel, in the app's DM.

        In the text `@hana` and `#support` mean people and channels, as they do in Slack's own box.
        """
        known = self._sandbox.app.command(command)
        if known is None:
            return Answer(False, error=f"{command} is not a valid command.")
        where = self._place(channel)
        text = self._typed(text, with_names=True) if known.should_escape else text
        payload = self._sandbox.interactions.command(self.account, where, command, text)
        try:
            answer = await self._sandbox.way.deliver("slash_commands", payload)
        except NotAcknowledgedError as error:
            return Answer(False, error=f'{command} failed with the error "{error}"')
        if not answer:
            return Answer(True)
        try:
            said = self._sandbox.replies.say(where, self.id, answer)
        except SlackError as error:
            self._sandbox.problem(f"the answer to {command}: {error}")
            return Answer(False, error=f'{command} failed with the error "{error.code}"')
        if said is None or said.ephemeral_for is None:
            return Answer(True)
        return Answer(True, said.text, said.blocks)

    async def shortcut(self, callback_id: str) -> Answer:
        """Choose a global shortcut. Raises LookupError where the app has none of that name."""
        if self._sandbox.app.shortcut(callback_id, "global") is None:
            raise LookupError(f"the app has no global shortcut {callback_id!r}")
        return await self._interact(self._sandbox.interactions.shortcut(self.account, callback_id))

    async def message_shortcut(self, callback_id: str, message: Message) -> Answer:
        """Choose a shortcut in the menu of a message. Raises LookupError where the app has none of that name."""
        if self._sandbox.app.shortcut(callback_id, "message") is None:
            raise LookupError(f"the app has no message shortcut {callback_id!r}")
        channel = self._sandbox.channel(message.channel_id)
        payload = self._sandbox.interactions.message_action(self.account, channel, message, callback_id)
        return await self._interact(payload)

    async def click(
        self,
        action_id: str,
        message: Message | None = None,
        channel: Channel | str | None = None,
        value: Any = None,
    ) -> Answer:
        """Click a button or choose in a menu: in the message, else in the open modal, else in the newest message
        that has it (of the channel, if one is given), else in the Home tab. `value` picks among buttons, or is
        what to choose.

        Raises LookupError where there is no such thing to click.
        """
        for place, block, element in self._clickable(action_id, message, channel):
            if value is not None and element["type"] == "button" and element.get("value") != value:
                continue
            state = self._choice(element, value)
            if element["type"] in SLOTS:
                place.values[(block["block_id"], element["action_id"])] = state
            build = self._sandbox.interactions
            if isinstance(place, View):
                return await self._interact(build.view_click(self.account, place, block, element, state))
            where = self._sandbox.channel(place.channel_id)
            return await self._interact(
                build.message_click(self.account, where, place, block, element, state)
            )
        raise LookupError(f"{self.account.handle} sees no {action_id!r}{f' with {value!r}' if value else ''}")

    async def fill(self, **values: Any) -> None:
        """Fill in the open modal: a keyword is a block_id or action_id, its value text, an id, the value of an
        option, or a list of those. Sends what Slack sends at once, and waits for its acknowledgement.

        Raises LookupError where the modal has no such field or option.
        """
        for name, given in values.items():
            view = self._open_view()
            block, element = self._field(view, name)
            found = (
                await self.search(name, str(given)) if element["type"] == "external_select" and given else []
            )
            state = chosen(element, given, found)
            view.values[(block["block_id"], element["action_id"])] = state
            self._sandbox.workspace.changed("view", person=self.id)
            if block["type"] != "input" or block.get("dispatch_action"):
                await self._interact(
                    self._sandbox.interactions.view_click(self.account, view, block, element, state)
                )

    async def search(self, name: str, query: str) -> list[Json]:
        """Type in a select whose options come from the app; answers the options."""
        view = self._open_view()
        block, element = self._field(view, name)
        payload = self._sandbox.interactions.suggestion(self.account, view, block, element, query)
        try:
            answer = await self._sandbox.way.deliver("interactive", payload)
        except NotAcknowledgedError:
            return []
        return options_of(answer or {})

    async def submit(self) -> Submitted:
        """Submit the open modal; what Slack checks itself is not sent. Raises LookupError where none is open."""
        view = self._open_view()
        view.errors = {}
        for block in view.blocks:
            if block["type"] == "input":
                state = view.values[(block["block_id"], block["element"]["action_id"])]
                problem = complaint(block, state)
                if problem is not None:
                    view.errors[block["block_id"]] = problem
        if view.errors:
            self._sandbox.workspace.changed("view", person=self.id)
            return Submitted(False, dict(view.errors))
        try:
            answer = await self._sandbox.way.deliver(
                "interactive", self._sandbox.interactions.submission(self.account, view)
            )
            return self._submitted(view, answer or {})
        except NotAcknowledgedError:
            return Submitted(False, error=TROUBLE)
        except SlackError as error:
            self._sandbox.problem(
                f"the answer to the submission of {view.definition.get('callback_id')}: {error}"
            )
            return Submitted(False, error=TROUBLE)

    async def close_view(self, *, everything: bool = False) -> None:
        """Press Cancel in the open modal, or the x (`everything`), which closes all of them."""
        view = self._open_view()
        clear = everything or bool(view.definition.get("clear_on_close"))
        closed = self._sandbox.modals.close(self.id, everything=clear)
        shown = closed[-1] if clear else view
        if shown.definition.get("notify_on_close") or view.definition.get("notify_on_close"):
            await self._interact(self._sandbox.interactions.closed(self.account, shown, cleared=clear))

    async def post(self, channel: Channel | str | None, text: str, thread: Message | None = None) -> Message:
        """Write a message; without a channel, to the app. Raises LookupError where she is no member."""
        where = self._place(channel)
        if self.id not in where.members:
            raise LookupError(f"{self.account.handle} is not in {where.name}")
        marked_up = self._typed(text, with_names=False)
        return self._sandbox.workspace.post(
            where, self.id, marked_up, thread_ts=thread.ts if thread else None
        )

    async def react(self, name: str, message: Message) -> None:
        """React to a message."""
        self._sandbox.workspace.react(message, self.id, name)

    async def unreact(self, name: str, message: Message) -> None:
        """Take a reaction back."""
        self._sandbox.workspace.unreact(message, self.id, name)

    async def open_home(self) -> None:
        """Look at the app's Home tab."""
        channel = self._place(None)
        event: Json = {"type": "app_home_opened", "user": self.id, "channel": channel.id, "tab": "home"}
        if self.home is not None:
            event["view"] = self.home
        self._sandbox.workspace.happened(None, **event)

    async def join(self, channel: Channel | str) -> None:
        """Join a public channel."""
        self._sandbox.add_member(channel, self.account.handle)

    # how it is done

    def _place(self, channel: Channel | str | None) -> Channel:
        if channel is None:
            return self._sandbox.workspace.open_direct(self._sandbox.bot_user_id, self.id)
        return self._sandbox.channel(channel)

    def _typed(self, text: str, *, with_names: bool) -> str:
        workspace = self._sandbox.workspace
        users = {account.handle: account.id for account in workspace.accounts.values()}
        named = {c.name: c.id for c in workspace.channels.values() if not c.is_direct and not c.deleted}
        return typed(text, users, named, with_names)

    async def _interact(self, payload: Json) -> Answer:
        if not self._sandbox.app.interactivity:
            return Answer(False, error="This app has no interactivity.")
        try:
            await self._sandbox.way.deliver("interactive", payload)
        except NotAcknowledgedError as error:
            return Answer(False, error=f'This app responded with the error "{error}"')
        return Answer(True)

    def _open_view(self) -> View:
        top = self._sandbox.modals.top(self.id)
        if top is None:
            raise LookupError(f"{self.account.handle} has no modal open")
        return top

    def _field(self, view: View, name: str) -> tuple[Json, Json]:
        there: list[str] = []
        for block in view.blocks:
            for element in elements_of(block):
                if element["type"] in SLOTS:
                    if name in (block["block_id"], element["action_id"]):
                        return block, element
                    there.append(block["block_id"])
        raise LookupError(f"the modal has no field {name!r}: there are {', '.join(there) or 'none'}")

    def _choice(self, element: Json, value: Any) -> Json:
        if element["type"] == "overflow":
            offered = [option for option in options_of(element) if option["value"] == value]
            if not offered:
                raise LookupError(f"{element['action_id']} does not offer {value!r}")
            return {"selected_option": offered[0]}
        if element["type"] not in SLOTS:
            return {}
        return chosen(element, value) if value is not None else initial(element)

    def _clickable(
        self, action_id: str, message: Message | None, channel: Channel | str | None
    ) -> Iterator[tuple[View | Message, Json, Json]]:
        places: list[View | Message] = [message] if message else []
        if message is None:
            top = self._sandbox.modals.top(self.id)
            if top is not None and channel is None:
                places.append(top)
            mine = [
                c for c in self._sandbox.workspace.channels.values() if self.id in c.members and not c.deleted
            ]
            looked_at = [self._sandbox.channel(channel)] if channel else mine
            seen = [one for place in looked_at for one in self.messages(place)]
            seen.sort(key=lambda one: one.ts, reverse=True)
            places += seen
            home = self._sandbox.modals.homes.get(self.id)
            if home is not None and channel is None:
                places.append(home)
        for place in places:
            for block in place.blocks:
                for element in elements_of(block):
                    if element.get("action_id") == action_id:
                        yield place, block, element

    def _submitted(self, view: View, answer: Json) -> Submitted:
        modals = self._sandbox.modals
        match answer.get("response_action"):
            case None:
                modals.close(self.id, everything=False)
                return Submitted(True)
            case "clear":
                modals.close(self.id, everything=True)
                return Submitted(True)
            case "update":
                modals.update(view, checked_view(answer.get("view")))
                return Submitted(False)
            case "push":
                modals.put_on_top(self.id, checked_view(answer.get("view")))
                return Submitted(False)
            case "errors":
                errors = answer.get("errors")
                inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
                if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
                    raise SlackError(
                        "invalid_arguments", ("[ERROR] errors must name input blocks of the view",)
                    )
                view.errors = {str(block_id): str(text) for block_id, text in errors.items()}
                self._sandbox.workspace.changed("view", person=self.id)
                return Submitted(False, dict(view.errors))
            case other:
                raise SlackError("invalid_arguments", (f"[ERROR] unknown response_action: {other}",))
