"""What the app asked for in its manifest: scopes, events, commands, shortcuts, tabs.

Source: https://docs.slack.dev/reference/app-manifest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Command:
    """A slash command of the app."""

    name: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True)
class Shortcut:
    """A shortcut of the app; `kind` is `global` or `message`."""

    callback_id: str
    name: str
    kind: str


@dataclass
class App:
    """The installed app. None means that everything is granted, subscribed to, or known."""

    name: str = "app"
    scopes: set[str] | None = None
    events: frozenset[str] | None = None
    commands: tuple[Command, ...] | None = None
    shortcuts: tuple[Shortcut, ...] | None = None
    home_tab: bool = True
    messages_tab: bool = True
    messages_tab_read_only: bool = False
    interactivity: bool = True
    installed: bool = True
    removed_scopes: set[str] = field(default_factory=set)

    def command(self, name: str) -> Command | None:
        """The command of that name; without a manifest every name is one."""
        if self.commands is None:
            return Command(name, should_escape=True)
        return next((command for command in self.commands if command.name == name), None)

    def shortcut(self, callback_id: str, kind: str) -> Shortcut | None:
        """The shortcut with that callback_id; without a manifest every one is known."""
        if self.shortcuts is None:
            return Shortcut(callback_id, callback_id, kind)
        return next((s for s in self.shortcuts if (s.callback_id, s.kind) == (callback_id, kind)), None)

    def granted(self, scope: str) -> bool:
        """Whether the bot token carries the scope."""
        return scope not in self.removed_scopes and (self.scopes is None or scope in self.scopes)

    def provided(self) -> str:
        """The scopes of the token as Slack lists them."""
        from_manifest = self.scopes if self.scopes is not None else set()
        return ",".join(sorted(from_manifest - self.removed_scopes))

    def subscribed(self, event: str) -> bool:
        """Whether the app gets events of this name."""
        return self.events is None or event in self.events


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Written in C where PyYAML was built with it: forty milliseconds less a start."""


def read_app(manifest: Path | None) -> App:
    """The app that a manifest describes; without one, an app that may do everything.

    Raises OSError when the file cannot be read, ValueError when it is no manifest.
    """
    if manifest is None:
        return App()
    try:
        content = yaml.load(manifest.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - it is a safe one
    except yaml.YAMLError as error:
        raise ValueError(f"{manifest} is not YAML: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{manifest} is no app manifest: it must be a mapping")
    features = _part(content, "features")
    settings = _part(content, "settings")
    home = _part(features, "app_home")
    commands = tuple(
        Command(
            one["command"],
            one.get("description", ""),
            one.get("usage_hint", ""),
            bool(one.get("should_escape", False)),
        )
        for one in features.get("slash_commands", ())
    )
    shortcuts = tuple(
        Shortcut(one["callback_id"], one["name"], one["type"]) for one in features.get("shortcuts", ())
    )
    bot_user = _part(features, "bot_user")
    return App(
        name=bot_user.get("display_name") or _part(content, "display_information").get("name", "app"),
        scopes=set(_part(_part(content, "oauth_config"), "scopes").get("bot") or ()),
        events=frozenset(_part(settings, "event_subscriptions").get("bot_events") or ()),
        commands=commands,
        shortcuts=shortcuts,
        home_tab=bool(home.get("home_tab_enabled", False)),
        messages_tab=bool(home.get("messages_tab_enabled", True)),
        messages_tab_read_only=bool(home.get("messages_tab_read_only_enabled", False)),
        interactivity=bool(_part(settings, "interactivity").get("is_enabled", False)),
    )


def _part(content: dict[str, Any], name: str) -> dict[str, Any]:
    part = content.get(name) or {}
    if not isinstance(part, dict):
        raise ValueError(f"{name} must be a mapping in an app manifest")
    return part
