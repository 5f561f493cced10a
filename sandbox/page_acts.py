"""What people do on the page: each act is one request, and its answer says in their language what did not work."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.errors import SlackError
from sandbox.form_state import SLOTS, chosen, options_of
from sandbox.model import Channel, Clock, Json, Message, View
from sandbox.page_faults import FaultSwitch
from sandbox.page_panes import Look
from sandbox.page_parts import Reads
from sandbox.page_words import said
from sandbox.person import Answer
from sandbox.readable import elements_of
from sandbox.socket_mode import NotAcknowledgedError

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox

_log = logging.getLogger(__name__)
Act = Callable[["Acts", Look, Json], Awaitable[Json]]
MOST_MINUTES = 24 * 60
MOST_SPEED = 3600.0


class StaleError(Exception):
    """The thing somebody acted on is not there any more."""


class Acts:
    """The acts by name; `perform` finds the right one."""

    def __init__(self, sandbox: Sandbox, reads: Reads, faults: FaultSwitch) -> None:
        self._sandbox = sandbox
        self._reads = reads
        self._faults = faults
        self._found: dict[str, Json] = {}
        self._by_name: dict[str, Act] = {
            "say": Acts._say,
            "press": Acts._press,
            "fill": Acts._fill,
            "search": Acts._search,
            "submit": Acts._submit,
            "close": Acts._close,
            "shortcut": Acts._shortcut,
            "message_shortcut": Acts._message_shortcut,
            "react": Acts._react,
            "read": Acts._read,
            "join": Acts._join,
            "home": Acts._home,
            "clock": Acts._clock,
            "faults": Acts._set_faults,
        }

    async def perform(self, name: str, look: Look, body: Json) -> Json:
        """Do it. The answer has `ok`, and `error` in the person's language where it is false.

        Raises LookupError where there is no act of that name, ValueError and TypeError where the body makes no sense.
        """
        act = self._by_name[name]
        try:
            return {"ok": True} | await act(self, look, body)
        except StaleError:
            return {"ok": False, "stale": True, "error": look.w("stale")}
        except (LookupError, SlackError) as error:
            _log.info("%s could not be done: %s", name, error)
            return {"ok": False, "stale": True, "error": look.w("stale")}

    # writing

    async def _say(self, look: Look, body: Json) -> Json:
        text = str(body.get("text", "")).strip()
        if not text:
            return {"ok": False, "error": look.w("empty_message")}
        place = None if look.in_app else look.channel
        if text.startswith("/"):
            command, _, rest = text.replace("\u3000", " ", 1).partition(" ")
            return self._answer(look, await look.person.command(command, rest.strip(), place))
        if look.lock:
            known = {"archived": "archived_here", "read_only": "read_only"}
            return {"ok": False, "error": look.w(known.get(look.lock, "not_in"))}
        thread = self._message(look, str(body["thread"])) if body.get("thread") else None
        await look.person.post(place, text, thread)
        return {}

    async def _react(self, look: Look, body: Json) -> Json:
        message, name = self._message(look, str(body.get("ts"))), str(body["name"])
        if look.person.id in message.reactions.get(name, ()):
            await look.person.unreact(name, message)
        else:
            await look.person.react(name, message)
        return {}

    async def _read(self, look: Look, body: Json) -> Json:
        if look.channel is not None and self._reads.mark(look.person.id, look.channel.id, str(body["ts"])):
            self._sandbox.workspace.changed("read", person=look.person.id)
        return {}

    async def _join(self, look: Look, _body: Json) -> Json:
        if look.channel is None or look.channel.archived:
            raise StaleError
        await look.person.join(look.channel)
        return {}

    # the app's things

    async def _shortcut(self, look: Look, body: Json) -> Json:
        return self._answer(look, await look.person.shortcut(str(body["id"])))

    async def _message_shortcut(self, look: Look, body: Json) -> Json:
        message = self._message(look, str(body.get("ts")))
        return self._answer(look, await look.person.message_shortcut(str(body["id"]), message))

    async def _home(self, look: Look, _body: Json) -> Json:
        await look.person.open_home()
        return {}

    async def _press(self, look: Look, body: Json) -> Json:
        """A button was clicked or something chosen, in a message, a form or the Home tab."""
        place: View | Message
        place = (
            self._view(look, str(body["view"])) if body.get("view") else self._message(look, str(body["ts"]))
        )
        block, element = _find(place.blocks, str(body["block"]), str(body["action"]))
        state = self._state(element, body.get("value"))
        if element["type"] in SLOTS:
            place.values[(block["block_id"], element["action_id"])] = state
        build = self._sandbox.interactions
        if isinstance(place, View):
            return await self._deliver(look, build.view_click(look.account, place, block, element, state))
        channel = self._sandbox.workspace.channels[place.channel_id]
        return await self._deliver(
            look, build.message_click(look.account, channel, place, block, element, state)
        )

    async def _fill(self, look: Look, body: Json) -> Json:
        """Something was typed or chosen in a form; the app hears of it only where the form asks for that."""
        view = self._view(look, str(body["view"]))
        self._keep(view, str(body["block"]), str(body["action"]), body.get("value"))
        return {}

    async def _search(self, look: Look, body: Json) -> Json:
        view = self._view(look, str(body["view"]))
        block, element = _find(view.blocks, str(body["block"]), str(body["action"]))
        payload = self._sandbox.interactions.suggestion(
            look.account, view, block, element, str(body.get("query", ""))
        )
        try:
            answer = await self._sandbox.way.deliver("interactive", payload)
        except NotAcknowledgedError:
            return {"options": []}
        found = options_of(answer or {})
        self._found |= {option["value"]: option for option in found}
        return {"options": [[option["value"], option["text"]["text"]] for option in found]}

    async def _submit(self, look: Look, body: Json) -> Json:
        view = self._view(look, str(body["view"]))
        for block_id, actions in dict(body.get("values") or {}).items():
            for action_id, value in actions.items():
                with suppress(StaleError):  # The app may have taken the field away in the meantime.
                    self._keep(view, block_id, action_id, value)
        result = await look.person.submit()
        if result.error is not None:
            return {"ok": False, "error": said(look.lang, result.error)}
        return {"closed": result.closed}

    async def _close(self, look: Look, body: Json) -> Json:
        self._view(look, str(body["view"]))
        await look.person.close_view(everything=bool(body.get("everything")))
        return {}

    # the world around

    async def _clock(self, look: Look, body: Json) -> Json:
        clock = self._sandbox.workspace.clock
        if not can_be_set(clock):
            raise StaleError
        if "minutes" in body:
            clock.advance(timedelta(minutes=min(max(float(body["minutes"]), 0.0), MOST_MINUTES)))  # type: ignore[attr-defined]
        else:
            clock.set_speed(min(max(float(body["speed"]), 0.0), MOST_SPEED))  # type: ignore[attr-defined]
        self._sandbox.workspace.changed("clock")
        return {}

    async def _set_faults(self, _look: Look, body: Json) -> Json:
        self._faults.turn(str(body["way"]))
        self._sandbox.workspace.changed("faults")
        return {}

    # how it is done

    def _view(self, look: Look, view_id: str) -> View:
        for view in (look.modal(), look.home()):
            if view is not None and view.id == view_id:
                return view
        raise StaleError

    def _message(self, look: Look, ts: str) -> Message:
        channel: Channel | None = look.channel
        for message in (*channel.history, *channel.ephemerals) if channel is not None else ():
            if message.ts == ts and message.ephemeral_for in (None, look.person.id):
                return message
        raise StaleError

    def _keep(self, view: View, block_id: str, action_id: str, value: Any) -> None:
        block, element = _find(view.blocks, block_id, action_id)
        if element["type"] in SLOTS:
            state = self._chosen(element, value)
            view.values[(block["block_id"], element["action_id"])] = state

    def _state(self, element: Json, value: Any) -> Json:
        if element["type"] == "overflow":
            offered = [option for option in element["options"] if option["value"] == value]
            if not offered:
                raise StaleError
            return {"selected_option": offered[0]}
        if element["type"] not in SLOTS:
            return {}
        return self._chosen(element, value)

    def _chosen(self, element: Json, value: Any) -> Json:
        wanted = value if isinstance(value, list) else [value]
        searched = [self._found[one] for one in wanted if one in self._found]
        try:
            return chosen(element, value, searched if "external" in element["type"] else ())
        except LookupError:
            raise StaleError from None

    async def _deliver(self, look: Look, payload: Json) -> Json:
        if not self._sandbox.app.interactivity:
            return self._answer(look, Answer(False, error="This app has no interactivity."))
        try:
            await self._sandbox.way.deliver("interactive", payload)
        except NotAcknowledgedError as error:
            return self._answer(look, Answer(False, error=f'This app responded with the error "{error}"'))
        return {}

    def _answer(self, look: Look, answer: Answer) -> Json:
        return {} if answer.error is None else {"ok": False, "error": said(look.lang, answer.error)}


def can_be_set(clock: Clock) -> bool:
    """Whether the clock can be paused, sped up and moved."""
    return all(hasattr(clock, name) for name in ("speed", "set_speed", "advance"))


def _find(blocks: list[Json], block_id: str, action_id: str) -> tuple[Json, Json]:
    for block in blocks:
        for element in elements_of(block):
            if block.get("block_id") == block_id and element.get("action_id") == action_id:
                return block, element
    raise StaleError
