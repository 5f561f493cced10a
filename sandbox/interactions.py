"""Commands, shortcuts, actions and submissions as the app receives them.

Sources: https://docs.slack.dev/interactivity/implementing-slash-commands and the pages under
https://docs.slack.dev/reference/interaction-payloads.
"""

from __future__ import annotations

from sandbox.form_state import SLOTS, state_values
from sandbox.methods.registry import Site
from sandbox.model import Account, Channel, Json, Message, Values, View
from sandbox.payloads import message_json, view_json
from sandbox.replies import Replies

TOKEN = "sandbox-verification"  # noqa: S105 - a constant that Slack itself has retired


class Interactions:
    """Builds the payloads."""

    def __init__(self, site: Site, replies: Replies) -> None:
        self._site = site
        self._replies = replies

    def command(self, person: Account, channel: Channel, command: str, text: str) -> Json:
        """A slash command; unlike everything else its fields stand flat."""
        workspace = self._site.workspace
        names = {"im": "directmessage", "private": "privategroup", "mpim": "privategroup"}
        return {
            "token": TOKEN,
            "team_id": workspace.team_id,
            "team_domain": workspace.domain,
            "channel_id": channel.id,
            "channel_name": names.get(channel.kind, channel.name),
            "user_id": person.id,
            "user_name": person.handle,
            "command": command,
            "text": text,
            "api_app_id": workspace.app_id,
            "is_enterprise_install": "false",
            "response_url": self._response_url(channel, person),
            "trigger_id": self._site.modals.trigger(person.id),
        }

    def shortcut(self, person: Account, callback_id: str) -> Json:
        """A global shortcut."""
        body = self._common("shortcut", person) | {"action_ts": self._site.workspace.next_ts()}
        return body | {"callback_id": callback_id, "trigger_id": self._site.modals.trigger(person.id)}

    def message_action(self, person: Account, channel: Channel, message: Message, callback_id: str) -> Json:
        """A shortcut on a message."""
        body = self._common("message_action", person) | {"action_ts": self._site.workspace.next_ts()}
        return body | {
            "callback_id": callback_id,
            "trigger_id": self._site.modals.trigger(person.id),
            "channel": self._channel(channel),
            "message_ts": message.ts,
            "message": message_json(self._site.workspace, message),
            "response_url": self._response_url(channel, person, message),
        }

    def message_click(
        self, person: Account, channel: Channel, message: Message, block: Json, element: Json, state: Json
    ) -> Json:
        """Something was clicked or chosen in a message."""
        body = self._actions(person, block, element, state)
        container = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
        container["is_ephemeral"] = message.ephemeral_for is not None  # type: ignore[assignment]
        if message.thread_ts is not None:
            container["thread_ts"] = message.thread_ts
        body |= {
            "container": container,
            "channel": self._channel(channel),
            "state": {"values": state_values(message.blocks, message.values)},
            "response_url": self._response_url(channel, person, message),
            "trigger_id": self._site.modals.trigger(person.id),
        }
        if message.ephemeral_for is None:
            body["message"] = message_json(self._site.workspace, message)
        return body

    def view_click(self, person: Account, view: View, block: Json, element: Json, state: Json) -> Json:
        """Something was clicked, chosen or typed in a modal or Home tab."""
        in_modal = view.id if view.type == "modal" else None
        return self._actions(person, block, element, state) | {
            "container": {"type": "view", "view_id": view.id},
            "view": view_json(self._site.workspace, view),
            "trigger_id": self._site.modals.trigger(person.id, in_modal),
        }

    def submission(self, person: Account, view: View) -> Json:
        """A modal was submitted."""
        return self._common("view_submission", person) | {
            "trigger_id": self._site.modals.trigger(person.id, view.id),
            "view": view_json(self._site.workspace, view),
            "response_urls": self._chosen_channels(person, view),
        }

    def closed(self, person: Account, view: View, *, cleared: bool) -> Json:
        """A modal was closed without being submitted."""
        body = self._common("view_closed", person)
        return body | {"view": view_json(self._site.workspace, view), "is_cleared": cleared}

    def suggestion(self, person: Account, view: View, block: Json, element: Json, query: str) -> Json:
        """Somebody types in a select whose options come from the app."""
        return self._common("block_suggestion", person) | {
            "container": {"type": "view", "view_id": view.id},
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "value": query,
            "view": view_json(self._site.workspace, view),
        }

    def _common(self, kind: str, person: Account) -> Json:
        workspace = self._site.workspace
        user = {
            "id": person.id,
            "username": person.handle,
            "name": person.handle,
            "team_id": workspace.team_id,
        }
        return {
            "type": kind,
            "token": TOKEN,
            "api_app_id": workspace.app_id,
            "team": {"id": workspace.team_id, "domain": workspace.domain},
            "enterprise": None,
            "is_enterprise_install": False,
            "user": user,
        }

    def _actions(self, person: Account, block: Json, element: Json, state: Json) -> Json:
        action: Json = {
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "type": element["type"],
        }
        for kept in ("text", "value", "style", "placeholder"):
            if kept in element and element["type"] not in SLOTS:
                action[kept] = element[kept]
        action |= state | {"action_ts": self._site.workspace.next_ts()}
        return self._common("block_actions", person) | {"actions": [action]}

    def _channel(self, channel: Channel) -> Json:
        names = {"im": "directmessage", "private": "privategroup", "mpim": "privategroup"}
        return {"id": channel.id, "name": names.get(channel.kind, channel.name)}

    def _response_url(self, channel: Channel, person: Account, original: Message | None = None) -> str:
        return f"{self._site.address}/responses/{self._replies.start(channel, person.id, original)}"

    def _chosen_channels(self, person: Account, view: View) -> list[Json]:
        found: list[Json] = []
        for block in view.blocks:
            element = block.get("element", {})
            if not element.get("response_url_enabled"):
                continue
            values: Values = view.values
            chosen = values[(block["block_id"], element["action_id"])][SLOTS[element["type"]].state]
            channel = self._site.workspace.channels.get(chosen)
            if channel is not None:
                url = self._response_url(channel, person)
                ids = {"block_id": block["block_id"], "action_id": element["action_id"]}
                found.append(ids | {"channel_id": channel.id, "response_url": url})
        return found
