"""The nodes of a YAML file, each with its line: read one by one, every problem noted."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from bot.terminal import Text, text
from domain.severity import Severity

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
SEVERITIES = {f"severity_{severity.value}": severity for severity in Severity}
"""What settings that differ by severity call each."""
LONGEST = timedelta(days=365)
PERSON = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|[UW][A-Z0-9]{6,}")
CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{6,}")
CHANNEL_NAME = re.compile(r"[\w-]{1,80}")


@dataclass(frozen=True)
class Problem:
    """Something wrong in the file: where, and what is expected."""

    line: int
    where: str
    expected: Text
    file: Path | None = None
    """None for the settings themselves; they may name others."""

    def __str__(self) -> str:
        return str(text("config.problem", line=self.line, where=self.where or "–", expected=self.expected))


class FileError(Exception):
    """A file that is no YAML, or cannot be read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def read_yaml(path: Path) -> yaml.Node | None:
    """The file's nodes; None where nothing stands in it. Raises FileError."""
    try:
        node: yaml.Node | None = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
        return node
    except OSError:
        raise FileError(Problem(1, "", text("config.unreadable"), path)) from None
    except UnicodeDecodeError:
        raise FileError(Problem(1, "", text("config.utf8"), path)) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or "a character that may not stand there"
        line = mark.line + 1 if mark else 1
        raise FileError(Problem(line, "", text("config.yaml", said=said), path)) from None


class Nodes:
    """Reads the file's nodes and notes every problem instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.file: Path | None = None
        """Which file is read, where it is not the settings themselves."""

    def ignored(self, node: yaml.Node, where: str, why: str, **facts: object) -> None:
        self.warnings.append(self._problem(node, where, why, facts))

    def wrong(self, node: yaml.Node, where: str, expected: str, **facts: object) -> None:
        self.problems.append(self._problem(node, where, expected, facts))

    def _problem(self, node: yaml.Node, where: str, said: str, facts: Mapping[str, object]) -> Problem:
        return Problem(node.start_mark.line + 1, where, text(f"config.{said}", **facts), self.file)

    def mapping(
        self, node: yaml.Node, where: str, known: Sequence[str] | None = None
    ) -> dict[str, yaml.Node]:
        """The entries by name; unknown and doubled names are problems."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, where, "mapping")
            return {}
        found: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = str(getattr(key_node, "value", ""))
            if key in found:
                self.wrong(key_node, f"{where}.{key}".strip("."), "twice")
            elif known is not None and key not in known:
                self.wrong(key_node, f"{where}.{key}".strip("."), "unknown", known=", ".join(known))
            else:
                found[key] = value
        return found

    def is_empty(self, node: yaml.Node) -> bool:
        return node.tag == "tag:yaml.org,2002:null"

    def items(self, node: yaml.Node, where: str) -> list[yaml.Node]:
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self.wrong(node, where, "list")
        return []

    def scalar(self, node: yaml.Node) -> str:
        """The text of a single value; empty for everything else."""
        is_text = isinstance(node, yaml.ScalarNode) and not self.is_empty(node)
        return str(node.value).strip() if is_text else ""

    def text(self, node: yaml.Node, where: str) -> str:
        said = self.scalar(node)
        if not said:
            self.wrong(node, where, "text")
        return said

    def texts(self, node: yaml.Node, where: str) -> tuple[str, ...]:
        return tuple(filter(None, (self.text(item, where) for item in self.items(node, where))))

    def choice(self, node: yaml.Node, where: str, allowed: Sequence[str]) -> str:
        said = self.scalar(node)
        if said not in allowed:
            self.wrong(node, where, "choice", allowed=", ".join(allowed))
            return ""
        return said

    def duration(self, node: yaml.Node, where: str) -> timedelta:
        found = re.fullmatch(r"([0-9]{1,5})\s*([smhd])", self.scalar(node))
        length = timedelta(**{UNITS[found[2]]: int(found[1])}) if found else None
        if length is None or length > LONGEST:
            self.wrong(node, where, "duration")
            return timedelta(minutes=1)
        return length

    def number(self, node: yaml.Node, where: str) -> int:
        said = self.scalar(node)
        if re.fullmatch(r"[0-9]{1,3}", said):
            return int(said)
        self.wrong(node, where, "number")
        return 0

    def person(self, node: yaml.Node, where: str) -> str:
        said = self.scalar(node)
        if not PERSON.fullmatch(said):
            self.wrong(node, where, "person")
        return said

    def persons(self, node: yaml.Node, where: str) -> tuple[str, ...]:
        return tuple(filter(None, (self.person(item, where) for item in self.items(node, where))))

    def severity(self, node: yaml.Node, where: str) -> Severity | None:
        said = self.scalar(node)
        if said in {"1", "2", "3", "4", "5"}:
            return Severity(int(said))
        self.wrong(node, where, "severity")
        return None

    def day(self, node: yaml.Node, where: str) -> date | None:
        try:
            return date.fromisoformat(self.scalar(node))
        except ValueError:
            self.wrong(node, where, "date")
            return None

    def timezone(self, node: yaml.Node, where: str) -> str:
        said = self.scalar(node)
        try:
            ZoneInfo(said)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.wrong(node, where, "timezone")
        return said

    def channel(self, node: yaml.Node, where: str) -> str:
        if self.is_empty(node):
            self.wrong(node, where, "channel_comment")
            return ""
        said = self.scalar(node).removeprefix("#")
        if not (CHANNEL_ID.fullmatch(said) or (CHANNEL_NAME.fullmatch(said) and said == said.lower())):
            self.wrong(node, where, "channel")
        return said

    def channels(self, node: yaml.Node, where: str) -> tuple[str, ...]:
        return tuple(self.channel(item, where) for item in self.items(node, where))
