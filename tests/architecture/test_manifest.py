"""The manifest asks Slack for what the program uses: no scope, event, command or shortcut more, and none less."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
import yaml
from pydantic import ValidationError
from slack_sdk.web.async_client import AsyncWebClient

from tests.architecture.slack_manifest import Manifest
from tests.architecture.source import OUR_ROOMS, ROOT, name, python_files, tree

PUBLIC, PRIVATE, DIRECT, ANY = "public channels", "private channels", "direct messages", "-"

# For each method and each kind of conversation that Hachi calls it on: the scopes of which Slack asks for one.
# Source: the page of each method at https://docs.slack.dev/reference/methods.
NEEDS: dict[str, dict[str, set[str]]] = {
    "apps.connections.open": {},  # asks for connections:write of the app-level token, which no manifest names
    "auth.test": {},
    "chat.delete": {ANY: {"chat:write"}},
    "chat.getPermalink": {},
    "chat.postEphemeral": {ANY: {"chat:write"}},
    "chat.postMessage": {ANY: {"chat:write"}},
    "chat.update": {ANY: {"chat:write"}},
    "conversations.archive": {PUBLIC: {"channels:manage"}, PRIVATE: {"groups:write"}},
    "conversations.create": {PUBLIC: {"channels:manage"}, PRIVATE: {"groups:write"}},
    "conversations.history": {
        PUBLIC: {"channels:history"},
        PRIVATE: {"groups:history"},
        DIRECT: {"im:history"},
    },
    "conversations.info": {PUBLIC: {"channels:read"}, PRIVATE: {"groups:read"}},
    "conversations.invite": {
        PUBLIC: {"channels:manage", "channels:write.invites"},
        PRIVATE: {"groups:write", "groups:write.invites"},
    },
    "conversations.join": {PUBLIC: {"channels:join"}},
    "conversations.list": {PUBLIC: {"channels:read"}, PRIVATE: {"groups:read"}},
    "conversations.members": {PUBLIC: {"channels:read"}, PRIVATE: {"groups:read"}},
    "conversations.open": {DIRECT: {"im:write"}},
    "conversations.setTopic": {
        PUBLIC: {"channels:manage", "channels:write.topic"},
        PRIVATE: {"groups:write", "groups:write.topic"},
    },
    "pins.add": {ANY: {"pins:write"}},
    "pins.list": {ANY: {"pins:read"}},
    "reactions.get": {ANY: {"reactions:read"}},
    "users.info": {ANY: {"users:read"}},
    "users.list": {ANY: {"users:read"}},
    "users.lookupByEmail": {ANY: {"users:read.email"}},
    "views.open": {},
    "views.publish": {},
    "views.push": {},
    "views.update": {},
}

# Source: the page of each event at https://docs.slack.dev/reference/events.
EVENT_NEEDS = {
    "app_home_opened": set[str](),
    "app_mention": {"app_mentions:read"},
    "channel_archive": {"channels:read"},
    "channel_rename": {"channels:read"},
    "group_archive": {"groups:read"},
    "group_rename": {"groups:read"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "member_left_channel": {"channels:read", "groups:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "pin_removed": {"pins:read"},
    "reaction_added": {"reactions:read"},
    "user_change": {"users:read"},
}


def raw() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text("utf-8"))
    return content


def manifest() -> Manifest:
    return Manifest.model_validate(raw())


def granted() -> set[str]:
    return set(manifest().oauth_config.scopes.bot)


# What the program does, read from its source


@cache
def client_methods() -> dict[str, str]:
    """Each method of slack_sdk's client with the Web API method it calls, `chat_postMessage` → `chat.postMessage`."""
    found = {}
    for attribute, function in inspect.getmembers(AsyncWebClient, inspect.isfunction):
        call = re.search(r'self\.api_call\(\s*"([a-zA-Z.]+)"', inspect.getsource(function))
        if call and not attribute.startswith("_"):
            found[attribute] = call[1]
    return found


@cache
def methods_called() -> dict[str, str]:
    """Every Web API method that the program names, with the first place: `client.pins_add` or the text "pins.add"."""
    by_name = set(client_methods().values())
    found: dict[str, str] = {}
    for file in python_files(*OUR_ROOMS):
        for node in ast.walk(tree(file)):
            method = None
            if isinstance(node, ast.Attribute):
                method = client_methods().get(node.attr)
            elif isinstance(node, ast.Constant) and node.value in by_name:
                method = str(node.value)
            elif isinstance(node, ast.Name) and "SocketMode" in node.id:
                method = "apps.connections.open"
            if method:
                found.setdefault(method, f"{name(file)}:{getattr(node, 'lineno', 0)}")
    return found


def listeners(*kinds: str) -> Iterator[tuple[str | re.Pattern[str], str]]:
    """What `app.<kind>(…)` is called with, and where. A text, a pattern, a callback_id, or a constant of the same file."""
    for file in python_files(*OUR_ROOMS):
        constants = {
            target.id: statement.value
            for statement in tree(file).body
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree(file)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            owner = node.func.value
            owner_name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if node.func.attr in kinds and owner_name in {"app", "bolt"}:
                where = f"{name(file)}:{node.lineno}"
                yield constraint(node.args[0], constants, where), where


def constraint(node: ast.expr, constants: dict[str, ast.expr], where: str) -> str | re.Pattern[str]:
    if isinstance(node, ast.Name) and node.id in constants:
        return constraint(constants[node.id], constants, where)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Call) and ast.unparse(node.func) in {"re.compile", "compile"} and node.args:
        return re.compile(ast.literal_eval(node.args[0]))
    if isinstance(node, ast.Dict):
        pairs = {
            ast.literal_eval(key): value for key, value in zip(node.keys, node.values, strict=True) if key
        }
        chosen = pairs.get("callback_id") or pairs.get("type")
        if chosen is not None:
            return constraint(chosen, constants, where)
    raise AssertionError(f"{where}: name what this listener listens to with a text, not {ast.unparse(node)}")


