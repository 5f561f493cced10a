"""What the documents say can be done: each command, each setting and each word in them is the program's own."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from domain.cadence import Cadence
from domain.refusals import Why
from domain.team import Customer, Person, Product, Rotation, Team
from domain.timeline import Happened
from templates.words import Words
from tests.architecture.source import ROOT, name, python_files, tracked, tree

PAGES = sorted(file for file in tracked() if file.suffix == ".md" and file.name != "CHANGELOG.md")
SHELL_BLOCK = re.compile(r"^[ ]*```(?:sh|bash|shell)\n(.*?)^[ ]*```", re.MULTILINE | re.DOTALL)
EVERYBODY_HAS = {"cd", "curl", "git"}


def commands(page: Path) -> list[str]:
    lines = [line for block in SHELL_BLOCK.findall(page.read_text("utf-8")) for line in block.splitlines()]
    stripped = [line.strip().removeprefix("$ ") for line in lines]
    return [
        line for line in (line.partition(" #")[0].strip() for line in stripped) if line and line[0] != "#"
    ]


@cache
def make_targets() -> frozenset[str]:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    return frozenset(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))


@cache
def hachi_help(*command: str) -> str | None:
    """What `hachi <command> --help` prints; None for a command it does not know."""
    asked = subprocess.run(  # noqa: S603  (our own program, asked about itself)
        [sys.executable, "-m", "bot", *command, "--help"],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return asked.stdout if asked.returncode == 0 else None


def complaint(command: str) -> str | None:
    """What is wrong with one line of a shell block; None when it can be typed as it stands."""
    words = shlex.split(command, comments=True)
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words.pop(0)
    match words:
        case ["make", *rest]:
            targets = {word for word in rest if "=" not in word}
            return f"no such target: {targets - make_targets()}" if not targets <= make_targets() else None
        case ["cp", source, _]:
            return None if (ROOT / source).exists() else f"no such file: {source}"
        case [".venv/bin/hachi" | "hachi", *rest] | [".venv/bin/python" | "python", "-m", "bot", *rest]:
            subcommand = [word for word in rest[:1] if not word.startswith("-")]
            text = hachi_help(*subcommand)
            if text is None:
                return f"hachi does not know {subcommand}"
            options = {word.partition("=")[0] for word in rest if word.startswith("-")} - {"--help"}
            unknown = {option for option in options if not re.search(rf"(?<!\S){option}\b", text)}
            return f"hachi {' '.join(subcommand)} does not know {unknown}" if unknown else None
        case [first, *_] if first in EVERYBODY_HAS:
            return None
    return "neither make, hachi, cp nor a tool that everybody has"


def commands_in_the_pages() -> list[tuple[str, str]]:
    return [(name(page), command) for page in PAGES for command in commands(page)]


@pytest.mark.parametrize(("page", "command"), commands_in_the_pages())
def test_a_command_in_the_documents_can_be_typed_as_it_stands(page: str, command: str) -> None:
    assert complaint(command) is None, page


def test_the_readme_starts_with_the_two_commands() -> None:
    assert {"make run", "make test"} <= set(commands(ROOT / "README.md"))


@pytest.mark.parametrize(
    "command", ["make everything", "hachi fly", "cp missing.yml hachi.yml", "sudo make run", "npm install"]
)
def test_a_command_that_does_not_exist_is_noticed(command: str) -> None:
    assert complaint(command)


def test_every_target_of_the_makefile_is_offered_by_make_help() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony
    assert set(phony[1].split()) - {"moved"} == make_targets()


# Settings


def settings_classes() -> Iterator[type[BaseSettings]]:
    for file in python_files("bot"):
        classes = [node for node in ast.walk(tree(file)) if isinstance(node, ast.ClassDef)]
        if any(ast.unparse(base).endswith("BaseSettings") for node in classes for base in node.bases):
            module = importlib.import_module(name(file).removesuffix(".py").replace("/", "."))
            for _, found in inspect.getmembers(module, inspect.isclass):
                if issubclass(found, BaseSettings) and found.__module__ == module.__name__:
                    yield found


def settings_read() -> set[str]:
    """The variables that the program reads from the environment or `.env`."""
    return {
        str(
            field.validation_alias or field.alias or settings.model_config.get("env_prefix", "") + attribute
        ).upper()
        for settings in settings_classes()
        for attribute, field in settings.model_fields.items()
    }


def test_every_variable_the_program_reads_is_in_the_example() -> None:
    text = (ROOT / ".env.example").read_text("utf-8")
    assert set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE)) == settings_read()


def test_the_example_of_the_environment_sets_nothing_until_it_is_filled_in() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []


def names(record: type[Any], **in_the_file: str | None) -> set[str]:
    """The record's fields as `hachi.yml` calls them."""
    called = {field.name: in_the_file.get(field.name, field.name) for field in fields(record)}
    return {word for word in called.values() if word}


def test_the_example_of_the_team_shows_every_setting() -> None:
    example = yaml.safe_load((ROOT / "hachi.example.yml").read_text("utf-8"))
    assert set(example) == names(Team, cadences="cadence")
    assert set(example["cadence"]["default"]) == names(Cadence)
    assert set().union(*example["people"]) == names(Person, who="slack")
    assert set().union(*example["products"].values()) == names(Product, names="name_en")
    assert set().union(*example["customers"].values()) == names(Customer, channels="notify")
    assert set().union(*example["rotations"].values()) == names(
        Rotation, hand_over_at="hand_over", hand_over_weekday=None
    )


# Words


@cache
def glossary() -> dict[str, list[tuple[str, str]]]:
    """For each word of the code, what it is called in English and in Japanese, once a table it stands in."""
    rows: dict[str, list[tuple[str, str]]] = {}
    text = (ROOT / "docs/glossary.md").read_text("utf-8")
    for word, english, japanese in re.findall(r"^\| `(\w+)` \|([^|]*)\|([^|]*)\|", text, re.MULTILINE):
        rows.setdefault(word, []).append((english.strip().casefold(), japanese.strip()))
    return rows


def words_of_the_rules() -> set[str]:
    """Every value of every enumeration in `domain/`, but for those whose words are whole sentences."""
    found: set[type] = set()
    for file in python_files("domain"):
        module = importlib.import_module(f"domain.{file.stem}" if file.stem != "__init__" else "domain")
        found |= {value for value in vars(module).values() if inspect.isclass(value)}
    return {
        str(word)
        for words in found - {StrEnum, Why, Happened}
        if issubclass(words, StrEnum)
        for word in words
    }


def test_every_word_of_the_rules_is_in_the_glossary() -> None:
    assert words_of_the_rules()
    assert words_of_the_rules() - set(glossary()) == set()


def test_every_word_of_the_glossary_is_there_in_both_languages() -> None:
    assert [word for word, rows in glossary().items() if not all(map(all, rows))] == []


@pytest.mark.parametrize(
    "prefix",
    [
        "category",
        "data_loss",
        "impact_because",
        "kind",
        "level",
        "role",
        "role.short",
        "state",
        "urgent_because",
    ],
)
def test_the_screens_use_the_words_of_the_glossary(prefix: str) -> None:
    """What a screen calls a thing stands in one of its rows, in both languages."""
    english, japanese = Words("en", "UTC"), Words("ja", "UTC")
    wrong = {
        text: said
        for word in glossary()
        if english.has(text := f"{prefix}.{word}")
        for said in [(english.plain(text).casefold(), japanese.plain(text))]
        if not any(said[0] in row[0] and said[1] in row[1] for row in glossary()[word])
    }
    assert wrong == {}
