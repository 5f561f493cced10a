"""What is installed is what was tried: every library is pinned by content, wherever it is fetched from."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.source import ROOT

LOCKS = ("requirements.txt", "requirements-setup.txt")


def entries(lock: str) -> list[str]:
    """One text for each package, with its hashes, comments left out."""
    text = (ROOT / lock).read_text("utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def versions(lock: str) -> dict[str, str]:
    pins = (re.match(r"([\w.-]+)==([\w.!+]+)", line) for line in entries(lock))
    return {pin[1]: pin[2] for pin in pins if pin}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_has_one_version_and_its_hashes(lock: str) -> None:
    loose = [
        line
        for line in entries(lock)
        if not re.fullmatch(
            r"[a-z0-9.\[\]-]+==[0-9][\w.!+]*( ;[^#]+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*",
            line.strip() + " ",
        )
    ]
    assert loose == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_says_where_to_download(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert re.findall(r"\w+://|--\S*index\S*|--find-links|@ ", text) == []


def test_the_lock_fits_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    asked = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["dev"]]
    locked = versions("requirements.txt")
    wrong = {
        str(requirement): locked.get(canonicalize_name(requirement.name))
        for requirement in map(Requirement, asked)
        if not requirement.specifier.contains(locked.get(canonicalize_name(requirement.name), "0"))
    }
    assert wrong == {}, "run `make lock`"


def test_the_build_tool_is_locked_too() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    locked = versions("requirements-setup.txt")
    for requirement in map(Requirement, project["build-system"]["requires"]):
        assert requirement.specifier.contains(locked[requirement.name])