def heard(offered: str, by: list[tuple[str | re.Pattern[str], str]]) -> bool:
    return any(
        offered == listener if isinstance(listener, str) else listener.search(offered) for listener, _ in by
    )


def unoffered(by: list[tuple[str | re.Pattern[str], str]], offered: set[str]) -> list[str]:
    """The listeners that nothing in the manifest can reach."""
    return [
        f"{listener!r} at {where}"
        for listener, where in by
        if not any(heard(thing, [(listener, where)]) for thing in offered)
    ]


# Slack accepts it


def test_the_manifest_follows_slacks_rules() -> None:
    manifest()


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("display_information.name", "H" * 36, "at most 35"),
        ("display_information.description", "d" * 141, "at most 140"),
        ("display_information.long_description", "too short", "at least 175"),
        ("display_information.background_color", "amber", "pattern"),
        ("display_information.colour", "#000", "Extra inputs"),
        ("features.shortcuts.0.name", "Declare an incident today", "at most 24"),
        ("features.shortcuts.0.type", "everywhere", "'global' or 'message'"),
        ("features.slash_commands.0.command", "incident", "pattern"),
        ("features.slash_commands.0.command", "/status", "Slack's own"),
        ("features.slash_commands.0.should_escape", "yes", "valid boolean"),
        ("settings.interactivity.is_enabled", False, "need interactivity"),
        ("settings.socket_mode_enabled", False, "URLs"),
        ("oauth_config.scopes.bot", ["chat:write"], "scope `commands`"),
        ("oauth_config.scopes.bot", ["commands", "commands"], "twice"),
    ],
)
def test_a_manifest_that_slack_would_refuse_is_refused_here(path: str, value: object, complaint: str) -> None:
    spoiled: Any = deepcopy(raw())
    *way, last = path.split(".")
    part = spoiled
    for step in way:
        part = part[int(step)] if step.isdigit() else part[step]
    part[last] = value
    with pytest.raises(ValidationError, match=complaint):
        Manifest.model_validate(spoiled)


def test_mentions_in_a_command_arrive_as_ids() -> None:
    assert [command.should_escape for command in manifest().features.slash_commands] == [True]


def test_hachi_can_be_installed_without_a_public_address_and_can_write_to_people() -> None:
    assert manifest().settings.socket_mode_enabled
    assert manifest().features.app_home.messages_tab_enabled


# It asks for what the program uses


def test_every_method_that_is_called_is_in_the_table() -> None:
    unknown = {method: where for method, where in methods_called().items() if method not in NEEDS}
    assert not unknown, "add these methods and the scopes they need to NEEDS"


def test_every_method_that_is_called_has_its_scope() -> None:
    missing = [
        f"{method} ({where}) on {kind}: one of {sorted(scopes)}"
        for method, where in methods_called().items()
        for kind, scopes in NEEDS.get(method, {}).items()
        if not scopes & granted()
    ]
    assert not missing


def test_every_scope_is_used() -> None:
    used = {
        scope for method in methods_called() for scopes in NEEDS.get(method, {}).values() for scope in scopes
    }
    for event in manifest().settings.event_subscriptions.bot_events:
        used |= EVENT_NEEDS.get(event, set())
    assert granted() - used - {"commands"} == set()


def test_every_event_has_a_listener_and_its_scope() -> None:
    events = set(manifest().settings.event_subscriptions.bot_events)
    by = list(listeners("event"))
    assert {event for event in events if not heard(event.partition(".")[0], by)} == set()
    assert {event for event in events if EVENT_NEEDS[event] and not EVENT_NEEDS[event] <= granted()} == set()


def test_every_event_listener_is_subscribed_to() -> None:
    events = {event.partition(".")[0] for event in manifest().settings.event_subscriptions.bot_events}
    assert unoffered(list(listeners("event")), events) == []


def test_every_command_has_a_listener() -> None:
    by = list(listeners("command"))
    assert [c.command for c in manifest().features.slash_commands if not heard(c.command, by)] == []


def test_every_command_listener_is_offered() -> None:
    offered = {command.command for command in manifest().features.slash_commands}
    assert unoffered(list(listeners("command")), offered) == []


@pytest.mark.parametrize("kind", ["global", "message"])
def test_every_shortcut_has_a_listener(kind: str) -> None:
    by = list(listeners("shortcut", f"{kind}_shortcut"))
    offered = [s.callback_id for s in manifest().features.shortcuts if s.type == kind]
    assert [callback_id for callback_id in offered if not heard(callback_id, by)] == []


def test_every_shortcut_listener_is_offered() -> None:
    offered = {shortcut.callback_id for shortcut in manifest().features.shortcuts}
    by = list(listeners("shortcut", "global_shortcut", "message_shortcut"))
    assert unoffered(by, offered) == []
