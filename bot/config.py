"""`hachi.yml`: read, checked, and turned into the team. What is wrong is named with its line."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from domain.cadence import Cadence, CadencePart, CadenceTable
from domain.customer_updates import LANGUAGES
from domain.incident import WORKING, Role
from domain.severity import Severity
from domain.team import DEFAULT_SLA, Customer, Person, Product, Rotation, SlaTarget, Team

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
WEEKDAYS = {day: n for n, day in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}


@dataclass(frozen=True)
class Problem:
    """Something wrong in the file: where, and what is expected."""

    line: int
    where: str
    expected: str

    def __str__(self) -> str:
        return (
            f"line {self.line}: {self.where}: {self.expected}"
            if self.where
            else f"line {self.line}: {self.expected}"
        )


class ConfigError(Exception):
    """The file cannot be used; `problems` says all that is wrong at once."""

    def __init__(self, path: Path, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(f"{path}, {problem}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Config:
    team: Team
    warnings: tuple[Problem, ...] = ()
    """What was understood, but is not acted upon."""


def read_config(path: Path | None) -> Config:
    """The settings of the file, or the defaults without one. Raises ConfigError."""
    if path is None:
        return Config(Team())
    try:
        document = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError:
        raise ConfigError(path, [Problem(1, "", "save the file as UTF-8")]) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(path, [Problem(line, "", f"this is not YAML: {error.problem}")]) from None
    reader = _Reader()
    team = reader.team(document) if document is not None else Team()
    if reader.problems:
        raise ConfigError(path, sorted(reader.problems, key=lambda problem: problem.line))
    return Config(team, tuple(reader.warnings))


class _Reader:
    """Walks the file's nodes and notes every problem instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def ignored(self, node: yaml.Node, where: str, why: str) -> None:
        self.warnings.append(Problem(node.start_mark.line + 1, where, why))

    def wrong(self, node: yaml.Node, where: str, expected: str) -> None:
        self.problems.append(Problem(node.start_mark.line + 1, where, expected))

    def mapping(
        self, node: yaml.Node, where: str, known: Sequence[str] | None = None
    ) -> dict[str, yaml.Node]:
        """The entries by name; unknown and doubled names are problems."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, where, "expected names with values under it")
            return {}
        found: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = str(getattr(key_node, "value", ""))
            if key in found:
                self.wrong(key_node, f"{where}.{key}".strip("."), "stands here a second time; keep one")
            elif known is not None and key not in known:
                self.wrong(
                    key_node, where or "the file", f"does not know {key!r}; known are {', '.join(known)}"
                )
            else:
                found[key] = value
        return found

    def items(self, node: yaml.Node, where: str) -> list[yaml.Node]:
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self.wrong(node, where, "expected a list, such as [a, b]")
        return []

    def text(self, node: yaml.Node, where: str) -> str:
        if isinstance(node, yaml.ScalarNode) and node.tag != "tag:yaml.org,2002:null" and node.value.strip():
            return str(node.value).strip()
        self.wrong(node, where, "expected a text")
        return ""

    def texts(self, node: yaml.Node, where: str) -> tuple[str, ...]:
        return tuple(filter(None, (self.text(item, where) for item in self.items(node, where))))

    def choice(self, node: yaml.Node, where: str, allowed: Sequence[str]) -> str:
        said = self.text(node, where)
        if said and said not in allowed:
            self.wrong(node, where, f"expected one of {', '.join(allowed)}")
            return ""
        return said

    def duration(self, node: yaml.Node, where: str) -> timedelta:
        found = re.fullmatch(r"(\d+)\s*([smhd])", self.text(node, where))
        if not found:
            self.wrong(node, where, "expected a duration such as 30s, 20m, 4h or 7d")
            return timedelta(minutes=1)
        return timedelta(**{UNITS[found[2]]: int(found[1])})

    def number(self, node: yaml.Node, where: str) -> int:
        said = self.text(node, where)
        if said.isdigit():
            return int(said)
        self.wrong(node, where, "expected a whole number")
        return 0

    def severity(self, node: yaml.Node, where: str) -> Severity | None:
        said = self.text(node, where)
        if said in {"1", "2", "3", "4", "5"}:
            return Severity(int(said))
        self.wrong(node, where, "expected a severity from 1 to 5")
        return None

    def day(self, node: yaml.Node, where: str) -> date | None:
        try:
            return date.fromisoformat(self.text(node, where))
        except ValueError:
            self.wrong(node, where, "expected a date such as 2026-01-05")
            return None

    def team(self, document: yaml.Node) -> Team:
        readers: Mapping[str, Callable[[yaml.Node, str], Any]] = {
            "language": lambda node, where: self.choice(node, where, LANGUAGES),
            "timezone": self.timezone,
            "incidents_channel": self.channel,
            "update_channels": self.channels,
            "escalation": self.texts,
            "cadence": self.cadences,
            "sla": self.sla,
            "swarm_severities": self.severities,
            "products": self.products,
            "people": self.people,
            "rotations": self.rotations,
            "customers": self.customers,
        }
        given = self.mapping(document, "", list(readers))
        read = {name: readers[name](node, name) for name, node in given.items()}
        if "cadence" in read:
            read["cadences"] = read.pop("cadence")
        if self.problems:
            return Team()
        team = Team(**read)
        self.cross_check(team, given)
        return team

    def cross_check(self, team: Team, given: Mapping[str, yaml.Node]) -> None:
        """What names something must name something that is there."""
        for key, node in (
            self.mapping(given["customers"], "customers").items() if "customers" in given else ()
        ):
            for product in team.customers[key].products:
                if product not in team.products:
                    self.wrong(node, f"customers.{key}.products", f"does not know the product {product!r}")

    def timezone(self, node: yaml.Node, where: str) -> str:
        said = self.text(node, where)
        try:
            ZoneInfo(said)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.wrong(node, where, "expected a time zone such as Asia/Tokyo")
        return said

    def channel(self, node: yaml.Node, where: str) -> str:
        return self.text(node, where).removeprefix("#")

    def channels(self, node: yaml.Node, where: str) -> tuple[str, ...]:
        return tuple(self.channel(item, where) for item in self.items(node, where))

    def cadences(self, node: yaml.Node, where: str) -> CadenceTable:
        states = [state.value for state in WORKING]
        severities = [f"severity_{severity.value}" for severity in Severity]
        given = self.mapping(node, where, ["default", *states, *severities])
        parts = {name: self.cadence(one, f"{where}.{name}") for name, one in given.items()}
        shipped = CadenceTable()
        return CadenceTable(
            default=Cadence(**parts.get("default", {})),
            by_state={**shipped.by_state, **{name: part for name, part in parts.items() if name in states}},
            by_severity={
                **shipped.by_severity,
                **{Severity(int(name[-1])): part for name, part in parts.items() if name in severities},
            },
        )

    def cadence(self, node: yaml.Node, where: str) -> CadencePart:
        part: dict[str, Any] = {}
        for name, one in self.mapping(node, where, [entry.name for entry in fields(Cadence)]).items():
            at = f"{where}.{name}"
            if name == "rungs":
                part[name] = tuple(self.duration(step, at) for step in self.items(one, at))
                if list(part[name]) != sorted(set(part[name])) or not part[name]:
                    self.wrong(one, at, "expected durations that grow, such as [0m, 5m, 10m]")
            elif name in ("snoozes", "holdings"):
                part[name] = self.number(one, at)
            else:
                part[name] = self.duration(one, at)
                if name in ("first", "every", "repeat") and part[name] <= timedelta(0):
                    self.wrong(one, at, "expected more than 0")
        return cast(CadencePart, part)

    def sla(self, node: yaml.Node, where: str) -> Mapping[Severity, SlaTarget]:
        targets = dict(DEFAULT_SLA)
        for name, one in self.mapping(node, where, ["1", "2", "3", "4", "5"]).items():
            at = f"{where}.{name}"
            given = self.mapping(one, at, ["response", "resolution"])
            if len(given) < 2:
                self.wrong(one, at, "expected both response and resolution")
                continue
            target = SlaTarget(
                **{part: self.duration(value, f"{at}.{part}") for part, value in given.items()}
            )
            targets[Severity(int(name))] = target
        return targets

    def severities(self, node: yaml.Node, where: str) -> tuple[Severity, ...]:
        return tuple(filter(None, (self.severity(item, where) for item in self.items(node, where))))

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
        found = []
        for one in self.items(node, where):
            given = self.mapping(one, where, ["slack", "roles", "skills"])
            if "slack" not in given:
                self.wrong(one, where, "expected slack: with an e-mail address or a Slack user id")
                continue
            roles = [
                self.choice(role, f"{where}.roles", [role.value for role in Role])
                for role in (self.items(given["roles"], f"{where}.roles") if "roles" in given else ())
            ]
            found.append(
                Person(
                    who=self.text(given["slack"], f"{where}.slack"),
                    roles=tuple(Role(role) for role in roles if role),
                    skills=self.texts(given["skills"], f"{where}.skills") if "skills" in given else (),
                )
            )
        return tuple(found)

    def rotations(self, node: yaml.Node, where: str) -> Mapping[Role, Rotation]:
        found = {}
        for name, one in self.mapping(node, where, [role.value for role in Role]).items():
            at = f"{where}.{name}"
            given = self.mapping(one, at, ["members", "hand_over", "since"])
            members = self.texts(given["members"], f"{at}.members") if "members" in given else ()
            if not members:
                self.wrong(one, at, "expected members: with at least one person")
            if ("hand_over" in given) != ("since" in given):
                self.wrong(one, at, "hand_over and since belong together: since when do they take turns?")
            weekday, at_time = (
                self.hand_over(given["hand_over"], f"{at}.hand_over")
                if "hand_over" in given
                else (None, None)
            )
            found[Role(name)] = Rotation(
                members=members,
                hand_over_weekday=weekday,
                hand_over_at=at_time,
                since=self.day(given["since"], f"{at}.since") if "since" in given else None,
            )
        return found

    def hand_over(self, node: yaml.Node, where: str) -> tuple[int | None, time | None]:
        day, _, at = self.text(node, where).rpartition(" ")
        try:
            if day and day.lower()[:3] not in WEEKDAYS:
                raise ValueError(day)
            return WEEKDAYS.get(day.lower()[:3]) if day else None, datetime.strptime(at, "%H:%M").time()  # noqa: DTZ007
        except ValueError:
            self.wrong(node, where, 'expected a day and time such as "Mon 09:00", or "09:00" for every day')
            return None, None

    def customers(self, node: yaml.Node, where: str) -> Mapping[str, Customer]:
        found = {}
        known = ["name", "tier", "sla", "language", "products", "service_level_manager", "notify"]
        for key, one in self.mapping(node, where).items():
            at = f"{where}.{key}"
            given = self.mapping(one, at, known)

            def said(name: str, given: dict[str, yaml.Node] = given, at: str = at) -> str:
                return self.text(given[name], f"{at}.{name}") if name in given else ""

            if said("sla"):
                self.ignored(given["sla"], f"{at}.sla", "plans of single customers do not count yet")
            found[key] = Customer(
                name=said("name") or key,
                tier=said("tier"),
                language=self.choice(given["language"], f"{at}.language", LANGUAGES)
                if "language" in given
                else "",
                products=self.texts(given["products"], f"{at}.products") if "products" in given else (),
                service_level_manager=said("service_level_manager"),
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
                    self.ignored(
                        value, where, f"updates do not go out by {way} yet; tell this customer yourself"
                    )
        return tuple(places)
