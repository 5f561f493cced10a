"""The part of `hachi.yml` that says who is on duty when, and at which hours people are called."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time

import yaml

from bot.config_nodes import SEVERITIES
from bot.config_sla import WEEKDAYS, SlaNodes
from domain.call_hours import CallHours
from domain.incident import Role
from domain.severity import Severity
from domain.team import Rotation, Shift, Team

_ROLES = [role.value for role in Role]
_TURNS = ["members", "hand_over", "since", "timezone"]


class RosterNodes(SlaNodes):
    def rotations(self, node: yaml.Node, where: str) -> Mapping[str, Rotation]:
        return {name: self.rotation(name, one, where) for name, one in self.mapping(node, where).items()}

    def rotation(self, name: str, node: yaml.Node, where: str) -> Rotation:
        where = f"{where}.{name}"
        given = self.mapping(node, where, [*_TURNS, "role", "backup"])
        rotation = self.turns(node, given, where)
        if "backup" in given:
            rotation = replace(rotation, backup=self.backup(given["backup"], f"{where}.backup"))
        if name in _ROLES:
            if "role" in given and self.scalar(given["role"]) != name:
                self.wrong(given["role"], f"{where}.role", "rotation_role", name=name)
        elif "role" not in given:
            self.wrong(node, where, "rotation_needs_role", roles=", ".join(_ROLES))
        elif role := self.choice(given["role"], f"{where}.role", _ROLES):
            rotation = replace(rotation, role=Role(role))
        return rotation

    def backup(self, node: yaml.Node, where: str) -> Rotation:
        """A list of people, all of them at any time, or shifts that take turns."""
        if isinstance(node, yaml.SequenceNode):
            people = self.shift(node, where)
            if not people:
                self.wrong(node, where, "members")
            return Rotation(members=(people,))
        return self.turns(node, self.mapping(node, where, _TURNS), where)

    def turns(self, node: yaml.Node, given: Mapping[str, yaml.Node], where: str) -> Rotation:
        shifts = self.items(given["members"], f"{where}.members") if "members" in given else []
        members = tuple(self.member(one, f"{where}.members") for one in shifts)
        if not members or not all(members):
            self.wrong(given.get("members", node), where, "members")
        if ("hand_over" in given) != ("since" in given):
            self.wrong(node, where, "turns")
        weekday, at_time = (
            self.hand_over(given["hand_over"], f"{where}.hand_over") if "hand_over" in given else (None, None)
        )
        return Rotation(
            members=members,
            hand_over_weekday=weekday,
            hand_over_at=at_time,
            since=self.day(given["since"], f"{where}.since") if "since" in given else None,
            timezone=self.timezone(given["timezone"], f"{where}.timezone") if "timezone" in given else "",
        )

    def member(self, node: yaml.Node, where: str) -> str | Shift:
        """One person, or everybody on a shift."""
        return self.shift(node, where) if isinstance(node, yaml.SequenceNode) else self.person(node, where)

    def shift(self, node: yaml.Node, where: str) -> Shift:
        people = self.persons(node, where)
        if len(set(people)) < len(people):
            self.wrong(node, where, "shift_twice")
        return people

    def hand_over(self, node: yaml.Node, where: str) -> tuple[int | None, time | None]:
        day, _, at = self.scalar(node).rpartition(" ")
        try:
            if day and day.lower()[:3] not in WEEKDAYS:
                raise ValueError(day)
            return WEEKDAYS.get(day.lower()[:3]) if day else None, datetime.strptime(at, "%H:%M").time()  # noqa: DTZ007
        except ValueError:
            self.wrong(node, where, "hand_over")
            return None, None

    def call_hours(self, node: yaml.Node, where: str) -> Mapping[Severity, CallHours]:
        found = {}
        for name, one in self.mapping(node, where, list(SEVERITIES)).items():
            at = f"{where}.{name}"
            given = self.mapping(one, at, ["hours", "timezone", "holidays", "always"])
            if "hours" not in given:
                self.wrong(one, at, "call_hours")
                continue
            always = self.items(given["always"], f"{at}.always") if "always" in given else []
            chosen = [self.choice(role, f"{at}.always", _ROLES) for role in always]
            found[SEVERITIES[name]] = CallHours(
                hours=self.working_hours(given, at), always=tuple(Role(role) for role in chosen if role)
            )
        return found


def whole_call_hours(team: Team) -> Mapping[Severity, CallHours]:
    """The hours with what they leave out: the team's time zone."""
    return {
        severity: replace(row, hours=replace(row.hours, timezone=row.hours.timezone or team.timezone))
        for severity, row in team.call_hours.items()
    }
