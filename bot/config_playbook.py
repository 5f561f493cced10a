"""The playbook: the files that ship with Hachi, and the team's own ahead of them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar

import yaml

import templates
from bot.config_nodes import FileError, Nodes, read_yaml
from domain.customer_updates import LANGUAGES
from domain.incident import Category, State
from domain.playbook import STATES, STEP_LIMIT, STEPS_LIMIT, Part, Playbook, Step

SHIPPED = Path(templates.__file__).parent / "playbooks"
CATEGORIES = "categories"
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_ENDINGS = (".yml", ".yaml")
K = TypeVar("K")


@dataclass
class _Lists:
    """What several files say together."""

    by_part: dict[tuple[Part, State], tuple[Step, ...]] = field(default_factory=dict)
    by_category: dict[tuple[Category, Part, State], tuple[Step, ...]] = field(default_factory=dict)


class PlaybookNodes(Nodes):
    folder = Path()
    """Where the settings lie: what they name lies beside them."""

    def playbook(self, node: yaml.Node, where: str) -> Playbook:
        """The team's lists, and the shipped ones for whatever the team's files do not name."""
        path = self.folder / self.scalar(node)
        files = _files_in(path) if self.scalar(node) else ()
        if not files:
            self.wrong(node, where, "playbook_none", path=path)
        own = self.playbook_files(files)
        shipped = shipped_playbook()
        return Playbook(
            by_part={**shipped.by_part, **own.by_part},
            by_category={**shipped.by_category, **own.by_category},
        )

    def playbook_files(self, files: tuple[Path, ...]) -> Playbook:
        lists = _Lists()
        for file in files:
            try:
                document = read_yaml(file)
            except FileError as error:
                self.problems.append(error.problem)
                continue
            if document is not None:
                self.file = file
                self.playbook_file(document, lists)
                self.file = None
        return Playbook(by_part=lists.by_part, by_category=lists.by_category)

    def playbook_file(self, document: yaml.Node, lists: _Lists) -> None:
        parts = [part.value for part in Part]
        given = self.mapping(document, "", [*parts, CATEGORIES])
        categories = given.pop(CATEGORIES, None)
        self.parts(given, "", lists.by_part, lambda part, state: (part, state))
        if categories is None:
            return
        for name, node in self.mapping(categories, CATEGORIES, [one.value for one in Category]).items():
            at, category = f"{CATEGORIES}.{name}", Category(name)
            self.parts(
                self.mapping(node, at, parts),
                f"{at}.",
                lists.by_category,
                lambda part, state, category=category: (category, part, state),  # type: ignore[misc]
            )

    def parts(
        self,
        given: Mapping[str, yaml.Node],
        prefix: str,
        lists: dict[K, tuple[Step, ...]],
        key: Callable[[Part, State], K],
    ) -> None:
        """Every state's list of these parts, each kept under its key."""
        for name, node in given.items():
            states = self.mapping(node, f"{prefix}{name}", [state.value for state in STATES])
            for state, one in states.items():
                at, place = f"{prefix}{name}.{state}", key(Part(name), State(state))
                if place in lists:
                    self.wrong(one, at, "playbook_twice")
                lists[place] = self.steps(one, at, Part(name))

    def steps(self, node: yaml.Node, where: str, part: Part) -> tuple[Step, ...]:
        found: dict[str, Step] = {}
        items = self.items(node, where)
        if len(items) > STEPS_LIMIT:
            self.wrong(node, where, "playbook_many", limit=STEPS_LIMIT)
        for one in items:
            given = self.mapping(one, where, ["id", *LANGUAGES])
            name = self.scalar(given["id"]) if "id" in given else ""
            if not _ID.fullmatch(name):
                self.wrong(given.get("id", one), where, "playbook_id")
                continue
            at = f"{where}.{name}"
            if name in found:
                self.wrong(given["id"], at, "playbook_id_twice")
            key = where.removeprefix(f"{CATEGORIES}.").replace(".", "/")
            found[name] = Step(key=f"{key}/{name}", part=part, texts=self.languages(one, given, at))
        return tuple(found.values())

    def languages(self, node: yaml.Node, given: Mapping[str, yaml.Node], where: str) -> Mapping[str, str]:
        """The step's text by language; one that is missing is a warning while there is another."""
        texts = {}
        for language in LANGUAGES:
            if language in given:
                texts[language] = " ".join(self.text(given[language], f"{where}.{language}").split())
                if len(texts[language]) > STEP_LIMIT:
                    self.wrong(given[language], f"{where}.{language}", "playbook_long", limit=STEP_LIMIT)
        missing = [language for language in LANGUAGES if language not in given]
        if not texts:
            self.wrong(node, where, "playbook_empty")
        elif missing:
            self.ignored(node, where, "playbook_language", missing=missing[0], shown=next(iter(texts)))
        return texts


@cache
def shipped_playbook() -> Playbook:
    """What Hachi ships, for whoever has no settings."""
    return PlaybookNodes().playbook_files(_files_in(SHIPPED))


def _files_in(path: Path) -> tuple[Path, ...]:
    """The file itself, or every file of a playbook in the folder."""
    if path.is_dir():
        return tuple(sorted(one for one in path.iterdir() if one.suffix in _ENDINGS))
    return (path,) if path.is_file() else ()
