"""Home tabs that somebody has open, kept up to date for a while; nothing is lost if one is not."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from slack_sdk.web.async_client import AsyncWebClient

from delivery.slack import Done, Gate, Refused, Slack
from services import home, people
from services.desk import Desk
from services.home import KEPT_OPEN, Tab
from templates.home import home_view
from templates.words import Words

METHOD = "views.publish"


@dataclass(frozen=True, kw_only=True)
class HomeTabs:
    desk: Desk
    client: AsyncWebClient
    gate: Gate
    machine_now: Callable[[], datetime]

    async def refresh(self) -> None:
        """Draw what has changed; any number of copies may, for the same view twice is no harm."""
        tabs = await home.tabs(self.desk)
        if not tabs:
            return
        changes = await home.changes(self.desk)
        for tab in tabs:
            now = self.machine_now()
            if tab.until is None:
                tab = replace(tab, until=now + KEPT_OPEN)
                await home.keep(self.desk, tab)
            if tab.until and tab.until < now:
                await home.close(self.desk, tab.person)
            elif tab.shown != changes and not self.gate.seconds_closed(METHOD):
                await self._draw(tab, changes)

    async def _draw(self, tab: Tab, changes: str) -> None:
        team = self.desk.team
        language, timezone = people.reads(team, await people.known(self.desk, tab.person))
        words = Words(language, timezone, await people.names(self.desk))
        seen = await home.look(self.desk, tab.person)
        view = home_view(
            seen.listed,
            team,
            seen.people,
            words,
            behind=seen.behind,
            now=seen.now,
            command="/incident",
            roster=seen.roster,
            reader=tab.person,
        )
        slack = Slack(client=self.client, gate=self.gate)
        publish = partial(self.client.views_publish, user_id=tab.person, view=view)
        outcome = await slack.ask(METHOD, publish)
        if isinstance(outcome, Done | Refused):
            await home.keep(self.desk, replace(tab, shown=changes))
