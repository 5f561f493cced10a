"""Home tabs that somebody has open, kept up to date for a while; nothing is lost if one is not."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from slack_sdk.web.async_client import AsyncWebClient

from delivery.slack import Done, Gate, Refused, Slack
from services import home, oncall, people
from services.desk import Desk
from services.home import KEPT_OPEN, Tab
from templates.home import home_view
from templates.words import Words

METHOD = "views.publish"


@dataclass(kw_only=True)
class HomeTabs:
    desk: Desk
    client: AsyncWebClient
    gate: Gate
    machine_now: Callable[[], datetime]
    _duty_seen: datetime | None = None
    """The minute for which every open tab shows who is on duty."""

    async def refresh(self) -> None:
        """Draw what has changed; any number of copies may, for the same view twice is no harm."""
        tabs = await home.tabs(self.desk)
        if not tabs:
            return
        changes = await home.changes(self.desk)
        # Shifts change as time passes, which is no change of any record.
        minute = self.desk.now().replace(second=0, microsecond=0)
        duty = None if minute == self._duty_seen else oncall.digest(await oncall.look(self.desk))
        all_drawn = True
        for tab in tabs:
            now = self.machine_now()
            if tab.until is None:
                tab = replace(tab, until=now + KEPT_OPEN)
                await home.keep(self.desk, tab)
            if tab.until and tab.until < now:
                await home.close(self.desk, tab.person)
            elif tab.shown != changes or duty not in (None, tab.duty):
                drawn = not self.gate.seconds_closed(METHOD) and await self._draw(tab, changes)
                all_drawn = all_drawn and drawn
        if all_drawn:
            self._duty_seen = minute

    async def _draw(self, tab: Tab, changes: str) -> bool:
        """Whether it is seen to, be it that Slack refuses it."""
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
        slack = Slack(client=self.client, gate=self.gate, machine_now=self.machine_now)
        publish = partial(self.client.views_publish, user_id=tab.person, view=view)
        outcome = await slack.ask(METHOD, publish)
        if not isinstance(outcome, Done | Refused):
            return False
        await home.keep(self.desk, replace(tab, shown=changes, duty=oncall.digest(seen.roster)))
        return True
