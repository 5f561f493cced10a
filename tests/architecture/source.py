"""The product's source, read as text and as syntax trees: what the architecture tests look at."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("bot", "delivery", "domain", "handlers", "sandbox", "services", "storage", "templates")
OUR_ROOMS = tuple(room for room in ROOMS if room != "sandbox")


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the project, new ones too, but nothing that git ignores."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    files = [ROOT / name for name in listing.split("\0") if name]
    return tuple(file for file in files if file.is_file())


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"), str(file))


def name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()
