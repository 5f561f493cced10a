"""`hachi.yml`: read, checked, and turned into the team. What is wrong is named with its line."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import yaml

from bot.config_nodes import SEVERITIES, FileError, Problem, read_yaml
from bot.config_playbook import PlaybookNodes, shipped_playbook
from bot.config_roster import RosterNodes, whole_call_hours
from bot.config_sla import whole_plans
from domain.cadence import Cadence, CadencePart, CadenceTable
from domain.call_time_outs import CallTimeOuts
from domain.customer_updates import LANGUAGES
from domain.incident import WORKING, Role
from domain.matters import Matter
from domain.permissions import DEFAULT_PERMISSIONS, EVERYONE, MEMBER, Act, roles_of
from domain.severity import Severity
from domain.team import Customer, HandOverMessages, Person, Product, Team

MAY_BE_EMPTY = frozenset(
    {
        "cadence",
        "call_time_out",
        "call_hours",
        "sla",
        "sla_plans",
        "permissions",
        "decisions",
        "playbook",
        "products",
        "people",
        "rotations",
        "customers",
    }
)
"""Sections whose entries may all be commented out."""


class ConfigError(Exception):
    """The file cannot be used; `problems` says all that is wrong at once."""

    def __init__(self, path: Path, problems: Sequence[Problem]) -> None:
        super().__init__(path, *problems)
        self.path = path
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(f"{problem.file or self.path} {problem}" for problem in self.problems)


@dataclass(frozen=True)
class Config:
    team: Team
    warnings: tuple[Problem, ...] = ()
    """What was understood, but is not acted upon."""


def read_config(path: Path | None) -> Config:
    """The settings of the file, or the defaults without one. Raises ConfigError."""
    if path is None:
        return Config(Team(playbook=shipped_playbook()))
    try:
        document = read_yaml(path)
    except FileError as error:
        raise ConfigError(path, [error.problem]) from None
    reader = _Reader()
    reader.folder = path.parent
    team = reader.team(document) if document is not None else Team(playbook=shipped_playbook())
    if reader.problems:
        raise ConfigError(path, sorted(reader.problems, key=_place))
    return Config(team, tuple(sorted(reader.warnings, key=_place)))


def _place(problem: Problem) -> tuple[str, int]:
    return str(problem.file or ""), problem.line


class _Reader(RosterNodes, PlaybookNodes):
    """The whole file as a team."""

    def team(self, document: yaml.Node) -> Team:
        readers: Mapping[str, Callable[[yaml.Node, str], Any]] = {
            "language": lambda node, where: self.choice(node, where, LANGUAGES),
            "timezone": self.timezone,
            "incidents_channel": self.channel,
            "update_channels": self.channels,
            "escalation": self.persons,
            "decisions": self.decisions,
            "cadence": self.cadences,
            "call_time_out": self.call_time_outs,
            "call_hours": self.call_hours,
            "sla": self.sla,
            "sla_plans": self.sla_plans,
            "permissions": self.permissions,
            "playbook": self.playbook,
            "swarm_severities": self.severities,
            "many_customers": self.many,
            "products": self.products,
            "people": self.people,
            "rotations": self.rotations,
            "hand_over_messages": self.hand_over_messages,
            "customers": self.customers,
        }
        given = self.mapping(document, "", list(readers))
        read = {
            name: readers[name](node, name)
            for name, node in given.items()
            if not (name in MAY_BE_EMPTY and self.is_empty(node))
        }
        if "cadence" in read:
            read["cadences"] = read.pop("cadence")
        if self.problems:
            return Team()
        team = Team(**{"playbook": shipped_playbook(), **read})
        self.cross_check(team, given)
        return replace(team, sla_plans=whole_plans(team), call_hours=whole_call_hours(team))

    def cross_check(self, team: Team, given: Mapping[str, yaml.Node]) -> None:
        """What names something must name something that is there."""
        for key, customer in team.customers.items():
            for product in customer.products:
                if product not in team.products:
                    node = self.mapping(given["customers"], "customers")[key]
                    self.wrong(node, f"customers.{key}.products", "product", product=product)
            if customer.sla and customer.sla not in team.sla_plans:
                node = self.mapping(given["customers"], "customers")[key]
                self.wrong(node, f"customers.{key}.sla", "plan", plan=customer.sla)

        able = roles_of(team.permissions[Act.DECLARE])
        held = {role for person in team.people for role in person.roles}
        held |= {team.role_of(name) for name in team.rotations}
        if able and not held & set(able):
            node = self.mapping(given["permissions"], "permissions")["declare"]
            self.wrong(node, "permissions.declare", "permission_nobody")

        known = {skill for person in team.people for skill in person.skills}
        for key, one in team.products.items():
            if nobody := [skill for skill in one.skills if skill not in known]:
                node = self.mapping(given["products"], "products")[key]
                said = ", ".join(nobody)
                self.ignored(node, f"products.{key}.skills", "skill_nobody", skills=said)

    def cadences(self, node: yaml.Node, where: str) -> CadenceTable:
        states = [state.value for state in WORKING]
        given = self.mapping(node, where, ["default", *states, *SEVERITIES])
        parts = {name: self.cadence(one, f"{where}.{name}") for name, one in given.items()}
        default = Cadence(**parts.get("default", {}))
        for name, part in parts.items():
            whole = replace(default, **part)
            if whole.warn_before >= whole.every or whole.first_warn_before >= whole.first:
                self.wrong(given[name], f"{where}.{name}", "warn_before")
        shipped = CadenceTable()
        return CadenceTable(
            default=default,
            by_state={**shipped.by_state, **{name: part for name, part in parts.items() if name in states}},
            by_severity={
                **shipped.by_severity,
                **{SEVERITIES[name]: part for name, part in parts.items() if name in SEVERITIES},
            },
        )

    def cadence(self, node: yaml.Node, where: str) -> CadencePart:
        part: dict[str, Any] = {}
        for name, one in self.mapping(node, where, [entry.name for entry in fields(Cadence)]).items():
            at = f"{where}.{name}"
            if name == "rungs":
                part[name] = tuple(self.duration(step, at) for step in self.items(one, at))
                if list(part[name]) != sorted(set(part[name])) or not part[name]:
                    self.wrong(one, at, "rungs")
            elif name in ("snoozes", "holdings"):
                part[name] = self.number(one, at)
            else:
                part[name] = self.duration(one, at)
                if name in ("first", "every", "repeat") and part[name] <= timedelta(0):
                    self.wrong(one, at, "above_zero")
        return cast(CadencePart, part)

    def call_time_outs(self, node: yaml.Node, where: str) -> CallTimeOuts:
        waits = {}
        for name, one in self.mapping(node, where, ["default", *SEVERITIES]).items():
            waits[name] = self.duration(one, f"{where}.{name}")
            if waits[name] <= timedelta(0):
                self.wrong(one, f"{where}.{name}", "above_zero")
        shipped = CallTimeOuts()
        return CallTimeOuts(
            default=waits.pop("default", shipped.default),
            by_severity={
                **shipped.by_severity,
                **{SEVERITIES[name]: wait for name, wait in waits.items()},
            },
        )

    def permissions(self, node: yaml.Node, where: str) -> Mapping[Act, tuple[str, ...]]:
        found = dict(DEFAULT_PERMISSIONS)
        for name, one in self.mapping(node, where, [act.value for act in Act]).items():
            at, act = f"{where}.{name}", Act(name)
            # They concern no swarm that could have members.
            groups = [EVERYONE] if act in (Act.DECLARE, Act.EDIT_ROSTER) else [EVERYONE, MEMBER]
            known = [*groups, *(role.value for role in Role)]
            found[act] = tuple(filter(None, (self.choice(item, at, known) for item in self.items(one, at))))
            if not found[act]:
                self.wrong(one, at, "permission_empty")
        return found

    def decisions(self, node: yaml.Node, where: str) -> Mapping[Matter, tuple[str, ...]]:
        found = {}
        for name, one in self.mapping(node, where, [matter.value for matter in Matter]).items():
            found[Matter(name)] = self.persons(one, f"{where}.{name}")
            if not found[Matter(name)]:
                self.wrong(one, f"{where}.{name}", "decisions_empty")
        return found

    def severities(self, node: yaml.Node, where: str) -> tuple[Severity, ...]:
        return tuple(filter(None, (self.severity(item, where) for item in self.items(node, where))))

    def many(self, node: yaml.Node, where: str) -> int:
        """One customer is never many."""
        said = self.scalar(node)
        found = int(said) if re.fullmatch(r"[0-9]{1,3}", said) else 0
        if found < 2:
            self.wrong(node, where, "many")
        return found

    def hand_over_messages(self, node: yaml.Node, where: str) -> HandOverMessages:
        said = self.choice(node, where, [one.value for one in HandOverMessages])
        return HandOverMessages(said or HandOverMessages.WHEN_OPEN)

    def products(self, node: yaml.Node, where: str) -> Mapping[str, Product]:
        found = {}
        for key, one in self.mapping(node, where).items():
            at = f"{where}.{key}"
            names = [f"name_{language}" for language in LANGUAGES]
            given = self.mapping(one, at, ["name", *names, "skills"])
            found[key] = Product(
                names={name[-2:]: self.text(given[name], f"{at}.{name}") for name in names if name in given},
                name=self.text(given["name"], f"{at}.name") if "name" in given else key,
                skills=self.texts(given["skills"], f"{at}.skills") if "skills" in given else (),
            )
        return found

    def people(self, node: yaml.Node, where: str) -> tuple[Person, ...]:
        found: list[Person] = []
        for one in self.items(node, where):
            given = self.mapping(one, where, ["slack", "roles", "skills"])
            if "slack" not in given:
                self.wrong(one, where, "person_needs_slack")
                continue
            who = self.person(given["slack"], f"{where}.slack")
            if who in {person.who for person in found}:
                # Two lists of skills for one person: which of them is called for what?
                self.wrong(one, f"{where}.slack", "person_twice")
                continue
            roles = [
                self.choice(role, f"{where}.roles", [role.value for role in Role])
                for role in (self.items(given["roles"], f"{where}.roles") if "roles" in given else ())
            ]
            found.append(
                Person(
                    who=who,
                    roles=tuple(Role(role) for role in roles if role),
                    skills=self.texts(given["skills"], f"{where}.skills") if "skills" in given else (),
                )
            )
        return tuple(found)

    def customers(self, node: yaml.Node, where: str) -> Mapping[str, Customer]:
        found = {}
        known = ["name", "tier", "sla", "language", "products", "service_level_manager", "notify"]
        for key, one in self.mapping(node, where).items():
            at = f"{where}.{key}"
            given = self.mapping(one, at, known)

            def said(name: str, given: dict[str, yaml.Node] = given, at: str = at) -> str:
                return self.text(given[name], f"{at}.{name}") if name in given else ""

            found[key] = Customer(
                name=said("name") or key,
                tier=said("tier"),
                sla=said("sla"),
                language=self.choice(given["language"], f"{at}.language", LANGUAGES)
                if "language" in given
                else "",
                products=self.texts(given["products"], f"{at}.products") if "products" in given else (),
                service_level_manager=self.person(
                    given["service_level_manager"], f"{at}.service_level_manager"
                )
                if "service_level_manager" in given
                else "",
                channels=self.notify(given["notify"], f"{at}.notify") if "notify" in given else (),
            )
        return found

    def notify(self, node: yaml.Node, where: str) -> tuple[str, ...]:
        places = []
        for one in self.items(node, where):
            for way, value in self.mapping(one, where, ["slack", "email", "webhook"]).items():
                if way == "slack":
                    places.append(self.channel(value, where))
                else:
                    self.ignored(value, where, "no_way_yet", way=way)
        return tuple(places)
