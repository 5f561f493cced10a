"""The part of `hachi.yml` that says until when customers are owed an answer and a solution."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

import yaml

from bot.config_nodes import Nodes
from bot.public_holidays import UnknownCountryError, public_holidays
from domain.severity import Severity
from domain.team import DEFAULT_SLA, SlaPlan, SlaTarget, Team
from domain.working_hours import SHORTEST_DAY, WorkingHours

WEEKDAYS = {day: n for n, day in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_SEVERITIES = ["1", "2", "3", "4", "5"]
_HOURS = re.compile(r"(.+) (\d\d):(\d\d)\s*-\s*(\d\d):(\d\d)")


@dataclass(frozen=True)
class AnyOf(Container[date]):
    """Holidays from several calendars."""

    calendars: tuple[Container[date], ...]

    def __contains__(self, day: object) -> bool:
        return any(day in calendar for calendar in self.calendars)


class SlaNodes(Nodes):
    def sla(self, node: yaml.Node, where: str) -> Mapping[Severity, SlaTarget]:
        return {**DEFAULT_SLA, **self.targets(self.mapping(node, where, _SEVERITIES), where)}

    def sla_plans(self, node: yaml.Node, where: str) -> Mapping[str, SlaPlan]:
        return {name: self.plan(one, f"{where}.{name}") for name, one in self.mapping(node, where).items()}

    def plan(self, node: yaml.Node, where: str) -> SlaPlan:
        """A plan as it stands; what it leaves out is filled in by `whole_plans`."""
        given = self.mapping(node, where, [*_SEVERITIES, "hours", "timezone", "holidays"])
        severities = {name: one for name, one in given.items() if name in _SEVERITIES}
        targets = self.targets(severities, where, days="hours" not in given)
        if not severities:
            self.wrong(node, where, "plan_empty")
        if "hours" not in given:
            for name in ("timezone", "holidays"):
                if name in given:
                    self.wrong(given[name], f"{where}.{name}", "needs_hours")
            return SlaPlan(targets=targets)
        return SlaPlan(targets=targets, hours=self.working_hours(given, where))

    def working_hours(self, given: Mapping[str, yaml.Node], where: str) -> WorkingHours:
        """What `hours`, `timezone` and `holidays` say together; without a time zone it is left empty."""
        hours = self.hours(given["hours"], f"{where}.hours")
        if "timezone" in given:
            hours = replace(hours, timezone=self.timezone(given["timezone"], f"{where}.timezone"))
        if "holidays" in given:
            hours = replace(hours, holidays=self.holidays(given["holidays"], f"{where}.holidays"))
        return hours

    def targets(
        self, given: Mapping[str, yaml.Node], where: str, *, days: bool = True
    ) -> Mapping[Severity, SlaTarget]:
        found = {}
        for name, one in given.items():
            at = f"{where}.{name}"
            parts = self.mapping(one, at, ["response", "resolution"])
            if len(parts) < 2:
                self.wrong(one, at, "sla_both")
                continue
            for part, value in parts.items():
                if not days and self.scalar(value).endswith("d"):
                    self.wrong(value, f"{at}.{part}", "working_days")
            target = SlaTarget(
                **{part: self.duration(value, f"{at}.{part}") for part, value in parts.items()}
            )
            if target.resolution < target.response:
                self.wrong(one, at, "sla_order")
            if not target.response:
                self.wrong(parts["response"], f"{at}.response", "above_zero")
            found[Severity(int(name))] = target
        return found

    def hours(self, node: yaml.Node, where: str) -> WorkingHours:
        """Such as `Mon-Fri 09:00-18:00` or `Mon-Thu,Sat 10:00-24:00`."""
        none = WorkingHours(weekdays=frozenset(range(7)), opens=time(0), closes=time(0), timezone="")
        found = _HOURS.fullmatch(self.scalar(node))
        weekdays = _weekdays(found[1]) if found else frozenset()
        if found is None or not weekdays:
            self.wrong(node, where, "hours")
            return none
        opens, closes = (timedelta(hours=int(found[n]), minutes=int(found[n + 1])) for n in (2, 4))
        valid = all(int(found[n]) < 60 for n in (3, 5)) and closes <= timedelta(days=1)
        if not valid or closes - opens < SHORTEST_DAY:
            self.wrong(node, where, "hours")
            return none
        return replace(none, weekdays=weekdays, opens=_of_day(opens), closes=_of_day(closes))

    def holidays(self, node: yaml.Node, where: str) -> Container[date]:
        """A country, or a list of countries and dates on which the team does not work."""
        calendars: list[Container[date]] = []
        closed: set[date] = set()
        for one in self.items(node, where) if isinstance(node, yaml.SequenceNode) else [node]:
            said = self.scalar(one)
            try:
                if re.fullmatch(r"[A-Z]{2}", said):
                    calendars.append(public_holidays(said))
                else:
                    closed.add(date.fromisoformat(said))
            except (UnknownCountryError, ValueError):
                self.wrong(one, where, "holidays")
        return AnyOf((*calendars, frozenset(closed)))


def whole_plans(team: Team) -> Mapping[str, SlaPlan]:
    """The plans with what they leave out: severities as in `sla`, the team's time zone."""
    return {
        name: SlaPlan(
            targets={**team.sla, **plan.targets},
            hours=plan.hours and replace(plan.hours, timezone=plan.hours.timezone or team.timezone),
        )
        for name, plan in team.sla_plans.items()
    }


def _weekdays(said: str) -> frozenset[int]:
    """The days of `Mon-Fri` or `Mon,Wed,Sat-Sun`; none where it names no days."""
    found: set[int] = set()
    for part in said.split(","):
        first, _, last = (day.strip().lower() for day in part.partition("-"))
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            return frozenset()
        length = (WEEKDAYS[last or first] - WEEKDAYS[first]) % 7
        found |= {(WEEKDAYS[first] + n) % 7 for n in range(length + 1)}
    return frozenset(found)


def _of_day(since_midnight: timedelta) -> time:
    minutes = int(since_midnight.total_seconds()) // 60 % (24 * 60)
    return time(minutes // 60, minutes % 60)
