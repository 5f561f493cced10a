"""Each room keeps to its sentence, its size and its one clock. (Who imports whom: `lint-imports`, in pyproject.toml.)"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.source import OUR_ROOMS, ROOMS, ROOT, name, python_files, tracked, tree

SENTENCES = {
    "bot": "The process: settings, clock, wiring, scheduler, command line.",
    "delivery": "The way out: makes Slack, mail, status page and webhooks match.",
    "domain": "The rules of incident swarming: pure functions over frozen values.",
    "handlers": "The way in: Slack payloads, alert webhooks, API requests.",
    "sandbox": "A Slack workspace on localhost, to try a Slack app out and to test it.",
    "services": "What people and the clock may ask for: load, decide, record.",
    "storage": "Where the records are kept; the one room that speaks SQL.",
    "templates": "Every word and screen, in every language: records in, Block Kit out.",
}

CLOCK = "bot/clock.py"
CLOCK_READINGS = {
    "time": {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "localtime", "gmtime"},
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_in_its_sentence(room: str) -> None:
    assert ast.get_docstring(tree(ROOT / room / "__init__.py")) == SENTENCES[room]


def test_every_package_is_a_room() -> None:
    packages = {file.parent for file in tracked() if file.name == "__init__.py"}
    assert {name(package) for package in packages if package.parent == ROOT} == set(ROOMS)


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {name(file): len(file.read_text("utf-8").splitlines()) for file in python_files(*ROOMS)}
    assert {file: lines for file, lines in lengths.items() if lines > 400} == {}


def clock_readings(module: ast.Module) -> list[int]:
    """The lines that ask what time it is, whatever the clock is called there."""
    modules: dict[str, str] = {}
    functions: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                modules[alias.asname or alias.name] = alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if node.module == "time" and alias.name in CLOCK_READINGS["time"]:
                    functions.add(alias.asname or alias.name)
                if node.module == "datetime":
                    modules[alias.asname or alias.name] = alias.name
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.Name) and node.id in functions and isinstance(node.ctx, ast.Load):
            found.append(node.lineno)
        if isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value)
            known = modules.get(owner) or (modules.get(owner.split(".")[0]) and owner.rsplit(".", 1)[-1])
            if known and node.attr in CLOCK_READINGS.get(known, set()):
                found.append(node.lineno)
    return found


def test_only_the_clock_asks_what_time_it_is() -> None:
    asking = {name(file): clock_readings(tree(file)) for file in python_files(*OUR_ROOMS)}
    assert {file: lines for file, lines in asking.items() if lines and file != CLOCK} == {}


@pytest.mark.parametrize(
    ("source", "asks"),
    [
        ("import time\ntime.time()", True),
        ("import time as t\nclock = t.monotonic", True),
        ("from time import monotonic\nmonotonic()", True),
        ("from datetime import datetime, UTC\ndatetime.now(UTC)", True),
        ("import datetime as dt\ndt.datetime.now()", True),
        ("from datetime import date\ndate.today()", True),
        ("from datetime import datetime\ndatetime.fromisoformat(text)", False),
        ("import time\ntime.sleep(1)", False),
        ("now = self.clock.now()", False),
    ],
)
def test_a_look_at_the_clock_is_recognised(source: str, asks: bool) -> None:
    assert bool(clock_readings(ast.parse(source))) is asks


# Written in parts, or these lines would find themselves.
FOREIGN = {
    "a path of one machine": re.compile(
        r"(?<![\w.:/-])/(?:"
        + "|".join(["wo" + "rk", "ro" + "ot", "fa" + "rm", "ho" + "me", "tm" + "p"])
        + r")/"
    ),
    "a host of a package registry": re.compile(
        r"python" + r"hosted|pypi\.(?:org|python)|registry\.npm" + r"js|(?:deb|security)\.debi" + r"an\.org"
    ),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_no_file_names(what: str) -> None:
    found = []
    for file in tracked():
        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name(file)}: {hit[0]}" for hit in FOREIGN[what].finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("see /" + "work/shared", "a path of one machine"),
        ("https://files.python" + "hosted.org/x.whl", "a host of a package registry"),
    ],
)
def test_a_foreign_name_is_recognised(text: str, what: str) -> None:
    assert FOREIGN[what].search(text)


def test_the_project_is_looked_at_as_a_whole() -> None:
    assert ROOT / "pyproject.toml" in tracked()
    assert not [file for file in tracked() if Path(".venv") in file.relative_to(ROOT).parents]
