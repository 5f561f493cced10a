"""What is installed is whole: every file of every room, words and pages too."""

import warnings
from pathlib import Path

import pytest
from setuptools import Distribution

from tests.architecture.source import ROOMS, ROOT, name, tracked


def installed() -> set[str]:
    """What setuptools takes along, read from pyproject.toml."""
    distribution = Distribution({"script_name": "setup.py"})
    distribution.parse_config_files()
    build = distribution.get_command_obj("build_py")
    build.ensure_finalized()
    modules = {Path(file).as_posix() for _, _, file in build.find_all_modules() if file}
    return modules | {f"{folder}/{file}" for _, folder, _, files in build.data_files for file in files}


def test_every_file_of_a_room_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        taken = installed()
    ours = {name(file) for file in tracked() if file.relative_to(ROOT).parts[0] in ROOMS}
    assert ours - taken == set()
