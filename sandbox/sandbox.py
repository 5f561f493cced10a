"""The sandbox as a whole: start it, act in it as its people, change it by hand, stop it."""

from __future__ import annotations

import asyncio
import importlib
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from sandbox import channels
from sandbox.changes import PATIENCE_SECONDS, Change
from sandbox.events import event_for
from sandbox.faults import Faults
from sandbox.interactions import Interactions
from sandbox.limits import RateLimits
from sandbox.manifest import App, read_app
from sandbox.methods import Site
from sandbox.modals import TRIGGER_SECONDS, Modals
from sandbox.model import Account, Channel, ChannelSpec, Clock, Message, PersonSpec
from sandbox.page_tour import TourStep
from sandbox.payloads import user_json
from sandbox.person import Person
from sandbox.replies import Replies
from sandbox.server import Call, Server, Settings
from sandbox.socket_mode import ACK_SECONDS, REDELIVERY, SocketMode, Way
from sandbox.workspace import Happening, Workspace

T = TypeVar("T")


class Sandbox:
    """A Slack workspace with one app in it. Make one with `await Sandbox.start(…)`."""

    def __init__(
        self,
        app: App,
        people: Iterable[PersonSpec],
        clock: Clock | None,
        monotonic: Callable[[], float],
        ack_seconds: float,
        redelivery: tuple[float, ...],
    ) -> None:
        self.app = app
        self.workspace = Workspace(people, app_name=app.name, clock=clock)
        # Who waits longer for an acknowledgement lets a form open as late.
        self.modals = Modals(self.workspace, monotonic, max(TRIGGER_SECONDS, ack_seconds))
        self.socket_mode = SocketMode(self.workspace.app_id, self.workspace.changes, ack_seconds, redelivery)
        self.way: Way = self.socket_mode
        self.replies = Replies(self.workspace, monotonic)
        self.faults = Faults()
        self.problems: list[str] = []
        self.bot_token = f"xoxb-{secrets.token_hex(12)}"
        self.app_token = f"xapp-1-{self.workspace.app_id}-{secrets.token_hex(12)}"
        self._site = Site(self.workspace, app, self.modals, self.socket_mode)
        self._settings = Settings(tokens={self.bot_token: "bot", self.app_token: "app"})
        self.server = Server(self._site, self.replies, self.faults, self._settings)
        self.interactions = Interactions(self._site, self.replies)
        self._people: dict[str, Person] = {}
        self.workspace.listeners.append(self._happened)

    @classmethod
    async def start(
        cls,
        port: int = 0,
        host: str = "127.0.0.1",
        manifest: Path | None = None,
        people: Iterable[PersonSpec] = (),
        channels: Iterable[ChannelSpec] = (),
        clock: Clock | None = None,
        published_rate_limits: bool = False,
        page: bool = False,
        *,
        tour: Iterable[TourStep] = (),
        title: str = "",
        scopes: Iterable[str] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        ack_seconds: float = ACK_SECONDS,
        redelivery: tuple[float, ...] = REDELIVERY,
    ) -> Sandbox:
        """A workspace that listens on localhost.

        Without a manifest the app has every scope, event, command and shortcut; `scopes` takes the place of the
        manifest's. `monotonic` tells the seconds by which trigger ids, response_urls and rate limits run.
        `redelivery` are the seconds before each new try of an event. With `page` people can look at the workspace
        in a browser, called `title` there and introduced by the steps of the `tour`; a clock that also has `speed`,
        `set_speed` and `advance` can be set there. Raises OSError, ValueError.
        """
        app = read_app(manifest)
        if scopes is not None:
            app = replace(app, scopes=set(scopes))
        sandbox = cls(app, people, clock, monotonic, ack_seconds, redelivery)
        for spec in channels:
            sandbox._furnish(spec)
        if published_rate_limits:
            sandbox.server.limits = RateLimits(monotonic)
        if page:
            # Jinja is loaded only where there is a page.
            importlib.import_module("sandbox.page").add_page(sandbox.server.app, sandbox, tuple(tour), title)
        await sandbox.server.start(host, port)
        return sandbox

    async def stop(self) -> None:
        """End every connection and task."""
        await self.server.stop()

    # where it is, and what was asked of it

    @property
    def api_url(self) -> str:
        """The base address of the Web API, with a slash at the end."""
        return f"{self._site.address}/api/"

    @property
    def address(self) -> str:
        """Where the sandbox listens, such as http://127.0.0.1:4321."""
        return self._site.address

    @property
    def page_url(self) -> str:
        """Where the page is, if there is one."""
        return f"{self._site.address}/"

    @property
    def team_id(self) -> str:
        """The id of the workspace."""
        return self.workspace.team_id

    @property
    def bot_user_id(self) -> str:
        """The user id of the app."""
        return self.workspace.bot_user_id

    @property
    def calls(self) -> list[Call]:
        """Every call of the app, in the order in which they began; uses of a response_url among them."""
        return self.server.calls

    @property
    def latency(self) -> float:
        """Seconds that every call takes."""
        return self._settings.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._settings.latency = seconds

    @property
    def history_lag(self) -> float:
        """Seconds until a message is seen in conversations.history."""
        return self._site.history_lag

    @history_lag.setter
    def history_lag(self, seconds: float) -> None:
        self._site.history_lag = seconds

    # waiting

    def subscribe(self) -> asyncio.Queue[Change]:
        """A queue that gets every change from now on."""
        return self.workspace.changes.subscribe()

    def unsubscribe(self, queue: asyncio.Queue[Change]) -> None:
        """The queue gets no more."""
        self.workspace.changes.unsubscribe(queue)

    async def changed(self, timeout: float = PATIENCE_SECONDS) -> None:  # noqa: ASYNC109
        """Wait for the next change. Raises TimeoutError."""
        await self.workspace.changes.changed(timeout)

    async def until(self, predicate: Callable[[], T], timeout: float = PATIENCE_SECONDS) -> T:  # noqa: ASYNC109
        """Wait until the predicate holds, and return what it returned. Raises TimeoutError."""
        return await self.workspace.changes.until(predicate, timeout)

    # who and what there is

    def person(self, who: str) -> Person:
        """A person by handle or id. Raises LookupError."""
        account = self.workspace.person(who)
        return self._people.setdefault(account.id, Person(self, account))

    def channel(self, channel: Channel | str) -> Channel:
        """A channel by name or id. Raises LookupError."""
        return channel if isinstance(channel, Channel) else self.workspace.named(channel)

    # people change Slack by hand

    def create_channel(self, name: str, by: str, *, private: bool = False) -> Channel:
        """A person makes a channel. Raises SlackError."""
        return channels.create(self.workspace, name, private=private, by=self.workspace.person(by).id)

    def rename(self, channel: Channel | str, name: str, by: str | None = None) -> None:
        """A person gives a channel another name. Raises SlackError."""
        channels.rename(self.workspace, self.channel(channel), name, self._someone(by))

    def archive(self, channel: Channel | str, by: str | None = None) -> None:
        """A person archives a channel. Raises SlackError."""
        channels.archive(self.workspace, self.channel(channel), self._someone(by))

    def unarchive(self, channel: Channel | str, by: str | None = None) -> None:
        """A person unarchives a channel. Raises SlackError."""
        channels.unarchive(self.workspace, self.channel(channel), self._someone(by))

    def delete_channel(self, channel: Channel | str) -> None:
        """An admin deletes a channel for good."""
        channels.delete(self.workspace, self.channel(channel))

    def set_topic(self, channel: Channel | str, topic: str, by: str | None = None) -> None:
        """A person changes the topic. Raises SlackError."""
        channels.set_topic(self.workspace, self.channel(channel), topic, self._someone(by))

    def add_member(self, channel: Channel | str, who: str) -> None:
        """Somebody joins: a handle, or the id of the app."""
        channels.join(self.workspace, self.channel(channel), self.workspace.person(who).id)

    def remove_member(self, channel: Channel | str, who: str) -> None:
        """Somebody is taken out of a channel: a handle, or the id of the app. Raises SlackError."""
        channels.leave(self.workspace, self.channel(channel), self.workspace.person(who).id)

    def unpin(self, message: Message, by: str | None = None) -> None:
        """A person unpins a message. Raises SlackError."""
        self.workspace.unpin(message, self._someone(by))

    def delete_message(self, message: Message) -> None:
        """A person deletes a message."""
        self.workspace.delete(message)

    def add_person(self, spec: PersonSpec) -> Person:
        """Somebody new joins the workspace."""
        account = self.workspace.add_person(spec)
        self.workspace.changed("person", person=account.id)
        self.workspace.happened(type="team_join", user=self._user(account))
        return self.person(account.id)

    def deactivate_person(self, who: str) -> None:
        """Somebody leaves the company."""
        self._changed_person(who, deactivated=True)

    def change_person(self, who: str, *, name: str | None = None, locale: str | None = None) -> None:
        """Somebody changes their name or language."""
        changes = {key: value for key, value in (("name", name), ("locale", locale)) if value is not None}
        self._changed_person(who, **changes)

    def revoke_tokens(self) -> None:
        """The bot token is no good any more."""
        self._settings.refused_tokens[self.bot_token] = "token_revoked"
        tokens: dict[str, list[str]] = {"oauth": [], "bot": [self.bot_user_id]}
        self.workspace.happened(type="tokens_revoked", tokens=tokens)
        self.workspace.changed("app")

    def uninstall(self) -> None:
        """The app is removed from the workspace."""
        self._settings.refused_tokens[self.bot_token] = "account_inactive"
        self.app.installed = False
        self.workspace.happened(type="app_uninstalled")
        self.workspace.changed("app")

    def remove_scope(self, *scopes: str) -> None:
        """The app is installed again with less."""
        self.app.removed_scopes.update(scopes)

    def grant_scope(self, *scopes: str) -> None:
        """The app is installed again with more."""
        self.app.removed_scopes.difference_update(scopes)
        if self.app.scopes is not None:
            self.app.scopes.update(scopes)

    def problem(self, text: str) -> None:
        """Note something of the app's that Slack would refuse without telling the app."""
        self.problems.append(text)
        self.workspace.changes.wake()

    # how it is done

    def _someone(self, by: str | None) -> str:
        people = self.workspace.people()
        return self.workspace.person(by).id if by else (people[0].id if people else self.bot_user_id)

    def _user(self, account: Account) -> dict[str, object]:
        email = self.app.granted("users:read.email")
        return user_json(self.workspace, account, email=email, locale=True)

    def _changed_person(self, who: str, **changes: object) -> None:
        account = self.workspace.person(who)
        for name, value in changes.items():
            setattr(account, name, value)
        account.updated = int(time.time())
        self.workspace.names[account.id] = account.name
        self.workspace.changed("person", person=account.id)
        self.workspace.happened(type="user_change", user=self._user(account), cache_ts=account.updated)

    def _happened(self, happening: Happening) -> None:
        payload = event_for(self.app, self.workspace, happening)
        if payload is not None:
            self.socket_mode.event(payload)

    def _furnish(self, spec: ChannelSpec) -> None:
        members = [self.workspace.person(handle).id for handle in spec.members]
        creator = members[0] if members else self.bot_user_id
        members += [self.bot_user_id] * (spec.bot or not members)
        channel = self.workspace.add_channel(
            spec.name, "private" if spec.private else "public", creator, members
        )
        channel.topic, channel.purpose, channel.archived = spec.topic, spec.purpose, spec.archived
